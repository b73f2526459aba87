"""Interrupted time series: one series with a dated start, alone or against comparison series."""

from hubeval.methods.its.door.options import Interruption, Seasonality, Shock
from hubeval.methods.its.estimators.comparisons import by_control, uncontrolled
from hubeval.methods.its.estimators.many import Many, segmented_many
from hubeval.methods.its.estimators.structural import Structural, structural
from hubeval.methods.its.inference.permutation import permutation_rank
from hubeval.methods.its.segmented import Segmented, segmented

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
