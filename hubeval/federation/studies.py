"""Released results of several councils at the door: one question, one outcome, one scale, one kind of effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy import stats

from hubeval.economics.evidence import withheld_checks
from hubeval.errors import Door, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

_PER_PERSON = {"ATT": "treated", "ATE": "everybody", "ATO": "overlap"}
WHOSE = {
    "treated": "the average effect on those who were treated",
    "everybody": "the average effect had everybody been treated",
    "overlap": "the average effect on those who could as well have been treated as not",
    "cut-off": "the average effect on those at the cut-off",
    "exposure": "the effect of one more unit of exposure",
}
_TREATED_MEANS = ("ATT", "average effect")  # terms of panels and series that are a mean over the treated periods
_READ_OFF = 1.25  # from here on an interval wider than its error's normal one is said to be so


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One council's released result: its number, how it was made, and what speaks against it.

    Attributes
    ----------
    area, question, design, method, estimand, inference, period : str
    whose : str
        The kind of effect, a key of `WHOSE`, or the term itself where it is none of them.
    estimate, error, low, high : float
        `low` and `high` None where the result has no interval.
    widened : bool
        Whether `error` was read off an interval wider by a quarter or more than the result's own error says, or there
        is no error of its own.
    n_treated : int or None
        Treated units, where they may be told.
    failed : tuple of str
        The checks that failed.
    withheld : int
        Checks that the release gate kept back.
    despite : str
        Why it was made although the area was not ready; empty where it was.
    """

    area: str
    question: str
    design: str
    method: str
    estimand: str
    inference: str
    period: str
    whose: str
    estimate: float
    error: float
    low: float | None
    high: float | None
    widened: bool
    n_treated: int | None
    failed: tuple[str, ...]
    withheld: int
    despite: str


def read_studies(results: Sequence[dict[str, Any]]) -> tuple[Study, ...]:
    """The studies of released results that answer one question.

    Parameters
    ----------
    results : sequence of dict
        Each a whole ``result.json`` (`hubeval.economics.evidence.require_result`).

    Raises
    ------
    BadInput
        Fewer than two; a council or its data twice; results of other outcomes, units, directions, measures or kinds of
        effect; one without a number, or with neither error nor interval. All are named together.
    """
    door = Door()
    if len(results) < 2:
        door.refuse("results", f"found {len(results)}", "two or more, of as many councils",
                    "One result stands by itself: read its report.")  # fmt: skip
    _each_once(results, door)
    found = [made for result in results if (made := _study(result, door)) is not None]
    _one_question(results, found, door)
    door.close()
    return tuple(found)


def kind_of(design: str, term: str) -> str:
    """The kind of effect that a headline term of a design is.

    Examples
    --------
    >>> kind_of("its", "average effect"), kind_of("rdd", "effect at the cut-off"), kind_of("matching", "ATE")
    ('treated', 'cut-off', 'everybody')
    >>> kind_of("its", "level change at the start")
    'level change at the start'
    """
    if design == "rdd":
        return "cut-off"
    if design == "matching":
        return _PER_PERSON.get(term, term)
    if term == "per unit of exposure":
        return "exposure"
    return "treated" if term.startswith(_TREATED_MEANS) and "counterfactual" not in term else term


def _each_once(results: Sequence[dict[str, Any]], door: Door) -> None:
    """Refuse a council twice, or the same data under two names."""
    names = [" ".join(str(result.get("area", "")).split()) for result in results]
    held = [name.casefold() for name in names]
    for name in dict.fromkeys(name for name in names if held.count(name.casefold()) > 1):
        cure = "Leave all but one of its results out; 'hubeval compare' holds two of one council together."
        door.refuse("results", f"{name!r} stands {held.count(name.casefold())} times", "each council once", cure)
    by_data: dict[str, list[str]] = {}
    for name, result in zip(names, results, strict=True):
        if digest := result["provenance"].get("data_sha256"):
            by_data.setdefault(digest, []).append(name)
    for whose in by_data.values():
        if len(set(whose)) > 1:
            door.refuse("results", f"{listed(whose)} were made from the same data", "each council's own data",
                        "Leave all but one of them out.")  # fmt: skip


def _study(result: dict[str, Any], door: Door) -> Study | None:
    """One result as a study; None, and refused, where it has no number that can be weighed."""
    area = str(result.get("area", ""))
    if not result["headline_terms"] or result["headline_terms"][0]["estimate"] is None:
        door.refuse(f"results: {area!r}", "has no number", "a result with a headline number", "Leave it out.")
        return None
    head, design = result["headline_terms"][0], str(result["protocol"]["design"].get("kind", ""))
    error, widened = _error(head)
    if not error:
        door.refuse(f"results: {area!r}", "has neither a standard error nor an interval, so it cannot be weighed",
                    "a number with its error", "Leave it out, and name it beside the pooled number.")  # fmt: skip
        return None
    sample, asked = result.get("sample") or {}, [*result["diagnostics"], *result["probes"]]
    first, last = sample.get("first_period") or "", sample.get("last_period") or ""
    return Study(
        area=area, question=str(result.get("question", "")), design=design, method=str(result.get("method", "")),
        estimand=head["estimand"], inference=str(head.get("inference", "")),
        period=f"{first} to {last}" if last else "no periods", whose=kind_of(design, head["term"]),
        estimate=float(head["estimate"]), error=error, low=head["conf_low"], high=head["conf_high"], widened=widened,
        n_treated=head.get("n_treated"), failed=tuple(one["name"] for one in asked if one["status"] == "fail"),
        withheld=withheld_checks(result), despite=result["provenance"]["despite"],
    )  # fmt: skip


def _error(head: dict[str, Any]) -> tuple[float, bool]:
    """What the number is weighed by, and whether it was read off the interval.

    A t, bootstrap or permutation interval of few units is wider than 1.96 errors; the normal law of the pooled mean
    would forget that, so the wider of the two counts.
    """
    own = float(head["std_error"] or 0.0)
    if head["conf_low"] is None or head["conf_high"] is None:
        return own, False
    z = float(stats.norm.ppf((1 + head["conf_level"]) / 2))
    seen = (float(head["conf_high"]) - float(head["conf_low"])) / (2 * z)
    return max(own, seen), seen > _READ_OFF * own


def _one_question(results: Sequence[dict[str, Any]], found: Sequence[Study], door: Door) -> None:
    """Refuse what is not one outcome on one scale, or not one kind of effect."""
    heads = [result["headline_terms"][0] for result in results if result["headline_terms"]]
    first = [_outcome(result) for result in results if result["headline_terms"]]
    asked = {
        "outcome": [head["outcome"] for head in heads], "unit": [head["unit"] for head in heads],
        "direction": [str(one.get("direction", "")) for one in first],
        "measure": [str(one.get("measure") or "") for one in first if one.get("measure")],
    }  # fmt: skip
    for key, values in asked.items():
        if len(set(values)) > 1:
            door.refuse(key, listed([repr(value) for value in dict.fromkeys(values)]), "the same in every result",
                        "Pool results of one question; evaluate again with one outcome, unit and scale.")  # fmt: skip
    kinds = dict.fromkeys(study.whose for study in found)
    if len(kinds) > 1:
        said = "; ".join(f"{WHOSE.get(kind, kind)} ({listed([s.area for s in found if s.whose == kind], 20)})"
                         for kind in kinds)  # fmt: skip
        door.refuse("estimand", said, "one kind of effect", "Pool those of one kind, each kind by itself.")


def _outcome(result: dict[str, Any]) -> dict[str, Any]:
    """What the protocol declares of the headline's outcome."""
    label = result["headline_terms"][0]["outcome"]
    return next((one for one in result["protocol"]["outcomes"] if one["label"] == label), {})
