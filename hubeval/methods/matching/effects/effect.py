"""Effects on a matched or weighted sample, with errors that fit how the sample was made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.engine.means import contrast
from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.matching.door.options import STRATA, WEIGHTING
from hubeval.methods.matching.effects.doubly_robust import doubly_robust, eligible
from hubeval.methods.matching.effects.outcome import read_case
from hubeval.methods.matching.effects.regression import VCOVS, by_regression, weighted_difference
from hubeval.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hubeval.engine.means import Means
    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.matching.effects.outcome import Case

ESTIMATORS = ("doubly-robust", "difference", "regression", "g-computation")
MEASURES = ("difference", "ratio", "odds-ratio")
FLIMSY = 2  # a mean with an error of twice itself has no logarithm worth an interval
WHOSE = {
    "ATT": "average effect on those treated",
    "ATC": "average effect that treatment would have had on those not treated",
    "ATE": "average effect over everyone",
    "ATO": "average effect over those who might have gone either way (overlap-weighted)",
}


def effect(
    result: Matched,
    *,
    outcome: str | pd.Series,
    estimator: str = "doubly-robust",
    vcov: str = "auto",
    covariates: Sequence[str] | None = None,
    cluster: str | None = None,
    measure: str = "difference",
    conf_level: float = 0.95,
    seed: int | None = None,
    label: tuple[str, str] | None = None,
) -> tuple[Estimate, ...]:
    """Estimate the effect of treatment on an outcome in a matched or weighted sample.

    Parameters
    ----------
    result : Matched
    outcome : str or Series
        Column of the matched frame, or values on its index. Records without it are left out and counted.
    estimator : str
        ``"doubly-robust"``: learned outcome models, cross-fitted, and balancing weights (recommended; matching then
        decides whom the effect is about, and all comparison records in support are weighted anew); ``"difference"``:
        weighted difference in means; ``"regression"``: weighted least squares on treatment and covariates;
        ``"g-computation"``: a model of the outcome in each group, averaged over the estimand's population.
    vcov : str
        ``"auto"`` picks what fits the design. For regressions: ``"pair"`` (clustered on the matched set),
        ``"cluster"``, ``"hc1"``, ``"hc3"``, ``"matches"`` (with replacement: on set and re-used record);
        ``"abadie-imbens"`` and ``"influence"`` for differences. A bootstrap of a matching estimator is not offered,
        because it is not valid (Abadie & Imbens 2008).
    covariates : sequence of str, optional
        What to adjust for; the matching covariates unless given.
    cluster : str, optional
        What stands above the pair, such as the hub.
    measure : {"difference", "ratio", "odds-ratio"}
    conf_level : float
    seed : int, optional
        For the folds of the doubly robust estimator.
    label : (str, str), optional
        The outcome's label and unit for the estimate.

    Returns
    -------
    tuple of Estimate

    Raises
    ------
    BadInput
        Unknown words, a missing outcome, a measure or covariance that the design does not allow.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from hubeval.methods.matching import match
    >>> rng = np.random.default_rng(3)
    >>> need = rng.normal(size=400)
    >>> hub = rng.random(400) < 1 / (1 + np.exp(1 - need))
    >>> frame = pd.DataFrame({"hub": hub, "need": need, "contacts": 2 * hub + need + rng.normal(size=400)})
    >>> sample = match(frame, treated="hub", covariates=["need"], caliper=0.2)
    >>> (made,) = effect(sample, outcome="contacts", estimator="regression")
    >>> made.term, made.conf_low < 2 < made.conf_high
    ('ATT', True)
    """
    return (
        effect_and_means(
            result, outcome=outcome, estimator=estimator, vcov=vcov, covariates=covariates, cluster=cluster,
            measure=measure, conf_level=conf_level, seed=seed, label=label,
        )[0],
    )  # fmt: skip


def effect_and_means(
    result: Matched, *, outcome: str | pd.Series, estimator: str = "doubly-robust", vcov: str = "auto",
    covariates: Sequence[str] | None = None, cluster: str | None = None, measure: str = "difference",
    conf_level: float = 0.95, seed: int | None = None, label: tuple[str, str] | None = None,
) -> tuple[Estimate, Means]:
    """`effect`, with the means that it was made of: what each record moves them by among them."""
    door = Door()
    door.choice("estimator", estimator, ESTIMATORS)
    door.choice("measure", measure, MEASURES)
    door.choice("vcov", vcov, ("auto", *VCOVS))
    if cluster is not None and vcov in {"hc1", "hc3", "abadie-imbens"}:
        cure = "Leave one of them out."
        door.refuse("vcov", f"{vcov!r} takes no account of cluster={cluster!r}", "auto, pair, cluster, matches", cure)
    if not (isinstance(conf_level, (int, float)) and 0 < conf_level < 1):
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    if covariates is not None and estimator == "difference":
        cure = "Leave them out, or write estimator='regression'."
        door.refuse("covariates", "do not apply to estimator 'difference'", "another estimator", cure)
    if seed is not None and not (isinstance(seed, (int, np.integer)) and 0 <= seed < 2**32):
        door.refuse("seed", f"found {seed!r}", "a whole number from 0 to 4294967295", "Write seed=1.")
    named: Any = label
    if named is not None and not (isinstance(named, (tuple, list)) and len(named) == 2):
        door.refuse("label", f"found {type(named).__name__}", "two texts, label and unit", "Write ('Need', 'points').")
    door.close()
    case = read_case(result, outcome, covariates, cluster)
    _fits(case, estimator, vcov, measure, door)
    door.close()
    if estimator == "doubly-robust":
        means, inference = doubly_robust(case, seed=seed if seed is not None else result.request.seed or 0)
    elif estimator == "difference":
        ratio_with_reuse = vcov == "auto" and measure != "difference" and result.request.replace
        means, inference = weighted_difference(case, "matches" if ratio_with_reuse else vcov)
    else:
        means, inference = by_regression(case, vcov, estimator)
    _has_error(case, means, measure)
    return _counted(case, estimator, _estimate(case, means, inference, measure, conf_level, label)), means


def _has_error(case: Case, means: Means, measure: str) -> None:
    """Refuse where the means leave nothing to make an error or a ratio from."""
    size = float(np.abs(case.y[case.w > 0]).max())
    spread = float(means.covariance[0, 0] - 2 * means.covariance[0, 1] + means.covariance[1, 1])
    if not spread > (1e-12 * size) ** 2:
        found = f"{case.name!r} leaves no spread between matched sets or clusters, so no error can be made"
        cure = "Count it in a table instead."
        raise BadInput([Problem("outcome", found, "an outcome that varies within groups", cure)])
    pairs = ((means.one, means.covariance[0, 0]), (means.two, means.covariance[1, 1]))
    top = 1.0 if measure == "odds-ratio" else np.inf
    bad = [m for m, v in pairs if not (0 < m < top and v < (FLIMSY * min(m, top - m)) ** 2)]
    if measure != "difference" and bad:
        found = f"the mean of {case.name!r} is too near {'0 or 1' if top == 1 else '0'} in one group"
        raise BadInput([Problem("measure", found, "means well away from there", "Write measure='difference'.")])


def _fits(case: Case, estimator: str, vcov: str, measure: str, door: Door) -> None:
    """Refuse what would give a number without a meaning."""
    plain, negative = "Write measure='difference'.", bool((case.y[case.has] < 0).any())
    if estimator == "doubly-robust" and case.x.shape[1] == 0:
        door.refuse("covariates", "none, for learners to learn from", "at least one", "Write estimator='difference'.")
    if measure == "odds-ratio" and not case.binary:
        door.refuse("measure", f"{case.name!r} is not 0/1", "difference", plain)
    if measure == "ratio" and negative:
        door.refuse("measure", f"{case.name!r} takes negative values, so a ratio means nothing", "difference", plain)
    if estimator == "regression" and measure != "difference":
        cure = "Use estimator='g-computation' for ratios."
        door.refuse("measure", "a regression coefficient is a difference", "difference", cure)
    if vcov == "abadie-imbens" and measure != "difference":
        found, cure = "'abadie-imbens' is the error of a difference only", "Leave it out: 'auto' picks one that fits."
        door.refuse("vcov", found, "matches", cure)
    if vcov != "auto":
        _fits_vcov(case, estimator, vcov, door)


def _fits_vcov(case: Case, estimator: str, vcov: str, door: Door) -> None:
    """Refuse a covariance that the design or the estimator does not have."""
    request, cure = case.matched.request, "Leave it out: 'auto' picks one that fits."
    robust, on_weights = "pair, cluster, hc1, hc3", request.method in WEIGHTING and estimator == "difference"
    found, allowed = "", robust
    if estimator == "doubly-robust" and vcov not in {"influence", "cluster"}:
        found, allowed = f"{vcov!r} does not apply to estimator 'doubly-robust'", "influence, cluster"
    elif vcov == "pair" and not (case.matched.links.stratum >= 0).any():
        found = "there are no matched sets to cluster on"
    elif vcov == "cluster" and case.cluster is None:
        found, cure = "no cluster column was given", "Name it in cluster=."
    elif vcov in {"abadie-imbens", "matches"} and not request.replace:
        found = f"{vcov!r} is for matching with replacement"
    elif vcov == "abadie-imbens" and case.matched.study.weights is not None:
        found = "'abadie-imbens' is not defined with survey weights"
    elif vcov == "hc3" and estimator == "g-computation" and case.binary:
        found, allowed = "'hc3' is not offered for logistic g-computation", "pair, cluster, hc1"
    elif vcov == "abadie-imbens" and estimator != "difference":
        found, allowed = "'abadie-imbens' is for estimator 'difference'", "matches"
    elif vcov == "influence" and estimator != "doubly-robust" and not on_weights:
        found = "'influence' is for weighting designs and the doubly robust estimator"
    if found:
        door.refuse("vcov", found, allowed, cure)


def _estimate(
    case: Case, means: Means, inference: str, measure: str, conf_level: float, label: tuple[str, str] | None
) -> Estimate:
    made = contrast(means, measure, conf_level)
    matched = case.matched
    words = {"difference": "", "ratio": "ratio of means, ", "odds-ratio": "odds ratio, "}[measure]
    if measure != "difference":
        inference += "; interval made on the log scale, standard error is of the log"
    if lost := sum(case.missing):
        parts = f"{case.missing[0]} treated, {case.missing[1]} comparison"
        inference += f"; {lost} matched records without the outcome left out ({parts})"
    if case.filled:
        inference += f"; covariates missing in {case.filled} records filled at the mean and marked"
    return Estimate(
        term=matched.request.estimand,
        estimand=words + whose(matched),
        outcome=label[0] if label else case.name,
        unit=(label[1] if label else "units of the outcome") if measure == "difference" else measure,
        estimate=made.estimate,
        std_error=made.std_error,
        conf_low=made.low,
        conf_high=made.high,
        conf_level=conf_level,
        p_value=made.p_value,
        inference=inference,
        n_clusters=means.clusters,
    )


def _counted(case: Case, estimator: str, made: Estimate) -> Estimate:
    """With the counts of the records it rests on: the headline learns from more than the matched ones."""
    used = eligible(case) if estimator == "doubly-robust" else case.w > 0
    one, two = int((used & case.treated).sum()), int((used & ~case.treated).sum())
    return replace(made, n_treated=one, n_comparison=two, n_observations=one + two)


def whose(matched: Matched) -> str:
    """Whose average effect it is, saying so where matching left some of them out."""
    estimand = matched.request.estimand
    lost = focal_lost(matched)
    if lost and matched.request.method == "cardinality":
        return f"{WHOSE[estimand]}, among records kept so that the groups are alike ({lost} were not)"
    if lost and matched.request.method not in WEIGHTING:
        cells = "cells" if matched.request.method in STRATA else "sets"
        return f"{WHOSE[estimand]}, among records that could be placed in matched {cells} ({lost} records could not)"
    return f"{WHOSE[estimand]}, inside the common support kept ({lost} left out)" if lost else WHOSE[estimand]


def focal_lost(matched: Matched) -> int:
    """Records of the estimand's population that the design left out."""
    study, unused = matched.study, matched.links.weights == 0
    group = {"ATT": study.treated, "ATC": ~study.treated}.get(matched.request.estimand, np.ones(study.n, dtype=bool))
    return int((group & unused).sum())
