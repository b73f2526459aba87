"""From an estimate to an error, an interval and a p-value, by a rule that is stated and printed.

Cluster-robust t with a handful of treated clusters rejects a true null far too often (68% of the
time with one of 25), so it is never chosen for such data: `choose` says what is, and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from hubeval.methods.did.estimators.averages import mass_of
from hubeval.methods.did.estimators.welch import freedom, welch
from hubeval.methods.did.inference.permutation.noise import variances
from hubeval.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.permutation.placebo import Placebo

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

Method = Literal["auto", "cluster", "cr2", "cr3", "wild", "permutation", "conley-taber", "ferman-pinto", "welch"]
METHODS = ("auto", "welch", "cluster", "cr2", "cr3", "wild", "permutation", "conley-taber", "ferman-pinto")
GROUP_TIME_METHODS = ("auto", "permutation", "welch", "cluster")
ENOUGH = 9  # clusters a side, alike in size, from which errors estimated from them are trusted
FEWEST = 3  # clusters a side from which errors are preferred to permuting clusters whose noise cannot be told
SEEN = 2 / 3  # share of a cohort's units with both periods below which its own spread says too little
MANY = 100  # from here on the small-sample correction changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Error, interval and p-value of k terms, and how they were made.

    Attributes
    ----------
    std_error, conf_low, conf_high, p_value : (k,) float
        NaN or infinite where the method gives none; `estimates` turns these into None.
    words : str or tuple of str
        For `Estimate.inference`: one for all terms, or one a term.
    """

    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats
    words: str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """How many clusters stand on each side, and how many clusters of one size they are worth.

    Attributes
    ----------
    treated, others : int
        Clusters that hold a treated unit, and the rest.
    worth_treated, worth_others : float
        Degrees of freedom of the side's mean, plus one: one large cluster among small ones is worth little more
        than one. Over cohorts, those of the mean of the cohorts' means.
    alone : bool
        Some cohort has one cluster.
    """

    treated: int
    others: int
    worth_treated: float
    worth_others: float
    alone: bool


def sides(panel: Panel) -> Sides:
    """The clusters on each side of a panel and their worth.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"la": list("AABBCC"), "year": [1, 2] * 3, "opened": [2, 2] + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 4.5, 2.0, 2.5]})
    >>> found = sides(read_panel(frame, outcome="rate", unit="la", time="year", start="opened"))
    >>> found.treated, found.others, found.worth_treated, round(found.worth_others, 6)
    (1, 2, 1.0, 2.0)
    """
    mass = mass_of(panel)
    parts, degrees, alone = [], [], False
    for cohort in panel.cohorts:
        share = _shares(panel, mass, panel.first == cohort)
        alone = alone or len(share) < 2
        size = float(mass[panel.first == cohort].sum() / mass[panel.ever].sum())
        parts.append(size**2 * float(share @ share))
        degrees.append(max(freedom(share), 1e-9))
    v, f = np.array(parts), np.array(degrees)
    others = _shares(panel, mass, ~panel.ever)
    treated = panel.clusters_treated
    return Sides(treated=treated, others=panel.n_clusters - treated, alone=alone,
                 worth_treated=float(v.sum() ** 2 / (v**2 / f).sum()) + 1 if treated > 1 else float(treated),
                 worth_others=freedom(others) + 1 if len(others) else 0.0)


def _shares(panel: Panel, mass: Floats, units: Mask) -> Floats:
    """Shares of the clusters that hold some of `units` in their mass."""
    found = np.bincount(panel.cluster[units], mass[units], panel.n_clusters)
    return np.asarray(found[found > 0] / found.sum()) if units.any() else np.empty(0)


def choose(panel: Panel, *, anticipation: int = 0) -> tuple[Method, str]:
    """The default inference for this panel, and the rule that chose it.

    Permutation of the starts where either side's clusters are worth fewer than 9 of one size; otherwise cluster errors
    corrected for each cluster's share, with degrees of freedom to match (without them where each side has 100 clusters
    that are worth 50). Where there are too few changes to tell the noise of the treated and each side has 3 clusters,
    errors too, for permuting then asks that clusters be alike and nothing shows it.
    docs/did.md has the study behind the rule.

    Parameters
    ----------
    panel : Panel
    anticipation : int

    Returns
    -------
    tuple of str
        The method, and a sentence.
    """
    found = sides(panel)
    least, worth = min(found.treated, found.others), min(found.worth_treated, found.worth_others)
    counted = f"{found.treated} treated and {found.others} untreated clusters"
    if worth >= ENOUGH and not found.alone:
        if least >= MANY and worth >= MANY / 2:
            return "cluster", f"chosen because {MANY} clusters or more are treated and as many are not"
        if (share := _seen(panel)) < SEEN:
            return "permutation", (f"chosen because only {share:.0%} of some cohort's units are seen both in a period "
                                   "and in the one before its start: errors estimated from so few are too small")
        return "welch", f"chosen because there are {counted}, worth at least {ENOUGH} of one size on either side"
    if least >= FEWEST and not found.alone and variances(panel, anticipation) is None:
        return "welch", ("chosen because too few periods show how noisy the treated are, which permuting "
                         f"{counted} would need")
    if found.alone and worth >= ENOUGH:
        return "permutation", "chosen because a cohort has one cluster, from which no error can be had"
    side, by = (("treated", found.worth_treated) if found.worth_treated <= found.worth_others
                else ("untreated", found.worth_others))
    few = (f", and the {side} are worth {by:.1f} of one size" if least >= ENOUGH else "")
    return "permutation", (f"chosen because there are {counted}{few}: errors estimated from so few are too uncertain")


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


def from_t(
    estimate: Floats, std_error: Floats, df: Floats | float, conf_level: float, words: str | tuple[str, ...],
) -> Reading:
    """A reading from a t distribution."""
    reach = stats.t.ppf((1 + conf_level) / 2, df) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = np.asarray(2 * stats.t.sf(np.abs(estimate / std_error), df))
    return Reading(std_error=std_error, conf_low=estimate - reach, conf_high=estimate + reach, p_value=p_value,
                   words=words)


def from_placebo(placebo: Placebo, conf_level: float, because: str = "") -> Reading:
    """A reading from permuted starts; no standard error, for the test has none."""
    low, high = placebo.intervals(conf_level)
    words = placebo.words(conf_level) + (f"; {because}" if because else "")
    return Reading(std_error=np.full(len(low), np.nan), conf_low=low, conf_high=high, p_value=placebo.p_values(),
                   words=words)


def without_error(estimate: Floats, words: str) -> Reading:
    """A reading that gives no error, interval or p-value, and says why."""
    nothing = np.full(len(estimate), np.nan)
    return Reading(std_error=nothing, conf_low=nothing, conf_high=nothing, p_value=nothing, words=words)


def by_welch(
    estimate: Floats, influence: Floats, panel: Panel, conf_level: float, because: str = ""
) -> tuple[Reading, Floats]:
    """Cluster errors corrected for each cluster's share, each term with its own degrees of freedom; and covariance.

    Parameters
    ----------
    estimate : (K,) float
    influence : (K, N) float
    """
    start = np.where(panel.ever, panel.first, panel.n_periods).astype(np.float64)
    errors, df, scores = welch(influence, panel.cluster, start, mass_of(panel))
    tail = f"; {because}" if because else ""
    words = tuple(
        f"cluster-robust by {panel.cluster_name} ({panel.n_clusters} clusters), each corrected for its share, t with "
        f"{d:.1f} degrees of freedom (Welch-Satterthwaite){tail}" if np.isfinite(e)
        else f"none: one {panel.cluster_name} alone starts then, and one shows no noise of its own"
        for e, d in zip(errors, df, strict=True))
    return from_t(estimate, errors, df, conf_level, words), np.asarray(scores @ scores.T)


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
    words = [reading.words] * len(values) if isinstance(reading.words, str) else reading.words
    treated, others = panel.sides
    return tuple(
        Estimate(
            term=term, estimand=means[j], outcome=outcome or panel.outcome, unit=unit, estimate=float(values[j]),
            std_error=number(reading.std_error[j]), conf_low=number(reading.conf_low[j]),
            conf_high=number(reading.conf_high[j]), conf_level=conf_level, p_value=number(reading.p_value[j]),
            inference=words[j], n_treated=treated, n_comparison=others, n_clusters=panel.n_clusters,
            n_observations=panel.n_rows)
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
