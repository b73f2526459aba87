"""What a protocol declares of a synthetic control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


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
