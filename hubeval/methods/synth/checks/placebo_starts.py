"""Placebo starts: the same analysis moved to every admissible earlier start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.methods.synth.door.panel import MIN_PRE
from hubeval.methods.synth.inference.placebo_units import in_space
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.control import ControlFit
    from hubeval.methods.synth.inference.placebo_units import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The analysis at earlier starts.

    Attributes
    ----------
    frame : DataFrame
        One row a start: see `placebo_starts`.
    rank, n : int or None
        Place of the treated unit's largest post/pre ratio over these starts among those of all units; None where none
        could be told (no start, or perfect fits).
    """

    frame: pd.DataFrame
    rank: int | None
    n: int


def tried(fit: ControlFit) -> Earlier | NotComputed:
    """The analysis moved to every admissible earlier start, and its place among all units', each tried alike."""
    if fit.panel.predictors:
        return NotComputed(
            what="placebo starts",
            reason="the predictors are averaged over periods that reach past "
            "an earlier start; match on the path to see them",
        )
    return _tried(fit.panel, augment=fit.augment, penalty=fit.penalty, pool=fit.pool)


def placebo_starts(fit: ControlFit) -> pd.DataFrame | NotComputed:
    """The analysis moved to every admissible earlier start, on the periods before the true one.

    Admissible starts leave at least half of the periods before the true start, and never fewer than
    three, to fit on.

    Returns
    -------
    DataFrame
        Columns ``start``, ``estimate`` (mean gap from there to the true start, over at most as many
        periods as follow it), ``pre_rmspe``, ``rank``, ``n``, ``p_value`` and ``smallest_p`` (the
        in-space test at that date; blank where the fit is perfect).
    """
    found = tried(fit)
    return found if isinstance(found, NotComputed) else found.frame


def _tried(panel: Panel, *, augment: bool, penalty: float | None, pool: Pool) -> Earlier:
    most = np.zeros(len(panel.units))
    known = False
    rows = []
    for start in range(max(MIN_PRE, -(-panel.t0 // 2)), panel.t0):
        until = min(start + panel.n_post, panel.t0)
        earlier = replace(panel, y=panel.y[:until], times=panel.times[:until], t0=start)
        test, _ = in_space(earlier, augment=augment, penalty=penalty, pool=pool)
        place, i = test.by_ratio, test.treated
        if place is not None:
            most, known = np.maximum(most, test.ratio), True
        rows.append(
            {
                "start": panel.times[start],
                "estimate": float(test.gaps[start:, i].mean()),
                "pre_rmspe": float(test.pre[i]),
                "rank": place.rank if place else None,
                "n": len(panel.units),
                "p_value": place.p_value if place else None,
                "smallest_p": test.smallest_p,
            }
        )
    columns = ["start", "estimate", "pre_rmspe", "rank", "n", "p_value", "smallest_p"]
    frame = pd.DataFrame(rows, columns=columns).astype({"rank": "Int64", "p_value": "Float64"})
    rank = int((most >= most[panel.treated[0]] * (1 - 1e-10)).sum()) if known else None
    return Earlier(frame=frame, rank=rank, n=len(panel.units))
