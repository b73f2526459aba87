"""Synthetic control, its ridge-augmented form and synthetic difference-in-differences."""

from hubeval.methods.synth.control import SyntheticControl, augmented, control
from hubeval.methods.synth.door.panel import Predictor
from hubeval.methods.synth.fits.staggered import StaggeredDid, synthetic
from hubeval.methods.synth.fits.synthetic_did import SyntheticDid, synthetic_did

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
