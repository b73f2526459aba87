"""Difference-in-differences: every modern estimator on one vocabulary, few clusters taken seriously."""

from importlib import import_module
from typing import Any

from hubeval.methods.did.capabilities import capabilities
from hubeval.methods.did.checks.trends.decompose import Decomposition, decompose
from hubeval.methods.did.checks.trends.honest import Honest, honest
from hubeval.methods.did.checks.trends.pretrends import Pretrends, pretrends
from hubeval.methods.did.door.panel import Panel, read_panel, start_from_treated
from hubeval.methods.did.estimators.dose import DoseResponse, dose
from hubeval.methods.did.estimators.effects import CellEffects, Effects
from hubeval.methods.did.estimators.extended import extended
from hubeval.methods.did.estimators.group_time import GroupTime, group_time
from hubeval.methods.did.estimators.imputation import imputation, imputation_leads
from hubeval.methods.did.estimators.large import Large, two_way_large
from hubeval.methods.did.estimators.stacked import stacked
from hubeval.methods.did.estimators.sun_abraham import sun_abraham
from hubeval.methods.did.estimators.switching import switching
from hubeval.methods.did.estimators.triple import triple
from hubeval.methods.did.estimators.two_by_two import TwoByTwo, two_by_two
from hubeval.methods.did.estimators.two_stage import two_stage
from hubeval.methods.did.inference.fixed_effects import Slope, fixed_effects
from hubeval.methods.did.inference.regression import Regression
from hubeval.methods.did.inference.two_way_read import event_study, pretrend, two_way

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
    "Slope",
    "TwoByTwo",
    "capabilities",
    "decompose",
    "dose",
    "event_study",
    "extended",
    "fixed_effects",
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
