"""Each donor that carries weight left out in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.methods.synth.estimators.donor_weights import fit_units, gaps_of, rmspe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel

    Floats = NDArray[np.float64]


def leave_one_out(
    panel: Panel, weights: Floats, *, augment: bool = False, penalty: float | None = None
) -> pd.DataFrame:
    """The estimate without each donor that carries weight.

    Returns
    -------
    DataFrame
        Columns ``left_out``, ``weight`` (what it carried), ``estimate``, ``pre_rmspe``.
    """
    carrying = [j for j in panel.donors if abs(weights[j]) > 1e-6]
    i = panel.treated[0]
    allowed = np.ones((len(carrying), len(panel.units)), dtype=bool)
    allowed[:, i] = False
    allowed[np.arange(len(carrying)), carrying] = False
    units = np.full(len(carrying), i)
    fits = fit_units(panel, units, allowed, augment=augment, penalty=penalty)
    gaps = gaps_of(panel, units, fits.weights)
    return pd.DataFrame(
        {
            "left_out": [panel.units[j] for j in carrying],
            "weight": weights[carrying],
            "estimate": gaps[panel.t0 :].mean(axis=0),
            "pre_rmspe": rmspe(gaps[: panel.t0]),
        }
    )
