"""What of an answer stands where units are made up from sums: what two moments of each cohort decide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.errors import BadInput, Problem
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Answer, Diagnostic

# what two moments of each cohort decide; everything else a room says needs the records
_DECIDED = (
    "pre-trend", "change before the start", "downstream outcomes", "placebo outcomes", "number treated", "declared ",
    "power of the pre-trend test", "placebo start", "honest bounds", "two-way fixed-effects weights",
    "two-way decomposition",
)  # fmt: skip
_DRAWN = ("trends-", "event-study", "cohorts-", "honest-", "two-way-weights")


def decided(answer: Answer, argument: str, reason: str) -> Answer:
    """What of an answer two moments decide; the rest named as not computed.

    Parameters
    ----------
    argument : str
        What was given: a refusal names it.
    reason : str
        Why the rest is not computed.

    Raises
    ------
    BadInput
        The inference needs single units: starts are permuted.
    """
    unit_level = [term for term in answer.headline_terms if "permut" in term.inference.casefold()]
    if unit_level:
        found = "so few units or clusters are treated that the starts must be permuted, which sums do not allow"
        cure = f"Evaluate on the records{', or add councils' if argument == 'packets' else ''}."
        raise BadInput([Problem(argument, found, "6 treated and 6 other clusters or more", cure)])
    asked = [*answer.diagnostics, *answer.probes]
    lost = [item.name for item in asked if not _stands(item, asked)]
    gone = tuple(NotComputed(what=name, reason=reason) for name in dict.fromkeys(lost))
    return replace(
        answer,
        diagnostics=tuple(item for item in answer.diagnostics if _stands(item, asked)),
        probes=tuple(item for item in answer.probes if _stands(item, asked)),
        figures=tuple(item for item in answer.figures if item.name.startswith(_DRAWN)),
        not_computed=(*answer.not_computed, *gone),
    )


def _stands(item: Diagnostic, asked: Sequence[Diagnostic]) -> bool:
    """Whether two moments decide it: not where starts were permuted among units that are nobody's."""
    if item.name == "power of the pre-trend test":  # it is that of the test that was run
        return any(other.name == "pre-trend" and _stands(other, asked) for other in asked)
    return item.name.startswith(_DECIDED) and "permut" not in f"{item.reading} {item.threshold}".casefold()
