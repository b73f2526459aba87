"""One number from several sites: what they have in common, how far they differ, and where a new one may lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Effects of k sites, pooled.

    Attributes
    ----------
    estimate, std_error, low, high, p_value : float
        Mean over sites like these (random effects), with its t interval on k - 1 degrees of freedom.
    common, common_error, common_low, common_high : float
        Had all sites one effect (fixed effect), with a normal interval.
    weights : (k,) float
        Of the sites in the random-effects mean; they sum to one.
    spread : float
        Standard deviation of true effects between sites; `share` of all variation it makes up (I squared, 0 to 1).
    q, q_p : float
        Cochran's test that all sites have one effect.
    new_low, new_high : float
        Where the true effect of a further such site would lie, 95 times in 100.
    shared : float
        Variance added because sites move together.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    common: float
    common_error: float
    common_low: float
    common_high: float
    weights: Floats
    spread: float
    share: float
    q: float
    q_p: float
    new_low: float
    new_high: float
    shared: float = 0.0


def pool(effects: Floats, errors: Floats, together: Floats | None = None, *, conf_level: float = 0.95) -> Pooled:
    """Random-effects and fixed-effect means of k independent estimates, by statsmodels.

    The variance between sites is Paule and Mandel's; the error of the mean is Hartung and Knapp's, and the interval
    never narrower than had all sites one effect. The interval for a new site is Higgins, Thompson and Spiegelhalter's.

    Parameters
    ----------
    effects, errors : (k,) float
        k of 3 or more.
    together : (k, k) float, optional
        Covariances of the estimates' errors where sites move together; the diagonal is not read. Hartung and Knapp's
        error cannot see what all share, so it is added.
    conf_level : float

    References
    ----------
    Paule, R. C. & Mandel, J. (1982), J. Research NBS 87:377. Hartung, J. & Knapp, G. (2001), Statistics in Medicine
    20:3875. Higgins, J. P. T., Thompson, S. G. & Spiegelhalter, D. J. (2009), J. R. Statist. Soc. A 172:137. IntHout,
    J., Ioannidis, J. P. A. & Borm, G. F. (2014), BMC Medical Research Methodology 14:25.

    Examples
    --------
    >>> found = pool(np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, 0.5))
    >>> found.estimate, round(found.std_error, 3), round(found.spread, 2)
    (3.0, 1.08, 2.1)
    """
    from statsmodels.stats.meta_analysis import combine_effects  # noqa: PLC0415 - slow to import

    k, tail = len(effects), (1 + conf_level) / 2
    made: Any = combine_effects(effects, errors**2, method_re="iterated", use_t=False)
    weights = np.asarray(made.weights_rel_re, dtype=float)
    mean = float(made.mean_effect_re)
    shared = 0.0 if together is None else max(float(weights @ _off_diagonal(together) @ weights), 0.0)
    common, common_error = float(made.mean_effect_fe), float(made.sd_eff_w_fe)
    seen, least = (float(np.sqrt(e**2 + shared)) for e in (float(made.sd_eff_w_re_hksj), common_error))
    error = max(seen, least)
    between = max(float(made.tau2), 0.0)
    half = max(float(stats.t.ppf(tail, k - 1)) * seen, float(stats.norm.ppf(tail)) * least)
    p = max(float(2 * stats.t.sf(abs(mean) / max(seen, 1e-300), k - 1)), float(2 * stats.norm.sf(abs(mean) / least)))
    wide = float(stats.t.ppf(tail, max(k - 2, 1)) * np.sqrt(between + error**2))
    normal = float(stats.norm.ppf(tail)) * common_error
    q = float(made.q)
    return Pooled(
        estimate=mean, std_error=error, low=mean - half, high=mean + half,
        p_value=p, common=common, common_error=common_error,
        common_low=common - normal, common_high=common + normal, weights=weights, spread=float(np.sqrt(between)),
        share=max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0, q=q, q_p=float(stats.chi2.sf(q, k - 1)),
        new_low=mean - wide, new_high=mean + wide, shared=shared)


def _off_diagonal(v: Floats) -> Floats:
    return np.where(np.eye(len(v), dtype=bool), 0.0, v)
