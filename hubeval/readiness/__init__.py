"""Readiness: whether an area can be evaluated with a quasi-experiment, by which design, and what it would take."""

from hubeval.readiness.answer import Readiness
from hubeval.readiness.assess import assess
from hubeval.readiness.compare import compare, diff, earlier, merge
from hubeval.readiness.gate import GateDecision, opens
from hubeval.readiness.model import Finding
from hubeval.readiness.rubric import Criterion, Rubric, load_rubric
from hubeval.readiness.sensitivity import sensitivity, sensitivity_text
from hubeval.readiness.text import grid, why
from hubeval.readiness.verdict import DesignStatus

__all__ = [
    "Criterion", "DesignStatus", "Finding", "GateDecision", "Readiness", "Rubric", "assess", "compare", "diff",
    "earlier", "grid", "load_rubric", "merge", "opens", "sensitivity", "sensitivity_text", "why",
]  # fmt: skip
