"""Synthetic control, its ridge-augmented form and synthetic difference-in-differences."""

from hubeval.methods.synth.control import SyntheticControl, augmented, control
from hubeval.methods.synth.panel import Predictor
from hubeval.methods.synth.sdid import SyntheticDid, synthetic_did

__all__ = ["Predictor", "SyntheticControl", "SyntheticDid", "augmented", "control", "synthetic_did"]
