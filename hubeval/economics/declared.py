"""What a value.toml declares: benefits, costs and how sure each figure is, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Perspective = Literal["council", "NHS", "DfE", "DWP", "police", "family"]
PERSPECTIVES: tuple[Perspective, ...] = ("council", "NHS", "DfE", "DWP", "police", "family")
BenefitKind = Literal["fiscal", "economic", "social"]
CostKind = Literal["set-up", "running", "in kind", "building", "staff time", "central overheads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A figure with the range it may lie in and where it comes from; without a range it is taken as certain.

    Draws follow a PERT distribution on `low` to `high` with mode `mid`.
    """

    SHORT: ClassVar[type] = float  # a bare number in a file is a range of its middle alone

    mid: float
    low: float | None = None
    high: float | None = None
    source: str = ""

    @property
    def certain(self) -> bool:
        """Whether no range is given."""
        return self.low is None or self.high is None or self.low == self.high


NONE = Range(mid=0.0)
ALL = Range(mid=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFile:
    """A unit cost by its id in a CSV of the user's own; in a file the first key is written ``from``."""

    from_: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCost:
    """What one of something costs: in the prices of which year, on whose word.

    `per` is the thing in the singular ("referral"), `grade` the source's own confidence grade, `made_up` marks a
    figure that stands for none and is printed as such everywhere.
    """

    SHORT: ClassVar[type] = FromFile

    amount: float
    per: str
    year: str
    source: str
    low: float | None = None
    high: float | None = None
    grade: str = ""
    page: str = ""
    made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """One outcome's effect turned into a number of things, and those into pounds.

    The number in a year is the effect, over `per`, times `population` and `periods_per_year`, times what each share
    leaves of it.

    Parameters
    ----------
    outcome, unit : str
        As in the result; the effect is in `unit`.
    label, counted : str
        What is counted, and one of it ("referral"); the unit cost must be per the same thing.
    population : Range
        People the effect is spread over; `per` of them carry one unit of it.
    each : {"", "person", "place"}
        Where the unit does not say for how many the effect is: on each person of `population` (an average score), or on
        each place (a count of the whole place; `population` is then the number of places).
    first_year, years : int
        The first year (0 is the first of all) in which the effect is there, and for how many it lasts in full.
    take_up, attribution : Range
        Shares of the population reached, and of the effect that is this programme's, 0 to 1. An effect on everybody
        in the population already holds the take-up: leave it at 1.
    deadweight, decay, optimism, overlap : Range
        Shares taken away, 0 to 1: what would have happened anyway (0 where the effect has a comparison: it is out
        already), what is lost each year after `years`, the correction for optimism, and what another benefit counts.
    overlaps : tuple of str
        Labels of benefits that share a cause with this one.
    cashable : Range
        Share that leaves a budget, 0 to 1; the rest is capacity freed.
    """

    outcome: str
    unit: str
    label: str
    counted: str
    perspective: Perspective
    kind: BenefitKind = "fiscal"
    unit_cost: UnitCost
    population: Range
    per: float = 1.0
    each: Literal["", "person", "place"] = ""
    periods_per_year: float = 1.0
    first_year: int = 0
    years: int = 1
    take_up: Range = ALL
    attribution: Range = ALL
    deadweight: Range = NONE
    decay: Range = ALL
    optimism: Range = NONE
    overlaps: tuple[str, ...] = ()
    overlap: Range = NONE
    cashable: Range = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One cost of the programme, in each of `years`."""

    label: str
    perspective: Perspective
    kind: CostKind
    amount: float
    year: str
    source: str
    low: float | None = None
    high: float | None = None
    years: tuple[int, ...] = (0,)
    optimism: Range = NONE
    made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An effect that no evaluation stands behind; it can be held against its break-even, and no more."""

    kind: Literal["before-and-after", "count of avoided cases", "published elsewhere", "assumed"]
    outcome: str
    unit: str
    estimate: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Another way of spending the money: a value.toml of its own and the result.json of its own evaluation."""

    label: str
    value: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """How many families the costs served; `reached_by_year` as long as the horizon, where it is known."""

    reached: float
    helped: float
    source: str
    reached_by_year: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What (more) evaluation would cost."""

    cost: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCase:
    """Everything a value.toml holds.

    Parameters
    ----------
    price_year : str
        All pounds are in the prices of this year.
    horizon : int
        Years counted, the first being year 0.
    schedule : str
        Id of a discount schedule.
    perspective : str
        Whose costs and benefits count; ``"all"`` of them by default.
    deflators, deflators_source : str
        The user's own CSV of ``year,index`` for figures in other years' prices, and where it is from.
    """

    title: str
    area: str
    price_year: str
    horizon: int
    schedule: Literal["green-book", "health", "none"] = "green-book"
    perspective: Literal["all", "council", "NHS", "DfE", "DWP", "police", "family"] = "all"
    deflators: str = ""
    deflators_source: str = ""
    draws: int = 10_000
    seed: int = 20261128
    notes: str = ""
    benefits: tuple[Benefit, ...] = ()
    costs: tuple[Cost, ...] = ()
    claims: tuple[Claim, ...] = ()
    options: tuple[Option, ...] = ()
    families: Families | None = None
    study: Study | None = None
    deflated: dict[str, float] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    folder: str = ""
    sha256: str = ""
