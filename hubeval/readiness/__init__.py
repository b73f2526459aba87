"""Readiness: whether an area can be evaluated with a quasi-experiment, by which design, and what it would take."""

from hubeval.readiness.assess import assess
from hubeval.readiness.gate import GateDecision, opens
from hubeval.readiness.model import Finding, Readiness
from hubeval.readiness.rubric import Criterion, Rubric, load_rubric
from hubeval.readiness.text import grid, why
from hubeval.readiness.verdict import DesignStatus

__all__ = [
    "Criterion", "DesignStatus", "Finding", "GateDecision", "Readiness", "Rubric",
    "assess", "grid", "load_rubric", "opens", "why",
]  # fmt: skip
