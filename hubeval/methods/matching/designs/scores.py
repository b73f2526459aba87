"""The score: a probability of treatment given the covariates, by one of several fitted models or brought along."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.special import logit as log_odds

from hubeval.engine.logit import logit
from hubeval.errors import BadInput, Problem, did_you_mean, listed
from hubeval.methods.matching.door.options import SCORES
from hubeval.methods.matching.door.study import Score
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.study import Study

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LINKS = {"probit": "probit regression", "cloglog": "complementary log-log regression", "cauchit": "cauchit regression"}
RARE = 5  # records of a level that may be joined to another where they alone keep a score from existing [judgement]
NEAREST = 1e-13  # scores are rounded there: a fitted probability is never nearer to 0 or 1


def fit_score(study: Study, kind: str | pd.Series, *, estimand: str = "ATT", seed: int | None = None) -> Score:
    """Fit, or read, the score of every record.

    Scores are rounded at the thirteenth digit, so that identical records get identical scores on every machine.

    Raises
    ------
    BadInput
        Unknown kind; a covariate separates the groups; a brought score is missing or not numeric.
    """
    if isinstance(kind, pd.Series) or (kind not in SCORES and kind in study.frame.columns):
        return _brought(study, kind)
    if kind not in SCORES:
        allowed = f"allowed: {listed(SCORES)}, or a column of the frame"
        cure = did_you_mean(str(kind), [*SCORES, *map(str, study.frame.columns)])
        raise BadInput([Problem("distance", f"found {kind!r}", allowed, cure)])
    if kind not in {"logit", "cbps"}:
        refuse_split(study.x, study.treated, study.x_names)
    if kind == "logit":
        p, odds = _logit(study)
        words = "logistic regression, maximum likelihood"
        return Score(value=np.round(p, 13), probability=True, made_by=words, log_odds=np.round(odds, 11))
    if kind in LINKS:
        p = linked(study, kind)
        return Score(
            value=np.round(p, 13), probability=True, made_by=f"{LINKS[kind]} by statsmodels, maximum likelihood"
        )
    if kind == "cbps":
        from hubeval.methods.matching.designs.balancing import cbps  # noqa: PLC0415 - keeps the two files apart

        fitted = cbps(study.x, study.treated, study.weights, estimand="ATE" if estimand == "ATO" else estimand)
        return Score(
            value=np.round(fitted, 13),
            probability=True,
            made_by="covariate-balancing propensity score, just identified (Imai & Ratkovic 2014)",
        )
    if kind == "ridge":
        words = "ridge logistic regression on standardised covariates by scikit-learn"
        return Score(value=np.round(shrunk(study), 13), probability=True, made_by=words)
    value = crossfit_probability(
        study.x, study.treated, kind, weights=study.weights, groups=study.cluster, seed=seed or 0
    )
    words = {"boosting": "gradient boosting", "forest": "random forest"}[kind]
    return Score(value=np.round(value, 13), probability=True, made_by=f"{words} by scikit-learn, 5-fold cross-fitted")


def score_apart(
    study: Study, kind: str | pd.Series, *, estimand: str = "ATT", seed: int | None = None
) -> tuple[Study, Score, tuple[NotComputed, ...]]:
    """As `fit_score`; where a rare level keeps a score from existing, without that level, and saying whom it concerns.

    The rule: a level, or a yes and no, of at most `RARE` records (or 1 in 100 of all, if more) that all stand in one
    group. Its records get the score of the level that the others are set against; balance still shows the level.

    Raises
    ------
    BadInput
        As `fit_score`: groups that are told apart by more than rare levels have no score.
    """
    fitted = isinstance(kind, str) and kind in {"logit", "cbps", *LINKS} and kind not in study.frame.columns
    try:
        return study, fit_score(study, kind, estimand=estimand, seed=seed), ()
    except BadInput:
        found = without_rare(study, "the score") if fitted else None
        if found is None:
            raise
    return found[0], fit_score(found[0], kind, estimand=estimand, seed=seed), found[1]


def without_rare(study: Study, what: str) -> tuple[Study, tuple[NotComputed, ...]] | None:
    """The study without its rare levels, and what to say of each; None where there are none, or nothing is left.

    Parameters
    ----------
    study : Study
    what : str
        What they are left out of: ``"the score"``, ``"the balancing weights"``.
    """
    gone = rare_levels(study)
    keep = [j for j, name in enumerate(study.x_names) if name not in set(gone.values())]
    if not gone or not keep:
        return None
    less = replace(study, x=np.ascontiguousarray(study.x[:, keep]), x_names=tuple(study.x_names[j] for j in keep))
    notes = []
    for level in gone:
        has = study.terms[:, study.term_names.index(level)] == 1
        one, two = int((has & study.treated).sum()), int((has & ~study.treated).sum())
        who = _counted(one, "treated") if one else _counted(two, "comparison")
        done = "scored" if what == "the score" else "weighted"
        reason = f"it has {who} and no others, so it predicts treatment perfectly; {done} as if not in it"
        notes.append(NotComputed(what=f"a part for {level} in {what}", reason=reason))
    return less, tuple(notes)


def _counted(n: int, group: str) -> str:
    return f"{n} {group} record{'' if n == 1 else 's'}"


def rare_levels(study: Study) -> dict[str, str]:
    """Levels of few records that all stand in one group, and the score's column that each is taken out with."""
    found: dict[str, str] = {}
    most = max(RARE, study.n // 100)
    for j, name in enumerate(study.term_names):
        has = study.terms[:, j] == 1
        size = int(has.sum())
        if not study.binary[j] or not 0 < size <= most or 0 < int((has & study.treated).sum()) < size:
            continue
        if name in study.x_names:
            found[name] = name
        elif "=" in name:  # the level that the others are set against: it joins the commonest of them
            own = [k for k, other in enumerate(study.x_names) if other.startswith(name.split("=", 1)[0] + "=")]
            if own:
                found[name] = study.x_names[max(own, key=lambda k: study.x[:, k].sum())]
    return found


def linear(score: Score) -> Floats:
    """The score's log-odds: as fitted where the fit has them, so that a probability near 0 or 1 keeps its distance."""
    if score.log_odds is not None:
        return score.log_odds
    return np.asarray(log_odds(np.clip(score.value, NEAREST, 1 - NEAREST)))


def shrunk(study: Study) -> Floats:
    """Probabilities, (n,), from a logistic regression whose standardised slopes have a standard normal prior.

    Fitted on all records: a straight line has little to overfit with, and on folds it would lose the balance that
    fitting gives, which is what weights are for. Survey weights count records, so that they do not outweigh the prior.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow to import

    counted = np.ones(study.n) if study.weights is None else study.weights * (study.n / study.weights.sum())
    middle = np.average(study.x, axis=0, weights=counted)
    spread = np.sqrt(np.average((study.x - middle) ** 2, axis=0, weights=counted))
    z = (study.x - middle) / np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-9, max_iter=200)
    value = model.fit(z, study.treated, sample_weight=counted).predict_proba(z)[:, 1]
    return np.asarray(np.clip(value, NEAREST, 1 - NEAREST))


def crossfit_probability(
    x: Floats, treated: Flags, kind: str, *, weights: Floats | None = None, groups: Any = None, seed: int = 0
) -> Floats:
    """Out-of-fold probabilities of treatment, (n,), from a scikit-learn model; whole clusters stay in one fold.

    Raises
    ------
    BadInput
        Some fold has one group only to learn from.
    """
    model = classifier(kind, seed)
    value = np.empty(x.shape[0])
    fewest = int(min(treated.sum(), (~treated).sum()))
    splits = folds(treated, groups, seed=seed) if fewest > 1 else []
    if not splits or any(np.unique(treated[fit]).size < 2 for fit, _ in splits):
        where = "" if groups is None else ", or they stand in too few clusters"
        found = f"{kind!r} is fitted on parts of the records, and {fewest} in the smaller group are too few{where}"
        allowed = "both groups in every part"
        raise BadInput([Problem("distance", found, allowed, "Write distance='logit', or leave out the cluster.")])
    for fit, out in splits:
        part = {} if weights is None else {"sample_weight": weights[fit]}
        made = clone_of(model).fit(x[fit], treated[fit], **part)
        value[out] = made.predict_proba(x[out])[:, 1]
    return np.asarray(np.clip(value, 1e-3, 1 - 1e-3))


def folds(treated: Flags, groups: Any = None, *, n_folds: int = 5, seed: int = 0) -> list[tuple[Any, Any]]:
    """(fit, held-out) positions of stratified folds; clusters are never split between folds."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold  # noqa: PLC0415 - slow to import

    few = max(2, min(n_folds, int(treated.sum()), int((~treated).sum())))
    blank = np.zeros(treated.shape[0])
    if groups is None or np.unique(groups).size < 2 * few:
        return list(StratifiedKFold(few, shuffle=True, random_state=seed).split(blank, treated))
    return list(StratifiedGroupKFold(few, shuffle=True, random_state=seed).split(blank, treated, groups))


def classifier(kind: str, seed: int) -> Any:
    """An unfitted scikit-learn classifier of that kind."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier  # noqa: PLC0415

    if kind == "boosting":
        return HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.06,
            max_leaf_nodes=12,
            min_samples_leaf=20,
            l2_regularization=1.0,
            random_state=seed,
        )
    return RandomForestClassifier(n_estimators=200, min_samples_leaf=10, random_state=seed)


def clone_of(model: Any) -> Any:
    """A fresh copy of an unfitted scikit-learn model."""
    from sklearn.base import clone  # noqa: PLC0415

    return clone(model)


def linked(study: Study, kind: str) -> Floats:
    """Probabilities of treatment, (n,), from a binomial model with another link than the log-odds.

    Raises
    ------
    BadInput
        The model has no solution: the covariates separate the groups, or it does not settle.
    """
    import statsmodels.api as sm  # noqa: PLC0415 - slow to import
    from statsmodels.tools.sm_exceptions import PerfectSeparationError  # noqa: PLC0415

    link = {
        "probit": sm.families.links.Probit,
        "cloglog": sm.families.links.CLogLog,
        "cauchit": sm.families.links.Cauchy,
    }
    _logit(study)  # whether the groups can be told apart does not hang on the link, and this finds it out
    spread = study.x.std(axis=0)
    design = np.column_stack([np.ones(study.n), (study.x - study.x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
    model = sm.GLM(study.treated.astype(float), design, sm.families.Binomial(link[kind]()), freq_weights=study.weights)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what they would say is asked below, and refused
        try:
            fit = model.fit(maxiter=200, tol=1e-12)
        except (PerfectSeparationError, np.linalg.LinAlgError, ValueError):
            fit = None
    p = None if fit is None or not fit.converged else np.asarray(fit.mu)
    if p is None or not np.isfinite(p).all():
        raise BadInput([_apart(study)])
    return np.asarray(np.clip(p, NEAREST, 1 - NEAREST))


def _logit(study: Study) -> tuple[Floats, Floats]:
    """Probabilities and log-odds, (n,) each."""
    design = np.empty((study.n, study.x.shape[1] + 1), order="F")
    design[:, 0] = 1
    np.subtract(study.x, study.x.mean(axis=0), out=design[:, 1:])  # far from zero, a covariate looks like the constant
    fit = logit(study.treated.astype(float), design, study.weights)
    if fit.separated or not fit.converged:
        raise BadInput([_apart(study)])
    return fit.probability, np.asarray(design @ fit.coef)


def _apart(study: Study) -> Problem:
    """What to say where the covariates tell treated from comparison records perfectly."""
    refuse_split(study.x, study.treated, study.x_names)
    guilty = guilty_terms(study)
    named = listed(guilty) if guilty else "a combination of covariates"
    return Problem(
        "covariates",
        f"{named} predicts treatment perfectly, so no score exists",
        "treated and comparison records that overlap",
        "Leave it out, leave out the records that nobody of the other group is like, or match on it exactly; "
        "distance='mahalanobis' with order='random' pairs without a score.",
    )


def guilty_terms(study: Study) -> list[str]:
    """Covariates and levels, the one the others are set against among them, that alone divide the groups."""
    return [study.term_names[j] for j in separating(study.terms, study.treated)]


def refuse_split(x: Floats, treated: Flags, names: tuple[str, ...]) -> None:
    """Refuse covariates on which every treated record lies beyond every comparison record.

    Raises
    ------
    BadInput
        With the names: nobody is comparable on them, whatever the distance.
    """
    apart = [
        name
        for j, name in enumerate(names)
        if x[treated, j].min() > x[~treated, j].max() or x[treated, j].max() < x[~treated, j].min()
    ]
    if apart:
        found = f"{listed(apart)} predicts treatment perfectly, so nobody is comparable on it"
        allowed = "treated and comparison records that overlap"
        raise BadInput([Problem("covariates", found, allowed, "Leave it out, or ask how treatment came about.")])


def separating(x: Floats, treated: Flags) -> list[int]:
    """Columns that alone divide treated from comparison records, wholly or at one end."""
    found = []
    for j in range(x.shape[1]):
        one, two = x[treated, j], x[~treated, j]
        whole = one.min() > two.max() or one.max() < two.min()
        both = {float(v) for v in (x[:, j].min(), x[:, j].max())}
        dummy = np.isin(x[:, j], list(both)).all()
        if whole or (dummy and (one.min() == one.max() or two.min() == two.max())):
            found.append(j)
    return found


def _brought(study: Study, kind: str | pd.Series) -> Score:
    name, found = str(kind.name if isinstance(kind, pd.Series) else kind), ""
    if isinstance(kind, pd.Series) and not kind.index.is_unique:
        raise BadInput([_unusable(name, f"repeats {int(kind.index.duplicated().sum())} ids")])
    column = kind.reindex(study.frame.index) if isinstance(kind, pd.Series) else study.frame[kind]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise BadInput([_unusable(name, "is not numeric")])
    value = column.to_numpy(dtype=float, na_value=np.nan)[study.rows]
    if gone := int(np.isnan(value).sum()):
        found = f"is missing for {gone} of {value.size} records"
    elif wild := int(np.isinf(value).sum()):
        found = f"is infinite for {wild} records"
    elif (value == value[0]).all():
        found = "is the same for all records"
    if found:
        raise BadInput([_unusable(name, found)])
    inside = bool(((value > 0) & (value < 1)).all())
    return Score(value=value, probability=inside, made_by=f"the score brought in {name!r}")


def _unusable(name: str, found: str) -> Problem:
    cure = "Correct it, or name a score to fit."
    return Problem("distance", f"the score {name!r} {found}", "a number for every record", cure)


def inverse_link(eta: Floats) -> Floats:
    """Probabilities from log-odds."""
    return np.asarray(expit(eta))
