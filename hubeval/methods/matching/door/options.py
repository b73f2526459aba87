"""What a matching asks for: words and numbers, checked together, each option only where it means something."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hubeval.errors import listed

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.errors import Door

Estimand = Literal["ATT", "ATC", "ATE", "ATO"]

PAIRING = ("nearest", "optimal", "full")
GREEDY = ("nearest", "genetic")
STRATA = ("exact", "coarsened", "subclass")
WEIGHTING = ("inverse-probability", "overlap", "entropy", "cbps")
CHOOSING = ("cardinality",)
METHODS = (*PAIRING, "genetic", *CHOOSING, *STRATA, *WEIGHTING)

FOLDED = ("boosting", "forest")  # scores learned on part of the records for the others
SCORES = ("logit", "probit", "cloglog", "cauchit", "ridge", "boosting", "forest", "cbps")
SPACES = ("mahalanobis", "robust-mahalanobis", "scaled-euclidean")
GIVEN = "(given)"  # coordinates that a search has made; nobody asks for it
ORDERS = ("largest", "smallest", "closest", "farthest", "random", "data")

ESTIMANDS: dict[str, tuple[str, ...]] = {
    "nearest": ("ATT", "ATC"),
    "optimal": ("ATT", "ATC"),
    "full": ("ATT", "ATC", "ATE"),
    "genetic": ("ATT", "ATC"),
    "cardinality": ("ATT", "ATC", "ATE"),
    "exact": ("ATT", "ATC", "ATE"),
    "coarsened": ("ATT", "ATC", "ATE"),
    "subclass": ("ATT", "ATC", "ATE"),
    "inverse-probability": ("ATT", "ATC", "ATE"),
    "overlap": ("ATO",),
    "entropy": ("ATT", "ATC", "ATE"),
    "cbps": ("ATT", "ATC", "ATE"),
}

# option -> the methods that read it; elsewhere it must stay at its default
READ_BY: dict[str, tuple[str, ...]] = {
    "ratio": ("nearest", "optimal", "genetic", "cardinality"),
    "replace": GREEDY,
    "order": GREEDY,
    "caliper": (*PAIRING, "genetic"),
    "caliper_scale": (*PAIRING, "genetic"),
    "exact": (*PAIRING, "genetic", "cardinality", "subclass"),
    "antiexact": (*PAIRING, "genetic"),
    "fewest": (*PAIRING, "genetic"),
    "most": (*PAIRING, "genetic"),
    "evaluations": ("genetic",),
    "subclasses": ("subclass",),
    "bins": ("coarsened",),
    "one_to_one": ("coarsened",),
    "truncate": ("inverse-probability",),
    "tolerance": CHOOSING,
    "profile": CHOOSING,
    "paired": CHOOSING,
    "seconds": CHOOSING,
    "link": (*PAIRING, *CHOOSING),
    "ties": (*PAIRING, "genetic", *CHOOSING, "coarsened", "exact"),
    "distance": (*PAIRING, "genetic", *CHOOSING, "subclass", "inverse-probability", "overlap"),
    "discard": (*PAIRING, "genetic", *CHOOSING, "subclass", *WEIGHTING),
    "trim": (*PAIRING, "genetic", *CHOOSING, "subclass", *WEIGHTING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The rarer options of `match`, in one value.

    Parameters
    ----------
    link : {"score", "logit"}
        Scale on which two scores are compared: the probability itself, or its log-odds.
    antiexact : sequence of str
        Columns on which the two of a pair must differ.
    fewest, most : float or None
        Nearest and optimal: fewest and most comparison records of each treated one, around an average of `ratio`
        (Ming & Rosenbaum 2000). Full: fewest (a fraction such as 1/4 lets four treated share one) and most comparisons
        per treated record in a set.
    subclasses : int
        Number of classes cut at the quantiles of the score.
    bins : mapping of column to number of bins or cut points
        Coarsening of a numeric covariate; Sturges' number of equal bins where not given, 0 for no coarsening.
    one_to_one : bool
        Thin every coarsened cell to equal numbers, nearest first.
    discard : {"none", "both", "treated", "comparison"}
        Whose records outside the other group's range of scores are left out.
    trim : (float, float) or None
        Keep records whose score lies between the two (Crump et al. 2009 suggest 0.1 and 0.9).
    truncate : float or None
        Share, such as 0.99: inverse-probability weights beyond that quantile of their group's are brought down to it.
    tolerance : float or mapping of covariate to float
        Cardinality: largest difference in means left, in standard deviations; 0.05 where a covariate has none.
    profile : bool
        Cardinality: keep all of the estimand's own records, and cut the other group to the largest sample like them.
    paired : bool
        Cardinality: pair the records chosen, optimally on `distance`.
    seconds : float
        Cardinality: time after which the best sample found so far is taken, and said not to be proved the largest.
    evaluations : int
        Genetic: how many weightings of the covariates are tried.
    ties : {"lot", "rows"}
        Who goes first among equals: a lot drawn from the record's id (from its values where no id is named), so that
        the order of the rows tells nothing; or whoever stands first, as in MatchIt. `order="data"` goes by rows.
    missing : {"complete-case", "indicator"}
        Leave out records with a missing covariate (counted), or fill and add a missingness indicator.

    Examples
    --------
    >>> Options(link="logit", discard="both").discard
    'both'
    """

    link: Literal["score", "logit"] = "score"
    antiexact: tuple[str, ...] = ()
    fewest: float | None = None
    most: float | None = None
    subclasses: int = 6
    bins: Mapping[str, int | tuple[float, ...]] = field(default_factory=dict)
    one_to_one: bool = False
    discard: Literal["none", "both", "treated", "comparison"] = "none"
    trim: tuple[float, float] | None = None
    truncate: float | None = None
    tolerance: float | Mapping[str, float] = 0.05
    profile: bool = False
    paired: bool = False
    seconds: float = 10.0
    evaluations: int = 400
    ties: Literal["lot", "rows"] = "lot"
    missing: Literal["complete-case", "indicator"] = "complete-case"

    def __post_init__(self) -> None:
        """Let a single column stand by itself."""
        given: Any = self.antiexact
        if isinstance(given, str):
            object.__setattr__(self, "antiexact", (given,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One matching as asked for: the arguments of `match`, with `Options` beside them."""

    method: str = "nearest"
    distance: str | pd.Series = "logit"
    estimand: str = "ATT"
    ratio: int = 1
    replace: bool = False
    caliper: float | Mapping[str, float] | None = None
    caliper_scale: str = "sd"
    order: str = "largest"
    exact: tuple[str, ...] = ()
    seed: int | None = None
    options: Options = field(default_factory=Options)

    @property
    def by_lot(self) -> bool:
        """Whether equals are told apart by lot: in designs that choose among records, unless rows are asked for.

        Classes that lack a group take a record from the next, and scores learned on folds deal records out: by lot too.
        """
        if self.method == "subclass" or (isinstance(self.distance, str) and self.distance in FOLDED):
            return self.options.ties == "lot"
        choosing = self.method in {*PAIRING, *CHOOSING, "genetic"} or self.options.one_to_one
        return choosing and self.options.ties == "lot" and self.order != "data"

    @property
    def calipers(self) -> dict[str, float]:
        """Every caliper by what it is on; ``"distance"`` for a single number."""
        if self.caliper is None:
            return {}
        return dict(self.caliper) if isinstance(self.caliper, Mapping) else {"distance": self.caliper}

    @property
    def score_column(self) -> object:
        """Name of the column that holds a score brought along, if any."""
        if not isinstance(self.distance, Hashable):
            return getattr(self.distance, "name", None)
        return None if self.distance in (*SCORES, *SPACES) else self.distance

    @property
    def in_space(self) -> bool:
        """Whether distances are between covariates, not scores."""
        return isinstance(self.distance, str) and self.distance in (*SPACES, GIVEN)

    @property
    def scored(self) -> bool:
        """Whether a score is needed at all."""
        supported = self.options.discard != "none" or self.options.trim is not None
        if self.method in {"exact", "coarsened", "entropy", "cbps"}:
            return supported
        if self.method == "cardinality" and not (self.options.paired and not self.in_space):
            return supported
        if not self.in_space:
            return True
        ordered = self.method == "nearest" and not self.replace and self.order in {"largest", "smallest"}
        return ordered or supported or bool(set(self.calipers) & {"score", "logit"})


def check_request(request: Request, door: Door) -> None:
    """Refuse words that are not known, options that do not apply, and numbers out of range."""
    door.choice("method", request.method, METHODS)
    door.choice("estimand", request.estimand, ("ATT", "ATC", "ATE", "ATO"))
    door.choice("order", request.order, ORDERS)
    door.choice("caliper_scale", request.caliper_scale, ("sd", "raw"))
    options: Any = request.options
    if not isinstance(options, Options):
        door.refuse("options", f"found {type(options).__name__}", "matching.Options", "Write options=Options(...).")
        door.close()
    if not isinstance(request.distance, Hashable) and not hasattr(request.distance, "reindex"):
        found = f"found {type(request.distance).__name__}"
        door.refuse("distance", found, f"{listed(SCORES)}, a column or a Series", "Put it in a Series on the index.")
        door.close()
    if isinstance(request.distance, str) and request.distance == GIVEN:
        door.refuse("distance", f"found {GIVEN!r}", f"allowed: {listed(SCORES)}, or a column", "Choose one.")
    door.choice("options.link", options.link, ("score", "logit"))
    door.choice("options.ties", options.ties, ("lot", "rows"))
    door.choice("options.discard", options.discard, ("none", "both", "treated", "comparison"))
    door.choice("options.missing", options.missing, ("complete-case", "indicator"))
    if request.method not in METHODS:
        return
    if request.estimand not in ESTIMANDS[request.method]:
        allowed = ESTIMANDS[request.method]
        door.refuse(
            "estimand",
            f"{request.estimand!r} is not defined for method {request.method!r}",
            f"allowed: {listed(allowed)}",
            f"Write estimand={allowed[0]!r}, or choose another method.",
        )
    _applies(request, door)
    _ranges(request, door)
    _together(request, door)
    if request.method == "cardinality":
        _chosen(request, door)
    if request.method == "genetic":
        _searched(request, door)


def _applies(request: Request, door: Door) -> None:
    """An option away from its default is refused where the method does not read it."""
    plain: dict[str, Any] = {f.name: getattr(Request(), f.name) for f in fields(Request)}
    plain |= {f.name: getattr(Options(), f.name) for f in fields(Options)}
    for name, methods in READ_BY.items():
        value = getattr(request, name) if hasattr(request, name) else getattr(request.options, name)
        changed = not isinstance(value, str) or value != plain[name] if name == "distance" else value != plain[name]
        if changed and request.method not in methods:
            door.refuse(
                name,
                f"does not apply to method {request.method!r}",
                f"read by: {listed(methods)}",
                "Leave it out, or choose one of those methods.",
            )


def _ranges(request: Request, door: Door) -> None:
    if not _whole(request.ratio) or request.ratio < 1:
        door.refuse("ratio", f"found {request.ratio!r}", "a whole number from 1", "Write ratio=1.")
    for name, width in request.calipers.items():
        if not _number(width) or not width > 0:
            door.refuse("caliper", f"found {width!r} for {name!r}", "a number above 0", "Write caliper=0.2, say.")
    if not _whole(request.options.subclasses) or request.options.subclasses < 2:
        door.refuse("options.subclasses", f"found {request.options.subclasses!r}", "a whole number from 2", "Write 6.")
    for name in ("fewest", "most"):
        value = getattr(request.options, name)
        if value is not None and not (_number(value) and 0 < value < np.inf):
            door.refuse(f"options.{name}", f"found {value!r}", "a number above 0", "Correct it.")
    if request.seed is not None and not (_whole(request.seed) and 0 <= request.seed < 2**32):
        door.refuse("seed", f"found {request.seed!r}", "a whole number from 0 to 4294967295", "Write seed=1.")
    share = request.options.truncate
    if share is not None and not (_number(share) and 0.5 < share < 1):
        door.refuse("options.truncate", f"found {share!r}", "a share between 0.5 and 1", "Write 0.99.")
    _trim_and_bins(request.options.trim, request.options.bins, door)


def _trim_and_bins(trim: Any, bins: Any, door: Door) -> None:
    pair = isinstance(trim, (tuple, list)) and len(trim) == 2 and all(map(_number, trim))
    if trim is not None and not (pair and 0 <= trim[0] < trim[1] <= 1):
        door.refuse("options.trim", f"found {trim}", "two probabilities, the lower first", "Write (0.1, 0.9).")
    if not isinstance(bins, Mapping):
        found = f"found {type(bins).__name__}"
        door.refuse("options.bins", found, "a mapping of column to bins", "Write bins={'age': 5}.")
        door.close()
    for name, asked in bins.items():
        cuts = isinstance(asked, (tuple, list)) and len(asked) > 0 and all(_number(b) and np.isfinite(b) for b in asked)
        if not (cuts or (_whole(asked) and asked >= 0)):
            found, allowed = f"found {asked!r} for {name!r}", "a whole number of bins, or cut points"
            door.refuse("options.bins", found, allowed, "Write 5, or (1.5, 3), say.")


def _together(request: Request, door: Door) -> None:
    """What two options cannot both be."""
    options = request.options
    if request.caliper is None and request.caliper_scale == "raw" and request.method in READ_BY["caliper_scale"]:
        cure = "Give caliper, or leave it out."
        door.refuse("caliper_scale", "there is no caliper", "caliper with caliper_scale", cure)
    if request.order == "random" and request.seed is None:
        door.refuse("seed", "none given with order='random'", "a whole number", "Give one, so that it can be repeated.")
    if request.replace and (request.order != "largest" or options.most is not None or options.fewest is not None):
        door.refuse(
            "replace", "order, fewest and most mean nothing with replacement", "replace=False", "Leave one out."
        )
    if request.in_space and request.method in {"subclass", "inverse-probability", "overlap"}:
        found = f"{request.distance!r} lies between covariates, and method {request.method!r} needs a score"
        door.refuse("distance", found, f"{listed(SCORES)}, or a column", "Write distance='logit', say.")
    if request.in_space and request.order in {"closest", "farthest"}:
        door.refuse(
            "order",
            f"{request.order!r} needs a score",
            "data, random, largest or smallest",
            "Choose another order, or match on a score.",
        )
    if request.in_space and options.link == "logit":
        door.refuse(
            "options.link",
            "does not apply to a distance between covariates",
            "distance='logit', say",
            "Put the score in a caliper instead: caliper={'logit': 0.2}.",
        )
    if request.method in {"nearest", "optimal", "genetic"} and (options.fewest is not None or options.most is not None):
        low, high = options.fewest or 1, options.most or request.ratio
        if not (1 <= low <= request.ratio <= high and low == int(low) and high == int(high)):
            door.refuse(
                "options.fewest/most",
                f"found {low:g} and {high:g} around ratio={request.ratio}",
                "whole numbers with fewest <= ratio <= most",
                "Widen them.",
            )


def _chosen(request: Request, door: Door) -> None:
    """What cardinality matching cannot combine, and its numbers."""
    options = request.options
    given = options.tolerance.values() if isinstance(options.tolerance, Mapping) else [options.tolerance]
    for width in given:
        if not isinstance(width, (int, float)) or isinstance(width, bool) or not 0 <= width < np.inf:
            door.refuse("options.tolerance", f"found {width!r}", "standard deviations from 0", "Write 0.05.")
    if not isinstance(options.seconds, (int, float)) or not 0 < options.seconds < np.inf:
        door.refuse("options.seconds", f"found {options.seconds!r}", "a number above 0", "Write 10.")
    if options.profile and (request.ratio != 1 or request.exact or options.paired):
        found, cure = "takes no ratio, exact or paired: one group is cut to be like the other", "Leave one out."
        door.refuse("options.profile", found, "profile by itself", cure)
    if request.estimand == "ATE" and not options.profile:
        found, cure = "'ATE' needs the profile of everyone", "Write profile=True, or estimand='ATT'."
        door.refuse("estimand", found, "ATT, ATC; ATE with profile", cure)
    supported = options.discard != "none" or options.trim is not None
    if not options.paired and not supported and (not isinstance(request.distance, str) or request.distance != "logit"):
        door.refuse("distance", "is read only for pairing, discard or trim", "paired=True", "Leave it out, or pair.")
    if not options.paired and options.link != "score":
        door.refuse("options.link", "is read only for pairing", "paired=True", "Leave it out, or pair.")


def _searched(request: Request, door: Door) -> None:
    """What genetic matching cannot combine, and its numbers."""
    if request.in_space or request.order in {"closest", "farthest"}:
        what, found = ("distance", repr(request.distance)) if request.in_space else ("order", repr(request.order))
        cure = "Name the score that enters beside the covariates; order 'largest', 'smallest', 'random' or 'data'."
        door.refuse(what, f"{found} does not apply to method 'genetic', which makes its own distance", "a score", cure)
    if "distance" in request.calipers:
        found, cure = "one number means nothing on a distance that is being searched", "Write caliper={'logit': 0.2}."
        door.refuse("caliper", found, "calipers by name", cure)
    tries = request.options.evaluations
    if not _whole(tries) or tries < 20:
        door.refuse("options.evaluations", f"found {tries!r}", "a whole number from 20", "Write 400.")


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
