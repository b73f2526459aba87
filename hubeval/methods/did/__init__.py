"""Difference-in-differences: every modern estimator on one vocabulary, few clusters taken seriously."""

from importlib import import_module
from typing import Any

from hubeval.methods.did.decompose import Decomposition, decompose
from hubeval.methods.did.dose import DoseResponse, dose
from hubeval.methods.did.effects import CellEffects, Effects
from hubeval.methods.did.event_study import event_study, pretrend
from hubeval.methods.did.extended import extended
from hubeval.methods.did.group_time import GroupTime, group_time
from hubeval.methods.did.honest import Honest, honest
from hubeval.methods.did.imputation import imputation, imputation_leads
from hubeval.methods.did.intertemporal import switching
from hubeval.methods.did.large import Large, two_way_large
from hubeval.methods.did.panel import Panel, read_panel, start_from_treated
from hubeval.methods.did.pretrends import Pretrends, pretrends
from hubeval.methods.did.stacked import stacked
from hubeval.methods.did.sun_abraham import sun_abraham
from hubeval.methods.did.takes import capabilities
from hubeval.methods.did.triple import triple
from hubeval.methods.did.two_by_two import TwoByTwo, two_by_two
from hubeval.methods.did.two_stage import two_stage
from hubeval.methods.did.two_way import Regression, two_way

__all__ = [
    "CellEffects",
    "Decomposition",
    "DoseResponse",
    "Effects",
    "GroupTime",
    "Honest",
    "Large",
    "Panel",
    "Pretrends",
    "Regression",
    "TwoByTwo",
    "capabilities",
    "decompose",
    "dose",
    "event_study",
    "extended",
    "group_time",
    "honest",
    "imputation",
    "imputation_leads",
    "pretrend",
    "pretrends",
    "read_panel",
    "stacked",
    "start_from_treated",
    "sun_abraham",
    "switching",
    "triple",
    "two_by_two",
    "two_stage",
    "two_way",
    "two_way_large",
]


def __getattr__(name: str) -> Any:
    """`did.synthetic` is synthetic difference-in-differences, which lives with its weights in the synth room."""
    if name != "synthetic":
        raise AttributeError(f"module 'hubeval.methods.did' has no attribute {name!r}")
    return import_module("hubeval.methods.synth").synthetic
