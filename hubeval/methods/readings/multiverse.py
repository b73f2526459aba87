"""The declared specifications read together: the curve of results, how many agree, and one p-value for all."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims
from hubeval.methods.readings.question import Question
from hubeval.result import Figure, Mark, ResultTable, Series
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from hubeval.result import Cell, Diagnostic, Estimate, Holds, Status

NAME = "multiverse"
_SAME = 1e-9
MOSTLY = 0.9  # share of specifications on the headline's side below which its sign is in doubt [judgement]
WHAT = "joint p-value of the multiverse"
ASKED = Question(
    name=NAME,
    asked="Does the number hold across the other options that were declared as defensible?",
    threshold=f"fewer than {MOSTLY:.0%} of specifications on the side of a number that claims a change is a caution",
    bears_on="sign",
)
CAPTION = (
    "Every specification of the declared multiverse for {}, in the order of the grid; the headline is the registered "
    "one. The intervals are not independent of one another"
)
COUNTS: tuple[Holds, ...] = ("count", "count")


def read_specifications(
    rows: Sequence[tuple[str, Mapping[str, Any], Estimate]], asked: int, p_value: float | None = None
) -> tuple[Figure, tuple[ResultTable, ResultTable], Diagnostic]:
    """The curve, a table of all specifications, a summary, and what may be said.

    Parameters
    ----------
    rows : sequence of (label, options, Estimate)
        Those that could be estimated; the registered one first.
    asked : int
        How many were declared.
    p_value : float, optional
        Of the median under permutation of all at once.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> one = Estimate(term="ATT", estimand="", outcome="Visits", unit="visits", estimate=-2.0, conf_low=-3.0,
    ...                conf_high=-1.0, inference="")
    >>> figure, tables, said = read_specifications([("registered", {"control": "never"}, one)], 1)
    >>> said.reading
    'Of 1 specification, the registered one counted, 1 is on the side of its number, 1 with all of its interval.'
    """
    head = rows[0][2]
    side = sum(one.estimate * head.estimate > 0 for _, _, one in rows)
    clear = sum(claims(one) * head.estimate > 0 for _, _, one in rows)
    share = side / len(rows)
    said = _said(len(rows), asked, side, clear)
    if p_value is not None:
        said += (" Of all ways in which the starts could have fallen, had nothing moved, a share of "
                 f"{brief(p_value, 2)} gives a median as far from nought.")
    status: Status = "caution" if claims(head) and share < MOSTLY else "information"
    shares: tuple[tuple[Cell, ...], ...] = (
        ("specifications declared", float(asked)), ("specifications estimated", float(len(rows))),
        ("share on the side of the registered number", share),
        ("share with all of the interval on that side", clear / len(rows)),
        ("joint permutation p-value of the median", p_value),
    )  # fmt: skip
    summary = ResultTable(name="multiverse-summary", caption=f"The declared multiverse for {head.outcome} in short",
                          columns=("what", "value"), rows=shares, holds=("label", "model"))  # fmt: skip
    return _curve(rows), (_table(rows), summary), ASKED.answered(status, said, share)


def same_number(one: Estimate, other: Estimate) -> bool:
    """Whether two specifications come to one and the same number with its interval: they are then one.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", outcome="", unit="", inference="", conf_low=1.0, conf_high=3.0)
    >>> same_number(Estimate(estimate=2.0, **made), Estimate(estimate=2.0 + 1e-12, **made))
    True
    """
    pairs = ((one.estimate, other.estimate), (one.conf_low, other.conf_low), (one.conf_high, other.conf_high))
    return all(
        (a is None and b is None) or (a is not None and b is not None and isclose(a, b, rel_tol=_SAME, abs_tol=_SAME))
        for a, b in pairs
    )


def _said(n: int, asked: int, side: int, clear: int) -> str:
    of = f"Of {counted(n, 'specification')}"
    of = of if n == asked else f"Of {asked} specifications {n} could be estimated; of those"
    are = "is" if side == 1 else "are"
    where = f"the registered one counted, {side} {are} on the side of its number"
    return f"{of}, {where}, {clear} with all of {'its' if clear == 1 else 'their'} interval{'' if clear == 1 else 's'}."


def _table(rows: Sequence[tuple[str, Mapping[str, Any], Estimate]]) -> ResultTable:
    keys = tuple(rows[0][1])
    made: tuple[tuple[Cell, ...], ...] = tuple(
        (label, *(shown(options[key]) for key in keys), one.estimate, one.conf_low, one.conf_high, one.p_value,
         one.n_treated, one.n_comparison)
        for label, options, one in rows
    )  # fmt: skip
    labels: list[Holds] = ["label"] * (1 + len(keys))
    return ResultTable(
        name=NAME, caption=f"{CAPTION.format(rows[0][2].outcome)} ({rows[0][2].unit})", rows=made,
        columns=("specification", *(key.replace("_", " ") for key in keys), "estimate", "interval from", "interval to",
                 "p", "treated", "comparison"),
        n=tuple(_support(one) for _, _, one in rows), holds=(*labels, "effect", "effect", "effect", "model", *COUNTS),
    )  # fmt: skip


def _support(one: Estimate) -> int | None:
    """The fewest units, on either side, behind an estimate."""
    return min((n for n in (one.support, one.n_treated, one.n_comparison) if n is not None), default=None)


def _curve(rows: Sequence[tuple[str, Mapping[str, Any], Estimate]]) -> Figure:
    """Every specification with its interval, by size; the registered one told apart by its marker."""
    ordered = sorted(rows, key=lambda row: row[2].estimate)
    series = [
        Series(
            label=label, x=tuple(map(float, range(1, 1 + len(ordered)))),
            y=tuple(row[2].estimate if (row is rows[0]) == first else None for row in ordered),
            low=tuple(row[2].conf_low for row in ordered), high=tuple(row[2].conf_high for row in ordered),
            style="intervals", holds="effect", n=tuple(_support(row[2]) for row in ordered),
        )
        for label, first in (("as registered", True), ("other declared options", False))
    ]  # fmt: skip
    head = rows[0][2]
    at = 1 + [row is rows[0] for row in ordered].index(True)
    return Figure(
        name=NAME, title=f"{head.outcome}: the registered number among all declared specifications",
        x_label=head.unit, y_label="specification", series=tuple(series), marks=(Mark(label="no change", x=0.0),),
        horizontal=True, ticks=tuple((float(i), row[0]) for i, row in enumerate(ordered, start=1)),
        text=f"{counted(len(rows), 'specification')} for {head.outcome} with 95% intervals, the smallest number first. "
        f"The registered one stands at place {at}. The table of the multiverse says what each of them is.",
    )  # fmt: skip


def shown(value: object) -> str:
    """An option in words.

    Examples
    --------
    >>> shown(("a", "b")), shown(()), shown(None), shown(True), shown(0.25)
    ('a, b', 'none', 'none', 'yes', '0.25')
    """
    if value is None or value in ((), ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return str(value)
