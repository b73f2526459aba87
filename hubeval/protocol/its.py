"""What a protocol declares of an interrupted time series."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader needs this name at run time
from dataclasses import dataclass, field
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ItsDesign:
    """Interrupted time series: one series (or a treated and a comparison series) with a dated start.

    `start` is the first treated period itself, written as in the data (`more_starts`: later interruptions).
    `unit` with `treated` picks the treated series where the file holds several; `control` names comparison
    series: units, or columns where there is no `unit`. `impact` is the shape the effect may take, decided
    beforehand; a ramp grows over `over` periods. `transition` is a phase-in window left out of the effect.
    `end` is the last treated period of a service that was withdrawn: after it the series is taken to be back on the
    path it would have had. `sites` asks several series at once, each with its own first treated period, as
    { name = period }, with `unit` the column of names and `start` the earliest of them; their effects are pooled.
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
    end: str | None = None
    sites: Mapping[str, str] = field(default_factory=dict)

    @property
    def gate(self) -> str:
        """The readiness design that must be open: controlled or uncontrolled."""
        return "CITS" if self.control else "ITS"
