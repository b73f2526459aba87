"""Placebo starts: the same analysis moved to every admissible earlier start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from hubeval.methods.synth.door.panel import MIN_PRE
from hubeval.methods.synth.inference.placebo_units import in_space
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.control import ControlFit
    from hubeval.methods.synth.inference.placebo_units import Pool


def placebo_starts(fit: ControlFit) -> pd.DataFrame | NotComputed:
    """The analysis moved to every admissible earlier start; see `in_time`."""
    if fit.panel.predictors:
        return NotComputed(
            what="placebo starts",
            reason="the predictors are averaged over periods that reach past "
            "an earlier start; match on the path to see them",
        )
    return in_time(fit.panel, augment=fit.augment, penalty=fit.penalty, pool=fit.pool)


def in_time(panel: Panel, *, augment: bool = False, penalty: float | None = None, pool: Pool = "all") -> pd.DataFrame:
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
    rows = []
    for start in range(max(MIN_PRE, -(-panel.t0 // 2)), panel.t0):
        until = min(start + panel.n_post, panel.t0)
        earlier = replace(panel, y=panel.y[:until], times=panel.times[:until], t0=start)
        test, _ = in_space(earlier, augment=augment, penalty=penalty, pool=pool)
        place, i = test.by_ratio, test.treated
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
    return pd.DataFrame(rows, columns=columns).astype({"rank": "Int64", "p_value": "Float64"})
