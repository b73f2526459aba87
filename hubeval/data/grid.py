"""The primary outcome of a panel or a series laid out, and who of it can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.attainable import floor_of_starts
from hubeval.data.periods import parse
from hubeval.data.sites import starts_of
from hubeval.protocol import RECORDS, DidDesign, ItsDesign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The primary outcome laid out, units by periods, with each unit's first treated position.

    Repeated cross-sections are laid out as the means of their areas, which is what starts.

    Attributes
    ----------
    y : (N, T) float
        NaN where missing, suppressed or without a row.
    start : (N,) float
        Infinite for units that are never treated here.
    used : (T,) bool
        Periods that have rows at all (others are gaps or were dropped as declared).
    usable : (N,) bool
        Units that a difference-in-differences can use: seen in two periods, and on both sides of their start.
    floor : float
        The smallest p-value that permuting the starts of the usable units can give.
    anticipation : int
        Periods before a start in which it may already act, as declared.
    """

    y: Floats
    start: Floats
    used: Mask
    usable: Mask
    units: tuple[str, ...]
    periods: tuple[str, ...]
    frequency: str
    floor: float
    anticipation: int = 0

    @property
    def treated(self) -> Mask:
        """Units that start inside the data, (N,)."""
        return np.isfinite(self.start)

    @property
    def first(self) -> int:
        """Position of the earliest start that has a before; 0 where no start has, all periods where nothing starts.

        Units treated throughout have no before themselves and take nobody else's away: methods leave them out.
        """
        inside = self.start[self.treated & (self.start > self.anticipation)]
        if len(inside):
            return int(inside.min())
        return 0 if self.treated.any() else len(self.periods)

    @property
    def quiet(self) -> int:
        """How many periods lie before the earliest start and the periods before it in which it may already act."""
        return self.first if self.first == len(self.periods) else max(self.first - self.anticipation, 0)


def grid(protocol: Protocol, table: Table) -> Grid:
    """Lay out the primary outcome of a bound panel or series."""
    design = protocol.design
    assert not isinstance(design, RECORDS)
    frame, column = table.frame, protocol.primary.column
    who = design.starter if isinstance(design, DidDesign) else design.unit
    row, kinds = pd.factorize(frame[who], sort=True) if who else (np.zeros(len(frame), dtype=int), [protocol.area])
    names = list(kinds)
    y = np.full((len(names), len(table.periods)), np.nan)
    if who == design.unit:
        y[row, frame[design.time].astype(int).to_numpy()] = frame[column].to_numpy(dtype=float)
    else:
        means = frame.groupby([who, design.time])[column].mean()
        at = means.index.to_frame()
        place = {name: i for i, name in enumerate(names)}
        y[at[who].map(place).to_numpy(dtype=int), at[design.time].astype(int).to_numpy()] = means.to_numpy(dtype=float)
    start = np.full(len(names), np.inf)
    if isinstance(design, DidDesign):
        start[row] = frame[design.start].fillna(np.inf).to_numpy(dtype=float)
    elif isinstance(design, ItsDesign) and design.sites:
        for name, opened in starts_of(design, table).items():
            start[names.index(name)] = opened
    else:
        assert table.start is not None
        start[names.index(design.treated) if design.unit and design.treated else 0] = table.start
    used = np.isin(np.arange(len(table.periods)), frame[design.time].to_numpy())
    first = parse(table.periods[0])
    assert first is not None
    usable = _usable(design, y, start)
    kept, code = usable[row], np.cumsum(usable) - 1
    return Grid(y=y, start=start, used=used, usable=usable, units=tuple(map(str, names)), periods=table.periods,
                frequency=first.frequency, anticipation=getattr(design, "anticipation", 0),
                floor=floor_of_starts(design, frame[kept], code[row[kept]], start[usable], len(table.periods)))


def _usable(design: object, y: Floats, start: Floats) -> Mask:
    """Units that the door of difference-in-differences lets in; all of another design's."""
    if not isinstance(design, DidDesign):
        return np.ones(len(y), dtype=bool)
    seen = np.isfinite(y)
    followed = bool(design.unit) and design.gaps != "rows"
    earliest = np.where(seen.any(axis=1), seen.argmax(axis=1), y.shape[1]) if followed else np.zeros(len(y))
    treated = np.isfinite(start)
    often = seen.sum(axis=1) >= 2 if followed else np.ones(len(y), dtype=bool)
    late = start >= y.shape[1]
    after = late | (y.shape[1] - 1 - seen[:, ::-1].argmax(axis=1) >= start) if followed else np.ones(len(y), dtype=bool)
    return np.asarray(often & (~treated | ((earliest + design.anticipation < start) & after)))
