"""A protocol: what will be estimated, how and on whose data, declared before outcomes are seen.

Data, not code: one TOML file a funder can read, dated, diffable, hashed into every result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Literal

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.reading import Reader

Direction = Literal["lower is better", "higher is better", "neither"]
Role = Literal["primary", "secondary", "downstream", "placebo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome: the column, its name in words, its unit, and what a change in it would be worth.

    Parameters
    ----------
    column, label, unit : str
    direction : {"lower is better", "higher is better", "neither"}
    role : {"primary", "secondary", "downstream", "placebo"}
        ``downstream`` should move too if the primary effect is real; ``placebo`` should not move.
    smallest_worthwhile : float or None
        Smallest change that would matter to a decision, in `unit`, as a size (no sign).
    source : str
        Where the outcome is recorded.
    measure : str
        Id of a published measure (``"eyfsp-gld"``, ``"phonics"``, …), so that breaks in it are known.
    baseline : str
        Matching only: the column with the same outcome before exposure; it is matched on, and the effect is on the
        change.
    """

    column: str
    label: str
    unit: str
    direction: Direction = "neither"
    role: Role = "primary"
    smallest_worthwhile: float | None = None
    source: str = ""
    measure: str = ""
    baseline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something declared in advance that could pass for an effect: a shock, a recording break, another programme.

    Parameters
    ----------
    kind : {"shock", "measure break", "co-intervention", "boundary change"}
    label : str
    first, last : str
        First and last period touched, written as in the data; `last` empty means from `first` on.
    handling : {"shared with the comparison", "drop the periods", "model it", "mended in the data"}
        Absorbed by period effects common to both groups; left out; given its own term; or put right before
        the data came here (areas merged over a boundary change, one definition throughout).
    event : str
        Id in the shipped calendar, if it is one of those.
    """

    kind: Literal["shock", "measure break", "co-intervention", "boundary change"]
    label: str
    first: str
    last: str = ""
    handling: Literal["shared with the comparison", "drop the periods", "model it", "mended in the data"]
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A dated change to a registered protocol, with its reason."""

    dated: date
    change: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DidDesign:
    """Difference-in-differences: units observed over time, some of which start treatment.

    `start` names the column with each unit's first treated period; blank means never treated.
    Without `unit` the rows are repeated cross-sections: people asked once each, nobody followed. `cluster` is
    then required: the area that starts.
    `estimator` ``"auto"`` is ``"group-time"`` where starts are staggered, ``"two-way"`` where all are one.
    `control`, `base`, `anticipation`, `adjustment` (for covariates) and `gaps` are options of ``"group-time"``.
    """

    kind: ClassVar[str] = "did"
    gate: ClassVar[str] = "DiD"
    unit: str | None = None
    time: str
    start: str
    covariates: tuple[str, ...] = ()
    weights: str | None = None
    cluster: str | None = None
    estimator: str = "auto"
    control: Literal["never", "not-yet"] = "never"
    base: Literal["varying", "universal"] = "varying"
    adjustment: Literal["dr", "reg", "ipw", "improved"] = "dr"
    gaps: Literal["pairs", "rows", "drop"] = "pairs"
    anticipation: int = 0
    inference: str = "auto"
    window: tuple[int, int] | None = None

    @property
    def starter(self) -> str:
        """The column of what starts: the unit, or the area of repeated cross-sections."""
        return self.unit or self.cluster or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItsDesign:
    """Interrupted time series: one series (or a treated and a comparison series) with a dated start.

    `start` is the first treated period itself, written as in the data (`more_starts`: later interruptions).
    `unit` with `treated` picks the treated series where the file holds several; `control` names comparison
    series: units, or columns where there is no `unit`. `impact` is the shape the effect may take, decided
    beforehand; a ramp grows over `over` periods. `transition` is a phase-in window left out of the effect.
    """

    kind: ClassVar[str] = "its"
    time: str
    start: str
    unit: str | None = None
    treated: str | None = None
    control: tuple[str, ...] = ()
    exposure: str | None = None
    family: Literal["gaussian", "poisson", "negative-binomial"] = "gaussian"
    errors: Literal["ar", "ar1", "independent"] = "ar"
    inference: Literal[
        "integrated", "kenward-roger", "satterthwaite", "prais-winsten", "newey-west", "arima", "least-squares"
    ] = "integrated"
    seasonality: str | None = None
    transition: tuple[str, str] | None = None
    impact: Literal["level and slope", "level", "slope", "ramp"] = "level and slope"
    over: int = 0
    more_starts: tuple[str, ...] = ()

    @property
    def gate(self) -> str:
        """The readiness design that must be open: controlled or uncontrolled."""
        return "CITS" if self.control else "ITS"


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthDesign:
    """Synthetic control or synthetic difference-in-differences: one treated unit against a donor pool."""

    kind: ClassVar[str] = "synth"
    unit: str
    time: str
    treated: str
    start: str
    donors: tuple[str, ...] = ()
    predictors: tuple[str, ...] = ()
    estimator: Literal["synthetic-control", "augmented", "synthetic-did"] = "synthetic-control"
    inference: str = "placebo"

    @property
    def gate(self) -> str:
        """The readiness design that must be open."""
        return "SDID" if self.estimator == "synthetic-did" else "SCM"


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
        *("logit", "ridge", "boosting", "forest", "cbps"),
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


Design = DidDesign | ItsDesign | SynthDesign | MatchingDesign
DESIGNS: dict[str, type[Design]] = {
    "did": DidDesign,
    "its": ItsDesign,
    "synth": SynthDesign,
    "matching": MatchingDesign,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where the data lie (relative to the protocol's folder) and the marks that stand for "no number here".

    `linked` names a column that says 1 where a record was linked to its outcome and 0 where it was not.
    """

    file: str = ""
    missing_marks: tuple[str, ...] = ()
    sheet: str = ""
    linked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A registered evaluation. Read one with `read_protocol`; `sha256` is of the file's own bytes.

    `country` is whose calendar of breaks and shocks applies; hubeval ships England's.
    """

    area: str
    question: str
    registered: date
    outcomes: tuple[Outcome, ...]
    design: Design
    profile: str = "profile.toml"
    country: str = "England"
    data: DataSource = field(default_factory=DataSource)
    cautions: tuple[Caution, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    notes: str = ""
    seed: int = 20261122
    folder: str = ""
    sha256: str = ""

    @property
    def primary(self) -> Outcome:
        """The outcome the headline is about."""
        return next((o for o in self.outcomes if o.role == "primary"), self.outcomes[0])


def read_protocol(path: str | Path) -> Protocol:
    """Read and check a protocol; every problem is reported at once, each with its line where there is one.

    Raises
    ------
    BadInput
        The file is missing, not TOML, has unknown keys, words that are not allowed, or is dated in the future.
    """
    raw = files.read_toml(path, "protocol")
    if "facts" in raw and "design" not in raw:
        found = f"{path} is a profile, not a protocol"
        raise BadInput([Problem("protocol", found, "a protocol.toml", "Give a profile to 'hubeval assess'.")])
    text = files.read_text(path, "protocol")
    reader = Reader(text, Door())
    tables: dict[str, Any] = {
        key: raw.pop(key, None) for key in ("design", "data", "outcomes", "cautions", "amendments")
    }
    design = _design(reader, tables["design"])
    outcomes = reader.many(Outcome, tables["outcomes"], "outcomes")
    if not outcomes and not reader.door.problems:
        reader.door.refuse(
            "outcomes", "none declared", "at least one [[outcomes]] table", "Declare the primary outcome."
        )
    parts = {
        "data": reader.one(DataSource, tables["data"] or {}, "data"),
        "cautions": reader.many(Caution, tables["cautions"], "cautions"),
        "amendments": reader.many(Amendment, tables["amendments"], "amendments"),
    }
    protocol: Protocol | None = reader.one(
        Protocol,
        raw,
        "",
        given={
            **parts,
            "design": design,
            "outcomes": outcomes,
            "folder": Path(path).parent.as_posix(),
            "sha256": files.sha256(text),
        },
    )
    if protocol is not None:
        _check(protocol, reader.door)
    reader.door.close()
    assert protocol is not None
    return protocol


def _design(reader: Reader, table: Any) -> Any:
    """The design of the kind that the table names."""
    if not isinstance(table, dict):
        reader.door.refuse("design", "no [design] table", f"kind: {listed(DESIGNS)}", "Say how it will be estimated.")
        return None
    table = dict(table)
    kind = table.pop("kind", None)
    if kind not in DESIGNS:
        reader.door.refuse(
            f"design.kind{reader.at('kind', 'design')}",
            f"found {kind!r}",
            f"allowed: {listed(DESIGNS)}",
            did_you_mean(str(kind), DESIGNS),
        )
        return None
    return reader.one(DESIGNS[kind], table, "design")


def require_starter(design: object, door: Door) -> None:
    """Refuse repeated cross-sections that do not say what starts."""
    if isinstance(design, DidDesign) and not design.starter:
        door.refuse(
            "design.unit",
            "there is none, and no design.cluster",
            "a unit column; or, for repeated cross-sections of people, cluster = the area that starts",
            "Name one of them.",
        )


def _check(protocol: Protocol, door: Door) -> None:
    """What a type cannot say."""
    require_starter(protocol.design, door)
    if isinstance(protocol.registered, date) and protocol.registered > date.today():  # noqa: DTZ011 - a calendar day
        door.refuse("registered", f"{protocol.registered} is in the future", "a date up to today", "Correct the date.")
    columns = [outcome.column for outcome in protocol.outcomes if outcome]
    for column in sorted({c for c in columns if columns.count(c) > 1}):
        door.refuse("outcomes", f"column {column!r} is declared twice", "each column once", "Remove one.")
    for outcome in protocol.outcomes:
        if outcome and outcome.smallest_worthwhile is not None and outcome.smallest_worthwhile <= 0:
            door.refuse(
                f"outcomes ({outcome.column})",
                f"smallest_worthwhile is {outcome.smallest_worthwhile:g}",
                "a size above 0",
                "Write the size without its sign; 'direction' says which way is better.",
            )
    _check_baselines(protocol, door)
    if protocol.outcomes and all(o.role != "primary" for o in protocol.outcomes if o):
        door.refuse("outcomes", "none has role 'primary'", "exactly one primary outcome", "Mark the one decided on.")
    if sum(o.role == "primary" for o in protocol.outcomes if o) > 1:
        door.refuse(
            "outcomes",
            "more than one has role 'primary'",
            "exactly one primary outcome",
            "Keep one; give the others role 'secondary' or 'downstream'.",
        )


def _check_baselines(protocol: Protocol, door: Door) -> None:
    """Only records matched have one column for before; other designs have periods."""
    for outcome in protocol.outcomes:
        if outcome and outcome.baseline and protocol.design and protocol.design.kind != "matching":
            found = f"baseline does not apply to a design of kind {protocol.design.kind!r}"
            cure = "Leave it out: that design has its own periods before."
            door.refuse(f"outcomes ({outcome.column})", found, "design.kind = 'matching'", cure)
