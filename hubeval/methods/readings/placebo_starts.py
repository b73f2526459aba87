"""Placebo starts: the same analysis at dates before the start, when nothing had begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question

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
LARGER = Question(
    name=NAME, asked=ASKED, threshold="a caution where any is as large, a failure where half are", bears_on="sign"
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


def larger_earlier(larger: int, of: int) -> Diagnostic:
    """Many earlier starts without intervals: how many show a change as large as the real one.

    Examples
    --------
    >>> larger_earlier(0, 9).status, larger_earlier(2, 9).status, larger_earlier(6, 9).status
    ('pass', 'caution', 'fail')
    """
    n = of + 1
    p = (larger + 1) / n
    status: Status = "fail" if p > 0.5 else "caution" if larger else "pass"
    reading = (
        f"Of {of} earlier starts {larger} show a mean gap as large as the true start's: rank {larger + 1} of "
        f"{n} (the smallest possible p is {1 / n:.2f})"
    )
    reading += "." if status == "pass" else ": a change was under way, or misfit drifts that far by itself."
    return LARGER.answered(status, reading, p)


def one_earlier(estimate: Estimate, back: int) -> Diagnostic:
    """One false start, tested from the data before the real one."""
    p = estimate.p_value
    seen = p is not None and p < 0.05
    reading = (
        f"With one false start {back} period(s) before the first real one, and only data from before that, the "
        f"estimate is {told(estimate)} (p {'not available' if p is None else f'{p:.2f}'}). "
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
