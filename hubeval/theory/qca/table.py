"""The truth table: every combination of conditions, the cases in it, and whether the outcome goes with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import Door, did_you_mean, listed
from hubeval.result import Diagnostic, ResultTable
from hubeval.theory.numbers import as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

Output = Literal["1", "0", "?"]
TOLERANCE = 1e-8
# Our own limit: below one case to ten configurations, nine rows in ten are empty whatever is found.
CONFIGURATIONS_PER_CASE = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sets:
    """Memberships of every case: `x` in each level of each condition, `y` in the outcome.

    `x` is one array of shape (n_levels, n_cases) for each condition; `y` has shape (n_cases,).
    """

    x: tuple[NDArray[np.float64], ...]
    y: NDArray[np.float64]
    cases: tuple[str, ...]

    def corners(self) -> NDArray[np.float64]:
        """Membership in every configuration, shape (n_configurations, n_cases)."""
        out = np.ones((1, self.y.size))
        for levels in self.x:
            corners = np.minimum(out[:, None, :], levels[None, :, :])
            out = corners.reshape(out.shape[0] * levels.shape[0], self.y.size)  # -1 means nothing without a case
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One configuration; `number` counts from 1 in the order of the conditions, as R QCA does."""

    number: int
    configuration: tuple[int, ...]
    output: Output
    n: int
    consistency: float | None
    pri: float | None
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTable:
    """Every configuration with its output: ``"1"``, ``"0"``, or ``"?"`` where too few cases can say."""

    outcome: str
    conditions: tuple[str, ...]
    levels: tuple[int, ...]
    rows: tuple[Row, ...]
    consistency: float
    frequency: int
    pri: float
    sets: Sets = field(repr=False, compare=False)

    @property
    def multi_value(self) -> bool:
        """Whether any condition has more than two levels."""
        return max(self.levels) > 2

    def negated(self) -> TruthTable:
        """The table for the absence of the outcome, at the same cuts."""
        name = self.outcome.removeprefix("~") if self.outcome.startswith("~") else f"~{self.outcome}"
        return replace(self.remade(sets=replace(self.sets, y=1 - self.sets.y)), outcome=name)

    def remade(
        self,
        *,
        sets: Sets | None = None,
        consistency: float | None = None,
        frequency: int | None = None,
    ) -> TruthTable:
        """The table with other memberships or cuts, the rest as it is."""
        sets = sets or self.sets
        consistency, frequency = consistency or self.consistency, frequency or self.frequency
        rows = _rows(sets, self.levels, consistency, frequency, self.pri)
        return replace(self, sets=sets, rows=rows, consistency=consistency, frequency=frequency)

    @property
    def load(self) -> Diagnostic:
        """How far the cases can carry the conditions, in numbers."""
        n, size = len(self.sets.cases), len(self.rows)
        seen = sum(row.n > 0 for row in self.rows)
        luck = chance_of_no_contradiction(n, size, float((self.sets.y > 0.5).mean()))
        return Diagnostic(
            name="conditions and cases",
            question="Are there cases enough for this many conditions?",
            statistic=seen / size,
            threshold="caution where chance alone would leave no contradiction more than 1 time in 10",
            status="caution" if luck > 0.1 else "pass",
            reading=f"{len(self.conditions)} conditions make {size} configurations; {n} cases fill {seen} of them. "
            "Were the outcome handed out by lot, the chance of a table free of contradictions would be "
            f"{'below 0.01' if luck < 0.005 else f'{luck:.2f}'}.",
        )

    def to_table(self) -> ResultTable:
        """The rows that hold cases, as a table of plain cells."""
        return ResultTable(
            name="truth_table",
            caption=f"Truth table for {self.outcome} (rows with cases)",
            columns=("row", *self.conditions, self.outcome, "n", "consistency", "pri", "cases"),
            rows=tuple(
                (r.number, *r.configuration, r.output, r.n, r.consistency, r.pri, ", ".join(r.cases))
                for r in self.rows
                if r.n
            ),
            n=tuple(r.n for r in self.rows if r.n),
        )


def truth_table(
    frame: pd.DataFrame,
    *,
    outcome: str,
    conditions: Sequence[str],
    consistency: float = 0.8,
    frequency: int = 1,
    pri: float = 0.0,
    cases: str | None = None,
) -> TruthTable:
    """Build the truth table of calibrated data.

    Parameters
    ----------
    frame : DataFrame
        One row for each case; conditions hold memberships from 0 to 1, or whole levels 0, 1, 2, ...
        (multi-value).
    outcome : str
        Column of the outcome; a leading ``~`` asks for its absence.
    conditions : sequence of str
    consistency, pri : float
        Least consistency and least proportional reduction in inconsistency for output 1.
    frequency : int
        Least number of cases for a row to count as observed.
    cases : str, optional
        Column that names the cases; the index otherwise.

    Returns
    -------
    TruthTable

    Raises
    ------
    BadInput
        Unknown columns, values outside their range, a membership of exactly 0.5, or more conditions
        than the cases can carry.

    References
    ----------
    Ragin, C. C. (2008). Redesigning Social Inquiry, ch. 7. Schneider and Wagemann (2012), ch. 4 and 9.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"OUTREACH": [1, 1, 0, 0], "ONE_RECORD": [1, 0, 1, 0], "REACH": [1, 1, 0, 0]})
    >>> table = truth_table(frame, outcome="REACH", conditions=["OUTREACH", "ONE_RECORD"])
    >>> [(row.configuration, row.output) for row in table.rows]
    [((0, 0), '0'), ((0, 1), '0'), ((1, 0), '1'), ((1, 1), '1')]
    """
    conditions = tuple(conditions)
    door = Door()
    _check_columns(frame, outcome, conditions, cases, door)
    _check_cuts(consistency, frequency, pri, door)
    door.close()
    x = [as_numbers(frame[name], name) for name in conditions]
    y = as_numbers(frame[outcome.removeprefix("~")], outcome)
    levels = tuple(int(v.max()) + 1 if v.max() > 1 else 2 for v in x)
    _check_values(dict(zip(conditions, x, strict=True)), (outcome.removeprefix("~"), y), levels, door)
    door.close()
    sets = Sets(
        x=tuple(_memberships(v, size) for v, size in zip(x, levels, strict=True)),
        y=1 - y if outcome.startswith("~") else y,
        cases=tuple(str(v) for v in (frame[cases] if cases else frame.index)),
    )
    return TruthTable(
        outcome=outcome,
        conditions=conditions,
        levels=levels,
        consistency=consistency,
        frequency=frequency,
        pri=pri,
        sets=sets,
        rows=_rows(sets, levels, consistency, frequency, pri),
    )


def _memberships(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Membership in each level, shape (n_levels, n_cases)."""
    if size == 2:
        return np.stack([1 - values, values])
    return np.asarray(values[None, :] == np.arange(size)[:, None], dtype=float)


def _rows(sets: Sets, levels: tuple[int, ...], consistency: float, frequency: int, pri: float) -> tuple[Row, ...]:
    corners = sets.corners()
    y = sets.y
    inside = corners > 0.5
    total, shared = corners.sum(1), np.minimum(corners, y).sum(1)
    both = np.minimum(corners, np.minimum(y, 1 - y)).sum(1)
    count = inside.sum(1)
    rows = []
    for index, configuration in enumerate(product(*(range(size) for size in levels))):
        n = int(count[index])
        ratio = float(shared[index] / total[index]) if n else None
        reduced = (
            float((shared[index] - both[index]) / (total[index] - both[index]))
            if n and total[index] > both[index] + TOLERANCE
            else None
        )
        reaches = (
            ratio is not None
            and ratio >= consistency - TOLERANCE
            and (pri == 0 or (reduced is not None and reduced >= pri - TOLERANCE))
        )
        rows.append(
            Row(
                number=index + 1,
                configuration=configuration,
                n=n,
                consistency=ratio,
                pri=reduced,
                output="?" if n < frequency else ("1" if reaches else "0"),
                cases=tuple(sets.cases[i] for i in np.flatnonzero(inside[index])) if n else (),
            )
        )
    return tuple(rows)


def chance_of_no_contradiction(n_cases: int, n_configurations: int, share: float) -> float:
    """The chance that outcomes dealt by lot to cases dealt by lot leave no configuration with both outcomes.

    The `share` of cases with the outcome is kept; each case falls in any configuration alike. This is the
    number behind the advice to keep conditions few (Marx and Dusa 2011, Methodological Innovations 6).

    Examples
    --------
    >>> round(chance_of_no_contradiction(4, 1000, 0.5), 3)
    0.996
    >>> round(chance_of_no_contradiction(30, 8, 0.5), 3)
    0.0
    """
    positive = round(n_cases * share)
    negative = n_cases - positive
    # occupied[j]: chance that the cases with the outcome occupy exactly j configurations
    occupied = [1.0] + [0.0] * positive
    for _ in range(positive):
        occupied = [
            occupied[j] * j / n_configurations
            + (occupied[j - 1] * (n_configurations - j + 1) / n_configurations if j else 0.0)
            for j in range(positive + 1)
        ]
    return sum(
        p * ((n_configurations - j) / n_configurations) ** negative
        for j, p in enumerate(occupied)
        if j <= n_configurations
    )


def most_conditions(n_cases: int) -> int:
    """The most two-level conditions that this many cases are let carry here.

    Examples
    --------
    >>> most_conditions(12)
    6
    """
    return (CONFIGURATIONS_PER_CASE * n_cases).bit_length() - 1


def _check_columns(
    frame: pd.DataFrame,
    outcome: str,
    conditions: tuple[str, ...],
    cases: str | None,
    door: Door,
) -> None:
    columns = [str(column) for column in frame.columns]
    double = sorted({name for name in columns if columns.count(name) > 1})
    if double:
        door.refuse("frame", f"columns named twice: {listed(double)}", "each name once", "Rename one.")
    wanted = {
        "outcome": [outcome.removeprefix("~")],
        "conditions": conditions,
        "cases": [cases] if cases else [],
    }
    for argument, names in wanted.items():
        for name in names:
            if name not in columns:
                door.refuse(
                    argument,
                    f"no column {name!r}",
                    f"columns: {listed(columns)}",
                    did_you_mean(str(name), columns),
                )
    if not conditions or len(set(conditions)) < len(conditions):
        door.refuse(
            "conditions",
            f"found {listed(conditions) or 'none'}",
            "one or more, each once",
            "Correct the list.",
        )
    if outcome.removeprefix("~") in conditions:
        door.refuse("conditions", f"{outcome!r} is the outcome too", "other columns", "Take it out.")
    if frame.empty:
        door.refuse("frame", "holds no cases", "one row for each case", "Add the cases.")


def _check_cuts(consistency: float, frequency: int, pri: float, door: Door) -> None:
    if not 0 < consistency <= 1:
        door.refuse("consistency", f"found {consistency:g}", "above 0, up to 1", "0.8 is the usual least.")
    if not 0 <= pri <= 1:
        door.refuse("pri", f"found {pri:g}", "0 to 1", "0 asks for none.")
    if frequency < 1:
        door.refuse("frequency", f"found {frequency}", "1 or more", "1 counts every row with a case.")


def _check_values(
    x: dict[str, NDArray[np.float64]],
    outcome: tuple[str, NDArray[np.float64]],
    levels: tuple[int, ...],
    door: Door,
) -> None:
    for name, values in (*x.items(), outcome):
        gaps = int((~np.isfinite(values)).sum())
        whole = bool((values == np.round(values)).all())
        if gaps:
            door.refuse(
                name,
                f"{gaps} of {values.size} cases have no value",
                "a membership for every case",
                "Leave those cases out, saying so, or find their values.",
            )
        elif values.min() < 0 or (values.max() > 1 and (name == outcome[0] or not whole)):
            door.refuse(
                name,
                f"values run from {values.min():g} to {values.max():g}",
                "0 to 1, or for a condition whole levels 0, 1, 2, ...",
                "Calibrate it first: qca.calibrate.",
            )
        elif (values == 0.5).any() and name != outcome[0]:
            door.refuse(
                name,
                f"{int((values == 0.5).sum())} cases are at exactly 0.5",
                "more in or more out",
                "Such a case belongs to no row: decide which side it is on.",
            )
    n, size = outcome[1].size, prod(levels)
    if size > CONFIGURATIONS_PER_CASE * n and not door.problems:
        door.refuse(
            "conditions",
            f"{len(levels)} conditions make {size} configurations for {n} cases",
            f"at most {CONFIGURATIONS_PER_CASE} configurations a case: {most_conditions(n)} two-level "
            f"conditions for {n} cases",
            "Drop conditions, or join those that say the same.",
        )
