"""What a protocol declares of a regression discontinuity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RddDesign:
    """Regression discontinuity: a score (`running`) with a `cutoff`, on one side of which units are treated.

    `side` says on which, and on whose side the cut-off itself lies. `treated` names a column of who took part, where
    not all on that side did or some on the other did too (a fuzzy design): the effect is then on those whom the
    cut-off moved.
    `estimator` ``"auto"`` is ``"honest"`` where the running variable has few values, or few records, else
    ``"robust"``.
    `bandwidth` is in units of the running variable; left out, `selector` chooses it (``"robust"``), or the bound does
    (``"honest"``). `bound` is the largest second derivative allowed for by ``"honest"``; left out, a rule of thumb.
    `window` is how far from the cut-off ``"randomisation"`` takes units to be as if drawn by lot; left out, the widest
    in which `covariates` are alike on both sides.
    """

    kind: ClassVar[str] = "rdd"
    gate: ClassVar[str] = "RDD"
    unit: str
    running: str
    cutoff: float
    side: Literal["at or above", "above", "at or below", "below"]
    treated: str | None = None
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
    estimator: Literal["auto", "robust", "honest", "randomisation"] = "auto"
    kernel: Literal["triangular", "uniform", "epanechnikov"] = "triangular"
    bandwidth: float | None = None
    selector: Literal["mserd", "msetwo", "cerrd"] = "mserd"
    bound: float | None = None
    window: float | None = None

    @property
    def numbers(self) -> dict[str, tuple[str, ...]]:
        """Columns that must hold numbers, by the key that names them."""
        return {"running": (self.running,), "covariates": self.covariates}

    @property
    def labels(self) -> dict[str, tuple[str, ...]]:
        """Columns of numbers or labels beside the covariates: none here."""
        return {}
