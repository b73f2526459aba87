"""Balance: how alike the groups are, before and after, on one denominator fixed before matching."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.study import Links, Study

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def balance_table(
    study: Study, value: Floats | None, links: Links, estimand: str, extra: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Balance of the score and every covariate before and after.

    Parameters
    ----------
    study, links
        As held by `Matched`.
    value : (n,) float or None
        The score, on the scale distances were taken on; shown as ``distance``.
    estimand : str
        Fixes the denominator of standardised differences: the standard deviation of the treated (ATT), of the
        comparison (ATC), or the pooled one, always in the sample before matching.
    extra : tuple of {"interactions", "squares"}
        Products of covariates to show as well.

    Returns
    -------
    DataFrame
        One row a term: ``term``, ``binary``, and for ``_before`` and ``_after``: ``mean_treated``,
        ``mean_comparison``, ``smd``, ``variance_ratio``, ``ecdf_mean``, ``ks``; and ``pair_distance``, the mean
        absolute difference over the same denominator within pairs, or for cells between every treated and every
        comparison record of a cell. Variance ratios are missing for two-valued terms, and pair distances are None
        under weights, which pair nobody: `Matched.not_computed` says both.
    """
    names, terms, binary = _terms(study, value, extra)
    survey = np.ones(study.n) if study.weights is None else study.weights
    spread = denominators(terms, binary, study.treated, survey, estimand)
    before = _sides(terms, binary, study.treated, survey, spread, "_before")
    after = _sides(terms, binary, study.treated, survey * links.weights, spread, "_after")
    apart = _pair_distances(terms, study.treated, links, spread)
    return pd.DataFrame({"term": names, "binary": binary, **before, **after, "pair_distance": apart})


def balance_within(study: Study, links: Links, estimand: str, groups: pd.Series) -> pd.DataFrame:
    """Balance inside each group of records, over the denominators of the whole sample before matching.

    Parameters
    ----------
    study, links
        As held by `Matched`.
    estimand : str
    groups : Series
        A label for every record of the study, such as its stratum, sex or place; missing labels are left out.

    Returns
    -------
    DataFrame
        One row a group and term: ``group``, ``term``, ``n_treated``, ``n_comparison`` (used), ``smd_before``,
        ``smd_after``; groups without both kinds of record are left out.
    """
    survey = np.ones(study.n) if study.weights is None else study.weights
    spread = denominators(study.terms, study.binary, study.treated, survey, estimand)
    rows = []
    for label in groups.dropna().unique():
        inside = (groups == label).fillna(value=False).to_numpy(dtype=bool)
        gaps = [_gap(study, np.where(inside, w, 0.0)) for w in (survey, survey * links.weights)]
        if any(gap is None for gap in gaps):
            continue
        used = inside & (links.weights > 0)
        counts = int((used & study.treated).sum()), int((used & ~study.treated).sum())
        for term, before, after in zip(
            study.term_names, *(gap / spread for gap in gaps if gap is not None), strict=True
        ):
            rows.append((label, term, *counts, float(before), float(after)))
    return pd.DataFrame(rows, columns=["group", "term", "n_treated", "n_comparison", "smd_before", "smd_after"])


def _gap(study: Study, w: Floats) -> Floats | None:
    """Differences in weighted means, (q,), or nothing where a side is empty."""
    one, two = (w * side for side in (study.treated, ~study.treated))
    if not (one.sum() > 0 and two.sum() > 0):
        return None
    return np.asarray(one @ study.terms / one.sum() - two @ study.terms / two.sum())


def denominators(terms: Floats, binary: Flags, treated: Flags, survey: Floats, estimand: str) -> Floats:
    """Standard deviations, (q,), that differences are divided by; two-valued terms use ``p (1 - p)``."""
    one, two = (_variance(terms[group], survey[group], binary) for group in (treated, ~treated))
    chosen = one if estimand == "ATT" else two if estimand == "ATC" else (one + two) / 2
    everyone = _variance(terms, survey, binary)
    flat = ~(chosen > 1e-12 * np.maximum(everyone, 1e-300))
    return np.sqrt(np.where(flat, everyone, chosen))


def _terms(study: Study, value: Floats | None, extra: tuple[str, ...]) -> tuple[list[str], Floats, Flags]:
    names, columns, binary = list(study.term_names), [study.terms], [study.binary]
    if value is not None:
        names.insert(0, "distance")
        columns.insert(0, value[:, None])
        binary.insert(0, np.array([False]))
    q = study.terms.shape[1]
    for kind in extra:
        pairs = (
            [(i, i) for i in range(q) if not study.binary[i]]
            if kind == "squares"
            else [
                (i, j)
                for i in range(q)
                for j in range(i + 1, q)
                if study.term_names[i].split("=")[0] != study.term_names[j].split("=")[0]
            ]
        )
        for i, j in pairs:
            made = study.terms[:, i] * study.terms[:, j]
            if (made == made[0]).all():  # such as two levels that nobody has together
                continue
            names.append(f"{study.term_names[i]}²" if i == j else f"{study.term_names[i]} × {study.term_names[j]}")
            columns.append(made[:, None])
            binary.append(np.array([bool(np.isin(made, (made.min(), made.max())).all())]))
    return names, np.column_stack(columns), np.concatenate(binary)


def _sides(terms: Floats, binary: Flags, treated: Flags, w: Floats, spread: Floats, suffix: str) -> dict[str, Floats]:
    one, two = treated & (w > 0), ~treated & (w > 0)
    mean_one, mean_two = (np.average(terms[g], axis=0, weights=w[g]) for g in (one, two))
    var_one, var_two = (_variance(terms[g], w[g], binary) for g in (one, two))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(binary | ~(var_two > 0), np.nan, var_one / var_two)
        smd = (mean_one - mean_two) / spread
    ecdf = np.array([_ecdf(terms[:, j], one, two, w) for j in range(terms.shape[1])]).reshape(-1, 2)
    width = terms[:, binary].max(axis=0) - terms[:, binary].min(axis=0)  # 1 for 0/1; shares, whatever the coding
    ecdf[binary] = (np.abs(mean_one - mean_two)[binary] / width)[:, None]
    made = {
        "mean_treated": mean_one,
        "mean_comparison": mean_two,
        "smd": smd,
        "variance_ratio": ratio,
        "ecdf_mean": ecdf[:, 0],
        "ks": ecdf[:, 1],
    }
    return {name + suffix: value for name, value in made.items()}


def _variance(x: Floats, w: Floats, binary: Flags) -> Floats:
    """Weighted variance with reliability weights; ``p (1 - p)`` for two-valued terms on 0 and 1."""
    mean = np.average(x, axis=0, weights=w)
    total = w.sum()
    free = total - (w**2).sum() / total
    plain = (w @ (x - mean) ** 2) / free if free > 0 else np.zeros(x.shape[1])
    return np.asarray(np.where(binary, (w @ (x - mean) ** 2) / total, plain))


def _ecdf(x: Floats, one: Flags, two: Flags, w: Floats) -> tuple[float, float]:
    """Mean and largest difference between the two weighted distribution functions, over the distinct values."""
    order = np.argsort(x, kind="stable")
    step_one = np.cumsum(np.where(one, w, 0)[order]) / w[one].sum()
    step_two = np.cumsum(np.where(two, w, 0)[order]) / w[two].sum()
    last = np.r_[x[order][1:] != x[order][:-1], True]
    gap = np.abs(step_one - step_two)[last]
    return float(gap.mean()), float(gap.max())


def _pair_distances(terms: Floats, treated: Flags, links: Links, spread: Floats) -> Floats | list[None]:
    """Mean absolute difference within pairs or cells over `spread`, (q,); None where nobody stands beside anybody."""
    if links.treated.size:
        return np.asarray(np.abs(terms[links.treated] - terms[links.comparison]).mean(axis=0) / spread)
    inside = links.stratum >= 0
    if not inside.any():
        return [None] * terms.shape[1]
    return _within_cells(terms[inside], treated[inside], links.stratum[inside]) / spread


def _within_cells(terms: Floats, treated: Flags, cell: NDArray[np.int64]) -> Floats:
    """Mean absolute difference, (q,), over every treated-comparison pair inside a cell, by sorting, not by pairs.

    Between two neighbouring values of a sorted cell, every pair with one record below and one above crosses the gap.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0.0], [3.0], [1.0], [10.0], [11.0]])
    >>> _within_cells(x, np.array([True, False, False, True, False]), np.array([0, 0, 0, 1, 1]))
    array([1.66666667])
    """
    one, two = (np.bincount(cell[side], minlength=cell.max() + 1) for side in (treated, ~treated))
    total = np.empty(terms.shape[1])
    for column in range(terms.shape[1]):
        order = np.lexsort((terms[:, column], cell))
        x, c, t = terms[order, column], cell[order], treated[order]
        below = np.cumsum(t) - (np.cumsum(one) - one)[c]
        other = np.cumsum(~t) - (np.cumsum(two) - two)[c]
        crossing = below * (two[c] - other) + other * (one[c] - below)
        total[column] = crossing[:-1] @ np.where(c[1:] == c[:-1], np.diff(x), 0.0)
    return total / (one @ two)
