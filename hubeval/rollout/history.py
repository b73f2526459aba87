"""The outcome's own past, with the order laid over its last periods, as the data of a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.periods import parse_column
from hubeval.data.source import read_source
from hubeval.errors import Door, listed
from hubeval.rollout.reading import openings
from hubeval.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.periods import Period
    from hubeval.rollout.declared import RolloutCase

    Whole = NDArray[np.intp]
    Floats = NDArray[np.float64]

LEAST_BEFORE = 2  # periods before the first opening
STARTS, BLOCK = "opens", "opens_with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The history of the sites of the file alone.

    Attributes
    ----------
    frame : DataFrame
        As it was read, rows of other sites left out.
    site : (n,) int
        Position of the site of each row.
    periods : tuple of Period
        From the first to the last, one after another.
    level, change : (sites,) float
        Mean of the outcome, and of the second half of the periods less the first; NaN where it is not known.
    left_out : int
        Rows of sites that the file does not name.
    """

    frame: pd.DataFrame
    site: Whole
    periods: tuple[Period, ...]
    level: Floats
    change: Floats
    left_out: int


def read_past(case: RolloutCase) -> Past | None:
    """Read the history beside the sites.toml; None where none is declared.

    Raises
    ------
    BadInput
        It has not the columns, no rows of a site, or other kinds of periods than the openings.
    """
    if case.history is None or case.outcome is None:
        return None
    history, outcome = case.history, case.outcome.column
    frame = read_source(Path(case.folder) / history.file).frame
    door = Door()
    for argument, name in (("history.unit", history.unit), ("history.time", history.time), ("outcome.column", outcome)):
        if name not in frame:
            found = f"no column {name!r} in {history.file}"
            door.refuse(argument, found, f"columns: {listed(frame.columns)}", "Correct it.")
    for name in (STARTS, BLOCK):
        if name in frame:
            door.refuse("history.file", f"has a column {name!r}", "a history from before any opening", "Leave it out.")
    door.close()
    at = {site.id: i for i, site in enumerate(case.sites)}
    whose = frame[history.unit].astype(str).str.strip().map(at)
    kept = frame[whose.notna()].reset_index(drop=True)
    site = np.asarray(whose[whose.notna()], dtype=np.intp)
    seen = set(site.tolist())
    bare = [one.id for i, one in enumerate(case.sites) if i not in seen]
    if bare:
        door.refuse("history.file", f"{counted(len(bare), 'site')} of {len(at)} have no row: {listed(bare)}",
                    "rows for every site", "Write ids alike in both files, or add their rows.")
    door.close()
    texts = kept[history.time].astype(str).str.strip()
    known = parse_column(pd.unique(texts))
    frequency = openings(case)[0].frequency
    if any(period is None or period.frequency != frequency for period in known.values()):
        door.refuse("history.time", f"{history.time!r} does not hold a {frequency} in every row, as the openings are",
                    f"each row's {frequency}", "Write openings and history in periods of one kind.")
    door.close()
    steps = np.array([known[text].ordinal for text in texts])  # type: ignore[union-attr]
    value = pd.to_numeric(kept[outcome], errors="coerce").to_numpy(dtype=np.float64)
    half = (steps.min() + steps.max() + 1) / 2
    return Past(frame=kept, site=site, left_out=len(frame) - len(kept), level=_means(value, site, len(at)),
                periods=tuple(type(openings(case)[0])(frequency, n) for n in range(steps.min(), steps.max() + 1)),
                change=_means(value, site, len(at), steps >= half) - _means(value, site, len(at), steps < half))


def _means(value: Floats, site: Whole, n: int, rows: NDArray[np.bool_] | None = None) -> Floats:
    kept = np.isfinite(value) & (True if rows is None else rows)
    number = np.bincount(site[kept], minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        made: Floats = np.bincount(site[kept], value[kept], n) / number
    return made


def span(case: RolloutCase, waves: Whole) -> int:
    """Periods from the first opening to the last of an order, both counted."""
    used = [openings(case)[wave].ordinal for wave in sorted(set(waves.tolist()))]
    return int(used[-1] - used[0] + 1)


def laid_over(past: Past, case: RolloutCase, waves: Whole, block: Whole) -> pd.DataFrame:
    """The history as if the roll-out had been held in its last periods: `opens`, and who opens with whom.

    The last wave opens in the last period; the others as many periods before it as in the plan.
    """
    opened = openings(case)
    late = max(opened[wave].ordinal for wave in waves)
    starts = np.array([str(past.periods[len(past.periods) - 1 - (late - opened[wave].ordinal)]) for wave in waves])
    return past.frame.assign(**{STARTS: starts[past.site], BLOCK: block[past.site].astype(str)})
