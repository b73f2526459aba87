"""Subgroups declared beforehand: the headline at each level, and whether levels differ by more than chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from hubeval.data.bind.subgroups import column_of
from hubeval.errors import BadInput
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.several import LEVEL, adjusted
from hubeval.result import Diagnostic, NotComputed, ResultTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.data.table import Table
    from hubeval.protocol import Subgroup
    from hubeval.result import Cell, Estimate

NAME = "subgroups"
ASKED = Question(
    name=NAME,
    asked="Does the effect differ between the subgroups declared?",
    threshold=f"p for a difference, adjusted by Holm over subgroups, at most {LEVEL}",
    bears_on="scope",
)
CAPTION = (
    "The headline at each level of the subgroups declared, each from the records of that level alone, and the "
    "difference from the first level by the intervals of both (MOVER). What levels share, clusters say, is left out of "
    "that interval, which makes it too wide where it moves them alike. A level that is clear beside one that is not is "
    "no sign that they differ"
)
COLUMNS = (
    "subgroup", "level", "what", "estimate", "interval from", "interval to", "p for a difference, Holm", "treated",
    "comparison",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The estimates at the levels of one subgroup, and how sure it is that they differ.

    Attributes
    ----------
    subgroup : Subgroup
    estimates : tuple of (str, Estimate)
    p_value : float or None
        For the same effect at all levels; None where it could not be tested.
    """

    subgroup: Subgroup
    estimates: tuple[tuple[str, Estimate], ...]
    p_value: float | None


def by_level(
    subgroups: Sequence[Subgroup], table: Table, ask: Callable[[Subgroup, Table], Estimate], say: Callable[[str], None]
) -> tuple[tuple[Levels, ...], tuple[NotComputed, ...]]:
    """The headline from the rows of each level alone.

    Parameters
    ----------
    subgroups : sequence of Subgroup
    table : Table
        Bound; its frame holds the subgroups' columns.
    ask : callable
        The room's own headline for a subgroup, on the rows of one of its levels.
    say : callable
        Called with a line as each level is taken up.

    Returns
    -------
    tuple of Levels, tuple of NotComputed
        With the reason for each level that cannot carry the design.
    """
    found, gaps = [], []
    for one in subgroups:
        labels = table.frame[column_of(one.column)]
        made = []
        for level in one.levels or sorted({label for label in labels if label}, key=_in_order):
            say(f"estimating {one.label}: one level")
            rows = table.frame[labels == level].reset_index(drop=True)
            try:
                made.append((level, ask(one, replace(table, frame=rows))))
            except BadInput as error:
                reason = f"the records of that level cannot carry the design: {error.problems[0].found}"
                gaps.append(NotComputed(what=f"{one.label}: a level", reason=reason))
        found.append(Levels(subgroup=one, estimates=tuple(made), p_value=differing([e for _, e in made])))
        if found[-1].p_value is None:
            gaps.append(NotComputed(what=f"difference by {one.label}", reason="fewer than two levels have an interval"))
    return tuple(found), tuple(gaps)


def _in_order(level: str) -> tuple[float, str]:
    """Numbers by size, then words."""
    try:
        return float(level), ""
    except ValueError:
        return np.inf, level


def difference(one: Estimate, other: Estimate) -> tuple[float, float, float] | None:
    """`other` less `one` with its interval, from the intervals of both; None where either has none.

    The method of variance estimates recovery: whatever made the intervals, which need not be symmetric.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", outcome="visits", unit="visits", inference="")
    >>> difference(Estimate(estimate=1.0, conf_low=-2.0, conf_high=4.0, **made),
    ...            Estimate(estimate=6.0, conf_low=2.0, conf_high=10.0, **made))
    (5.0, 0.0, 10.0)
    """
    if one.conf_low is None or one.conf_high is None or other.conf_low is None or other.conf_high is None:
        return None
    d = other.estimate - one.estimate
    low = d - float(np.hypot(other.estimate - other.conf_low, one.conf_high - one.estimate))
    high = d + float(np.hypot(other.conf_high - other.estimate, one.estimate - one.conf_low))
    return d, low, high


def differing(estimates: Sequence[Estimate]) -> float | None:
    """P-value for one effect at all levels: of two by their difference, of more by Cochran's Q.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", outcome="visits", unit="visits", inference="")
    >>> two = [Estimate(estimate=e, conf_low=e - 3.0, conf_high=e + 3.0, **made) for e in (0.0, 3.0 * 2**0.5)]
    >>> round(differing(two), 3)
    0.05
    """
    known = [one for one in estimates if one.conf_low is not None and one.conf_high is not None]
    if len(known) < 2:
        return None
    reach = float(ndtri((1 + known[0].conf_level) / 2))
    if len(known) == 2:
        d, low, high = difference(*known) or (0.0, 0.0, 0.0)
        side = d - low if d > 0 else high - d
        return float(2 * ndtr(-reach * abs(d) / side)) if side > 0 else None
    error = np.array([(one.conf_high - one.conf_low) / (2 * reach) for one in known])  # type: ignore[operator]
    if not (error > 0).all():
        return None
    weight, value = error**-2.0, np.array([one.estimate for one in known])
    q = float(weight @ (value - weight @ value / weight.sum()) ** 2)
    return float(chdtrc(len(known) - 1, q))


def read_levels(found: Sequence[Levels]) -> tuple[ResultTable | None, Diagnostic | None]:
    """A table of all levels with the differences between them, and one reading of all subgroups together.

    Examples
    --------
    >>> read_levels(())
    (None, None)
    """
    if not any(one.estimates for one in found):
        return None, None
    holm, _ = adjusted([one.p_value for one in found])
    rows: list[tuple[Cell, ...]] = []
    n: list[int | None] = []
    of: list[str] = []
    for one, p in zip(found, holm, strict=True):
        made = _rows(one, p if one.p_value is not None else None)
        rows += [row for row, _ in made]
        n += [behind for _, behind in made]
        of += [one.subgroup.label] * len(made)
    table = ResultTable(
        name=NAME, caption=CAPTION, columns=COLUMNS, rows=tuple(rows), n=tuple(n), of=tuple(of),
        holds=("label", "label", "label", "effect", "effect", "effect", "model", "count", "count"),
    )  # fmt: skip
    return table, _reading(found, holm)


def _rows(one: Levels, p: float | None) -> list[tuple[tuple[Cell, ...], int | None]]:
    """One row a level, and one for how each differs from the first; each with the fewest units behind it."""
    label = one.subgroup.label
    made: list[tuple[tuple[Cell, ...], int | None]] = []
    for level, e in one.estimates:
        cells: tuple[Cell, ...] = (label, level, "effect", e.estimate, e.conf_low, e.conf_high, None, e.n_treated,
                                   e.n_comparison)  # fmt: skip
        made.append((cells, _behind(e)))
    for level, e in one.estimates[1:]:
        first, base = one.estimates[0]
        apart = difference(base, e)
        if apart is not None:
            sides = [n for n in (_behind(base), _behind(e)) if n is not None]
            cells = (label, level, f"less {first}", *apart, p, None, None)
            made.append((cells, min(sides) if len(sides) == 2 else None))
    return made


def _behind(one: Estimate) -> int | None:
    """The fewest units, on either side, behind an estimate."""
    sides = [n for n in (one.support, one.n_treated, one.n_comparison) if n is not None]
    return min(sides, default=None)


def _reading(found: Sequence[Levels], holm: Sequence[float]) -> Diagnostic:
    """What may be said of differences; no numbers, which the table holds where they may stand."""
    differ = [one.subgroup.label for one, p in zip(found, holm, strict=True) if one.p_value is not None and p <= LEVEL]
    open_ = [one.subgroup.label for one, p in zip(found, holm, strict=True) if one.p_value is not None and p > LEVEL]
    untested = [one.subgroup.label for one in found if one.p_value is None]
    said = []
    if differ:
        said.append(f"The effect differs by {', '.join(differ)} by more than chance would give in 19 of 20 studies, "
                    "all subgroups declared counted.")
    if open_:
        said.append(f"By {', '.join(open_)} no difference in effect is shown; that is no sign that there is none.")
    if untested:
        said.append(f"By {', '.join(untested)} it could not be tested.")
    tested = [p for one, p in zip(found, holm, strict=True) if one.p_value is not None]
    return ASKED.answered("information", " ".join(said), min(tested, default=None))
