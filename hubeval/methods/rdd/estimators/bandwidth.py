"""Bandwidths that make the mean squared error (or the coverage error) smallest, found by plugging in pilot fits.

Calonico, Cattaneo and Titiunik (2014); with covariates and clusters Calonico, Cattaneo, Farrell and Titiunik (2019);
for coverage Calonico, Cattaneo and Farrell (2020).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.methods.rdd.door.sides import Cut
from hubeval.methods.rdd.estimators.contrast import ratio, slopes
from hubeval.methods.rdd.estimators.polynomial import fit
from hubeval.methods.rdd.estimators.variance import meat, neighbour_residuals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Side
    from hubeval.methods.rdd.estimators.polynomial import Kernel, Local

    Floats = NDArray[np.float64]

Selector = Literal["mserd", "msetwo", "cerrd"]
LINE, CURVE = 1, 2  # orders of the estimate and of its bias
_RULE = {"triangular": 2.576, "epanechnikov": 2.34, "uniform": 1.843}  # constants of the pilot for density, by kernel
_MASSED = 0.2  # share of rows that repeat a value from which values, not rows, are counted
_FEWEST = 10  # values that every bandwidth must reach, where values repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidths:
    """The estimate's bandwidths and those of its bias, below and above the cut-off."""

    h: tuple[float, float]
    b: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one side adds to the error: a variance, a bias, and how unsure the bias is."""

    variance: float
    bias: float
    unsure: float


def select(cut: Cut, kernel: Kernel, selector: Selector = "mserd") -> Bandwidths:
    """The bandwidths of a local line with a bias estimated by a local quadratic.

    ``"mserd"`` is one bandwidth for both sides, ``"msetwo"`` one for each, ``"cerrd"`` the first made smaller so that
    the interval covers best.
    """
    cut = _for_choice(cut)
    pilot, most = _pilot(cut, kernel), (cut.left.reach, cut.right.reach)
    two = selector == "msetwo"

    def step(order: int, power: int, above: int, far: Sequence[float]) -> tuple[float, float]:
        made = [_part(side, (order, power, above), pilot, f, kernel, 1 + cut.fuzzy)
                for side, f in zip(cut.sides, far, strict=True)]
        return _best(made, order, most, two=two)

    least = _least(cut)
    d = step(CURVE + 1, CURVE + 1, CURVE + 2, most)
    d = (max(d[0], least[0]), max(d[1], least[1])) if two else (max(d[0], *least), max(d[1], *least))
    b = step(CURVE, LINE + 1, CURVE + 1, d)
    h = step(LINE, 0, CURVE, b)
    if selector == "cerrd":
        shrink = cut.n ** (-LINE / ((3 + LINE) * (3 + 2 * LINE)))
        h = (h[0] * shrink, h[1] * shrink)
    return Bandwidths(h=h, b=b)


def _for_choice(cut: Cut) -> Cut:
    """The cut without treatment, where all on one side did as told: its jump is then no part of the choice."""
    if not cut.fuzzy or all(np.ptp(side.values[:, 1]) > 0 for side in cut.sides):
        return cut
    left, right = (replace(side, values=np.delete(side.values, 1, axis=1)) for side in cut.sides)
    return Cut(left=left, right=right)


def _least(cut: Cut) -> tuple[float, float]:
    """The bandwidths that reach enough values where many rows repeat one; below and above. Otherwise nought."""
    if all(1 - len(side.first) / side.n < _MASSED for side in cut.sides):
        return 0.0, 0.0
    left, right = (float(side.points[min(_FEWEST, len(side.first)) - 1]) + 1e-8 for side in cut.sides)
    return left, right


def _pilot(cut: Cut, kernel: Kernel) -> float:
    """A bandwidth for variances, from the spread of the running variable and how many values it takes."""
    x = np.concatenate([side.x for side in cut.sides])
    low, high = np.quantile(x, (0.25, 0.75), method="averaged_inverted_cdf")
    spread = min(float(x.std(ddof=1)), (high - low) / 1.349)
    most = max(side.reach for side in cut.sides)
    count = sum(len(side.first) for side in cut.sides)
    return float(max(min(_RULE[kernel] * spread * count ** (-1 / 5), most), *_least(cut)))


def _part(
    side: Side, orders: tuple[int, int, int], near: float, far: float, kernel: Kernel, lead: int
) -> _Part:
    """Variance at `near` and bias at `far` of the coefficient of a power in a polynomial of an order."""
    order, power, above = orders
    own = fit(side, near, order, kernel)
    wide = fit(side, far, above, kernel)
    weights = _weights(side, own, power, lead)
    shape = own.inverse @ (own.weighted.T @ own.u ** (order + 1))
    constant = float(shape[power])
    left_over = _residuals(side, own) @ weights
    own_variance = float(_sandwich(own, left_over, side)[power, power])
    bias = constant * float(wide.raw(order + 1) @ weights)
    unsure = 0.0
    if order <= CURVE:
        spread = _sandwich(wide, _residuals(side, wide) @ weights, side)[order + 1, order + 1] / far ** (2 * order + 2)
        unsure = 3 * constant**2 * float(spread)
    free = 2 * (order + 1 - power)
    return _Part(variance=(2 * power + 1) * near * own_variance, bias=np.sqrt(free) * bias, unsure=free * unsure)


def _weights(side: Side, local: Local, power: int, lead: int) -> Floats:
    """The combination of the side's columns whose error is minimised, (k,)."""
    own = slopes([side], [local], lead)
    return own @ ratio(own.T @ local.raw(power))


def _residuals(side: Side, local: Local) -> Floats:
    if side.cluster is None:
        return neighbour_residuals(side, local.n)
    return np.asarray(side.values[: local.n] - local.powers @ local.beta)


def _sandwich(local: Local, left_over: Floats, side: Side) -> Floats:
    cluster = None if side.cluster is None else side.cluster[: local.n]
    return np.asarray(local.inverse @ meat(local.weighted, left_over, cluster) @ local.inverse)


def _best(
    parts: Sequence[_Part], order: int, most: tuple[float, float], *, two: bool
) -> tuple[float, float]:
    """The bandwidths that balance variance against squared bias, kept within their limits."""
    rate = 1 / (2 * order + 3)
    left, right = parts
    if two:
        found = [_balanced(p.variance, p.bias**2 + p.unsure, rate) for p in parts]
        return float(min(found[0], most[0])), float(min(found[1], most[1]))
    one = _balanced(left.variance + right.variance, (right.bias - left.bias) ** 2 + left.unsure + right.unsure, rate)
    one = float(min(one, max(most)))
    return one, one


def _balanced(variance: float, bias: float, rate: float) -> float:
    """The bandwidth at which the two are in balance; without end where there is nothing to balance."""
    return float((variance / bias) ** rate) if variance > 0 and bias > 0 else np.inf
