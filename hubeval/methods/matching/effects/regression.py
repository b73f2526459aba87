"""Differences, regressions and g-computation on the matched sample."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from hubeval.engine.covariance import clustered, covariance, two_way
from hubeval.engine.least_squares import least_squares
from hubeval.engine.logit import logit
from hubeval.engine.means import Means, from_influence
from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.door.options import WEIGHTING
from hubeval.methods.matching.effects.abadie_imbens import abadie_imbens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.outcome import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]

VCOVS = ("pair", "cluster", "hc1", "hc3", "matches", "abadie-imbens", "influence")
REUSED = frozenset({"auto", "matches", "abadie-imbens"})  # errors that see each use of a re-used record
SPARE = 5  # records beyond the coefficients of a regression [judgement]
FEW = 20  # clusters; with fewer, a two-way error is not allowed below the one-way


def weighted_difference(case: Case, vcov: str) -> tuple[Means, str]:
    """Difference in weighted means; errors by Abadie–Imbens, by influence or clustered, as the design asks."""
    matched = case.matched
    plain = matched.study.weights is None  # the Abadie–Imbens error knows no survey weights
    if vcov == "auto" and matched.request.replace and case.cluster is None and plain:
        vcov = "abadie-imbens"
    if vcov in {"auto", "influence"} and matched.request.method in WEIGHTING:
        return _influence(case)
    if vcov == "abadie-imbens":
        return abadie_imbens(case)
    return by_regression(case, vcov, "difference")


def by_regression(case: Case, vcov: str, estimator: str) -> tuple[Means, str]:
    """Weighted least squares (or logistic g-computation for a 0/1 outcome) with the design's covariance."""
    rows, w = sample_of(case, vcov)
    kind = "matches" if _reused(case, vcov) else vcov if vcov != "auto" else _fitting(case)
    t, y = case.treated[rows].astype(float), case.y[rows]
    if estimator == "g-computation":
        return _g_computation(case, rows, w, kind)
    cov = case.x[rows] if estimator == "regression" else np.zeros((rows.size, 0))
    # about their means: far from zero they look like the constant
    x = np.column_stack([np.ones(rows.size), t, cov - np.average(cov, axis=0, weights=w)])
    fit = least_squares(y, x, w)
    _spare(rows.size, fit.rank)
    v, words, clusters = _covariance(case, kind, rows, x[:, fit.kept], fit.residuals, fit.bread, w)
    at = fit.kept.index(1)
    to_means = np.zeros((2, len(fit.kept)))
    to_means[:, 0], to_means[0, at] = 1.0, 1.0
    base = float(fit.coef[0])
    df: float = clusters - 1 if clusters and kind not in {"hc1", "hc3"} else rows.size - fit.rank
    covariance_of = to_means @ v @ to_means.T
    influence = (x[:, fit.kept] * (w * fit.residuals)[:, None]) @ fit.bread @ to_means.T
    if kind in {"cluster", "pair", "matches"} and case.cluster is not None:
        covariance_of, df, more = few(case, rows, w, t, influence, covariance_of, df)
        words += more
    means = Means(
        one=base + float(fit.coef[1]),
        two=base,
        covariance=covariance_of,
        df=max(df, 1),
        clusters=clusters or rows.size,
        moved=_by_record(case, rows, influence),
    )
    name = "least squares on treatment and covariates" if estimator == "regression" else "weighted difference in means"
    return means, f"{name}; {words}"


def _by_record(case: Case, rows: Ints, influence: Floats) -> Floats:
    """What each record moves the difference by, (n,), a re-used one once for every use."""
    return np.bincount(rows, influence[:, 0] - influence[:, 1], case.y.size).astype(np.float64)


def sample_of(case: Case, vcov: str) -> tuple[Ints, Floats]:
    """The records that a regression is fitted to, a re-used one once a link where the error asks for that; weights."""
    if _reused(case, vcov):
        return _links_as_rows(case)
    used = np.flatnonzero(case.w > 0)
    return used, case.w[used]


def _reused(case: Case, vcov: str) -> bool:
    return vcov in REUSED and case.matched.request.replace


def few(
    case: Case, rows: Ints, w: Floats, t: Floats, influence: Floats, found: Floats, df: float
) -> tuple[Floats, float, str]:
    """Where either side stands in fewer than `FEW` clusters: their own error and degrees of freedom, if it is larger.

    With so few, errors that count pairs or records as the pieces are too small, most of all where whole clusters are
    treated (MacKinnon & Webb 2018).
    """
    assert case.cluster is not None
    above = np.unique(case.cluster[rows], return_inverse=True)[1]
    sides = [np.unique(above[t == side]).size for side in (0, 1)]
    if min(sides) >= FEW:
        return found, df, ""
    made = from_influence(0.0, 0.0, influence, above, np.column_stack([w * t, w * (1 - t)]))
    step = np.array([1.0, -1.0])
    larger = step @ made.covariance @ step > step @ found @ step
    words = f"; t with {min(df, made.df):.1f} degrees of freedom for {sides[1]} treated and {sides[0]} other clusters"
    return (made.covariance if larger else found), min(df, made.df), words


def _spare(rows: int, coefficients: int) -> None:
    """Refuse a fit so close that its residuals, and so every error made of them, are near nothing."""
    if coefficients > 2 and rows < coefficients + SPARE:
        found = f"{coefficients} coefficients, treatment and constant among them, on {rows} records"
        allowed = f"at least {SPARE} more records than coefficients"
        raise BadInput([Problem("covariates", found, allowed, "Adjust for fewer, or write estimator='difference'.")])


def _fitting(case: Case) -> str:
    """The covariance that fits the design: sets made by pairing are its pieces, cells are not."""
    links = case.matched.links
    if links.treated.size and (links.stratum >= 0).any():
        return "pair"
    return "cluster" if case.cluster is not None else "hc3"


def _covariance(
    case: Case, kind: str, rows: Ints, x: Floats, residuals: Floats, bread: Floats, w: Floats
) -> tuple[Floats, str, int]:
    """Covariance, its name in words, and the number of independent pieces."""
    above = None if case.cluster is None else np.unique(case.cluster[rows], return_inverse=True)[1]
    if kind in {"hc1", "hc3"}:
        return covariance(x, residuals, bread, kind=kind, weights=w), f"heteroskedasticity-robust ({kind.upper()})", 0  # type: ignore[arg-type]
    if kind == "cluster":
        assert above is not None
        return (
            clustered(x, residuals, bread, above, weights=w),
            f"clustered on {case.cluster_name} (CR1)",
            int(above.max()) + 1,
        )
    if kind == "matches":
        set_of, record = _match_codes(case)
        if above is not None:
            return _crossed(x, residuals, bread, w, set_of, above, case.cluster_name)
        v = two_way(x, residuals, bread, (set_of, record), weights=w)
        pieces = min(int(set_of.max()), int(record.max())) + 1
        return v, "clustered on matched set and re-used record (CR1, two-way)", pieces
    pair = np.unique(case.matched.links.stratum[rows], return_inverse=True)[1]
    if pair.max() == 0:
        found, cure = "one matched set holds every record used", "Write vcov='hc3', or match more finely."
        raise BadInput([Problem("vcov", found, "two sets or more, for an error clustered on them", cure)])
    if above is not None:
        return _crossed(x, residuals, bread, w, pair, above, case.cluster_name)
    v = clustered(x, residuals, bread, pair, weights=w)
    return v, "clustered on the matched set (CR1)", int(pair.max()) + 1


def _crossed(
    x: Floats, residuals: Floats, bread: Floats, w: Floats, sets: Ints, above: Ints, name: str
) -> tuple[Floats, str, int]:
    """Two-way covariance on matched set and cluster; with few clusters, that of the cluster where it is larger.

    The two-way sum may come near nothing by chance when clusters are few (MacKinnon, Nielsen & Webb 2021, "Wild
    bootstrap and asymptotic inference with multiway clustering"): treatment is in the second column of `x`.
    """
    v, words = two_way(x, residuals, bread, (sets, above), weights=w), f"the matched set and {name} (CR1, two-way)"
    pieces = min(int(sets.max()), int(above.max())) + 1
    if int(above.max()) + 1 < FEW:
        alone = clustered(x, residuals, bread, above, weights=w)
        if alone[1, 1] > v[1, 1]:
            v, words = alone, f"{name} (CR1), which is larger here than two-way with the matched set"
    return v, f"clustered on {words}", pieces


def _links_as_rows(case: Case) -> tuple[Ints, Floats]:
    """Matching with replacement as one row a link: focal records once, re-used records as often as they were used."""
    links, focal, other = case.matched.links, *_ends(case)
    keep = case.has[focal] & case.has[other]
    focal, other = focal[keep], other[keep]
    first = np.unique(focal)
    study = case.matched.study
    survey = np.ones(links.weights.size) if study.weights is None else study.weights
    # counted as the design counts them (`designs.weights.carried`): by the focal record's weight only between equals
    alike = bool((study.terms[links.treated] == study.terms[links.comparison]).all())
    heads = survey if alike else np.ones(links.weights.size)
    share = np.bincount(focal, weights=heads[other], minlength=links.weights.size)
    return (
        np.concatenate([first, other]),
        np.concatenate([survey[first], heads[focal] * survey[other] / share[focal]]),
    )


def _match_codes(case: Case) -> tuple[Ints, Ints]:
    focal, other = _ends(case)
    keep = case.has[focal] & case.has[other]
    focal, other = focal[keep], other[keep]
    first = np.unique(focal)
    set_of = np.unique(np.concatenate([first, focal]), return_inverse=True)[1]
    return set_of, np.unique(np.concatenate([first, other]), return_inverse=True)[1]


def _ends(case: Case) -> tuple[Ints, Ints]:
    links = case.matched.links
    both = (links.treated, links.comparison)
    return both if case.matched.request.estimand == "ATT" else both[::-1]


def _g_computation(case: Case, rows: Ints, w: Floats, kind: str) -> tuple[Means, str]:
    """Outcome models with every interaction, averaged over the estimand's records; delta-method errors."""
    t, y, cov = case.treated[rows].astype(float), case.y[rows], case.x[rows]
    cov = cov - np.average(cov, axis=0, weights=w)
    design = np.column_stack([np.ones(rows.size), t, cov, cov * t[:, None]])
    kept = least_squares(y, design, w).kept
    _spare(rows.size, len(kept))
    target = {"ATT": t == 1, "ATC": t == 0}.get(case.matched.request.estimand, np.ones(rows.size, dtype=bool))
    share = np.where(target, w, 0.0) / w[target].sum()
    with_t = np.column_stack([np.ones(rows.size), np.ones(rows.size), cov, cov])[:, kept]
    without = np.column_stack([np.ones(rows.size), np.zeros(rows.size), cov, np.zeros_like(cov)])[:, kept]
    x = design[:, kept]
    if case.binary:
        fit = logit(y, x, w)
        if fit.converged:
            return _from_logit(case, rows, w, kind, (x, with_t, without, share, fit.coef, fit.bread, fit.probability))
    plain = least_squares(y, x, w)
    v, words, clusters = _covariance(case, kind, rows, x, plain.residuals, plain.bread, w)
    slope = np.vstack([share @ with_t, share @ without])
    one, two = slope @ plain.coef
    made = _means(float(one), float(two), slope @ v @ slope.T, clusters, rows.size - x.shape[1])
    influence = (x * (w * plain.residuals)[:, None]) @ plain.bread @ slope.T
    return _guarded(case, rows, w, kind, influence, made, f"linear g-computation; {words}")


def _from_logit(
    case: Case, rows: Ints, w: Floats, kind: str, fitted: tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]
) -> tuple[Means, str]:
    x, with_t, without, share, coef, bread, p = fitted
    v, words, clusters = _covariance(case, "hc1" if kind == "hc3" else kind, rows, x, case.y[rows] - p, bread, w)
    one, two = (expit(side @ coef) for side in (with_t, without))
    slope = np.vstack([(share * one * (1 - one)) @ with_t, (share * two * (1 - two)) @ without])
    made = _means(float(share @ one), float(share @ two), slope @ v @ slope.T, clusters, rows.size - x.shape[1])
    influence = (x * (w * (case.y[rows] - p))[:, None]) @ bread @ slope.T
    return _guarded(case, rows, w, kind, influence, made, f"logistic g-computation; {words}")


def _guarded(
    case: Case, rows: Ints, w: Floats, kind: str, influence: Floats, made: Means, words: str
) -> tuple[Means, str]:
    """The same means with what each record moves them by, and the error that few clusters call for."""
    made = replace(made, moved=_by_record(case, rows, influence))
    if kind not in {"cluster", "pair", "matches"} or case.cluster is None:
        return made, words
    t = case.treated[rows].astype(float)
    v, df, more = few(case, rows, w, t, influence, made.covariance, made.df)
    return replace(made, covariance=v, df=max(df, 1)), words + more


def _means(one: float, two: float, v: Floats, clusters: int, df: int) -> Means:
    return Means(one=one, two=two, covariance=v, df=max(clusters - 1 if clusters else df, 1), clusters=clusters or df)


def _influence(case: Case) -> tuple[Means, str]:
    """Normalised weighted means, with influence values that allow for the weights having been estimated."""
    study, parts = case.matched.study, case.matched.parts
    survey = np.ones(study.n) if study.weights is None else study.weights
    values, found = np.zeros((study.n, 2)), []
    for column, group in ((0, study.treated), (1, ~study.treated)):
        w = np.where(group, case.w, 0.0)
        mean = float(w @ np.where(case.has, case.y, 0.0) / w.sum())
        gap = np.where(group & case.has, np.where(case.has, case.y, 0.0) - mean, 0.0)
        values[:, column] = w * gap / w.sum()
        for part in parts:
            moved = (part.slope * survey * gap) @ part.design / w.sum()
            values[:, column] += part.influence @ moved
        found.append(mean)
    shares = np.column_stack([np.where(side, case.w, 0.0) for side in (study.treated, ~study.treated)])
    made = from_influence(found[0], found[1], values, case.cluster, None if case.cluster is None else shares)
    on = (
        f", summed within {case.cluster_name} (t, {made.df:.1f} degrees of freedom)" if case.cluster is not None else ""
    )
    made = replace(made, moved=values[:, 0] - values[:, 1])
    how = "allowing for the estimated weights" if parts else "taking the score as known"
    return made, f"weighted difference in means; influence-based error {how}{on}"
