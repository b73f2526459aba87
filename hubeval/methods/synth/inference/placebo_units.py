"""Placebo units: every unit fitted as if it were treated; ranks are exact, never sampled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hubeval.methods.synth.estimators.donor_weights import Fits, fit_units, gaps_of, is_perfect, rmspe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel

    Floats = NDArray[np.float64]

Pool = Literal["all", "donors"]
_TIED = 1 - 1e-10  # ratios closer than this count as tied, against the treated unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """An exact rank test of one statistic.

    Attributes
    ----------
    rank, n : int
        Place of the treated unit from the most extreme, among `n` units.
    p_value, smallest_p : float
        ``rank / n``, and the smallest value it could have taken, ``1 / n``.
    conf_low, conf_high : float or None
        The constant effects that the test does not reject; None where the set is unbounded.
    """

    rank: int
    n: int
    p_value: float
    smallest_p: float
    conf_low: float | None = None
    conf_high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceboTest:
    """The treated unit among placebo fits of every other unit.

    Each unit is fitted on all the others, the treated unit among them: only a rule that treats all
    units alike gives a rank that is uniform under the null (Firpo and Possebom 2018). Leaving the treated
    unit out of the others' pools (`pool` "donors") finds large effects more often, at nearly the right size.

    Attributes
    ----------
    units : tuple
        Labels.
    treated : int
        Position of the treated unit.
    t0 : int
        Periods before the start.
    gaps : (t, n) float
        Observed minus synthetic.
    weights : (n, n) float
        Donor weights, one row a unit fitted.
    pre, post : (n,) float
        Root mean squared gap before and after the start.
    perfect : (n,) bool
        Fits that are perfect before the start: their ratio means nothing.
    """

    units: tuple[Any, ...]
    treated: int
    t0: int
    gaps: Floats
    weights: Floats
    pre: Floats
    post: Floats
    perfect: NDArray[np.bool_]

    @property
    def ratio(self) -> Floats:
        """RMSPE after the start over RMSPE before it; infinite where the fit before is perfect."""
        return np.where(self.perfect, np.inf, self.post / np.where(self.perfect, 1.0, self.pre))

    @property
    def smallest_p(self) -> float:
        """The smallest p-value that so many units can give."""
        return 1.0 / len(self.units)

    @property
    def by_ratio(self) -> Rank | None:
        """Rank of the post/pre ratio; None where the treated unit's own fit is perfect."""
        return None if self.perfect[self.treated] else _rank(self.ratio, self.treated)

    @property
    def by_gap(self) -> Rank:
        """Rank of the RMSPE after the start alone."""
        return _rank(self.post, self.treated)

    @property
    def fit_share(self) -> float:
        """Share of the other units whose placebo fits the time before the start at least as well."""
        others = np.delete(self.pre, self.treated)
        return float((others <= self.pre[self.treated]).mean())

    def test(self, rows: Sequence[int] | None = None, conf_level: float = 0.95) -> Rank | None:
        """Rank test of the ratio over some periods after the start, and the effects it does not reject.

        Parameters
        ----------
        rows : sequence of int, optional
            Rows of `gaps`; all after the start if None.
        conf_level : float
            One minus the level of the test that is inverted.

        Returns
        -------
        Rank or None
            None where the treated unit's fit before the start is perfect.
        """
        if self.perfect[self.treated]:
            return None
        gaps = self.gaps[self.t0 :] if rows is None else self.gaps[list(rows)]
        scale = np.where(self.perfect, 0.0, self.pre)
        place = _rank(_over(rmspe(gaps), scale), self.treated)
        low, high = _not_rejected(gaps, self.weights[:, self.treated], scale, self.treated, 1 - conf_level)
        return replace(place, conf_low=low, conf_high=high)

    def to_frame(self) -> pd.DataFrame:
        """One row a unit, most extreme first; `ratio` is blank where a perfect fit leaves it without meaning."""
        order = np.argsort(-self.ratio, kind="stable")
        return pd.DataFrame(
            {
                "unit": [self.units[i] for i in order],
                "treated": [bool(i == self.treated) for i in order],
                "pre_rmspe": self.pre[order],
                "post_rmspe": self.post[order],
                "ratio": pd.array([None if self.perfect[i] else float(self.ratio[i]) for i in order], dtype="Float64"),
                "mean_gap": self.gaps[self.t0 :, order].mean(axis=0),
            }
        )


def in_space(
    panel: Panel, *, augment: bool = False, penalty: float | None = None, pool: Pool = "all"
) -> tuple[PlaceboTest, Fits]:
    """Fit every unit on all the others (`pool` "donors": on all other donors); one row is the treated unit."""
    n = len(panel.units)
    units = np.arange(n)
    allowed = ~np.eye(n, dtype=bool)
    if pool == "donors":
        allowed[:, list(panel.treated)] = False
    fits = fit_units(panel, units, allowed, augment=augment, penalty=penalty)
    gaps = gaps_of(panel, units, fits.weights)
    pre = rmspe(gaps[: panel.t0])
    test = PlaceboTest(
        units=panel.units,
        treated=panel.treated[0],
        t0=panel.t0,
        gaps=gaps,
        weights=fits.weights,
        pre=pre,
        post=rmspe(gaps[panel.t0 :]),
        perfect=is_perfect(panel, units, pre),
    )
    return test, fits


def _rank(statistic: Floats, treated: int) -> Rank:
    rank, n = int((statistic >= statistic[treated] * _TIED).sum()), len(statistic)
    return Rank(rank=rank, n=n, p_value=rank / n, smallest_p=1 / n)


def _over(post: Floats, pre: Floats) -> Floats:
    return np.where(pre > 0, post / np.where(pre > 0, pre, 1.0), np.inf)


def _not_rejected(
    gaps: Floats, share: Floats, pre: Floats, treated: int, level: float
) -> tuple[float | None, float | None]:
    """Ends of the set of constant effects whose rank p-value exceeds `level`; None where it has no end.

    Under the null of a constant effect `e` the treated unit's outcomes are lowered by `e` after the
    start, so its own gaps fall by `e` and those of a unit that leans on it with weight `w` rise by
    ``w e``. Squared ratios are then quadratics in `e`, and the p-value changes only where one crosses
    the treated unit's: every crossing is found, so the set is exact.
    """
    lean = share.copy()
    lean[treated] = -1.0
    usable = pre > 0
    over = np.where(usable, 1.0 / np.where(usable, pre, 1.0) ** 2, 0.0)
    square = lean**2 * over
    cross = 2 * lean * gaps.mean(axis=0) * over
    level0 = (gaps**2).mean(axis=0) * over
    a, b, c = square - square[treated], cross - cross[treated], level0 - level0[treated]
    crossings = np.unique(np.concatenate([_roots(a, b, c), [float(gaps[:, treated].mean())]]))
    reach = max(float(np.abs(crossings).max()), 1.0)
    edges = np.concatenate([[crossings[0] - reach], crossings, [crossings[-1] + reach]])
    inside = (edges[1:] + edges[:-1]) / 2
    values = square[:, None] * inside**2 + cross[:, None] * inside + level0[:, None]
    values[~usable] = np.inf
    kept = np.flatnonzero((values >= values[treated] * _TIED).mean(axis=0) > level)
    if not len(kept):
        return None, None
    low = None if kept[0] == 0 else float(edges[kept[0]])
    high = None if kept[-1] == len(inside) - 1 else float(edges[kept[-1] + 1])
    return low, high


def _roots(a: Floats, b: Floats, c: Floats) -> Floats:
    """Real roots of ``a x^2 + b x + c``, one quadratic an entry."""
    curved = np.abs(a) > 1e-300
    inside = np.where(curved, b**2 - 4 * a * c, 0.0)
    real = curved & (inside >= 0)
    root = np.sqrt(inside[real])
    q = -0.5 * (b[real] + np.where(b[real] >= 0, root, -root))
    safe = q != 0
    straight = ~curved & (b != 0)
    return np.concatenate([q / a[real], c[real][safe] / q[safe], -c[straight] / b[straight]])
