"""One validated table bound to one design: what a method's room is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.clock import Clock
    from hubeval.result import FlowStep, NotComputed

READING = "Reading"  # what a note is called that says how a column was understood


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeBehind:
    """What stands behind one outcome.

    Attributes
    ----------
    sides : tuple of arrays
        For the treated and for the comparison: how far each unit's values lie from the middle of all.
    fewest : int or None
        The smallest count behind any value of a place; None where nobody said.
    counts : bool
        The values are themselves counts.
    told : pair of arrays, or None
        Of values that stay elsewhere: some that stand for all of them in questions of range and of codes, and how many
        records each stands for.
    """

    sides: tuple[NDArray[np.float64], ...] = ()
    fewest: int | None = None
    counts: bool = False
    told: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Data that passed the door, in the columns the protocol names.

    Attributes
    ----------
    frame : DataFrame
        The protocol's columns under their own names, a fresh integer index. The `time` column holds
        whole numbers 0..T-1 in the order of `periods`; a DiD design's `start` column holds the
        position of the first treated period, or NaN for never treated. Outcomes, weights, exposure
        and covariates are floats (NaN where missing or suppressed). Text covariates stay text.
    periods : tuple of str
        Label of each time position, as written in the data; empty when the design has no time.
    flow : tuple of FlowStep
        What was read, dropped and kept, so far.
    start : int or None
        For designs with one start (``its``, ``synth``): its position in `periods`.
    notes : tuple of NotComputed
        What could not be done while reading, with reasons.
    clock : Clock or None
        What the periods are, and where a date stands among them; None when the design has no time.
    sha256 : str
        Hash of the source file's bytes (or of the frame's values).
    behind : mapping of str to OutcomeBehind, or None
        Where the records stay elsewhere and the units are made up from their sums: what stands behind each outcome, by
        label, as the engine said it. None where the rows are the records.
    lacking : tuple of int
        Units left out of made-up ones for a missing value, and how many unit-periods of the primary outcome they lack.
    """

    frame: pd.DataFrame
    periods: tuple[str, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    start: int | None = None
    notes: tuple[NotComputed, ...] = ()
    clock: Clock | None = None
    sha256: str = ""
    behind: Mapping[str, OutcomeBehind] | None = None
    lacking: tuple[int, int] = (0, 0)

    @property
    def made(self) -> bool:
        """Whether the units are nobody's: made up so that they add up as the records do."""
        return self.behind is not None
