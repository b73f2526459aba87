"""The paragraph an elected member can read: the caution first where one is due, then the number, then its worth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hubeval.result import Headline

if TYPE_CHECKING:
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Answer, Diagnostic, Estimate


def write_headline(protocol: Protocol, answer: Answer, *, despite: str = "") -> Headline:
    """Put an answer into words, without saying more than it holds.

    Anything that failed leads; cautions follow the number; what the number does not show is listed apart.

    Parameters
    ----------
    protocol : Protocol
    answer : Answer
    despite : str
        The reason given for going on although the gate was shut; it is said before anything else.
    """
    checks = (*answer.diagnostics, *answer.probes)
    failed = [check for check in checks if check.status == "fail"]
    cautions = [check for check in checks if check.status == "caution"]
    sentences = []
    if despite:
        sentences.append(f"The readiness check did not open this design; it was run all the same because: {despite}.")
    if failed:
        sentences.append(f"Read this with caution. {_joined(failed)}")
    sentences.extend(_number(protocol, answer))
    if cautions and not failed:
        sentences.append(f"Bear in mind: {_joined(cautions)}")
    text = " ".join(sentences)
    return Headline(text=text, cautious=bool(failed or despite), not_shown=answer.limits)


def _joined(checks: list[Diagnostic], limit: int = 3) -> str:
    said = " ".join(check.reading for check in checks[:limit])
    more = len(checks) - limit
    return f"{said} ({more} more under diagnostics.)" if more > 0 else said


def _number(protocol: Protocol, answer: Answer) -> list[str]:
    """The estimate in words, with its interval and what it would be worth."""
    if not answer.headline_terms:
        reasons = "; ".join(item.reason for item in answer.not_computed) or "the data do not support one"
        return [f"No estimate is given for {protocol.primary.label}: {reasons}."]
    best = answer.headline_terms[0]
    outcome = next((o for o in protocol.outcomes if o.label == best.outcome), protocol.primary)
    return [_sentence(best, outcome), *_worth(best, outcome)]


def _sentence(best: Estimate, outcome: Outcome) -> str:
    way = "lower" if best.estimate < 0 else "higher"
    size = _amount(float(f"{abs(best.estimate):.3g}"), best.unit)
    average, term = ("on average ", "") if best.term == "ATT" else ("", f"{best.term}; ")
    came = f"By this estimate, {outcome.label} came out {average}{size} {way} than would have been expected otherwise"
    if best.conf_low is None or best.conf_high is None:
        return f"{came}, but no interval could be computed, so the figure says little."
    interval = f"{best.conf_level:.0%} interval {_signed(best.conf_low)} to {_signed(best.conf_high)}"
    if best.conf_low <= 0 <= best.conf_high:
        return f"{came}, but the {interval} includes no change: these data do not tell a fall from a rise."
    return f"{came} ({term}{interval}){_better(best, outcome)}."


def _better(best: Estimate, outcome: Outcome) -> str:
    if outcome.direction == "neither":
        return ""
    good = (best.estimate < 0) == (outcome.direction == "lower is better")
    return ", a change for the better" if good else ", a change for the worse"


def _worth(best: Estimate, outcome: Outcome) -> list[str]:
    """The interval beside the smallest change that would matter."""
    worth = outcome.smallest_worthwhile
    if worth is None or best.conf_low is None or best.conf_high is None:
        return []
    declared = f"the smallest change declared worthwhile ({_amount(worth, outcome.unit)})"
    low, high = sorted((abs(best.conf_low), abs(best.conf_high)))
    if best.conf_low <= 0 <= best.conf_high:
        if high < worth:
            return [f"A change as large as {declared} is ruled out."]
        return [f"A change as large as {declared} is not ruled out either."]
    if low >= worth:
        return [f"All of the interval is at least {declared}."]
    if high < worth:
        return [f"All of the interval is smaller than {declared}."]
    return [f"The interval reaches from below to above {declared}, so whether it is worthwhile is not settled."]


def _amount(number: float, unit: str) -> str:
    """A number with its unit, in the singular where it is one ("1 point", "1 visit a year")."""
    if number == 1:
        unit = re.sub(r"^([a-z-]*[a-rt-z])s\b", r"\1", unit)
    return f"{number:g} {unit}"


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")
