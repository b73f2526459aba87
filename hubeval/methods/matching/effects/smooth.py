"""Smooth functions of several covariates: curves in each and products of curves in each pair, penalised.

The functions live in the space of a kernel that adds a straight line and a Gaussian bump in every covariate and, with
a weight of their own, the products of two bumps (smoothing-spline analysis of variance; Wahba 1990, Gu 2013). A
covariate counts by how much a first fit moves with it. A random few hundred records stand for all (Nyström), so that
time grows with n and not with its cube.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]

LANDMARKS = 300  # records that stand for all
WIDTHS = (1.0, 2.0, 4.0)  # of a bump, in standard deviations of the covariate
PAIRS = (0.25, 4.0)  # weight of pairs of bumps beside single ones
FIRST = (2.0, 1.0)  # the shape that relevance is read at
LEAST = 0.02  # relevance of a covariate that the first fit leaves aside; they average one
PENALTIES = 10.0 ** np.arange(-4.0, 2.1, 0.25)
MOST = 10_000  # records that a function is fitted on
CHOOSING = 4_000  # of them, those that relevance, width and product are chosen on
MOVED = 1_000  # records whose predictions are watched for relevance
CHUNK = 20_000  # records whose kernel values are made at once
KEPT = 40_000  # records whose kernel values are kept and not made again
FEW = 100  # values of a covariate
BLOCK = 40_000  # kernel values worked on at once: they stay in the processor's own memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A covariate's values and the standardised normal scores of their ranks; in between, straight lines.

    Ranks, so that a long tail neither stretches the bumps nor carries a line far out.
    """

    values: Floats
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Features whose inner products are the kernel's values.

    Attributes
    ----------
    scales : k of Scale
        What covariates are put on a common scale by.
    landmarks : (m, k) float
        Standardised.
    root : (m, r) float
        Turns kernel values at the landmarks into features.
    relevance : (k,) float
    shape : (float, float)
        Width of a bump and weight of the pairs.
    """

    scales: tuple[Scale, ...]
    landmarks: Floats
    root: Floats
    relevance: Floats
    shape: tuple[float, float]

    def kernel(self, x: Floats) -> Floats:
        """(n, m) values of the kernel between records and landmarks; times `root` they are the records' features."""
        single, pair = _kernel(_on_scales(x, self.scales), self.landmarks, self.relevance, self.shape[0])
        pair *= self.shape[1]
        pair += single
        return pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """Penalised least squares on features, at the penalty with the least leave-one-out error.

    Attributes
    ----------
    error : float
        Mean squared leave-one-out error.
    penalty : float
        Noise variance over the prior variance of a unit feature.
    noise : float
        Variance of the outcome about the function.
    level : float
    middle, slopes : (r,) float
    """

    error: float
    penalty: float
    noise: float
    level: float
    middle: Floats
    slopes: Floats

    @property
    def constant(self) -> float:
        """What the function adds to features times slopes."""
        return float(self.level - self.middle @ self.slopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smooth:
    """A fitted smooth function; `rows` are the records it was fitted on, where not all of them."""

    basis: Basis
    ridge: Ridge
    rows: Ints | None = None

    def __call__(self, x: Floats) -> Floats:
        """Predicted outcome, (n,)."""
        made, slopes = np.empty(x.shape[0]), self.basis.root @ self.ridge.slopes
        for part, kernel in laid(x, self).chunks():
            made[part] = self.ridge.constant + kernel @ slopes
        return made


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Laid:
    """A smooth function beside all the records that are asked about, so that their kernel values are made once.

    Attributes
    ----------
    x : (n, k) float
    learned : Smooth
        Fitted on some of them.
    kept : (n, m) float or None
        Kernel values, where there are few enough to keep.
    """

    x: Floats
    learned: Smooth
    kept: Floats | None

    def chunks(self, among: Flags | None = None) -> Iterator[tuple[slice, Floats]]:
        """Kernel values of the records, some at a time: of all in a part, or of those `among` in it."""
        for start in range(0, self.x.shape[0], CHUNK):
            part = slice(start, start + CHUNK)
            mine = slice(None) if among is None else among[part]
            yield part, self.learned.basis.kernel(self.x[part][mine]) if self.kept is None else self.kept[part][mine]

    def features(self, rows: Ints) -> Floats:
        """Features of some records, (n, r)."""
        basis = self.learned.basis
        return (basis.kernel(self.x[rows]) if self.kept is None else self.kept[rows]) @ basis.root


def laid(x: Floats, learned: Smooth) -> Laid:
    """Lay records beside a function."""
    return Laid(x=x, learned=learned, kept=learned.basis.kernel(x) if x.shape[0] <= KEPT else None)


def smooth(x: Floats, y: Floats, weights: Floats | None = None, *, seed: int = 0) -> Smooth:
    """Fit by penalised least squares; width, product and penalty have the least leave-one-out error.

    Parameters
    ----------
    x : (n, k) float
    y : (n,) float
    weights : (n,) float, optional
    seed : int
        For the landmarks, and for the records used where there are more than 10,000 (4,000 for the choice of a shape).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 3))
    >>> made = smooth(x, np.abs(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * rng.normal(size=400))
    >>> fresh = rng.normal(size=(400, 3))
    >>> float(np.std(made(fresh) - np.abs(fresh[:, 0]) - fresh[:, 1] * fresh[:, 2])) < 0.3
    True
    """
    rng = np.random.default_rng(seed)
    few = rng.choice(y.size, MOST, replace=False) if y.size > MOST else None
    if few is not None:
        x, y, weights = x[few], y[few], None if weights is None else weights[few]
    w = np.ones(y.size) if weights is None else weights * (y.size / weights.sum())
    if y.size <= CHOOSING:
        return replace(_chosen(x, y, w, rng), rows=few)
    part = rng.choice(y.size, CHOOSING, replace=False)
    shaped = _chosen(x[part], y[part], w[part], rng).basis
    made = _best(x, y, w, _places(y.size, rng), shaped.relevance, shaped.shape[:1], shaped.shape[1:])
    return replace(made, rows=few)


def _chosen(x: Floats, y: Floats, w: Floats, rng: np.random.Generator) -> Smooth:
    """The fit with the least leave-one-out error, its covariates counted as a first fit moves with them."""
    places, even = _places(y.size, rng), np.ones(x.shape[1])
    first = _best(x, y, w, places, even, [FIRST[0]], [FIRST[1]])
    moved = _moved(first, x[rng.choice(y.size, min(MOVED, y.size), replace=False)], rng)
    relevance = np.maximum(moved / moved.mean(), LEAST) if moved.max() > 0 else even
    return _best(x, y, w, places, relevance, WIDTHS, PAIRS)


def _places(n: int, rng: np.random.Generator) -> Ints:
    """Records that stand for all."""
    return rng.choice(n, min(LANDMARKS, n), replace=False)


def _best(
    x: Floats, y: Floats, w: Floats, places: Ints, relevance: Floats, widths: Sequence[float], pairs: Sequence[float]
) -> Smooth:
    """The fit with the least leave-one-out error over shapes and penalties."""
    scales = tuple(_scale(column) for column in x.T)
    z = _on_scales(x, scales)
    made = []
    for width in widths:
        single, pair = _kernel(z, z[places], relevance, width)
        for much in pairs:
            kernel = single + much * pair
            value, vector = np.linalg.eigh(kernel[places])
            keep = value > 1e-8 * value[-1]
            root = vector[:, keep] / np.sqrt(value[keep])
            basis = Basis(scales=scales, landmarks=z[places], root=root, relevance=relevance, shape=(width, much))
            made.append(Smooth(basis=basis, ridge=ridge(kernel @ root, y, w)))
    return min(made, key=lambda fitted: fitted.ridge.error)


def _scale(column: Floats) -> Scale:
    values, counts = np.unique(column, return_counts=True)
    scores = ndtri((np.cumsum(counts) - counts / 2) / column.size)
    centre = np.average(scores, weights=counts)
    spread = np.sqrt(np.average((scores - centre) ** 2, weights=counts))
    return Scale(values=values, scores=(scores - centre) / (spread if spread > 0 else 1.0))


def _on_scales(x: Floats, scales: Sequence[Scale]) -> Floats:
    return np.column_stack([np.interp(x[:, j], scale.values, scale.scores) for j, scale in enumerate(scales)])


def _moved(fitted: Smooth, x: Floats, rng: np.random.Generator) -> Floats:
    """Mean squared change of the prediction as each covariate is shuffled, (k,).

    Shuffling one covariate changes only its own bump, alone and times the sum of the others, so that all covariates
    together cost about three kernels, not one each.
    """
    basis = fitted.basis
    z, at, slopes = _on_scales(x, basis.scales), basis.landmarks, basis.root @ fitted.ridge.slopes
    k = z.shape[1]
    shuffled = np.column_stack([rng.permutation(z[:, j]) for j in range(k)])
    alone, paired = 1 / k, basis.shape[1] / max(k * (k - 1) / 2, 1)
    line = basis.relevance * (slopes @ at) / k
    change = (shuffled - z) * line
    for rows in _blocks(z.shape[0], at.shape[0]):
        total = sum(_bump(z[rows, j], at[:, j], basis.relevance[j], basis.shape[0]) for j in range(k))
        for j in range(k):
            own = _bump(z[rows, j], at[:, j], basis.relevance[j], basis.shape[0])
            other = _bump(shuffled[rows, j], at[:, j], basis.relevance[j], basis.shape[0])
            change[rows, j] += ((other - own) * (alone + paired * (total - own))) @ slopes
    return np.asarray((change**2).mean(axis=0))


def _blocks(n: int, m: int) -> Iterator[slice]:
    size = max(BLOCK // m, 1)
    return (slice(start, start + size) for start in range(0, n, size))


def _bump(z: Floats, at: Floats, relevance: float, width: float) -> Floats:
    """A Gaussian bump at every landmark, (n, m)."""
    made = np.subtract.outer(z, at)
    made *= made
    made *= -0.5 / width**2
    np.exp(made, out=made)
    made *= relevance
    return made


def _bumps(z: Floats, at: Floats, relevance: float, width: float) -> Callable[[slice], Floats]:
    """Bumps of some of the records; where a covariate has few values, looked up and not made anew."""
    values, codes = np.unique(z, return_inverse=True)
    if values.size > min(FEW, z.size // 4):
        return lambda rows: _bump(z[rows], at, relevance, width)
    table = _bump(values, at, relevance, width)
    return lambda rows: table[codes[rows]]


def _kernel(z: Floats, at: Floats, relevance: Floats, width: float) -> tuple[Floats, Floats]:
    """Mean over covariates of line and bump, and over pairs of the products of two bumps; each (n, m)."""
    k = z.shape[1]
    single, pair = (z * relevance) @ at.T, np.zeros((z.shape[0], at.shape[0]))
    bumps = [_bumps(z[:, j], at[:, j], relevance[j], width) for j in range(k)]
    for rows in _blocks(*single.shape):
        total, products = np.zeros_like(pair[rows]), pair[rows]
        for bump_of in bumps:
            bump = bump_of(rows)
            products += total * bump
            total += bump
        single[rows] += total
    single /= k
    pair /= max(k * (k - 1) / 2, 1)
    return single, pair


def ridge(features: Floats, y: Floats, w: Floats) -> Ridge:
    """Penalised least squares with weights whose mean is one; one decomposition serves every penalty."""
    n, root = y.size, np.sqrt(w)
    middle, level = w @ features / n, float(w @ y) / n
    centred, off = (features - middle) * root[:, None], root * (y - level)
    value, vector = np.linalg.eigh(centred.T @ centred)
    value = np.maximum(value, 1e-12)
    turned = centred @ vector / np.sqrt(value)
    own = turned.T @ off
    shrink = value[:, None] / (value[:, None] + PENALTIES)
    left = off[:, None] - turned @ (shrink * own[:, None])
    leverage = np.minimum(turned**2 @ shrink + (w / n)[:, None], 1 - 1e-6)
    error = ((left / (1 - leverage)) ** 2).mean(axis=0)
    best = int(error.argmin())
    noise = float((left[:, best] ** 2).sum() / max(n - leverage[:, best].sum(), 1.0))
    slopes = vector @ (shrink[:, best] * own / np.sqrt(value))
    return Ridge(
        error=float(error[best]), penalty=float(PENALTIES[best]), noise=noise, level=level, middle=middle, slopes=slopes
    )
