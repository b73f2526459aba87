"""The gate that stands before an evaluation: whether the readiness on file opens a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.readiness.rubric import load_rubric

if TYPE_CHECKING:
    from hubeval.readiness.answer import Readiness


_STATES = {
    "closed": "closed",
    "open": "open by its own gates, but the route is not",
    "not enough evidence": "not known to be open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """Whether one design may be run for one area.

    Parameters
    ----------
    open : bool
    design : str
    message : str
        One line: the area, the design and why.
    reasons : tuple of str
        What stands in the way, one plain line each; empty where the gate is open.
    """

    open: bool
    design: str
    message: str
    reasons: tuple[str, ...] = ()


def opens(readiness: Readiness, design: str) -> GateDecision:
    """Whether a readiness opens a design: the quasi-experimental route, and every gate of the design known to be met.

    A provisional verdict does not open anything: its unknowns are to be confirmed first.

    Parameters
    ----------
    readiness : Readiness
    design : {"PSM", "DiD", "ITS", "CITS", "SCM", "SDID", "RDD"}

    Raises
    ------
    BadInput
        There is no such design; the nearest is named.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness.assess import assess
    >>> decision = opens(assess(Profile(area="Anywhere")), "DiD")
    >>> decision.open, len(decision.reasons)
    (False, 13)
    """
    rule = load_rubric().design(design)
    status = readiness.design(design)
    area, name = readiness.area, rule.name[0].lower() + rule.name[1:]
    if readiness.route == "quasi-experimental" and status.status == "open":
        return GateDecision(open=True, design=design, message=f"{area}: {name} is open.")
    must = {item.id for item in load_rubric().route_gates if item.must_be_known}
    reasons = []
    for finding in readiness.findings:
        asked = {gate.gate: gate for gate in finding.gates}
        gates = [asked[key] for key in ("route", design) if key in asked and asked[key].status != "met"]
        for gate in gates:
            if gate.gate == "route" and gate.status != "not met" and finding.criterion not in must:
                continue
            needs = "a quasi-experiment" if gate.gate == "route" else name
            asks = f"{finding.criterion} {finding.name} ({finding.question}) {gate.status}"
            reasons.append(f"{asks}: {needs} needs level {gate.level}. {finding.because}")
    message = f"{area} is {readiness.route} ({readiness.status}); {name} is {_STATES[status.status]} for it."
    return GateDecision(open=False, design=design, message=message, reasons=tuple(reasons))
