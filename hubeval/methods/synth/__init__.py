"""Synthetic control, its ridge-augmented form and synthetic difference-in-differences."""

from hubeval.methods.synth.control import augmented, control
from hubeval.methods.synth.fitted import SyntheticControl
from hubeval.methods.synth.panel import Predictor
from hubeval.methods.synth.sdid import SyntheticDid, synthetic_did
from hubeval.methods.synth.staggered import StaggeredDid, synthetic

__all__ = [
    "Predictor",
    "StaggeredDid",
    "SyntheticControl",
    "SyntheticDid",
    "augmented",
    "control",
    "synthetic",
    "synthetic_did",
]
