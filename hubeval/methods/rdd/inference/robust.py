"""The jump at a cut-off by a local line, with an interval that counts the bias and how unsure it is.

Calonico, Cattaneo and Titiunik (2014): the bias of the line is estimated by a local quadratic and taken off, and the
error is that of the number so corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from hubeval.methods.rdd.estimators.bandwidth import CURVE, LINE, Bandwidths, select
from hubeval.methods.rdd.estimators.contrast import ratio, slopes
from hubeval.methods.rdd.estimators.polynomial import fit, powers_of
from hubeval.methods.rdd.estimators.variance import meat, neighbour_residuals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Cut, Side
    from hubeval.methods.rdd.estimators.bandwidth import Selector
    from hubeval.methods.rdd.estimators.polynomial import Kernel, Local

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Robust:
    """A jump with its bias-corrected robust interval.

    Attributes
    ----------
    conventional, corrected : float
        The local line's jump; the same less its estimated bias, about which the interval lies.
    se_conventional, se_robust : float
    low, high, p_value : float
    bandwidths : Bandwidths
    n_h, n_b : (int, int)
        Rows below and above that the line and the bias rest on.
    first_stage : float or None
        In a fuzzy design, by how much treatment jumps.
    first_stage_se : float or None
    """

    conventional: float
    corrected: float
    se_conventional: float
    se_robust: float
    low: float
    high: float
    p_value: float
    bandwidths: Bandwidths
    n_h: tuple[int, int]
    n_b: tuple[int, int]
    first_stage: float | None = None
    first_stage_se: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitted:
    """One side's line and quadratic, padded to the same rows, and the design of the corrected coefficients."""

    side: Side
    line: Local
    curve: Local
    n: int
    plain: Floats  # (n, 2)
    corrected: Floats  # (n, 2)
    beta: Floats  # (2, k), bias taken off


def jump(
    cut: Cut, *, kernel: Kernel = "triangular", bandwidths: Bandwidths | Selector = "mserd", conf_level: float = 0.95
) -> Robust:
    """The jump at the cut-off; over the jump in treatment where the design is fuzzy.

    Parameters
    ----------
    cut : Cut
    kernel : {"triangular", "uniform", "epanechnikov"}
    bandwidths : Bandwidths or {"mserd", "msetwo", "cerrd"}
    conf_level : float

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> rng = np.random.default_rng(2)
    >>> x = rng.uniform(-1, 1, 500)
    >>> made = jump(cut_at(x, x + 2.0 * (x >= 0) + rng.normal(0, 0.1, 500)))
    >>> made.low < 2.0 < made.high
    True
    """
    chosen = bandwidths if isinstance(bandwidths, Bandwidths) else select(cut, kernel, bandwidths)
    left, right = (_fitted(side, h, b, kernel) for side, h, b in zip(cut.sides, chosen.h, chosen.b, strict=True))
    lead = 1 + cut.fuzzy
    own = slopes(cut.sides, (left.line, right.line), lead)
    jumps = own.T @ (right.line.beta[0] - left.line.beta[0])
    unbiased = own.T @ (right.beta[0] - left.beta[0])
    weights = ratio(jumps)
    conventional = float(jumps[0] / jumps[-1]) if cut.fuzzy else float(jumps[0])
    corrected = conventional - float(weights @ (jumps - unbiased))
    plain, robust = _errors(left, right, own @ weights)
    z = float(norm.ppf(0.5 + conf_level / 2))
    return Robust(
        conventional=conventional, corrected=corrected, se_conventional=plain, se_robust=robust,
        low=corrected - z * robust, high=corrected + z * robust,
        p_value=float(2 * norm.sf(abs(corrected) / robust)) if robust else 0.0,
        bandwidths=chosen, n_h=(left.line.n, right.line.n), n_b=(left.curve.n, right.curve.n),
        first_stage=float(jumps[1]) if cut.fuzzy else None,
        first_stage_se=_errors(left, right, own[:, 1])[0] if cut.fuzzy else None)


def _fitted(side: Side, h: float, b: float, kernel: Kernel) -> _Fitted:
    line, curve = fit(side, h, LINE, kernel), fit(side, b, CURVE, kernel)
    n = max(line.n, curve.n)
    plain = np.zeros((n, LINE + 1))
    plain[: line.n] = line.weighted
    shape = line.weighted.T @ line.u ** (LINE + 1)  # what a unit of curvature does to the line
    corrected = plain.copy()
    turn = (h / b) ** (LINE + 1)
    corrected[: curve.n] -= turn * np.outer(curve.weighted @ curve.inverse[:, LINE + 1], shape)
    beta = line.beta - turn * np.outer(line.inverse @ shape, curve.beta[LINE + 1])
    return _Fitted(side=side, line=line, curve=curve, n=n, plain=plain, corrected=corrected, beta=beta)


def _errors(left: _Fitted, right: _Fitted, weights: Floats) -> tuple[float, float]:
    """Standard errors of the plain and the corrected jump of one combination of columns."""
    found = np.zeros(2)
    for one in (left, right):
        own = _left_over(one)
        cluster = None if one.side.cluster is None else one.side.cluster[: one.n]
        for place, (design, rest) in enumerate(((one.plain, own[0]), (one.corrected, own[1]))):
            middle = meat(design, rest @ weights, cluster, columns=LINE + 1 + place)
            found[place] += (one.line.inverse @ middle @ one.line.inverse)[0, 0]
    return float(np.sqrt(found[0])), float(np.sqrt(found[1]))


def _left_over(one: _Fitted) -> tuple[Floats, Floats]:
    """Residuals of the window for the line and for its corrected form, (n, k) each."""
    if one.side.cluster is None:
        near = neighbour_residuals(one.side, one.n)
        return near, near
    values = one.side.values[: one.n]
    x = one.side.x[: one.n]
    made = [values - powers_of(x / f.h, len(f.beta) - 1) @ f.beta for f in (one.line, one.curve)]
    return made[0], made[1]
