"""Conformal intervals: effects whose removal leaves the time after the start like the time before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.simplex import simplex_fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_GRID = 101
_DOUBLINGS = 16
_HALVINGS = 30


def p_values(y: Floats, treated: int, rows: NDArray[np.int64], effects: Floats) -> Floats:
    """Conformal p-value of each constant effect over some periods.

    The effect is taken out, weights are fitted on *all* periods, and the mean absolute residual of the
    rows in question is compared with that of every cyclic shift in time (moving blocks).

    Parameters
    ----------
    y : (t, n) float
    treated : int
        Column of the treated unit.
    rows : (p,) int
        Periods after the start, in a row, to which the effect applies.
    effects : (m,) float
        Effects under test.

    Returns
    -------
    (m,) float
        Multiples of ``1 / t``.

    Examples
    --------
    >>> y = np.array([[1., 1., 2.], [2., 2., 3.], [1., 1., 2.], [2., 2., 3.], [5., 1., 2.]])
    >>> p_values(y, 0, np.array([4]), np.array([0., 4.])).tolist()
    [0.2, 1.0]

    References
    ----------
    Chernozhukov, V., Wuthrich, K. and Zhu, Y. (2021). An exact and robust conformal inference method
    for counterfactual and synthetic controls. JASA 116, 1849-1864.
    """
    t, n = y.shape
    targets = np.repeat(y[:, [treated]], len(effects), axis=1)
    targets[rows] -= effects
    allowed = np.ones((len(effects), n), dtype=bool)
    allowed[:, treated] = False
    weights = simplex_fits(y, targets, allowed).weights
    residual = np.abs(targets - np.einsum("tn,mn->tm", y, weights))
    turned = (np.asarray(rows)[:, None] + np.arange(t)) % t
    statistic = residual[turned].mean(axis=0)
    p: Floats = (statistic >= statistic[0] * (1 - 1e-10)).mean(axis=0)
    return p


def interval(
    y: Floats, treated: int, rows: NDArray[np.int64], centre: float, conf_level: float
) -> tuple[float, float] | None:
    """Ends of the constant effects that the conformal test does not reject; None where they have no end.

    Parameters
    ----------
    y, treated, rows
        As in `p_values`.
    centre : float
        An effect to look around: the estimate.
    conf_level : float
    """
    level = 1 - conf_level
    half = max(float(np.abs(np.diff(y[:, treated])).mean()), abs(centre) * 1e-3, 1e-12)
    for _ in range(_DOUBLINGS):
        ends = p_values(y, treated, rows, np.array([centre - half, centre + half]))
        if (ends <= level).all():
            break
        half *= 2
    else:
        return None
    grid = np.linspace(centre - half, centre + half, _GRID)
    kept = np.flatnonzero(p_values(y, treated, rows, grid) > level)
    if not len(kept):
        return None
    out, inside = grid[[kept[0] - 1, kept[-1] + 1]], grid[[kept[0], kept[-1]]]
    for _ in range(_HALVINGS):
        middle = (out + inside) / 2
        accepted = p_values(y, treated, rows, middle) > level
        inside, out = np.where(accepted, middle, inside), np.where(accepted, out, middle)
    return float(out[0]), float(out[1])
