"""Thousands of series with one design at once: REML over a shared grid of rho, and mixture quantiles in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

from hubeval.engine.autoregression import log_determinant, product_weights
from hubeval.engine.compiled import COMPILED, compiled
from hubeval.engine.mixture import mixture_cdf, mixture_quantile
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
    """Kenward-Roger quantities of m contrasts as functions of rho, on Chebyshev nodes.

    Attributes
    ----------
    nodes : (g,) float
    logs : (g, 3, m) float
        Logs of the generalised least squares variance and the adjusted variance, both at unit error
        variance, and of the degrees of freedom.
    """

    nodes: Floats
    logs: Floats

    def at(self, rho: Floats) -> Floats:
        """The three quantities at `rho`, (N,), interpolated (barycentric) and taken back from logs, (3, N, m)."""
        count = len(self.nodes)
        sign = (-1.0) ** np.arange(count) * np.sin((2 * np.arange(count) + 1) * np.pi / (2 * count))
        gap = rho[:, None] - self.nodes
        gap[np.abs(gap) < 1e-15] = 1e-15  # on a node the weights are that node's, to the last digits
        weight = sign / gap
        weight /= weight.sum(axis=1, keepdims=True)
        found = weight @ self.logs.reshape(count, -1)
        return np.asarray(np.exp(found.reshape(len(rho), *self.logs.shape[1:]).transpose(1, 0, 2)))


def small_sample_table(x: Floats, contrasts: Floats, *, highest: float = 0.95, count: int = 72) -> SmallSampleTable:
    """The table for the rows of `contrasts`, (m, k), over rho from -BOUND to `highest`."""
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
    return SmallSampleTable(nodes, np.stack(rows))


_CELLS = 4096
_FEW = 16


def mixture_quantiles(probability: float, weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """As `mixture.mixture_quantile`, compiled where numba is installed and the batch is worth it.

    The t distribution function is read from a table in ``z / sqrt(df + z^2)``, where it is smooth, by cubic
    Hermite interpolation: about eleven digits.
    """
    if not _worth_compiling(weight, df):
        return mixture_quantile(probability, weight, mean, scale, df)
    table, density = _table(df)
    return _solve_rows(probability, weight, mean, scale, df, table, density, float(stdtrit(df, probability)))


def mixture_intervals(tail: float, weight: Floats, mean: Floats, scale: Floats, df: float) -> tuple[Floats, Floats]:
    """The values that leave `tail` below and above in each mixture, each (N,): as `mixture_quantiles`, at once."""
    if len(weight) > _FEW:  # more rows cost more than calls do
        return (mixture_quantiles(tail, weight, mean, scale, df), mixture_quantiles(1 - tail, weight, mean, scale, df))
    weights, means, scales = (np.concatenate([part, part]) for part in (weight, mean, scale))
    found = mixture_quantile(np.repeat([tail, 1 - tail], len(weight)), weights, means, scales, df)
    return found[: len(weight)], found[len(weight) :]


def mixture_below_zero(weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """Probability below zero in each mixture, (N,), by the same table."""
    if not _worth_compiling(weight, df):
        return mixture_cdf(np.zeros(len(mean)), weight, mean, scale, df)
    return _below_rows(weight, mean, scale, df, *_table(df))


def _worth_compiling(weight: Floats, df: float) -> bool:
    return COMPILED and len(weight) >= 200 and df >= 6


def _table(df: float) -> tuple[Floats, Floats]:
    """Distribution function and density in u = z / sqrt(df + z^2), on an even grid over [-1, 1]."""
    grid = np.linspace(-1, 1, _CELLS + 1)
    with np.errstate(divide="ignore"):
        z = grid * np.sqrt(df / (1 - grid**2))
    constant = float(np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(np.pi))
    return np.asarray(stdtr(df, z), dtype=np.float64), constant * (1 - grid**2) ** (df / 2 - 1)


@compiled
def _at(
    x: float, weight: Floats, mean: Floats, scale: Floats, df: float, table: Floats, density: Floats
) -> tuple[float, float]:
    """Distribution function and density of one mixture at x."""
    cell = 2.0 / (len(table) - 1)
    below, dense = 0.0, 0.0
    for g in range(len(weight)):
        z = (x - mean[g]) / scale[g]
        size = np.sqrt(df + z * z)
        at = (z / size + 1) / cell
        i = min(int(at), len(table) - 2)
        t = at - i
        value = (1 + 2 * t) * (1 - t) * (1 - t) * table[i] + t * t * (3 - 2 * t) * table[i + 1]
        value += cell * t * (1 - t) * ((1 - t) * density[i] - t * density[i + 1])
        below += weight[g] * value
        dense += weight[g] * ((1 - t) * density[i] + t * density[i + 1]) * df / (size * size * size) / scale[g]
    return below, dense


@compiled
def _below_rows(weight: Floats, mean: Floats, scale: Floats, df: float, table: Floats, density: Floats) -> Floats:
    out = np.empty(len(weight))
    for i in range(len(weight)):
        out[i] = _at(0.0, weight[i], mean[i], scale[i], df, table, density)[0]
    return out


@compiled
def _solve_rows(
    probability: float,
    weight: Floats,
    mean: Floats,
    scale: Floats,
    df: float,
    table: Floats,
    density: Floats,
    reach: float,
) -> Floats:
    """Newton's method inside a bracket, row by row, on the components that weigh anything."""
    out = np.empty(len(weight))
    for row in range(len(weight)):
        kept = np.flatnonzero(weight[row] > 1e-13)
        w, m, s = weight[row][kept], mean[row][kept], scale[row][kept]
        ends = m + reach * s
        pad = 1e-9 * (abs(ends.min()) + abs(ends.max())) + 1e-300
        low, high, x = ends.min() - pad, ends.max() + pad, (w * ends).sum() / w.sum()
        for _ in range(100):
            below, dense = _at(x, w, m, s, df, table, density)
            if below < probability:
                low = x
            else:
                high = x
            new = x - (below - probability) / dense if dense > 0 else low - 1
            if not low < new < high:
                new = (low + high) / 2
            moved = abs(new - x)
            x = new
            if moved <= 1e-12 * max(abs(x), high - low):
                break
        out[row] = x
    return out
