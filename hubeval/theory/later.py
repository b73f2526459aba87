"""Steps towards a later quasi-experiment, and the design they lead to, as a theory declares them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - the reader needs it at run time
from typing import Literal

Group = Literal["record", "baseline", "comparison", "agreement", "stability"]
GROUPS: dict[Group, str] = {
    "stability": "Settle the model",
    "record": "Record from now on",
    "baseline": "Measure before, while there still is a before",
    "comparison": "Keep a comparison",
    "agreement": "Sign what the data need",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """One step towards a later quasi-experiment.

    Parameters
    ----------
    group : {"record", "baseline", "comparison", "agreement", "stability"}
    action : str
    criterion : str
        The readiness criterion that it moves.
    starts, due : date or None
        From which day, and by which day it should be in place.
    who, why : str
    known : bool
        Whether it is known to be lacking; if not, ask first whether it is there already.
    illustrative : bool
    """

    group: Group
    action: str
    criterion: str = ""
    starts: date | None = None
    due: date | None = None
    who: str = ""
    why: str = ""
    known: bool = False
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The difference-in-differences that the foundations lead to: columns its panel will have.

    Parameters
    ----------
    question : str
    unit, time, start : str
        Columns: the site or area, the period, and the site's first period with a hub.
    covariates : tuple of str
    cluster : str or None
    """

    question: str
    unit: str
    time: str
    start: str
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
