"""Inference for one coefficient when clusters are few: CR2 and CR3 with their degrees of freedom, wild bootstrap.

All of it for a regression whose unit effects are nested in the clusters and already taken out, so
that the columns here are few: the regressors of interest and the period effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


@dataclass(frozen=True, slots=True)
class Corrected:
    """Bias-reduced errors of k coefficients.

    Attributes
    ----------
    covariance : (k, k) float
    df : (k,) float
        Bell-McCaffrey degrees of freedom of each coefficient's t.
    """

    covariance: Floats
    df: Floats


def bias_reduced(
    x: Floats, residuals: Floats, cluster: Codes, k: int, *, kind: Literal["cr2", "cr3"] = "cr2",
    weights: Floats | None = None,
) -> Corrected:
    """CR2 or CR3 covariance and Bell-McCaffrey degrees of freedom for the first k coefficients.

    Parameters
    ----------
    x : (n, q) float
        All regressors, effects nested in the clusters taken out; the k of interest first. May be
        rank-deficient beyond them.
    residuals : (n,) float
    cluster : (n,) int
        Codes 0..G-1.
    weights : (n,) float, optional
        Taken as inverse variances (Pustejovsky & Tipton 2018, sec. 2.2, with that working model).

    Notes
    -----
    Bell & McCaffrey (2002); Imbens & Kolesar (2016). CR3 is the jackknife-like correction; its t uses
    the same degrees of freedom formula.
    """
    root = np.ones(len(residuals)) if weights is None else np.sqrt(weights)
    z, e = x * root[:, None], residuals * root
    bread = np.linalg.pinv(z.T @ z, hermitian=True, rcond=1e-12)
    lead = bread[:, :k]
    groups = int(cluster.max()) + 1
    order = np.argsort(cluster, kind="stable")
    ends = np.searchsorted(cluster[order], np.arange(groups + 1))
    power = -0.5 if kind == "cr2" else -1.0
    scores = np.zeros((groups, k))
    length = np.zeros((groups, k))
    carried = np.zeros((groups, k, z.shape[1]))
    for g in range(groups):
        rows = order[ends[g] : ends[g + 1]]
        zg = z[rows]
        adjusted = _power(np.eye(len(rows)) - zg @ bread @ zg.T, power) @ (zg @ lead)  # (n_g, k)
        scores[g] = adjusted.T @ e[rows]
        length[g] = np.einsum("ij,ij->j", adjusted, adjusted)
        carried[g] = adjusted.T @ zg
    df = np.empty(k)
    for j in range(k):
        omega = np.diag(length[:, j]) - carried[:, j] @ bread @ carried[:, j].T
        df[j] = np.trace(omega) ** 2 / np.sum(omega**2)
    return Corrected(scores.T @ scores, df)


def _power(matrix: Floats, power: float) -> Floats:
    """Symmetric generalised power; directions with (nearly) nothing in them stay out."""
    values, vectors = np.linalg.eigh(matrix)
    keep = values > 1e-9
    return np.asarray((vectors[:, keep] * values[keep] ** power) @ vectors[:, keep].T)


@dataclass(frozen=True, slots=True)
class Wild:
    """A wild cluster bootstrap of one coefficient.

    Attributes
    ----------
    p_value, conf_low, conf_high : float
        The interval by inversion; infinite where no value is rejected.
    draws : int
    exact : bool
        Every assignment of the six weights was tried.
    """

    p_value: float
    conf_low: float
    conf_high: float
    draws: int
    exact: bool


def wild(
    d: Floats, y: Floats, z: Floats, cluster: Codes, *, weights: Floats | None = None, draws: int = 9_999,
    conf_level: float = 0.95, seed: int = 20261122,
) -> Wild:
    """Wild cluster bootstrap t with the null imposed and Webb's six weights.

    Parameters
    ----------
    d, y : (n,) float
        Regressor and outcome, effects nested in the clusters taken out.
    z : (n, q) float
        Other regressors, the same taken out.
    cluster : (n,) int
        Codes 0..G-1.

    Notes
    -----
    Cameron, Gelbach & Miller (2008); Webb (2023) for the weights; every one of the 6^G assignments is
    tried when there are no more than `draws`. A draw costs a column of one matrix product, for the
    statistic needs the residuals' sums by cluster only (Roodman et al. 2019).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> cluster = np.repeat(np.arange(20), 5)
    >>> d = np.repeat(rng.normal(size=20), 5)
    >>> fit = wild(d, d + rng.normal(size=100), np.ones((100, 1)), cluster, draws=999)
    >>> fit.p_value < 0.05, fit.conf_low < 1 < fit.conf_high
    (True, True)
    """
    root = np.ones(len(y)) if weights is None else np.sqrt(weights)
    d, y, z = d * root, y * root, z * root[:, None]
    inverse = np.linalg.pinv(z.T @ z, hermitian=True, rcond=1e-12)
    both = np.column_stack([y, d])
    uy, ud = (both - z @ (inverse @ (z.T @ both))).T
    groups = int(cluster.max()) + 1
    size = float(ud @ ud)
    by_cluster = np.column_stack([np.bincount(cluster, ud * c, groups) for c in z.T]).reshape(groups, -1)
    own = np.bincount(cluster, ud * ud, groups)
    parts = []
    for u in (uy, ud):
        score = np.bincount(cluster, ud * u, groups)
        zu = np.column_stack([np.bincount(cluster, u * c, groups) for c in z.T]).reshape(groups, -1)
        parts.append((score, np.diag(score) - by_cluster @ inverse @ zu.T - np.outer(own, score) / size))
    v, exact = _webb(groups, draws, np.random.default_rng(seed))
    top = [score @ v for score, _ in parts]
    spread = [matrix @ v for _, matrix in parts]
    beta = float(parts[0][0].sum() / size)
    actual = [matrix.sum(axis=1) for _, matrix in parts]

    def p_value(null: float) -> float:
        t = abs(top[0] - null * top[1]) / np.sqrt(np.sum((spread[0] - null * spread[1]) ** 2, axis=0))
        here = abs(beta - null) * size / np.sqrt(np.sum((actual[0] - null * actual[1]) ** 2))
        return float((t >= here * (1 - 1e-9)).mean())

    step = np.sqrt(np.sum((actual[0] - beta * actual[1]) ** 2)) / size
    low, high = (_edge(p_value, beta, sign * step, 1 - conf_level) for sign in (-1, 1))
    return Wild(p_value(0.0), low, high, v.shape[1], exact)


def _edge(p_value: object, beta: float, step: float, alpha: float) -> float:
    """Where the p-value falls to alpha on one side of the estimate."""
    assert callable(p_value)
    far = 2 * step
    for _ in range(12):
        if p_value(beta + far) <= alpha:
            return float(brentq(lambda b: p_value(b) - alpha - 1e-12, beta, beta + far, xtol=abs(step) * 1e-4))
        far *= 2
    return float(np.copysign(np.inf, step))


def _webb(groups: int, draws: int, rng: np.random.Generator) -> tuple[Floats, bool]:
    """Weights (G, draws), the all-ones draw among them."""
    if 6**groups <= draws:
        index = np.indices((6,) * groups).reshape(groups, -1)
        return WEBB[index], True
    v = WEBB[rng.integers(0, 6, (groups, draws))]
    return np.column_stack([np.ones(groups), v]), False
