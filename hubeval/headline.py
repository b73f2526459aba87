"""The paragraph an elected member can read: the number first, then what speaks against it, then its worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hubeval.result import BEARINGS, Headline
from hubeval.scale import OF_ODDS, PER_CENT, change_unit, on_scale
from hubeval.wording import amount, between, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.protocol import Outcome, Protocol
    from hubeval.protocol.outcome import Direction
    from hubeval.result import Answer, Diagnostic, Estimate

Place = Literal["at least", "smaller", "not settled", "none, and none large", "none, or large", "worse"]
WORTHWHILE = {"lower is better": "fall", "higher is better": "rise", "neither": "change"}
LONGEST = 30  # words of the first sentence, less one
SHOWN = 3  # cautions told in the paragraph; those that bear on the sign are told however many they are


def write_headline(protocol: Protocol, answer: Answer, *, despite: str = "", before: str = "") -> Headline:
    """Put an answer into words, without saying more than it holds.

    The first sentence is one number with its interval; how many checks failed stands in that same sentence. Failures
    follow, then its worth, then cautions, each group ordered by what it could do to the number: turn its sign,
    change its size, widen its interval, or narrow whom it speaks of. What bears on the sign is never left out.

    Parameters
    ----------
    protocol : Protocol
    answer : Answer
    despite : str
        The reason given for going on although the gate was shut; it is said before anything else.
    before : str
        Where the treated stood before the start, as a sentence, where the change must be read against it.
    """
    checks = (*answer.diagnostics, *answer.probes)
    failed = _ranked(checks, "fail")
    cautions = _ranked(checks, "caution")
    sentences = []
    if despite:
        sentences.append(f"The readiness check did not open this design; it was run all the same because: {despite}.")
    sentences += _number(protocol, answer, failed=len(failed), good=not failed and not despite)
    if before and answer.headline_terms:
        sentences.append(before)
    if failed:
        sentences.append(f"Read this with caution. {_joined(failed)}")
    sentences += _worth(protocol, answer)
    if cautions:
        sentences.append(f"Bear in mind ({counted(len(cautions), 'caution')}): {_joined(cautions)}")
    return Headline(text=" ".join(sentences), cautious=bool(failed or despite), not_shown=answer.limits)


def _ranked(checks: Sequence[Diagnostic], status: str) -> list[Diagnostic]:
    """Those of one status, by what they could do to the number; in the program's order where that is the same."""
    return sorted((check for check in checks if check.status == status), key=lambda c: BEARINGS.index(c.bears_on))


def _joined(checks: list[Diagnostic]) -> str:
    told = [check for place, check in enumerate(checks) if place < SHOWN or check.bears_on == "sign"]
    more = len(checks) - len(told)
    said = " ".join(check.reading for check in told)
    return f"{said} ({more} more under diagnostics.)" if more > 0 else said


def _number(protocol: Protocol, answer: Answer, *, failed: int, good: bool) -> list[str]:
    """The estimate in one sentence with its interval; whether it is for the better only where nothing failed."""
    if not answer.headline_terms:
        reasons = "; ".join(item.reason for item in answer.not_computed) or "the data do not support one"
        return [f"No estimate is given for {protocol.primary.label}: {reasons}."]
    best = answer.headline_terms[0]
    way = "lower" if best.estimate < 0 else "higher"
    term = "" if best.term == "ATT" else f"{best.term}, "
    odds = best.unit == OF_ODDS
    far = amount(abs(best.estimate), PER_CENT if odds else best.unit)
    named = f"{'The odds of ' if odds else ''}{best.outcome}"
    came = f"{named} came out {far} {way} than expected"
    but = f", but {counted(failed, 'check')} failed" if failed else ""
    if best.conf_low is None or best.conf_high is None:
        return [f"{came} ({term}no interval could be computed){but}.", "Without an interval the figure says little."]
    ends = f"{best.conf_level:.0%} interval {between(best.conf_low, best.conf_high, best.unit)}){but}."
    rest = f"came out {far} {way}"
    # a long name goes before what the number is of: the page has the name above it
    said = _under(f"{came} ({term}{ends}", f"{named} {rest} ({term}{ends}", f"The outcome {rest} ({term}{ends}")
    if best.conf_low <= 0 <= best.conf_high:
        return [said, "The interval includes no change: these data do not tell a fall from a rise."]
    return [said, *_better(best, _outcome(protocol, best))] if good else [said]


def _under(*ways: str) -> str:
    """The first of several ways to say one thing that is short enough; the last where none is."""
    return next((said for said in ways if len(said.split()) < LONGEST), ways[-1])


def _better(best: Estimate, outcome: Outcome) -> list[str]:
    if outcome.direction == "neither":
        return []
    good = (best.estimate < 0) == (outcome.direction == "lower is better")
    return ["That is a change for the better." if good else "That is a change for the worse."]


def _outcome(protocol: Protocol, best: Estimate) -> Outcome:
    return next((o for o in protocol.outcomes if o.label == best.outcome), protocol.primary)


def _worth(protocol: Protocol, answer: Answer) -> list[str]:
    """The interval beside the smallest change that would matter."""
    best = answer.headline_terms[0] if answer.headline_terms else None
    if best is None or best.conf_low is None or best.conf_high is None:
        return []
    outcome = _outcome(protocol, best)
    if outcome.smallest_worthwhile is None:
        return []
    unit = change_unit(on_scale(outcome.unit, outcome.scale))
    unit += f" {best.term}" if best.term.startswith("per unit of ") else ""  # what is worthwhile is said so too
    return [_set_beside(best.conf_low, best.conf_high, outcome.smallest_worthwhile, unit, outcome.direction)]


def placed(low: float, high: float, worth: float, direction: Direction = "neither") -> Place:
    """Where an interval of a change lies beside the smallest change that would be worthwhile.

    With a direction, only a change for the better is worthwhile: how far the interval reaches the other way does not
    count.

    Examples
    --------
    >>> placed(-14.7, -5.1, 3.0), placed(-14.7, -1.0, 3.0), placed(-2.0, -1.0, 3.0)
    ('at least', 'not settled', 'smaller')
    >>> placed(-2.0, 1.0, 3.0), placed(-9.0, 1.0, 3.0)
    ('none, and none large', 'none, or large')
    >>> placed(5.1, 14.7, 3.0, "lower is better"), placed(-1.0, 9.0, 3.0, "lower is better")
    ('worse', 'none, and none large')
    """
    near, far = sorted((abs(low), abs(high)))
    if low <= 0 <= high:
        far = {"lower is better": -low, "higher is better": high, "neither": far}[direction]
        return "none, and none large" if far < worth else "none, or large"
    if direction != "neither" and (high < 0) != (direction == "lower is better"):
        return "worse"
    if near >= worth:
        return "at least"
    return "smaller" if far < worth else "not settled"


def _set_beside(low: float, high: float, worth: float, unit: str, direction: Direction) -> str:
    declared = f"the smallest change declared worthwhile ({amount(worth, unit)})"
    change = WORTHWHILE[direction]
    return {
        "none, and none large": f"The interval leaves out a {change} as large as {declared}.",
        "none, or large": f"A {change} as large as {declared} is not ruled out either.",
        "at least": f"All of the interval is at least {declared}.",
        "smaller": f"All of the interval is smaller than {declared}.",
        "not settled": f"The interval reaches from below to above {declared}, "
        "so whether it is worthwhile is not settled.",
        "worse": "All of the interval lies the other way from a worthwhile change, which would be a "
        f"{change} of {amount(worth, unit)} or more.",
    }[placed(low, high, worth, direction)]
