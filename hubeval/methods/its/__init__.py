"""Interrupted time series: one series with a dated start, alone or against comparison series."""

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
    "segmented",
    "segmented_many",
    "structural",
]
