"""From an estimate to an error, an interval and a p-value, by a rule that is stated and printed.

Cluster-robust t with a handful of treated clusters rejects a true null far too often (68% of the
time with one of 25), so it is never chosen for such data: `choose` says what is, and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from hubeval.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.permutation.placebo import Placebo

    Floats = NDArray[np.float64]

Method = Literal["auto", "cluster", "cr2", "cr3", "wild", "permutation", "conley-taber", "ferman-pinto", "welch"]
METHODS = ("auto", "cluster", "cr2", "cr3", "wild", "permutation", "conley-taber", "ferman-pinto")
GROUP_TIME_METHODS = ("auto", "permutation", "welch", "cluster")
ENOUGH = 6  # treated and comparison clusters below which errors estimated from them are not trusted
SEEN = 2 / 3  # share of a cohort's units with both periods below which its own spread says too little
MANY = 100  # from here on the small-sample correction changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Error, interval and p-value of k terms, and how they were made.

    Attributes
    ----------
    std_error, conf_low, conf_high, p_value : (k,) float
        NaN or infinite where the method gives none; `estimates` turns these into None.
    words : str
        For `Estimate.inference`.
    """

    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats
    words: str


def choose(panel: Panel, *, by_cohort: bool = False) -> tuple[Method, str]:
    """The default inference for this panel, and the rule that chose it.

    Permutation where fewer than 6 clusters are treated, or fewer than 6 are not; otherwise the
    cluster-robust error with the CR2 correction and Bell-McCaffrey degrees of freedom (without them
    from 100 treated and 100 untreated clusters on). Permutation needs treated and untreated clusters
    alike in variance; CR2 does not. docs/did.md has the size study behind the rule.

    Parameters
    ----------
    panel : Panel
    by_cohort : bool
        The error is a sum over cohorts (group-time effects): a cohort of one cluster has none, so
        permutation is chosen there too, and the Welch correction takes the place of CR2. The same where
        blanks leave less than two thirds of a cohort with both of the periods that are compared.

    Returns
    -------
    tuple of str
        The method, and a sentence.
    """
    treated = panel.clusters_treated
    others = panel.n_clusters - treated
    if min(treated, others) < ENOUGH:
        return "permutation", (f"chosen because {treated} of {panel.n_clusters} clusters are treated: with fewer than "
                               f"{ENOUGH} treated or untreated, cluster-robust errors are too small or too uncertain")
    if min(treated, others) >= MANY:
        return "cluster", f"chosen because {MANY} clusters or more are treated and as many are not"
    because = f"chosen because at least {ENOUGH} clusters are treated ({treated}) and {ENOUGH} are not ({others})"
    if not by_cohort:
        return "cr2", because
    if min(len(np.unique(panel.cluster[panel.first == c])) for c in panel.cohorts) < 2:
        return "permutation", "chosen because a cohort has one cluster, from which no error can be had"
    if (share := _seen(panel)) < SEEN:
        return "permutation", (f"chosen because only {share:.0%} of some cohort's units are seen both in a period and "
                               "in the one before its start: errors estimated from so few are too small")
    return "welch", because


def _seen(panel: Panel) -> float:
    """Least share, over cohorts, of units seen both in a period from the start on and in the last one before it.

    A unit alone in such a pair of periods has no spread around itself, so its noise is missing from the error.
    """
    if panel.balanced or panel.repeated:
        return 1.0
    grid = np.zeros((panel.n_units, panel.n_periods), dtype=bool)
    grid[panel.unit, panel.time] = True
    shares = []
    for cohort in panel.cohorts:
        mine = grid[panel.first == cohort]
        pairs = (mine[:, cohort:] & mine[:, [cohort - 1]]).sum(axis=0)
        shares.append(float(pairs[pairs > 0].mean() / len(mine)) if pairs.any() else 0.0)
    return min(shares)


def from_t(estimate: Floats, std_error: Floats, df: Floats | float, conf_level: float, words: str) -> Reading:
    """A reading from a t distribution."""
    reach = stats.t.ppf((1 + conf_level) / 2, df) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = np.asarray(2 * stats.t.sf(np.abs(estimate / std_error), df))
    return Reading(std_error=std_error, conf_low=estimate - reach, conf_high=estimate + reach, p_value=p_value,
                   words=words)


def from_placebo(placebo: Placebo, conf_level: float, because: str = "") -> Reading:
    """A reading from permuted starts; no standard error, for the test has none."""
    low, high = placebo.intervals(conf_level)
    words = placebo.words() + (f"; {because}" if because else "")
    return Reading(std_error=np.full(len(low), np.nan), conf_low=low, conf_high=high, p_value=placebo.p_values(),
                   words=words)


def estimates(
    terms: Sequence[str], values: Floats, reading: Reading, panel: Panel, *, estimand: str | Sequence[str],
    outcome: str = "", unit: str = "", conf_level: float = 0.95,
) -> tuple[Estimate, ...]:
    """The values a report prints, None where a number is not to be had.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2, 1, 2], "opened": [2, 2, None, None],
    ...                       "rate": [5.0, 3.0, 4.0, 4.0]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> one = np.array([1.0])
    >>> reading = Reading(std_error=one * np.nan, conf_low=-one * np.inf, conf_high=one * np.inf, p_value=one / 2,
    ...                   words="permutation")
    >>> estimates(["ATT"], -2 * one, reading, panel, estimand="...")[0].conf_low is None
    True
    """
    means = [estimand] * len(values) if isinstance(estimand, str) else list(estimand)
    treated, others = panel.sides
    return tuple(
        Estimate(
            term=term, estimand=means[j], outcome=outcome or panel.outcome, unit=unit, estimate=float(values[j]),
            std_error=number(reading.std_error[j]), conf_low=number(reading.conf_low[j]),
            conf_high=number(reading.conf_high[j]), conf_level=conf_level, p_value=number(reading.p_value[j]),
            inference=reading.words, n_treated=treated, n_comparison=others,
            n_clusters=panel.n_clusters, n_observations=panel.n_rows)
        for j, term in enumerate(terms)
    )


def number(value: float) -> float | None:
    """A plain number, or None where there is none.

    Examples
    --------
    >>> number(1.5), number(float("inf"))
    (1.5, None)
    """
    return float(value) if np.isfinite(value) else None
