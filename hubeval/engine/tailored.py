"""Balancing weights as convex M-estimators: a loss for each estimand whose first-order condition is exact balance.

Imai & Ratkovic's (2014) just-identified covariate-balancing propensity score and Hainmueller's (2012) entropy balancing
are both of this kind (Zhao 2019, "Covariate balancing propensity score by tailored loss functions"). Because each is an
M-estimator, its influence values are at hand, and errors can allow for the weights having been estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Kind = Literal["ATT", "ATC", "ATE", "treated-to-all", "comparison-to-all"]


@dataclass(frozen=True, slots=True)
class Tailored:
    """A fitted balancing model.

    Attributes
    ----------
    eta : (n,) float
        Linear predictor.
    psi : (n, k) float
        Estimating function of each record at the solution; columns sum to zero.
    bread : (k, k) float
        Minus the inverse of the summed derivative of `psi`.
    converged : bool
        False where balance cannot be reached: the target lies outside what the group can be weighted to.
    """

    eta: Floats
    psi: Floats
    bread: Floats
    converged: bool


def tailored(x: Floats, treated: Flags, kind: Kind, weights: Floats | None = None, *, limit: int = 100) -> Tailored:
    """Maximise the concave objective of `kind` by Newton's method with step halving.

    Parameters
    ----------
    x : (n, k) float
        Includes a constant. Columns are scaled inside.
    treated : (n,) bool
    kind : str
        ``"ATT"``: comparison records weighted by ``exp(eta)`` balance the treated; ``"ATC"``: treated records weighted
        by ``exp(-eta)`` balance the comparison; ``"ATE"``: inverse-probability weights balance each other;
        ``"treated-to-all"`` and ``"comparison-to-all"``: that group weighted by ``exp(eta)`` balances everyone.
    weights : (n,) float, optional
        Survey weights.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(6), [1., 2., 3., 4., 2., 3.]])
    >>> treated = np.array([False, False, False, False, True, True])
    >>> made = tailored(x, treated, "ATT")
    >>> w = np.exp(made.eta[~treated])
    >>> round(float(w @ x[~treated, 1] / w.sum()), 6)
    2.5
    """
    w = np.ones(x.shape[0]) if weights is None else weights / weights.mean()
    scale = np.abs(x).max(axis=0)
    scale[scale == 0] = 1.0
    xs = x / scale
    beta = np.zeros(x.shape[1])
    value, slope, bend = _terms(xs @ beta, treated, kind)
    now, converged = float(w @ value), False
    for _ in range(limit):
        gradient = xs.T @ (w * slope)
        if float(np.abs(gradient).max()) <= 1e-10 * x.shape[0]:
            converged = True
            break
        if not np.isfinite(bend).all():  # the coefficients run to infinity
            break
        step = np.linalg.lstsq((xs * (w * bend)[:, None]).T @ xs, gradient, rcond=None)[0]
        size = 1.0
        for _ in range(40):
            trial = _terms(xs @ (beta + size * step), treated, kind)
            if np.isfinite(trial[0]).all() and float(w @ trial[0]) >= now - 1e-12 * abs(now):
                break
            size /= 2
        beta = beta + size * step
        value, slope, bend = trial
        now = float(w @ value)
    eta = xs @ beta
    if not np.isfinite(bend).all():
        return Tailored(eta, np.zeros_like(x), np.zeros((x.shape[1], x.shape[1])), converged=False)
    bread = np.linalg.pinv((xs * (w * bend)[:, None]).T @ xs) / np.outer(scale, scale)
    converged = converged and float(np.abs(eta).max()) < 50
    return Tailored(eta, x * (w * slope)[:, None], bread, converged)


def _terms(eta: Floats, treated: Flags, kind: Kind) -> tuple[Floats, Floats, Floats]:
    """Objective, its slope and minus its curvature in eta, record by record."""
    t = treated.astype(float)
    c = 1 - t
    with np.errstate(over="ignore", invalid="ignore"):
        up, down = np.exp(eta), np.exp(-eta)
        if kind == "ATT":
            return t * eta - c * up, t - c * up, c * up
        if kind == "ATC":
            return -c * eta - t * down, -c + t * down, t * down
        if kind == "ATE":
            return t * (eta - down) - c * (eta + up), t * (1 + down) - c * (1 + up), t * down + c * up
        mine = t if kind == "treated-to-all" else c
        return eta - mine * up, 1 - mine * up, mine * up
