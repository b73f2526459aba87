"""A short way through the door for a frame that is a full grid: units in order, each with every period in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.did.door.columns import Codings, periods, starts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.errors import Door


def full_grid(frame: pd.DataFrame, unit: str | None, time: str, start: str, door: Door) -> Codings | None:
    """Codes of a sorted, complete, all-number panel without the sorting and counting; None where it is not one.

    Parameters
    ----------
    frame : DataFrame
    unit, time, start : str
    door : Door
        For what `starts` may refuse.
    """
    if unit is None:
        return None
    kinds = ((unit, "iu"), (time, "iu"), (start, "iuf"))
    if any(not isinstance(frame[c].dtype, np.dtype) or frame[c].dtype.kind not in kind for c, kind in kinds):
        return None
    width = _width(frame[unit].to_numpy())
    if width < 2 or len(frame) % width:
        return None
    u, t, s = (frame[c].to_numpy().reshape(-1, width) for c in (unit, time, start))
    same_start = (s == s[:, :1]) | (np.isnan(s) & np.isnan(s[:, :1])) if s.dtype.kind == "f" else s == s[:, :1]
    in_order = (np.diff(u[:, 0]) > 0).all() and (np.diff(t[0]) > 0).all()
    if not (in_order and (u == u[:, :1]).all() and (t == t[0]).all() and same_start.all()):
        return None
    _, labels, clock = periods(frame[time].iloc[:width], time, door)
    n = len(u)
    return Codings(
        unit=np.repeat(np.arange(n), width), time=np.tile(np.arange(width), n), units=u[:, 0], periods=labels,
        clock=clock, start=starts(frame[start].iloc[::width], labels, clock, start, door), cluster=np.arange(n))


def _width(units: NDArray[Any]) -> int:
    """Length of the first run of equal values."""
    differs = units[: 100_000] != units[0]
    return int(np.argmax(differs)) if differs.any() else 0
