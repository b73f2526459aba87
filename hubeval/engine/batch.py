"""Thousands of series with one design at once: REML over a shared grid of rho, and mixture quantiles in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

from hubeval.engine.autoregression import log_determinant, product_weights
from hubeval.engine.compiled import COMPILED, compiled
from hubeval.engine.mixture import mixture_quantile
from hubeval.engine.reml import BOUND, Moments, Profile, profile_at, small_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NODES = 97
_STENCIL = 7  # nodes of the polynomial that finds the top of the likelihood between nodes


def fit_ar1_many(y: Floats, x: Floats) -> Profile:
    """REML estimates of AR(1) regressions for the columns of `y`, (n, N): as `reml.fit_ar1`, to about 1e-7 in rho.

    What depends on the design alone is worked out once a grid node; the top of each series' likelihood is
    then found on a polynomial through the nodes around the highest one, in the angle whose sine is rho.
    """
    moments = Moments.of(y, x)
    n, k = x.shape
    limit = np.arcsin(BOUND)
    angle = np.linspace(-limit, limit, _NODES)
    rho = np.sin(angle)
    partial = np.column_stack([rho, np.zeros(_NODES)])
    weights = product_weights(partial)
    gram = np.einsum("gm,mij->gij", weights, moments.design)
    root = np.linalg.inv(np.linalg.cholesky(gram))
    fixed = -0.5 * (log_determinant(partial) + np.linalg.slogdet(gram)[1])
    rss = weights @ moments.outcome
    for g in range(_NODES):
        part = root[g] @ np.tensordot(weights[g, [0, 1, 3]], moments.cross[[0, 1, 3]], axes=1)
        rss[g] -= np.einsum("kN,kN->N", part, part)
    height = fixed[:, None] - 0.5 * (n - k) * np.log(np.maximum(rss, np.finfo(float).tiny))
    return profile_at(np.sin(_top(angle, height)), moments)


def _top(angle: Floats, height: Floats) -> Floats:
    """Where each column of `height` is highest, between the nodes."""
    half = _STENCIL // 2
    best = height.argmax(axis=0)
    centre = np.clip(best, half, len(angle) - half - 1)
    offsets = np.arange(-half, half + 1)
    values = height[centre[None, :] + offsets[:, None], np.arange(height.shape[1])]
    powers = np.linalg.inv(np.vander(offsets.astype(float), increasing=True)) @ (values - values[half])
    order = np.arange(1, _STENCIL)
    s = (best - centre).astype(float)
    low, high = np.maximum(s - 1, -half), np.minimum(s + 1, half)
    for _ in range(8):
        p = s[None, :] ** np.arange(_STENCIL - 1)[:, None]
        first = np.einsum("pN,pN->N", order[:, None] * powers[1:], p)
        second = np.einsum("pN,pN->N", (order[1:] * order[:-1])[:, None] * powers[2:], p[:-1])
        s = np.clip(np.where(second < 0, s - first / np.where(second < 0, second, -1.0), s), low, high)
    return np.asarray(angle[centre] + s * (angle[1] - angle[0]))


@dataclass(frozen=True, slots=True)
class SmallSampleTable:
    """Kenward-Roger quantities of one contrast as functions of rho, on Chebyshev nodes.

    Attributes
    ----------
    nodes : (m,) float
    log_model, log_adjusted, log_df : (m,) float
        Variances at unit error variance, and degrees of freedom.
    """

    nodes: Floats
    log_model: Floats
    log_adjusted: Floats
    log_df: Floats

    def at(self, values: Floats, rho: Floats) -> Floats:
        """One of the table's logs interpolated (barycentric) and taken back, (N,)."""
        m = len(self.nodes)
        sign = (-1.0) ** np.arange(m) * np.sin((2 * np.arange(m) + 1) * np.pi / (2 * m))
        gap = rho[:, None] - self.nodes
        exact = np.abs(gap) < 1e-14
        inverse = sign / np.where(exact, 1.0, gap)
        out = (inverse @ values) / inverse.sum(axis=1)
        hit = exact.any(axis=1)
        out[hit] = values[exact[hit].argmax(axis=1)]
        return np.asarray(np.exp(out))


def small_sample_tables(
    x: Floats, contrasts: Floats, *, highest: float = 0.95, count: int = 72
) -> list[SmallSampleTable]:
    """Tables for the rows of `contrasts`, (m, k), over rho from -BOUND to `highest`."""
    angle = (2 * np.arange(count) + 1) * np.pi / (2 * count)
    nodes = (highest - BOUND) / 2 + (highest + BOUND) / 2 * np.cos(angle)
    rows = []
    for rho in nodes:
        found = small_sample(x, float(rho))
        model = np.einsum("mi,ij,mj->m", contrasts, found.model, contrasts)
        adjusted = np.einsum("mi,ij,mj->m", contrasts, found.adjusted, contrasts)
        slope = np.einsum("mi,qij,mj->mq", contrasts, found.slopes, contrasts)
        df = 2 * model**2 / np.einsum("mq,qr,mr->m", slope, found.parameters, slope)
        rows.append(np.log(np.stack([model, adjusted, df])))
    table = np.stack(rows)
    return [SmallSampleTable(nodes, *(table[:, q, j] for q in range(3))) for j in range(len(contrasts))]


_CELLS = 4096


def mixture_quantiles(probability: float, weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """As `mixture.mixture_quantile`, compiled where numba is installed and the batch is worth it.

    The t distribution function is read from a table in ``z / sqrt(df + z^2)``, where it is smooth, by cubic
    Hermite interpolation: about eleven digits.
    """
    if not COMPILED or len(weight) < 200 or df < 6:
        return mixture_quantile(probability, weight, mean, scale, df)
    grid = np.linspace(-1, 1, _CELLS + 1)
    with np.errstate(divide="ignore"):
        z = np.asarray(grid * np.sqrt(df / (1 - grid**2)), dtype=np.float64)
    constant = float(np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(np.pi))
    density = constant * (1 - grid**2) ** (df / 2 - 1)
    reach = float(stdtrit(df, probability))
    return _solve_rows(probability, weight, mean, scale, df, np.asarray(stdtr(df, z), dtype=np.float64), density, reach)


@compiled
def _solve_one(
    probability: float,
    weight: Floats,
    mean: Floats,
    scale: Floats,
    df: float,
    table: Floats,
    slope: Floats,
    reach: float,
) -> float:
    count = 0
    low, high, centre, mass = np.inf, -np.inf, 0.0, 0.0
    w, m, s = np.empty(len(weight)), np.empty(len(weight)), np.empty(len(weight))
    for g in range(len(weight)):
        if weight[g] > 1e-13:
            w[count], m[count], s[count] = weight[g], mean[g], scale[g]
            end = m[count] + reach * s[count]
            low, high = min(low, end), max(high, end)
            centre += w[count] * end
            mass += w[count]
            count += 1
    pad = 1e-9 * (abs(low) + abs(high)) + 1e-300
    low, high, x = low - pad, high + pad, centre / mass
    cell = 2.0 / (len(table) - 1)
    for _ in range(100):
        gap, density = -probability, 0.0
        for g in range(count):
            z = (x - m[g]) / s[g]
            size = np.sqrt(df + z * z)
            u = z / size
            at = (u + 1) / cell
            i = min(int(at), len(table) - 2)
            t = at - i
            value = (1 + 2 * t) * (1 - t) * (1 - t) * table[i] + t * t * (3 - 2 * t) * table[i + 1]
            value += cell * t * (1 - t) * ((1 - t) * slope[i] - t * slope[i + 1])
            gap += w[g] * value
            density += w[g] * ((1 - t) * slope[i] + t * slope[i + 1]) * df / (size * size * size) / s[g]
        if gap < 0:
            low = x
        else:
            high = x
        new = x - gap / density if density > 0 else low - 1
        if not low < new < high:
            new = (low + high) / 2
        if abs(new - x) <= 1e-12 * max(abs(x), high - low):
            return float(new)
        x = new
    return float(x)


@compiled
def _solve_rows(
    probability: float,
    weight: Floats,
    mean: Floats,
    scale: Floats,
    df: float,
    table: Floats,
    slope: Floats,
    reach: float,
) -> Floats:
    out = np.empty(len(weight))
    for i in range(len(weight)):
        out[i] = _solve_one(probability, weight[i], mean[i], scale[i], df, table, slope, reach)
    return out
