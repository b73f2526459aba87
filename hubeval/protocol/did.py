"""What a protocol declares of difference-in-differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

BY_AMOUNT = ("fixed-effects", "heterogeneous-adoption", "switching")  # read an amount in place of a start
BESIDE_START = ("dose-response",)  # read an amount beside it
Mix = Literal["as found", "treated-before", "treated-after", "pooled"]
FIRST_EXPOSED = "first exposed"  # the column that binding makes where an amount of exposure stands for a start


@dataclass(frozen=True, slots=True, kw_only=True)
class DidDesign:
    """Difference-in-differences: units observed over time, some of which start treatment.

    `start` names the column with each unit's first treated period; blank means never treated.
    Without `unit` the rows are repeated cross-sections: people asked once each, nobody followed. `cluster` is
    then required: the area that starts.
    `estimator` ``"auto"`` is ``"group-time"`` where starts are staggered, ``"two-way"`` where all are one.
    ``"fixed-effects"`` takes an amount of `exposure` (share of sites open, spending) in place of a `start`, and gives
    the change in the outcome per unit of it; so does ``"heterogeneous-adoption"`` where every unit gets some in one
    period and none stays without, against units with hardly any. ``"switching"`` takes a service that comes and goes
    (`exposure` 1 and 0, or an amount): what starts is a unit's first change. ``"dose-response"`` reads a `start` and,
    as `exposure`, the one dose that each treated unit got from then on.
    `control`, `base`, `anticipation`, `adjustment` (for covariates), `gaps` and `average` are options of
    ``"group-time"``: its average counts every treated observation once (a unit in a period; a person asked), or every
    treated unit (area of repeated cross-sections) once in each period, however many of its observations are there.
    `mix`, for repeated cross-sections: whose mix of the `covariates` every group is weighted to in every period, so
    that a change in who is asked is no part of the effect. It takes the place of `adjustment`.
    """

    kind: ClassVar[str] = "did"
    gate: ClassVar[str] = "DiD"
    unit: str | None = None
    time: str
    start: str = FIRST_EXPOSED
    exposure: str | None = None
    covariates: tuple[str, ...] = ()
    weights: str | None = None
    cluster: str | None = None
    estimator: str = "auto"
    control: Literal["never", "not-yet"] = "never"
    base: Literal["varying", "universal"] = "varying"
    adjustment: Literal["dr", "reg", "ipw", "improved"] = "dr"
    gaps: Literal["pairs", "rows", "drop"] = "pairs"
    average: Literal["observations", "units"] = "observations"
    mix: Mix = "as found"
    anticipation: int = 0
    inference: str = "auto"
    window: tuple[int, int] | None = None

    @property
    def by_amount(self) -> bool:
        """Whether units are exposed to an amount, and starts are read off it."""
        return self.estimator in BY_AMOUNT

    @property
    def everybody(self) -> bool:
        """Whether nobody need be untreated: the comparison is whoever has hardly any dose."""
        return self.estimator == "heterogeneous-adoption"

    @property
    def starter(self) -> str:
        """The column of what starts: the unit, or the area of repeated cross-sections."""
        return self.unit or self.cluster or ""
