"""From a table bound to a protocol to the balanced panel of one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door
from hubeval.methods.synth.door.panel import MIN_PRE, Panel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.protocol import SynthDesign


def panel_of(table: Table, design: SynthDesign, column: str) -> tuple[Panel, tuple[str, ...]]:
    """The balanced panel of one outcome, and the donors left out because their series has holes.

    Raises
    ------
    BadInput
        The treated series has holes or never varies, or too little is left to compare it with.
    """
    wide = table.frame.pivot(index=design.time, columns=design.unit, values=column).sort_index()  # noqa: PD010
    x = _predictor_means(table, design, wide.columns)
    whole = wide.notna().all().to_numpy() & ~np.isnan(x).any(axis=0)
    left_out = tuple(sorted(map(str, wide.columns[~whole])))
    kept = wide.loc[:, whole]
    t0 = int((wide.index < (table.start or 0)).sum())
    _check(kept, t0, design, column)
    _check_predictors(x[:, whole], design)
    labels = tuple(table.periods[p] for p in wide.index) if table.periods else tuple(wide.index)
    panel = Panel(
        y=kept.to_numpy(dtype=float),
        units=tuple(kept.columns),
        times=labels,
        t0=t0,
        outcome=column,
        treated=(list(kept.columns).index(design.treated),),
        x=x[:, whole],
        predictors=design.predictors,
    )
    return panel, left_out


def _predictor_means(table: Table, design: SynthDesign, units: pd.Index) -> NDArray[np.float64]:
    """(k, n) means before the start."""
    before = table.frame[table.frame[design.time] < (table.start or 0)]
    rows = [before.groupby(design.unit)[name].mean().reindex(units) for name in design.predictors]
    return np.array(rows, dtype=float).reshape(len(rows), len(units))


def _check_predictors(x: NDArray[np.float64], design: SynthDesign) -> None:
    door = Door()
    for name, values in zip(design.predictors, x, strict=True):
        if float(np.ptp(values)) == 0:
            cure = "Leave it out: it cannot tell donors apart."
            door.refuse("design.predictors", f"{name!r} is the same for every unit", "a column that varies", cure)
    door.close()


def _check(kept: pd.DataFrame, t0: int, design: SynthDesign, column: str) -> None:
    door = Door()
    n_post = len(kept) - t0
    if design.treated not in kept.columns:
        found = f"{design.treated!r} has periods without a value of {column!r}, or no value of a predictor"
        cure = "Fill in the source, or declare the periods as a caution with 'drop the periods'."
        door.refuse("design.treated", found, "every period", cure)
    elif t0 and float(np.ptp(kept[design.treated].iloc[:t0])) == 0:
        cure = "Check the outcome column: there is no path to match."
        door.refuse("design.treated", f"{column!r} is constant before the start", "a series that varies", cure)
    if (donors := len(kept.columns.drop(design.treated, errors="ignore"))) < 2:
        found = f"{donors} donor(s) have a whole series of {column!r}"
        door.refuse("design.donors", found, "2 or more", "Add areas that were never treated.")
    if t0 < MIN_PRE or n_post < 1:
        found = f"{t0} period(s) before the start and {n_post} from it on"
        cure = "Bring a longer series, or correct the start."
        door.refuse("design.start", found, f"{MIN_PRE} or more before, 1 or more from it on", cure)
    door.close()
