"""How far the cause can be relied on, which decides what may be said in pounds.

An effect whose design was open and whose checks raised nothing may be priced (A); with cautions it is priced beside the
departure at which the answer turns (B); where the gate was shut, a check failed or nothing was compared (C), all that
can be said is how large an effect would have to be. The types say so: only a `Creditable` can be priced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hubeval.economics.evidence import compared, withheld_checks
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.economics.declared import Claim
    from hubeval.economics.effect import Effect


_AVOIDED = (
    "A case that was avoided cannot be seen, so it cannot be counted. Measure how many there are, here and where there "
    "is no hub, before and after: 'hubeval new protocol --outcome avoided-referral'."
)
_ALONE = (
    "The area is held against its own past alone, with no comparison: whatever else changed at the same time would be "
    "counted as the hubs' doing. Add comparison series ('control' in the protocol) to have it priced."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Creditable:
    """Effects that may be turned into a net value: grade A or B, and why."""

    letter: Literal["A", "B"]
    reasons: tuple[str, ...]
    effects: dict[str, Effect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncreditable:
    """Effects, or claims of effects, that may only be held against their break-even: grade C, and why."""

    reasons: tuple[str, ...]
    effects: dict[str, Effect]
    claims: tuple[Claim, ...] = ()
    letter: Literal["C"] = "C"


def graded(result: dict[str, Any], effects: dict[str, Effect]) -> Creditable | Uncreditable:
    """The grade of the effects that one evaluation found.

    Parameters
    ----------
    result : dict
        A `result.json`, read.
    effects : dict
        From `effects_of`.
    """
    shut = _shut(result)
    asked = [*result["diagnostics"], *result["probes"]]
    failed = [f"{item['name']} failed: {item['reading']}" for item in asked if item["status"] == "fail"]
    if not shut and not failed and result["headline"]["cautious"]:
        failed = ["A check failed that the release gate keeps back: the headline of the result says so."]
    if shut or failed:
        return Uncreditable(reasons=(*shut, *failed), effects=effects)
    careful = [f"{item['name']}: {item['reading']}" for item in asked if item["status"] == "caution"]
    kept = withheld_checks(result)
    if kept:
        careful += [f"{counted(kept, 'check')} kept back by the release gate: what came of it is not known here."]
    if careful:
        return Creditable(letter="B", reasons=tuple(careful), effects=effects)
    return Creditable(letter="A", reasons=("The design was open, and no check raised anything.",), effects=effects)


def claimed(claims: tuple[Claim, ...]) -> Uncreditable:
    """The grade of effects that no evaluation stands behind."""
    said = tuple(
        f"{claim.outcome}: {'an assumption' if claim.kind == 'assumed' else claim.kind.replace('-', ' ')}, with no "
        f"evaluation here that compares it with anything ({claim.source})."
        for claim in claims
    )
    counted = any(claim.kind == "count of avoided cases" for claim in claims)
    answer = (_AVOIDED,) if counted else ()
    return Uncreditable(reasons=(*said, *answer), effects={}, claims=claims)


def _shut(result: dict[str, Any]) -> tuple[str, ...]:
    """Why the cause may not be relied on before any check is read: a shut gate, no comparison, nothing asked."""
    despite = result["provenance"].get("despite") or ""
    if despite:
        return (f"The area was not ready for this design; it was evaluated despite that: {despite}",)
    if result["readiness"]["route"] != "quasi-experimental":
        return ("The area's readiness does not lead to a quasi-experiment.",)
    if not compared(result):
        return (_ALONE,)
    if all(item["status"] == "information" for item in [*result["diagnostics"], *result["probes"]]):
        return ("No check of the design is in the result, so nothing speaks for it.",)
    return ()
