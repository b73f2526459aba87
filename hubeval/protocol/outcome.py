"""What a protocol declares of one outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hubeval.scale import Scale  # noqa: TC001 - the reader needs this name at run time

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
        Smallest change that would matter to a decision, in `unit` (per unit of exposure where the estimator is of an
        exposure or a dose), as a size (no sign); in per cent where `scale` is
        "log", in per cent of the odds where it is "log-odds".
    source : str
        Where the outcome is recorded.
    measure : str
        Id of a published measure (``"eyfsp-gld"``, ``"phonics"``, …), so that breaks in it are known.
    baseline : str
        Matching only: the column with the same outcome before exposure; it is matched on, and the effect is on the
        change.
    behind : str
        For a rate or a mean of a place: the column with the count of persons (or events) behind each value, so that
        what rests on few can be withheld.
    scale : {"level", "log", "log-odds"}
        On which the outcome is estimated: as it is, as its natural logarithm (effects then read in per cent), or, for
        a share, as its log-odds (in per cent of the odds). Made from the raw column.
    family : str
        Outcomes with the same word here are read together, their p-values adjusted for one another; where no outcome
        names one and there is a secondary outcome, all but the placebo outcomes are.
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
    behind: str = ""
    scale: Scale = "level"
    family: str = ""
