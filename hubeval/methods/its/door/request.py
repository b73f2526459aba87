"""What `segmented` was asked, as given, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.its.door.options import Errors, Family, InferenceName, Seasonality, Shock


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Everything `segmented` was asked, as given."""

    outcome: str
    time: str
    start: Any
    covariates: Sequence[str | Shock] = ()
    exposure: str | None = None
    unit: str | None = None
    treated: Any = None
    family: Family = "gaussian"
    errors: Errors = "ar"
    inference: InferenceName = "integrated"
    seasonality: str | Seasonality | None = None
    transition: Any = None
    control: Sequence[Any] = ()
