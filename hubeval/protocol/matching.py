"""What a protocol declares of matching or weighting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingDesign:
    """Matching or weighting of individual records on covariates recorded before exposure.

    Keys are named as in `hubeval.methods.matching` (`match`, `Options`, `effect`) and mean the same there. Left out,
    `link` is the log-odds for a score fitted for pairs, `order` that of the data between covariates, `estimand` the
    method's own. `adjust_for` are `effect`'s covariates; `measure` is said beside the headline, which is a difference.
    """

    kind: ClassVar[str] = "matching"
    gate: ClassVar[str] = "PSM"
    WORDS: ClassVar[tuple[str, ...]] = (
        *("logit", "probit", "cloglog", "cauchit", "ridge", "boosting", "forest", "cbps"),
        *("mahalanobis", "robust-mahalanobis", "scaled-euclidean"),
    )
    unit: str
    treated: str
    covariates: tuple[str, ...]
    method: str = "nearest"
    distance: str = "logit"
    link: Literal["score", "logit"] | None = None
    estimand: Literal["ATT", "ATE", "ATC", "ATO"] | None = None
    ratio: int = 1
    fewest: float | None = None
    most: float | None = None
    replace: bool = False
    order: str | None = None
    caliper: float | Mapping[str, float] | None = None
    caliper_scale: Literal["sd", "raw"] = "sd"
    exact: tuple[str, ...] = ()
    antiexact: tuple[str, ...] = ()
    discard: Literal["none", "both", "treated", "comparison"] = "none"
    trim: tuple[float, float] | None = None
    truncate: float | None = None
    subclasses: int = 6
    bins: Mapping[str, int | tuple[float, ...]] = field(default_factory=dict)
    one_to_one: bool = False
    tolerance: float | Mapping[str, float] = 0.05
    profile: bool = False
    paired: bool = False
    seconds: float = 10.0
    evaluations: int = 400
    ties: Literal["lot", "rows"] = "lot"
    missing: str = "complete-case"
    weights: str | None = None
    cluster: str | None = None
    estimator: str = "doubly-robust"
    measure: Literal["difference", "ratio", "odds-ratio"] = "difference"
    vcov: str = "auto"
    adjust_for: tuple[str, ...] | None = None

    @property
    def numbers(self) -> dict[str, tuple[str, ...]]:
        """Columns that must hold numbers, by the key that names them: a score brought along, and calipers' own."""
        on = self.caliper if isinstance(self.caliper, Mapping) else {}
        calipers = tuple(name for name in on if name not in {"distance", "score", "logit", *self.covariates})
        return {"distance": () if self.distance in self.WORDS else (self.distance,), "caliper": calipers}

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Columns of numbers or labels beside the covariates, by the key that names them."""
        return {"exact": self.exact, "antiexact": self.antiexact, "adjust_for": self.adjust_for or ()}
