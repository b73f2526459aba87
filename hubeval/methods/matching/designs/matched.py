"""`match`: from a frame to matched sets or weights, and the value that holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.methods.matching.designs.balance import balance_table, balance_within
from hubeval.methods.matching.designs.by_lot import put_back, shuffled
from hubeval.methods.matching.designs.cardinality import match_cardinality
from hubeval.methods.matching.designs.genetic import match_genetic
from hubeval.methods.matching.designs.nearest import match_nearest, on_scale
from hubeval.methods.matching.designs.optimal import match_full, match_optimal
from hubeval.methods.matching.designs.scores import refuse_split, score_apart
from hubeval.methods.matching.designs.strata import match_cells
from hubeval.methods.matching.designs.weighting import weigh
from hubeval.methods.matching.designs.weights import effective
from hubeval.methods.matching.door.covariates import named
from hubeval.methods.matching.door.frames import read_study
from hubeval.methods.matching.door.options import PAIRING, STRATA, WEIGHTING, Options, Request, check_request
from hubeval.result import NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.weighting import Part
    from hubeval.methods.matching.door.study import Links, Score, Study

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Matched(Shown):
    """A matching, weighted or stratified sample. Everything shown is drawn from it; nothing was written into the frame.

    Attributes
    ----------
    request : Request
        What was asked for.
    study : Study
        The records that passed the door, as arrays.
    score : Score or None
    links : Links
        The design's decision, in positions of `study`.
    usable : (n,) bool
        Records inside the common support that was asked for.
    parts : tuple of Part
        For weighting designs: how the weights depend on the model behind them.
    notes : tuple of NotComputed
        What the design could not prove of itself.
    emphasis : tuple of (str, float)
        For genetic matching: the weight found for each covariate in the distance, and for the score.
    """

    request: Request
    study: Study
    score: Score | None
    links: Links
    usable: Flags
    parts: tuple[Part, ...] = ()
    notes: tuple[NotComputed, ...] = ()
    emphasis: tuple[tuple[str, float], ...] = ()

    @property
    def analysis_weights(self) -> Floats:
        """Matching weights times survey weights, (n,), in the order of `study`."""
        w = self.links.weights
        return w if self.study.weights is None else w * self.study.weights

    @property
    def weights(self) -> pd.Series:
        """A weight for every row of the frame, on its index; 0 for rows that are not used."""
        whole = np.zeros(len(self.study.frame))
        whole[self.study.rows] = self.analysis_weights
        return pd.Series(whole, index=self.study.frame.index, name="weights")

    @property
    def strata(self) -> pd.Series:
        """The matched set or cell of every row of the frame; <NA> for rows in none."""
        whole = np.full(len(self.study.frame), -1, dtype=np.int64)
        whole[self.study.rows] = self.links.stratum
        return pd.Series(whole, index=self.study.frame.index, name="stratum").astype("Int64").mask(whole < 0)

    @property
    def scores(self) -> pd.Series:
        """The score of every row of the frame; NaN for rows left out at the door."""
        whole = np.full(len(self.study.frame), np.nan)
        if self.score is not None:
            whole[self.study.rows] = self.score.value
        return pd.Series(whole, index=self.study.frame.index, name="score")

    @property
    def pairs(self) -> pd.DataFrame:
        """One row a link: labels of `treated` and `comparison`, `stratum`, `distance`; none for cells and weights."""
        labels, links = self.study.labels, self.links
        focal = links.treated if self.request.estimand != "ATC" else links.comparison
        number = links.stratum[links.treated]
        if number.size and (number < 0).all():
            number = np.unique(focal, return_inverse=True)[1]
        return pd.DataFrame(
            {
                "treated": labels[links.treated],
                "comparison": labels[links.comparison],
                "stratum": number,
                "distance": links.distance,
            }
        )

    @property
    def sample(self) -> pd.DataFrame:
        """How many records of each group were there, used, left unmatched, and left out for want of overlap."""
        w, used = self.analysis_weights, self.links.weights > 0
        survey = np.ones(self.study.n) if self.study.weights is None else self.study.weights
        lines = {}
        for name, group in (("comparison", ~self.study.treated), ("treated", self.study.treated)):
            lines[name] = [
                float(group.sum()),
                effective(survey[group]),
                float((group & used).sum()),
                effective(w[group & used]),
                float((group & self.usable & ~used).sum()),
                float((group & ~self.usable).sum()),
            ]
        steps = ["all", "all, effective", "matched", "matched, effective", "unmatched", "outside support"]
        return pd.DataFrame({"sample": steps, **lines})

    @property
    def short(self) -> int:
        """Matched records that got fewer matches than `ratio` (0 where each asks for its own number)."""
        options, links = self.request.options, self.links
        one_each = self.request.method in {"nearest", "optimal", "genetic"}
        if not one_each or options.most is not None or options.fewest is not None:
            return 0
        focal = links.comparison if self.request.estimand == "ATC" else links.treated
        got = np.bincount(focal)
        return int(((got > 0) & (got < self.request.ratio)).sum())

    @property
    def not_computed(self) -> tuple[NotComputed, ...]:
        """What `balance` and `pairs` leave empty, and why."""
        made = [*self.notes]
        if self.study.binary.any():
            reason = "a two-valued term's variance follows from its mean, so the ratio adds nothing"
            made.append(NotComputed(what="variance ratios of two-valued terms", reason=reason))
        if self.score is None or not self.score.probability:
            reason = "this design makes no probability of treatment"
            made.append(NotComputed(what="overlap of scores", reason=reason))
        if self.request.method in WEIGHTING:
            reason = "weights pair nobody, so no record stands beside another"
            made.append(NotComputed(what="distance within pairs", reason=reason))
        elif self.request.method == "cardinality" and self.links.treated.size == 0:
            reason = "records were chosen so that the groups are alike, not each other; paired=True pairs them"
            made.append(NotComputed(what="a list of pairs, and the distance within them", reason=reason))
        elif self.short:
            reason = f"{self.short} matched records got fewer, for want of any more allowed"
            made.append(NotComputed(what=f"{self.request.ratio} matches for each", reason=reason))
        elif self.links.treated.size == 0:
            reason = "records are in cells, not in pairs; balance() gives the distance within cells"
            made.append(NotComputed(what="a list of pairs", reason=reason))
        return tuple(made)

    def _figures(self) -> tuple[Any, ...]:
        return (import_module("hubeval.methods.matching.figures").love_plot(self.balance()),)

    def balance(self, *, interactions: bool = False, squares: bool = False) -> pd.DataFrame:
        """Balance of every covariate before and after; see `balance_table`."""
        extra = ("interactions",) * interactions + ("squares",) * squares
        value = None if self.score is None else on_scale(self.score, self.request.options.link)
        return balance_table(self.study, value, self.links, self.request.estimand, extra)

    def balance_by(self, column: str | None = None) -> pd.DataFrame:
        """Balance within each level of a column of the frame, or within each stratum; see `balance_within`.

        Raises
        ------
        BadInput
            There is no such column, or there are no strata.
        """
        frame = self.study.frame
        if column is not None and column not in frame.columns:
            near = did_you_mean(column, map(str, frame.columns))
            raise BadInput([Problem("column", f"no column {column!r}", f"columns: {listed(frame.columns)}", near)])
        if column is None and (self.links.stratum < 0).all():
            cure = "Name a column instead."
            raise BadInput([Problem("column", "this design has no strata", "a column of the frame", cure)])
        groups = self.strata if column is None else frame[column]
        return balance_within(self.study, self.links, self.request.estimand, groups.iloc[self.study.rows])

    def __repr__(self) -> str:
        asked = f"method={self.request.method!r}, estimand={self.request.estimand!r}"
        return f"Matched({asked}, used={int((self.links.weights > 0).sum())} of {self.study.n} records)"


def match(
    frame: pd.DataFrame,
    *,
    treated: str,
    covariates: Sequence[str],
    method: str = "nearest",
    distance: str | pd.Series = "logit",
    estimand: str | None = None,
    ratio: int = 1,
    replace: bool = False,
    caliper: float | Mapping[str, float] | None = None,
    caliper_scale: str = "sd",
    order: str = "largest",
    exact: Sequence[str] = (),
    seed: int | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    unit: str | None = None,
    options: Options | None = None,
) -> Matched:
    """Match or weight comparison records so that they look like the treated ones on what was known before treatment.

    Parameters
    ----------
    frame : DataFrame
        One row a record. It is read, never written.
    treated : str
        Column with 0/1, True/False or Yes/No.
    covariates : sequence of str
        Numeric or text columns, known before treatment. Text columns enter as indicators.
    method : str
        ``"nearest"``, ``"optimal"``, ``"full"``, ``"genetic"``; ``"cardinality"``; ``"exact"``, ``"coarsened"``,
        ``"subclass"``; ``"inverse-probability"``, ``"overlap"``, ``"entropy"``, ``"cbps"``.
    distance : str or Series
        A score to fit (``"logit"``, ``"probit"``, ``"cloglog"``, ``"cauchit"``, ``"ridge"``, ``"boosting"``,
        ``"forest"``, ``"cbps"``), a column that holds one, or a distance between covariates (``"mahalanobis"``,
        ``"robust-mahalanobis"``, ``"scaled-euclidean"``).
    estimand : {"ATT", "ATC", "ATE", "ATO"}, optional
        Whose average effect; ATT unless given (ATO for overlap weights). Refused where the method does not define it.
    ratio : int
        Comparisons for each treated record.
    replace : bool
        Whether a comparison record may be used again.
    caliper : float or mapping, optional
        Largest distance allowed; or, by name, on ``"score"``, ``"logit"`` or numeric columns.
    caliper_scale : {"sd", "raw"}
        Whether calipers are in standard deviations (over all records) or in the units themselves.
    order : {"largest", "smallest", "closest", "farthest", "random", "data"}
        Who chooses first. ``closest`` takes the nearest pair left; ``farthest`` serves the hardest to match first.
    exact : sequence of str
        Columns on which the two of a pair must agree.
    seed : int, optional
        For ``order="random"`` and for scores fitted with randomness.
    weights, cluster, unit : str, optional
        Columns with survey weights, with what stands above the record (the hub), and with its id.
    options : Options, optional
        The rarer options.

    Returns
    -------
    Matched
        With ``weights``, ``pairs``, ``balance()`` and ``sample``.

    Raises
    ------
    BadInput
        With every problem found.

    References
    ----------
    Ho, Imai, King & Stuart (2011), "MatchIt", Journal of Statistical Software 42(8); Stuart (2010), "Matching methods
    for causal inference", Statistical Science 25(1).

    Examples
    --------
    >>> import pandas as pd
    >>> families = pd.DataFrame({"hub": [1, 1, 0, 0, 0, 1, 0], "need": [3.0, 5.0, 2.9, 5.2, 9.0, 7.0, 7.5],
    ...                          "age": [4.0, 2.0, 3.0, 2.5, 7.0, 6.0, 1.0]})
    >>> match(families, treated="hub", covariates=["need", "age"]).pairs[["treated", "comparison"]].values.tolist()
    [[0, 2], [1, 3], [5, 4]]
    """
    natural = "ATO" if method == "overlap" else "ATT"
    request = Request(
        method=method,
        distance=distance,
        estimand=estimand or natural,
        ratio=ratio,
        replace=bool(replace),
        caliper=caliper,
        caliper_scale=caliper_scale,
        order=order,
        exact=named(exact, "exact"),
        seed=seed,
        options=Options() if options is None else options,
    )
    door = Door()
    check_request(request, door)
    names = named(covariates, "covariates")
    study = read_study(frame, treated, names, request, door, weights=weights, cluster=cluster, unit=unit)
    return match_study(study, request)


def match_study(study: Study, request: Request) -> Matched:
    """As `match`, on records that have already passed the door; among equals whoever drew the lower lot goes first."""
    if study.lot is None:
        return _in_order(study, request)
    turn = np.argsort(study.lot, kind="stable")
    made = _in_order(shuffled(study, turn), request)
    back = np.argsort(turn, kind="stable")
    score = made.score
    if score is not None:
        odds = None if score.log_odds is None else score.log_odds[back]
        score = replace(score, value=score.value[back], log_odds=odds)
    return replace(
        made,
        study=replace(study, x=made.study.x[back], x_names=made.study.x_names),
        score=score,
        links=put_back(made.links, turn, request.estimand),
        usable=made.usable[back],
    )


def _in_order(study: Study, request: Request) -> Matched:
    """The design on records as they stand."""
    score = None
    notes: tuple[NotComputed, ...] = ()
    if request.scored:
        kind = (
            "logit"
            if request.in_space or request.method in {"exact", "coarsened", "entropy", "cbps"}
            else request.distance
        )
        study, score, notes = score_apart(study, kind, estimand=request.estimand, seed=request.seed)
    if request.in_space and request.method in PAIRING:
        refuse_split(study.x, study.treated, study.x_names)
    usable = common_support(study, score, request)
    parts: tuple[Part, ...] = ()
    emphasis: tuple[tuple[str, float], ...] = ()
    if request.method in STRATA:
        links = match_cells(study, score, request, usable)
    elif request.method in PAIRING:
        solve = {"nearest": match_nearest, "optimal": match_optimal, "full": match_full}[request.method]
        links = solve(study, score, request, usable)
    elif request.method == "genetic":
        assert score is not None
        links, emphasis = match_genetic(study, score, request, usable)
    elif request.method == "cardinality":
        links, more = match_cardinality(study, score, request, usable)
        notes += more
    else:
        links, parts, more = weigh(study, score, request, usable)
        notes += more
    return Matched(
        request=request,
        study=study,
        score=score,
        links=links,
        usable=usable,
        parts=parts,
        notes=notes,
        emphasis=emphasis,
    )


def common_support(study: Study, score: Score | None, request: Request) -> Flags:
    """Records that the support rule keeps, (n,) bool."""
    usable = np.ones(study.n, dtype=bool)
    options = request.options
    if score is None:
        return usable
    if options.discard != "none":
        one, two = score.value[study.treated], score.value[~study.treated]
        for group, theirs, names in (
            (study.treated, two, {"both", "treated"}),
            (~study.treated, one, {"both", "comparison"}),
        ):
            if options.discard in names:
                usable &= ~group | ((score.value >= theirs.min()) & (score.value <= theirs.max()))
    if options.trim is not None:
        if not score.probability:
            found = "the score brought is not a probability"
            raise BadInput([Problem("options.trim", found, "a score between 0 and 1", "Bring a probability.")])
        usable &= (score.value >= options.trim[0]) & (score.value <= options.trim[1])
    if not (usable & study.treated).any() or not (usable & ~study.treated).any():
        raise BadInput(
            [Problem("options.discard/trim", "nobody is left in one of the groups", "some of each", "Widen it.")]
        )
    return usable
