"""The engine of simulated power: starts are reassigned over the units of a real panel, all draws in one matrix product.

An estimator that is linear in the outcome, and gives units with one start one set of weights, needs no
refitting: under an assignment ``a`` its estimate is ``sum_i w[a_i] . y_i``. An effect of ``delta`` from
each start on adds ``delta * sum_i w[a_i] . d[b_i]`` under the true assignment ``b``. So every permuted
estimate, for every true assignment and every effect, comes from two products of small matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.engine.few_clusters import bias_reduced
from hubeval.methods.did.estimators.influence import covariance
from hubeval.methods.did.inference.welch import welch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ENUMERATE_UP_TO = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A complete panel without effect, and who started when.

    Attributes
    ----------
    y : (N, T) float
    cohort : (N,) int
        0..G-1 in the order of `starts`; the last cohort is never treated where there is one.
    starts : (G,) float
        First treated position of each cohort; infinite for never.
    """

    y: Floats
    cohort: Codes
    starts: Floats

    @property
    def exposure(self) -> Floats:
        """1 from the start on, by cohort, (G, T)."""
        return (np.arange(self.y.shape[1])[None, :] >= self.starts[:, None]).astype(float)

    @property
    def sizes(self) -> Codes:
        """Units in each cohort, (G,)."""
        return np.bincount(self.cohort, minlength=len(self.starts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a t statistic is made: vectors whose products with a unit's residual add up, squared, to the variance.

    Attributes
    ----------
    vectors : (G, T) float
    factor : float
        On the variance.
    df : float
    """

    vectors: Floats
    factor: float
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejections:
    """For every draw, the sizes of effect that are found: power against any effect is then a comparison.

    Attributes
    ----------
    null : (R, D) or (1, D) float
        Estimates without effect: of reference assignments (rows) under each drawn truth (columns).
    slope : (R, D) float
        How they move with an effect of one.
    own : (D,) float
        The estimate under the true assignment, without effect.
    critical : (D,) float
        For t: the estimate beyond which it is found; empty for permutation.
    allowed : int
        For permutation: reference estimates at least as large that still leave p at the level or below.
    """

    null: Floats
    slope: Floats
    own: Floats
    critical: Floats
    allowed: int

    def power(self, effect: float) -> float:
        """Share of the draws in which an effect of this size is found."""
        if len(self.critical):
            return float((np.abs(self.own + effect) > self.critical).mean())
        actual = np.abs(self.own + effect)
        larger = np.abs(self.null + effect * self.slope) >= actual * (1 - 1e-9)
        return float((larger.sum(axis=0) <= self.allowed).mean())


def two_way_weights(panel: Panel) -> Floats:
    """Weights of two-way fixed effects, (G, T): the exposure with unit and period means taken out, scaled.

    Examples
    --------
    >>> panel = Panel(y=np.zeros((4, 2)), cohort=np.array([0, 1, 1, 1]), starts=np.array([1.0, np.inf]))
    >>> two_way_weights(panel).round(3).tolist()
    [[-1.0, 1.0], [0.333, -0.333]]
    """
    d = panel.exposure
    share = panel.sizes / panel.sizes.sum()
    inside = d - d.mean(axis=1)[:, None]
    inside = inside - share @ inside
    total = float((panel.sizes * (inside**2).sum(axis=1)).sum())
    return np.asarray(inside / total)


def probed(panel: Panel, estimates: Callable[[Floats], Floats]) -> Floats:
    """Loads of K linear estimates on the cohorts' mean paths, (K, G, T), found by asking about one at a time.

    Parameters
    ----------
    estimates : function
        From an outcome (N, T) to K estimates under the panel's own starts.
    """
    n, t = panel.y.shape
    found = []
    for g in range(len(panel.starts)):
        for s in range(t):
            basis = np.zeros((n, t))
            basis[panel.cohort == g, s] = 1.0
            found.append(np.asarray(estimates(basis), dtype=np.float64))
    return np.asarray(np.stack(found, axis=-1).reshape(-1, len(panel.starts), t))


def probed_weights(panel: Panel, estimate: Callable[[Floats], float]) -> Floats:
    """Weights of any linear estimator, (G, T), found by asking it about panels that hold a single one.

    Parameters
    ----------
    estimate : function
        From an outcome (N, T) to the estimate under the panel's own starts.

    Raises
    ------
    ValueError
        The estimator is not linear in the outcome, or weighs units of one start differently.
    """
    n, t = panel.y.shape
    loads = probed(panel, lambda y: np.array([estimate(y)]))
    weights = loads[0] / panel.sizes[:, None]
    rng = np.random.default_rng(0)
    for trial in (panel.y, rng.normal(size=(n, t))):
        direct = estimate(trial)
        if not np.isclose(direct, float((weights[panel.cohort] * trial).sum()), rtol=1e-6, atol=1e-9):
            message = "the estimator is not one set of weights for each start"
            raise ValueError(message)
    return np.asarray(weights)


def clustered_score(panel: Panel, weights: Floats) -> Score:
    """The CR1 score of two-way fixed effects clustered by unit, t with N - 1."""
    n, t = panel.y.shape
    rows = n * t
    return Score(vectors=weights, factor=n / (n - 1) * (rows - 1) / (rows - 1 - t), df=float(n - 1))


def bias_reduced_score(panel: Panel, kind: str) -> Score:
    """The CR2 or CR3 score of two-way fixed effects clustered by unit, with Bell-McCaffrey degrees of freedom.

    The adjustment depends on a unit's start alone, so it is read off once: from residuals that are
    nothing but one in one period of the units of one start.
    """
    n, t = panel.y.shape
    d = panel.exposure[panel.cohort]
    within = np.column_stack([(d - d.mean(axis=1)[:, None]).ravel(), np.tile(np.eye(t)[:, 1:] - 1 / t, (n, 1))])
    cluster = np.repeat(np.arange(n), t)
    first = [int(np.flatnonzero(panel.cohort == g)[0]) for g in range(len(panel.starts))]
    vectors = np.zeros((len(panel.starts), t))
    df = 1.0
    for g, unit in enumerate(first):
        found = _adjusted(within, cluster, unit, kind)
        vectors[g] = found
    fit = bias_reduced(within, np.zeros(n * t), cluster, 1, kind="cr3" if kind == "cr3" else "cr2")
    df = float(fit.df[0])
    return Score(vectors=vectors, factor=1.0, df=df)


def _adjusted(x: Floats, cluster: Codes, unit: int, kind: str) -> Floats:
    """The unit's adjusted score vector, ``(I - H)^(-1/2) x_unit (x'x)^-1`` (or ``^-1``), first column."""
    bread = np.linalg.pinv(x.T @ x, hermitian=True, rcond=1e-12)
    own = x[cluster == unit]
    values, turned = np.linalg.eigh(np.eye(len(own)) - own @ bread @ own.T)
    keep = values > 1e-9
    power = -0.5 if kind == "cr2" else -1.0
    root = (turned[:, keep] * values[keep] ** power) @ turned[:, keep].T
    return np.asarray(root @ (own @ bread[:, 0]))


def drawn(panel: Panel, draws: int, rng: np.random.Generator) -> Codes:
    """Random reassignments of the cohorts over the units, (draws, N)."""
    return np.stack([rng.permutation(panel.cohort) for _ in range(draws)])


def permutation_test(
    panel: Panel, weights: Floats, *, truths: Codes, reference: Codes, exact: bool, level: float,
    rows: Codes | None = None,
) -> Rejections:
    """What a permutation test of the starts finds, for every true assignment.

    Parameters
    ----------
    truths : (D, N) int
        Cohorts under each drawn truth.
    reference : (R, N) int
        Cohorts under each reference assignment; all of them where `exact`.
    rows : (D, N) int, optional
        Units resampled for each draw; the panel's own by default.
    """
    towards = panel.y @ weights.T  # (N, G): what a unit would add under each start
    gains = weights @ panel.exposure.T  # (G, G)
    marked = _marked(reference, len(panel.starts))  # (R, N G)
    slope = marked @ _flat(gains.T[truths])  # (R, D)
    if rows is None:
        null = (marked @ towards.ravel())[:, None]
        own = np.take_along_axis(towards[None], truths[:, :, None], axis=2)[:, :, 0].sum(axis=1)
    else:
        moved = towards[rows]  # (D, N, G)
        null = marked @ _flat(moved)
        own = np.take_along_axis(moved, truths[:, :, None], axis=2)[:, :, 0].sum(axis=1)
    r = len(reference)
    allowed = int(np.floor(level * r + 1e-9)) if exact else int(np.floor(level * (r + 1) + 1e-9)) - 1
    return Rejections(null=null, slope=slope, own=own, critical=np.empty(0), allowed=allowed)


def t_test(
    panel: Panel, weights: Floats, score: Score, *, truths: Codes, level: float, rows: Codes | None = None
) -> Rejections:
    """What a t test with this score finds, for every true assignment.

    An effect of the assumed shape moves the estimate and leaves the residuals alone, so each draw has
    one error whatever the effect.
    """
    towards = panel.y @ weights.T
    inside = panel.y - panel.y.mean(axis=1)[:, None]
    scored = inside @ score.vectors.T  # (N, G)
    shape = panel.exposure - panel.exposure.mean(axis=1)[:, None]
    share = panel.sizes / panel.sizes.sum()
    shape = shape - share @ shape
    gains = np.einsum("gt,gt->g", score.vectors, shape)
    own, error = np.empty(len(truths)), np.empty(len(truths))
    for d, truth in enumerate(truths):
        unit = np.arange(len(truth)) if rows is None else rows[d]
        own[d] = towards[unit, truth].sum()
        centre = score.vectors @ inside[unit].mean(axis=0)
        part = scored[unit, truth] - centre[truth] - own[d] * gains[truth]
        error[d] = np.sqrt(score.factor * (part**2).sum())
    critical = stats.t.ppf(1 - level / 2, score.df) * error
    return Rejections(null=np.empty((0, 0)), slope=np.empty((0, 0)), own=own, critical=critical, allowed=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Effects by cohort, of which the average is made: what its error owes to the cohorts' shares.

    Attributes
    ----------
    loads : (C, G, T) float
        Weights on cohort means of the sum of each treated cohort's effects from its start on.
    count : (C,) float
        How many effects that sum holds.
    cohort : (C,) int
        Whose they are.
    """

    loads: Floats
    count: Floats
    cohort: Codes


def cohort_test(
    panel: Panel, weights: Floats, *, truths: Codes, level: float, corrected: bool, rows: Codes | None = None,
) -> Rejections:
    """What a test from influence functions finds: each cohort's own spread about its mean, added up.

    Cohorts weigh as the units treated here do: that is not estimated.

    Parameters
    ----------
    corrected : bool
        The room's Welch correction for few units in a cohort; else none, and the normal.
    """
    counts = panel.sizes
    n = len(panel.cohort)
    own, critical = np.empty(len(truths)), np.empty(len(truths))
    towards = panel.y @ weights.T
    for d, truth in enumerate(truths):
        unit = np.arange(n) if rows is None else rows[d]
        value = towards[unit, truth]
        own[d] = value.sum()
        centred = value - (np.bincount(truth, value, len(counts)) / counts)[truth]
        critical[d] = _critical(n * centred, truth, level, corrected=corrected)
    return Rejections(null=np.empty((0, 0)), slope=np.empty((0, 0)), own=own, critical=critical, allowed=0)


def _critical(influence: Floats, cohort: Codes, level: float, *, corrected: bool) -> float:
    """The estimate beyond which the room's test rejects; infinite where a cohort of one leaves no error."""
    unit = np.arange(len(cohort))
    if not corrected:
        return float(stats.norm.ppf(1 - level / 2) * np.sqrt(covariance(influence[None], unit)[0, 0]))
    error, df, _ = welch(influence[None], unit, cohort.astype(float))
    if not np.isfinite(error[0]) or (np.bincount(cohort) == 1).any():
        return float("inf")
    return float(stats.t.ppf(1 - level / 2, df[0]) * error[0])


def smallest(power: Callable[[float], float], target: float, scale: float) -> float | None:
    """The smallest effect whose power reaches the target, by bisection; None where none does.

    Parameters
    ----------
    power : function
        From an effect to its power.
    scale : float
        An effect of the right order, above 0.
    """
    high = scale
    for _ in range(30):
        if power(high) >= target:
            break
        high *= 2
    else:
        return None
    low = 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= target else (middle, high)
        if high - low <= 1e-4 * high:
            break
    return high


def _marked(assignment: Codes, groups: int) -> Floats:
    """One-hot rows, (R, N G)."""
    marked = assignment[:, :, None] == np.arange(groups)
    return np.asarray(marked.reshape(len(assignment), -1), dtype=np.float64)


def _flat(values: Floats) -> Floats:
    """(D, N, G) as columns, (N G, D)."""
    return np.asarray(values.reshape(len(values), -1).T)
