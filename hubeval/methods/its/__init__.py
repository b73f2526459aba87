"""Interrupted time series: one series with a dated start, alone or against comparison series."""

from hubeval.methods.its.controlled import by_control, permutation_rank, uncontrolled
from hubeval.methods.its.many import Many, segmented_many
from hubeval.methods.its.options import Interruption, Seasonality, Shock
from hubeval.methods.its.result import Segmented
from hubeval.methods.its.segmented import segmented
from hubeval.methods.its.structural import Structural, structural

__all__ = [
    "Interruption",
    "Many",
    "Seasonality",
    "Segmented",
    "Shock",
    "Structural",
    "by_control",
    "permutation_rank",
    "segmented",
    "segmented_many",
    "structural",
    "uncontrolled",
]
