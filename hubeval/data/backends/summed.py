"""Sums by cohort from an engine, and the table of made-up units that add up to the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval import files
from hubeval.data.backends.queries import TOLD, asked_of, never_words
from hubeval.data.backends.ranged import ranged, told, unseen
from hubeval.data.backends.series import asked_series
from hubeval.data.backends.spelled import positions, twice_written
from hubeval.data.backends.tally import (
    counted,
    marks_in,
    placeless,
    require_askable,
    require_columns,
    require_numbers,
    skeleton,
)
from hubeval.data.bind import bind
from hubeval.data.sums import Sums, rows_like
from hubeval.data.table import OutcomeBehind
from hubeval.errors import BadInput, Problem
from hubeval.protocol import DidDesign, ItsDesign, SynthDesign
from hubeval.result import FlowStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.data.backends.engines import Engine
    from hubeval.data.backends.named import Elsewhere
    from hubeval.data.backends.queries import Asked
    from hubeval.data.backends.tally import Cells
    from hubeval.data.source import Source
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]

MOST_CELLS = 40_000_000
"""Made-up values (units times periods times outcomes) that are laid out in memory."""
LOST = 1e-10
"""Variance of changes beside that of levels, below which sums of doubles do not hold it to five digits."""
_MEDIAN_UP_TO = 2_000_000  # rows; beyond, the mean stands for the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Units of one start and cluster that have every value."""

    start: str
    cluster: str
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What the engine said of units.

    Attributes
    ----------
    groups : tuple of Group
    count : mapping of (start, cluster) to int
        All units, with every value or not.
    lacking : tuple of int
        Units without a value of each outcome in some period, and of any.
    problems : tuple of Problem
        Units with two starts or clusters, and repeated rows.
    far : tuple
        Of each outcome, the farthest of the treated and of the others: see `OutcomeBehind`.
    told : tuple
        Of each outcome, values that stand for all, and how many each stands for: see `OutcomeBehind`.
    """

    groups: tuple[Group, ...]
    count: dict[tuple[str, str], int]
    lacking: tuple[int, ...]
    problems: tuple[Problem, ...]
    far: tuple[tuple[Floats, ...], ...]
    told: tuple[tuple[Floats, Floats] | None, ...]


def asked(protocol: Protocol, there: Elsewhere) -> tuple[Source, Table]:
    """The source and the table of a protocol whose records stay where they are, as `bind` would give them.

    Series of areas come as they are (`asked_series`). Of a difference-in-differences the table's units are made up:
    they have the sums of the records, cohort by cohort, and are nobody's.

    Raises
    ------
    BadInput
        Every refusal of `bind`; a table that changed while it was read; what sums do not hold.
    """
    if isinstance(protocol.design, (ItsDesign, SynthDesign)):
        return asked_series(protocol, there)
    cells, units, notes = _asked(protocol, there)
    digest = files.sha256(repr((cells.frame.to_numpy().tolist(), cells.total.tolist(),
                                [(g.start, g.cluster, g.sums.n, g.sums.cross.tolist()) for g in units.groups])))
    source = skeleton(protocol, cells, units.count, (there.said, digest))
    return source, _laid_out(protocol, _bound(protocol, source, units), cells, units, notes)


def sums_there(protocol: Protocol, there: Elsewhere) -> tuple[Group, ...]:
    """The sums of a protocol's units by start and cluster, as an engine gives them: all that leaves it.

    Raises
    ------
    BadInput
        What `asked` refuses before the table is bound.
    """
    return _asked(protocol, there)[1].groups


def _asked(protocol: Protocol, there: Elsewhere) -> tuple[Cells, Units, dict[str, dict[str, int]]]:
    """Both scans of a table that stands still, and the declared marks in it."""
    require_askable(protocol)
    with there.opened() as engine:
        before = engine.state()
        require_columns(engine, protocol)
        questions = asked_of(engine, protocol)
        cells = counted(engine, questions)
        if spelled := twice_written(protocol, cells.frame):
            questions = questions.folded(spelled)
            cells = counted(engine, questions)
        require_numbers(engine, protocol, cells)
        units = _units(engine, questions, protocol, cells)
        notes = {o.column: marks_in(engine, protocol, o.column) for o in protocol.outcomes}
        if engine.state() != before:
            found = "the table changed while it was read"
            raise BadInput([Problem("data", found, "a table that stands still", "Run it again on a copy.")])
    return cells, units, notes


def _bound(protocol: Protocol, source: Source, units: Units) -> tuple[Source, Table]:
    """The rows that stand for the records, bound; every refusal together, as if the records were here."""
    problems: list[Problem] = []
    try:
        table = bind(protocol, source)
    except BadInput as refused:
        problems = placeless(list(refused.problems))
    if not any(p.argument == "design.time" for p in problems):  # until periods are read, nobody can say what repeats
        problems = [*units.problems, *problems]
    if problems:
        raise BadInput(problems)
    return source, table


def _units(engine: Engine, questions: Asked, protocol: Protocol, cells: Cells) -> Units:
    """The second scan: sums of units by start and cluster, and what of units is refused."""
    periods = sorted(cells.frame["t"].unique())
    each = [cells.frame["t"] == text for text in periods]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.array([[np.nansum(cells.total[at, k]) / cells.count[at, k].sum() for at in each]
                          for k in range(questions.n_outcomes)])
    shifts = np.nan_to_num(means).ravel()
    middles = [_middle(engine, questions, cells, k) for k in range(questions.n_outcomes)]
    wide = questions.wide(periods, shifts.tolist(), middles)
    d = len(shifts)
    parts = [engine.ask(sql) for sql in questions.groups(wide, d)]
    rows = [(*first, *(cell for part in rest for cell in part[2:])) for first, *rest in zip(*parts, strict=True)]
    k = questions.n_outcomes
    table = np.array([[0.0 if cell is None else float(cell) for cell in row[2:]] for row in rows])
    head = 6 + 3 * k
    if int(table[:, 5].sum()) != int(cells.frame["n"].sum()) or _moved(table, shifts, means.shape, head):
        found = "the table changed while it was read"
        raise BadInput([Problem("data", found, "a table that stands still", "Run it again on a copy.")])
    keys = [(questions.label("s", row[0]), questions.label("g", row[1])) for row in rows]
    groups = [Group(start=key[0], cluster=key[1], sums=_sums(values, shifts, head, d))
              for key, values in zip(keys, table, strict=True) if values[1]]
    everybody = table[:, 0].sum()
    never = never_words(protocol)
    lacking = [int(everybody - table[:, 6 + at].sum()) for at in range(k)]
    return Units(
        groups=tuple(groups), count={key: int(values[0]) for key, values in zip(keys, table, strict=True)},
        lacking=(*lacking, int(everybody - table[:, 1].sum())),
        problems=tuple(_wrong_units(engine, questions, protocol, table[:, 2:5].sum(axis=0))),
        far=tuple(_far(engine, questions, (at, middles[at], never, len(periods)), keys, table[:, 6 + k :])
                  for at in range(k)),
        told=tuple(told(engine, questions, at, outcome.unit) if ranged(protocol) else None
                   for at, outcome in enumerate(protocol.outcomes)),
    )  # fmt: skip


def _moved(table: Floats, shifts: Floats, shape: tuple[int, ...], head: int) -> bool:
    """Whether the second scan's sums of a whole panel are not the first's, about which they are taken: so 0."""
    if (table[:, 0] != table[:, 1]).any() or table[:, 4].any():  # not whole, or repeats
        return False
    d = int(np.prod(shape))
    total, square = table[:, head : head + d].sum(axis=0), table[:, head + d :].sum(axis=0)
    spread = np.sqrt(square[np.triu_indices(d)[0] == np.triu_indices(d)[1]] * table[:, 1].sum())
    return bool((np.abs(total) > 1e-6 * (spread + np.abs(shifts) * table[:, 1].sum() * 1e-3 + 1e-9)).any())


def _sums(values: Floats, shifts: Floats, head: int, d: int) -> Sums:
    n, total = values[1], values[head : head + d]
    cross = np.zeros((d, d))
    cross[np.triu_indices(d)] = values[head + d :]
    cross = cross + np.triu(cross, 1).T - np.outer(total, total) / n
    return Sums(n=int(n), mean=shifts + total / n, cross=cross)


def _middle(engine: Engine, questions: Asked, cells: Cells, k: int) -> float:
    """The median of an outcome; the mean where there are so many rows that sorting them would cost a long while."""
    n = cells.count[:, k].sum()
    if not n:
        return 0.0
    if n > _MEDIAN_UP_TO:
        return float(np.nansum(cells.total[:, k]) / n)
    return float(engine.ask(questions.middle(k))[0][0])


def _far(
    engine: Engine, questions: Asked, which: tuple[int, float, Sequence[str], int], keys: list[tuple[str, str]],
    table: Floats,
) -> tuple[Floats, ...]:
    """How far units lie from the middle on each side: the farthest one by one, the rest as equal shares of their sum.

    The rule of dominance sees the sum and the largest of them, and nothing else.
    """
    k, _, never, _ = which
    told = engine.ask(questions.farthest(*which), most=2 * TOLD)
    sides = []
    for side in (1, 0):
        mine = np.array([(key[0].casefold() not in never) == bool(side) for key in keys])
        n, total = int(table[mine, questions.n_outcomes + k].sum()), float(table[mine, k].sum())
        top = sorted((float(far) for which_side, far in told if int(which_side) == side), reverse=True)
        rest = max(n - len(top), 0)
        share = max(total - sum(top), 0.0) / rest if rest else 0.0
        sides.append(np.array([*top, *[share] * rest]))
    return tuple(sides)


def _wrong_units(engine: Engine, questions: Asked, protocol: Protocol, found: Floats) -> list[Problem]:
    """Units with two starts or clusters, and rows that repeat a unit and period."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    problems = []
    starts, clusters, unsure = (int(n) for n in found)
    if unsure and (again := int(engine.ask(questions.repeats())[0][0] or 0)):
        keys = f"{design.unit!r} and {design.time!r}"
        problems.append(Problem("data", f"{again} row(s) repeat a unit and period already given",
                                f"one row for each {keys}", "Remove or add up the repeats."))
    if starts:
        problems.append(Problem("design.start", f"{starts} unit(s) have more than one start",
                                "one start a unit, the same in each of its rows", "Correct the column."))
    if clusters:
        problems.append(Problem("design.cluster", f"{clusters} unit(s) have more than one cluster",
                                "one cluster a unit", "Correct the column."))
    return problems


def _laid_out(
    protocol: Protocol, bound: tuple[Source, Table], cells: Cells, units: Units, marks: dict[str, dict[str, int]]
) -> Table:
    """The bound table with made-up units in place of the rows that stood for the records."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    assert design.unit
    _require_whole(protocol, units)
    source, table = bound
    groups = {(g.start, g.cluster): g for g in units.groups}
    named = dict(zip(source.frame[design.unit], zip(cells.frame["s"], cells.frame["g"], strict=True), strict=True))
    periods = sorted(cells.frame["t"].unique())
    read = positions(protocol, periods)
    assert read is not None  # bound
    written = {text: at - min(read[0].values()) for text, at in read[0].items()}
    parts: list[Any] = []
    if sum(g.sums.n for g in units.groups) * len(periods) * len(protocol.outcomes) > MOST_CELLS:
        n = sum(g.sums.n for g in units.groups)
        found = f"{n:,} units in {len(periods)} periods are more than are laid out"
        raise BadInput([Problem("data", found, f"at most {MOST_CELLS:,} values",
                                "Evaluate one outcome at a time, or longer periods; from Python, "
                                "did.two_way_large takes a table of any size.")])
    for name, theirs in table.frame.groupby(design.unit, sort=True):
        group = groups.get(named[str(name)])
        if group is None:
            continue
        kept = set(theirs[design.time])
        placed = sorted((written[text], j) for j, text in enumerate(periods) if written[text] in kept)
        begin = sum(len(part) for part in parts)  # a number that no other unit has
        parts.append(_made(design, protocol, group, (begin, theirs, placed)))
    frame = pd.concat(parts, ignore_index=True)
    far = {
        o.label: OutcomeBehind(sides=units.far[k], fewest=_fewest(cells, k), counts=_whole(cells, k),
                               told=units.told[k])
        for k, o in enumerate(protocol.outcomes)
    }
    primary = protocol.outcomes.index(protocol.primary)
    seen = cells.frame["t"].map(written).isin(set(frame[design.time])).to_numpy()
    periods_kept = frame[design.time].nunique()
    lacks = sum(units.count.values()) * periods_kept - int(cells.count[seen, primary].sum())
    return replace(
        table, frame=frame, flow=(*table.flow, *_lacking(protocol, units, marks)), behind=far,
        notes=(*table.notes, unseen(protocol)), lacking=(units.lacking[-1], lacks),
    )  # fmt: skip


def _made(design: DidDesign, protocol: Protocol, group: Group, where: tuple[int, Any, list[tuple[int, int]]]) -> Any:
    """Units with a group's sums in the periods that are kept, in order; their names are numbers, and quick to sort."""
    begin, theirs, placed = where
    at = [j for _, j in placed]
    per, n, columns = len(group.sums.mean) // len(protocol.outcomes), group.sums.n, len(protocol.outcomes)
    used = [k * per + j for k in range(columns) for j in at]
    kept = Sums(n=n, mean=group.sums.mean[used], cross=group.sums.cross[np.ix_(used, used)])
    rows = rows_like(kept).reshape(n, columns, len(at))
    made: dict[str, Any] = {
        str(design.unit): np.repeat(np.arange(begin, begin + n), len(at)),
        design.time: np.tile(np.array([position for position, _ in placed], dtype=int), n),
        design.start: float(theirs[design.start].iloc[0]),
    }
    made |= {outcome.column: rows[:, k, :].ravel() for k, outcome in enumerate(protocol.outcomes)}
    if design.cluster:
        made[design.cluster] = group.cluster
    return pd.DataFrame(made)


def _require_whole(protocol: Protocol, units: Units) -> None:
    """Refuse units without every value, unless the design leaves them out, and each outcome the same ones."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    *each, lacking = units.lacking
    if lacking and (design.gaps != "drop" or design.estimator not in {"auto", "group-time"}):
        found = f"{lacking} unit(s) have a missing value, and gaps = {design.gaps!r} would use the rest"
        cure = 'Write gaps = "drop" (group-time), drop periods by a caution, or read the records into memory.'
        raise BadInput([Problem("design.gaps", found, "units with every value, where records stay elsewhere", cure)])
    if any(n != lacking for n in each):
        found = "not the same units have a missing value of each outcome"
        raise BadInput([Problem("outcomes", found, "the same, where records stay elsewhere",
                                "Evaluate one outcome at a time, or read the records into memory.")])
    for outcome, lost in zip(protocol.outcomes, _lost(units, len(protocol.outcomes)), strict=True):
        if lost:
            found = f"{outcome.column!r} changes too little beside the size of its largest values: sums lose it"
            raise BadInput([Problem("outcomes", found, "changes over time beyond a hundred-thousandth of the spread of "
                                    "units", "Are there codes or mistakes among the values? Mend them, or read the "
                                    "records into memory.")])
    if not units.groups:
        raise BadInput([Problem("data", f"none of {lacking} units has a value in every period", "some that have",
                                "Fill gaps at the source, or drop periods by a caution.")])


def _lost(units: Units, n_outcomes: int) -> list[bool]:
    """Whether rounding in the cross-products of levels swamps every unit's changes, by outcome."""
    cross = sum((group.sums.cross for group in units.groups), np.zeros((1, 1)))
    found = []
    per = len(cross) // n_outcomes
    for k in range(n_outcomes):
        own = cross[k * per : (k + 1) * per, k * per : (k + 1) * per]
        level = np.diag(own)[:-1] + np.diag(own)[1:]
        change = level - 2 * np.diag(own, 1)
        found.append(bool(level.any() and (change <= LOST * level).all()))
    return found


def _lacking(protocol: Protocol, units: Units, marks: dict[str, dict[str, int]]) -> list[FlowStep]:
    """The step that leaves out units without every value."""
    if not units.lacking[-1]:
        return []
    periods = len(units.groups[0].sums.mean) // len(protocol.outcomes)
    n = sum(g.sums.n for g in units.groups)
    found = sorted({f"{mark} × {times}" for each in marks.values() for mark, times in each.items()})
    said = f" (marks: {', '.join(found)})" if found else ""
    return [FlowStep(label="With every value", n_rows=n * periods, n_units=n,
                     note=f"{units.lacking[-1]} unit(s) with a missing or suppressed value{said} left out, as "
                     "declared")]


def _whole(cells: Cells, k: int) -> bool:
    return bool(np.nansum(cells.broken[:, k]) == 0 and np.nanmin(cells.least[:, k]) >= 0)


def _fewest(cells: Cells, k: int) -> int | None:
    """The smallest count above nought; None where the values are no counts."""
    if not _whole(cells, k):
        return None
    known = cells.small[:, k][np.isfinite(cells.small[:, k])]
    return int(known.min()) if len(known) else 0
