"""The joint test that nothing differed before the start, and what that very test would have seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.methods.did.estimators.joint_test import pretrend_reading
from hubeval.methods.did.estimators.welch import welch
from hubeval.methods.did.inference.trend_power import carried_by_few, power_of_permuted
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

WHAT = "pre-trend test"
CLUSTERS_EACH = 3  # clusters that every contrast needs, two left over: with fewer, the covariance says nothing
STEEPEST = 2.0**40


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendTest:
    """A test that was made, with its power against a trend of the treated that grows by so much a period.

    Attributes
    ----------
    p_value : float
    how : str
    periods, contrasts : int
        Earlier periods looked at, and the contrasts of them that are tested together.
    power : function of float
        Share of such samples in which this test rejects at 5%, against this slope.
    at_most : bool
        A few large clusters carry a side: such power was found to be stated too high (docs/did.md).
    """

    p_value: float
    how: str
    periods: int
    contrasts: int
    power: Callable[[float], float]
    at_most: bool = False

    def reading(self) -> Diagnostic:
        """What the test says."""
        return pretrend_reading(self.p_value, self.how, self.periods)

    def slope(self, power: float = 0.8) -> float | None:
        """The slope that the test finds with this power; None where it finds none, however steep."""
        high = 1e-12
        while self.power(high) < power:
            high *= 4
            if high > STEEPEST:
                return None
        low = high / 4
        for _ in range(16):
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(middle) >= power else (middle, high)
        return high


def permuted(drawn: Placebo, before: Mask) -> TrendTest | NotComputed:
    """By permuted starts: the distance of the earlier effects from zero, scaled by the draws' own spread.

    With more earlier effects than a third of the clusters, contrasts of them are tested instead: a trend first, then
    its bends. A covariance of many effects from few clusters has no rank, and every assignment would look alike.
    """
    if not before.any() or drawn.drift is None:
        return _none()
    drift = drawn.drift[:, before]
    basis = _contrasts(drift[drawn.real], drawn.things)
    if basis is None:
        return _none()
    seen, moved = drawn.earlier[:, before] @ basis, drift @ basis
    distance = _distances(seen)
    p = float((distance >= distance[drawn.real] * (1 - 1e-9)).mean())
    if drawn.floor > 0.05:
        return NotComputed(what=WHAT, reason=f"the smallest p-value that permuting can give is {drawn.floor:.2g}")
    return TrendTest(p_value=p, how=f"permuted starts{_said(basis)}", periods=int(before.sum()),
                     contrasts=basis.shape[1], power=power_of_permuted(drawn, seen, moved),
                     at_most=carried_by_few(drawn))


def by_clusters(
    estimate: Floats, influence: Floats, cluster: NDArray[np.intp], start: Floats, mass: Floats, drift: Floats
) -> TrendTest | NotComputed:
    """By cluster errors corrected for each cluster's share: Hotelling's T-squared on contrasts of the earlier effects.

    Parameters
    ----------
    estimate : (q,) float
        Earlier effects.
    influence : (q, N) float
    cluster, start, mass : (N,)
        As `welch` reads them.
    drift : (q,) float
        What a trend of one a period puts into them.
    """
    basis = _contrasts(drift, len(np.unique(cluster))) if len(estimate) else None
    if basis is None:
        return _none()
    _, degrees, scores = welch(basis.T @ influence, cluster, start, mass)
    v, b, moved = scores @ scores.T, basis.T @ estimate, basis.T @ drift
    q, df = basis.shape[1], float(np.min(degrees)) - basis.shape[1] + 1
    if not np.isfinite(v).all() or np.linalg.matrix_rank(v, hermitian=True) < q or df < 1:
        return NotComputed(what=WHAT, reason=f"{len(estimate)} effects before the start, and too few clusters to test "
                                             "them together")
    factor = df / ((df + q - 1) * q)
    f = float(b @ np.linalg.solve(v, b)) * factor
    size = float(moved @ np.linalg.solve(v, moved))
    critical = float(stats.f.ppf(0.95, q, df))
    return TrendTest(
        p_value=float(stats.f.sf(f, q, df)), how=f"F {f:.2f} on {q} and {df:.1f}{_said(basis)}",
        periods=len(estimate), contrasts=q, power=lambda slope: float(stats.ncf.sf(critical, q, df, slope**2 * size)))


def _none() -> NotComputed:
    return NotComputed(what=WHAT, reason="there are too few periods before the start to see a trend")


def _contrasts(drift: Floats, clusters: int) -> Floats | None:
    """Orthonormal columns of the earlier effects, (q, j): all of them, or a trend and its bends where clusters are few.

    None where a trend would not show in any.
    """
    if not (np.abs(drift) > 1e-12).any():
        return None
    most = max(1, (clusters - 2) // CLUSTERS_EACH)
    if len(drift) <= most:
        return np.eye(len(drift))
    along = np.linspace(-1.0, 1.0, len(drift))
    return np.asarray(np.linalg.qr(drift[:, None] * along[:, None] ** np.arange(most))[0])


def _said(basis: Floats) -> str:
    q, j = basis.shape
    if q == j:
        return ""
    return ", on a straight trend" if j == 1 else f", on a trend and {j - 1} {'bend' if j == 2 else 'bends'}"


def _inverse(draws: Floats) -> Floats:
    return np.asarray(np.linalg.pinv(draws.T @ draws / len(draws), rcond=1e-10, hermitian=True))


def _distances(draws: Floats) -> Floats:
    return np.asarray(np.einsum("ij,jk,ik->i", draws, _inverse(draws), draws))
