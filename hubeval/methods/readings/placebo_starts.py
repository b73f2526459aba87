"""Placebo starts: the same analysis at dates before the start, when nothing had begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question
from hubeval.wording import counted, p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Diagnostic, Estimate, Status

NAME = "placebo starts"
ASKED = "Does the same analysis find a change before anything had begun?"
SEEN = Question(
    name=NAME,
    asked=ASKED,
    threshold="a caution above 1 in 5, or when one is as clear as the change found; a failure above 2 in 5",
    bears_on="sign",
)
AMONG = Question(
    name=NAME,
    asked=ASKED,
    threshold="p of 0.05 or less among all units, each tried at the same starts, is a caution; 0.01 or less fails",
    bears_on="sign",
)
ONE = Question(name=NAME, asked=ASKED, threshold="p below 0.05 is a caution", bears_on="sign")


def seen_earlier(found: Sequence[tuple[str, Estimate]], real: Estimate) -> Diagnostic:
    """Many earlier starts, each with an interval: how many show a change, and how many as clear as the real one."""
    seen = [(period, one) for period, one in found if claims(one)]
    share = len(seen) / len(found)
    status: Status = "pass" if share <= 0.2 else ("caution" if share <= 0.4 else "fail")
    rival = [one for _, one in seen if claims(real) and _size(one) >= _size(real)]
    if status == "pass" and rival:
        status = "caution"
    named = ", ".join(period for period, _ in seen[:4])
    more = f" and {len(seen) - 4} more" if len(seen) > 4 else ""
    count = f"{len(seen)} of {len(found)} dates before the start"
    reading = {
        "pass": f"{count} show a change: chance gives about that.",
        "caution": f"{count} show a change too ({named}{more}), {len(rival)} of them as clear as the one at the start.",
        "fail": f"Something was already under way before the start: {count} show a change as well ({named}{more}).",
    }[status]
    return SEEN.answered(status, reading, share)


def earlier_among(rank: int, n: int, *, larger: int, of: int) -> Diagnostic:
    """Many earlier starts, each tried for every unit: the treated unit's largest change among those of all units.

    How many earlier starts show as large a mean gap as the true one is told, and judged by nothing: where there is no
    effect that is half of them as a rule.

    Examples
    --------
    >>> [earlier_among(r, n, larger=0, of=9).status for r, n in ((8, 25), (1, 25), (1, 120), (1, 9))]
    ['pass', 'caution', 'fail', 'information']
    """
    p = rank / n
    status: Status = "fail" if p <= 0.01 else "caution" if p <= 0.05 else "information" if rank == 1 else "pass"
    verdict = {
        "pass": "others, to which nothing was done, show as much",
        "information": f"no other unit shows as much, but with {n - 1} others that is weak evidence",
        "caution": "hardly any other unit shows as much, so something was under way before the start",
        "fail": "hardly any other unit shows as much, so something was under way before the start",
    }[status]
    reading = (
        f"Over {of} earlier starts the treated unit's largest post/pre ratio ranks {rank} of {n} ({p_words(p)}): "
        f"{verdict}. {larger} of the {of} show a mean gap as large as the true start's."
    )
    return AMONG.answered(status, reading, p)


def one_earlier(estimate: Estimate, back: int) -> Diagnostic:
    """One false start, tested from the data before the real one."""
    p = estimate.p_value
    seen = p is not None and p < 0.05
    reading = (
        f"With one false start {counted(back, 'period')} before the first real one, and only data from before "
        f"that, the estimate is {told(estimate, unit=True)} ({'p not available' if p is None else p_words(p)}). "
    )
    reading += (
        "An effect where there can be none: the comparison is in doubt."
        if seen
        else "Nothing stands out where nothing should."
        if p is not None
        else "Whether that is more than chance cannot be told."
    )
    return ONE.answered("caution" if seen else "information" if p is None else "pass", reading, p)


def _size(one: Estimate) -> float:
    """An estimate's size in standard errors; 0 where it has none."""
    return abs(one.estimate) / one.std_error if one.std_error else 0.0
