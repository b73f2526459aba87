"""Units that start within the periods and are not seen from then on: no effect is theirs, so they are not treated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.door.panel import restrict
from hubeval.result import FlowStep

if TYPE_CHECKING:
    from hubeval.methods.did.door.panel import Panel


def without_unseen(panel: Panel, *, anticipation: int, stay: bool) -> Panel:
    """The panel in which only units that are seen from their start on count as treated; the others said in `flow`.

    Parameters
    ----------
    panel : Panel
    anticipation : int
        Periods before the start in which treatment may already act: such rows are left out of those that stay.
    stay : bool
        They stay as untreated until then, which they are to an estimator that reads every row; else they are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"la": list("AAABBBCC"), "year": [1, 2, 3] * 2 + [1, 2], "opened": [3] * 3 + [None] * 3
    ...                       + [3] * 2, "rate": [5.0, 3.0, 4.0, 4.0, 1.0, 2.0, 2.0, 3.0]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> panel.sides, *(without_unseen(panel, anticipation=0, stay=stay).sides for stay in (True, False))
    ((2, 1), (1, 2), (1, 1))
    """
    if panel.balanced or panel.repeated:
        return panel
    latest = np.zeros(panel.n_units, dtype=np.intp)
    np.maximum.at(latest, panel.unit, panel.time)
    unseen = panel.ever & (latest < panel.first)
    if not unseen.any() or (unseen == panel.ever).all():
        return panel
    rows, start = ~unseen[panel.unit], panel.start
    if stay:
        rows = rows | (panel.clock[panel.time] + anticipation < panel.start[panel.unit])
        start = np.where(unseen, np.inf, panel.start)
    kept, n = restrict(panel, rows, start), int(unseen.sum())
    note = f"{n} {'unit' if n == 1 else 'units'} not seen from the start on: " + (
        "untreated for as long as seen" if stay else "left out")
    step = FlowStep(label="units seen from their start on", n_rows=kept.n_rows, n_units=kept.n_units, note=note)
    return replace(kept, flow=(*panel.flow, step))
