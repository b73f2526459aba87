"""Two-way fixed effects on a balanced panel: one path a cohort, two means, no solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]


def two_means(panel: Panel) -> tuple[float, float]:
    """Coefficient and clustered (CR1) variance of the treatment indicator, in one pass over the outcomes.

    Parameters
    ----------
    panel : Panel
        Balanced, without covariates or weights.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"la": list("AABBCC"), "year": [1, 2] * 3, "opened": [2, 2] + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 4.5, 2.0, 2.5]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> round(two_means(panel)[0], 9)
    -2.5
    """
    t = panel.n_periods
    firsts, cohort = np.unique(panel.first, return_inverse=True)
    size = np.bincount(cohort).astype(np.float64)
    d = (np.arange(t) >= firsts[:, None]).astype(np.float64)  # (C, T)
    path = d - d.mean(axis=1, keepdims=True)
    path -= size @ path / size.sum()  # period means; what is left sums to zero both ways
    y = panel.matrix(panel.y)
    own = np.einsum("nt,nt->n", y, path[cohort])
    length = np.einsum("ct,ct->c", path, path)
    total = float(size @ length)
    b = float(own.sum() / total)
    # a unit's score: its path times its residual, the period means of the outcome taken out
    scores = own - (path @ y.mean(axis=0))[cohort] - b * length[cohort]
    groups, n = panel.n_clusters, panel.n_rows
    if groups < panel.n_units:
        scores = np.bincount(panel.cluster, scores, groups)
    factor = groups / (groups - 1) * (n - 1) / (n - 1 - t)
    return b, float(factor * (scores @ scores) / total**2)
