"""Evaluation without a counterfactual: theory of change, choice of method, evidence weighed in the open.

What these rooms yield is *contribution*: how far the evidence supports the story of how the hub helps.
It is never an effect size. Import what you need (``from hubeval.theory import qca, tracing``); the
rooms that a plan is drawn from load no numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubeval.theory.foundations import protocol_from
    from hubeval.theory.plan import TheoryPlan, plan_for, plan_from
    from hubeval.theory.read import read_theory

__all__ = ["TheoryPlan", "plan_for", "plan_from", "protocol_from", "read_theory"]

# name -> the module it lives in; imported when first used
_HOMES = {
    "TheoryPlan": "hubeval.theory.plan",
    "plan_for": "hubeval.theory.plan",
    "plan_from": "hubeval.theory.plan",
    "protocol_from": "hubeval.theory.foundations",
    "read_theory": "hubeval.theory.read",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hubeval.theory' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
