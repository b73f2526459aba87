"""Several sites, each with its own start: the same segmented regression of each, over the same span after its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import whiten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.its.estimators.series import SeriesFit

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site's effect over the first `len(window)` periods in force.

    Attributes
    ----------
    name : str
    fit : SeriesFit
    window : (w,) int
        Positions of those periods.
    estimate, std_error, low, high : float
        On the scale that sites are pooled on: the outcome's unit, or log ratios of counts.
    """

    name: str
    fit: SeriesFit
    window: NDArray[np.intp]
    estimate: float
    std_error: float
    low: float
    high: float

    @property
    def row(self) -> Floats:
        """What takes the fit's coefficients to the effect, (p,)."""
        return np.asarray((self.fit.columns.x - self.fit.columns.without)[self.window].mean(axis=0))


def site_effects(fits: dict[str, SeriesFit]) -> tuple[Site, ...]:
    """Every site's mean effect over the span that all of them were followed for."""
    span = min(int(fit.model.after.sum()) for fit in fits.values())
    made = []
    for name, fit in fits.items():
        window = np.flatnonzero(fit.model.after)[:span]
        row = (fit.columns.x - fit.columns.without)[window].mean(axis=0)
        found = fit.fitted.fit.contrasts(row[None, :], fit.conf_level)
        made.append(Site(name=name, fit=fit, window=window, estimate=float(found.estimate[0]),
                         std_error=float(found.std_error[0]), low=float(found.low[0]), high=float(found.high[0])))
    return tuple(made)


def moving_together(sites: Sequence[Site]) -> tuple[float, float, int]:
    """Mean correlation of what is left of the sites' series in the same periods.

    Returns
    -------
    (float, float, int)
        The correlation, its standard error were there none, and the number of pairs of sites.
    """
    left = [_by_period(site.fit, site.fit.fitted.whitened) for site in sites]
    found, periods = [], 0
    for i, one in enumerate(left):
        for other in left[i + 1 :]:
            both = sorted(one.keys() & other.keys())
            if len(both) < 6:
                continue
            a, b = (np.array([values[p] for p in both]) for values in (one, other))
            scale = float(np.sqrt((a @ a) * (b @ b)))
            found.append(float(a @ b) / scale if scale > 0 else 0.0)
            periods += len(both)
    if not found:
        return 0.0, np.inf, 0
    return float(np.mean(found)), float(1 / np.sqrt(periods)), len(found)


def errors_together(sites: Sequence[Site], correlation: float) -> Floats:
    """Covariances of the sites' errors were their noise correlated so in every period, (k, k)."""
    rows = [_by_period(site.fit, _influence(site)) for site in sites]
    rho = float(np.mean([site.fit.fitted.rho or 0.0 for site in sites]))
    periods = sorted(set().union(*rows))
    at = {period: i for i, period in enumerate(periods)}
    weight = np.zeros((len(sites), len(periods)))
    for i, row in enumerate(rows):
        for period, value in row.items():
            weight[i, at[period]] = value
    place = np.arange(len(periods))
    shared = weight @ np.clip(rho, 0.0, 0.98) ** np.abs(place[:, None] - place) @ weight.T
    own = np.sqrt(np.diag(shared))
    error = np.array([site.std_error for site in sites])
    return np.asarray(correlation * shared / np.outer(own, own) * np.outer(error, error))


def _influence(site: Site) -> Floats:
    """How much a change in each period's noise moves the site's effect, (n,)."""
    fitted, columns = site.fit.fitted, site.fit.columns
    partial = np.array([min(max(fitted.rho or 0.0, -0.999), 0.999), fitted.second])
    root = whiten(np.eye(len(columns.x)), partial)
    x = root @ (columns.x * fitted.root_weight[:, None])
    return np.asarray(site.row @ np.linalg.pinv(x) @ root)


def _by_period(fit: SeriesFit, values: Floats) -> dict[str, float]:
    heard = ~fit.model.silent
    return {label: float(v) for label, v, h in zip(fit.model.axis.labels, values, heard, strict=True) if h}
