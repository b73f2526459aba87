"""How much of a place has an open site near it: exposure by distance, period by period.

The share of under-fives within 2.5 km of an open hub is how the Institute for Fiscal Studies measures exposure; a ring
beyond it says whether the effect spills over (Butts, K. 2021, Difference-in-differences estimation with spatial
spillovers, arXiv 2105.03737).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.data.columns import Columns
from hubeval.data.periods import Period, coarsen, parse
from hubeval.data.source import read_source
from hubeval.errors import Door
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]

NEAR, RING = 2_500.0, 5_000.0  # metres
DEGREES = 180.0
MOST_PERIODS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """Shares of each unit, (units, periods): with an open site near, and with the nearest one in the ring beyond.

    Attributes
    ----------
    near, ring : (u, t) float
        0 to 1; what is left has no open site within the ring.
    """

    near: Floats
    ring: Floats


def nearness(
    places: Floats, sites: Floats, opened: Whole, closed: Whole, *, n_periods: int, unit: Whole, weights: Floats,
    radii: tuple[float, float] = (NEAR, RING),
) -> Nearness:
    """Shares of each unit's weight that lie near an open site.

    Parameters
    ----------
    places : (n, 2) float
        Easting and northing of small areas, in metres.
    sites : (m, 2) float
    opened, closed : (m,) int
        First period open, and first one closed again (`n_periods` where it is not).
    n_periods : int
    unit : (n,) int
        Codes from 0 of the unit that each place is part of.
    weights : (n,) float
        Under-fives, or whoever is counted.
    radii : (float, float)
        Of what is near, and of the ring beyond it, in metres.

    Examples
    --------
    >>> made = nearness(np.array([[0.0, 0.0], [4000.0, 0.0]]), np.array([[100.0, 0.0]]), np.array([1]), np.array([3]),
    ...     n_periods=4, unit=np.array([0, 0]), weights=np.array([3.0, 1.0]))
    >>> made.near.tolist(), made.ring.tolist()
    ([[0.0, 0.75, 0.75, 0.0]], [[0.0, 0.25, 0.25, 0.0]])
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - only here

    n = int(unit.max()) + 1
    whole = np.bincount(unit, weights, n)
    near, ring = np.zeros((n, n_periods)), np.zeros((n, n_periods))
    before: NDArray[np.bool_] | None = None
    for t in range(n_periods):
        is_open = (opened <= t) & (closed > t)
        if before is not None and np.array_equal(is_open, before):
            near[:, t], ring[:, t] = near[:, t - 1], ring[:, t - 1]
            continue
        before = is_open
        if not is_open.any():
            continue
        away = np.asarray(cKDTree(sites[is_open]).query(places)[0])
        near[:, t] = np.bincount(unit, weights * (away <= radii[0]), n) / whole
        ring[:, t] = np.bincount(unit, weights * ((away > radii[0]) & (away <= radii[1])), n) / whole
    return Nearness(near=near, ring=ring)


def exposure_table(
    areas: str | Path | pd.DataFrame, sites: str | Path | pd.DataFrame, *, first: str, last: str, unit: str = "area",
    radii: tuple[float, float] = (NEAR, RING),
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row for each unit and period: `share_near` and `share_ring`, to join to outcomes; and what was understood.

    Parameters
    ----------
    areas : path or DataFrame
        Columns area, easting, northing and under_fives, and `unit` where it is another.
    sites : path or DataFrame
        Columns site, easting, northing and opened; closed, where some have.
    first, last : str
        Periods between which shares are given; of one kind.
    unit : str
        Whose shares: the area's own (0 or 1), or those of an authority.
    radii : (float, float)
        In metres.

    Raises
    ------
    BadInput
        A column is missing, coordinates are not in metres, an opening is no period, or a unit has no under-fives.
    """
    import pandas as pd  # noqa: PLC0415

    door = Door()
    start, end = _span(first, last, door)
    if not 0 < radii[0] < radii[1]:
        door.refuse("radii", f"found {radii[0]:g} and {radii[1]:g} metres", "0 < near < ring", "Correct them.")
    places = Columns(read_source(areas).frame, door)
    points = Columns(read_source(sites).frame, door)
    for columns, names in ((places, ("area", unit, "easting", "northing", "under_fives")),
                           (points, ("site", "easting", "northing", "opened"))):
        for name in dict.fromkeys(names):
            columns.present(name, name)
    door.close()
    where, there = _metres(places, "areas", door), _metres(points, "sites", door)
    weights = places.numbers("under_fives").to_numpy(dtype=np.float64)
    whose = places.text(unit).astype(str).str.strip()
    labels, codes = np.unique(whose, return_inverse=True)
    if not np.isfinite(weights).all() or (weights < 0).any():
        door.refuse("under_fives", "some are blank or below 0", "a count of each area", "Fill them in.")
    elif empty := int((np.bincount(codes, weights) == 0).sum()):
        door.refuse("under_fives", f"{counted(empty, 'unit')} with none at all", "some in each", "Leave those out.")
    begun = _positions(points, "opened", start, door, blank=None)
    ended = np.full(len(begun), MOST_PERIODS)
    if "closed" in points.frame:
        ended = _positions(points, "closed", start, door, blank=MOST_PERIODS)
    if not door.problems and (early := int((ended <= begun).sum())):
        door.refuse("closed", f"{counted(early, 'site')} closed before opening", "later", "Correct the dates.")
    door.close()
    n = end.ordinal - start.ordinal + 1
    made = nearness(where, there, begun, np.minimum(ended, MOST_PERIODS), n_periods=n, unit=codes, weights=weights,
                    radii=radii)
    periods = [str(Period(start.frequency, start.ordinal + t)) for t in range(n)]
    frame = pd.DataFrame({unit: np.repeat(labels, n), "period": periods * len(labels),
                          "share_near": made.near.ravel().round(6), "share_ring": made.ring.ravel().round(6)})
    return frame, _understood(made, len(begun), len(where), radii)


def _span(first: str, last: str, door: Door) -> tuple[Period, Period]:
    start, end = parse(first), parse(last)
    if start is None or end is None or start.frequency != end.frequency or not (
            start.ordinal < end.ordinal < start.ordinal + MOST_PERIODS):
        door.refuse("first, last", f"found {first!r} and {last!r}", "two periods of one kind, the later one last",
                    'Write "2022Q1" and "2028Q4".')
        door.close()
    assert start is not None
    assert end is not None
    return start, end


def _metres(columns: Columns, which: str, door: Door) -> Floats:
    """Easting and northing, (n, 2)."""
    found = np.column_stack([columns.numbers(name).to_numpy(dtype=np.float64) for name in ("easting", "northing")])
    if not np.isfinite(found).all():
        door.refuse(which, "an easting or northing is blank", "both in every row", "Fill them in.")
    elif len(found) and np.abs(found).max() <= DEGREES:
        door.refuse(which, "easting and northing look like degrees", "metres, as on the National Grid",
                    "Turn longitude and latitude into eastings and northings first.")
    return found


def _positions(columns: Columns, name: str, start: Period, door: Door, *, blank: int | None) -> Whole:
    """Periods as positions from the first; one that opened before it is below 0."""
    texts = columns.text(name).astype(str).str.strip()
    known = {text: _placed(text, start) for text in texts.unique()}
    bad = int(sum(known[text] is None and not (blank is not None and not text) for text in texts))
    if bad:
        door.refuse(name, f"{counted(bad, 'row')} without a {start.frequency} or a day in one", f"like {start}",
                    "Leave out sites that have not opened and have no date.")
    return np.array([blank or 0 if known[text] is None else known[text] for text in texts], dtype=np.intp)


def _placed(text: str, start: Period) -> int | None:
    """A period or day as a position from the first; None where it is none, or coarser than the periods."""
    given = parse(text) if text else None
    own = given if given is None or given.frequency == start.frequency else coarsen(given, start.frequency)
    return None if own is None else own.ordinal - start.ordinal


def _understood(made: Nearness, n_sites: int, n_areas: int, radii: tuple[float, float]) -> tuple[str, ...]:
    near, ring = (brief(one / 1000) for one in radii)
    first, last = made.near[:, 0].mean(), made.near[:, -1].mean()
    return (f"{counted(n_sites, 'site')}, {counted(n_areas, 'area')}, {counted(len(made.near), 'unit')}",
            f"near: within {near} km of an open site as the crow flies; ring: from there to {ring} km",
            f"mean share near over units: {first:.1%} in the first period, {last:.1%} in the last")
