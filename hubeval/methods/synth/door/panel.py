"""The balanced panel that synthetic control works on, and what it may be matched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_PRE = 3  # below this a path cannot be told from a level and a slope


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """A predictor of the outcome: the mean of a column over some periods before the start.

    Parameters
    ----------
    column : str
        Column of the frame.
    periods : sequence, optional
        Periods to average over, written as in the frame; all before the start if left out.

    Examples
    --------
    >>> Predictor(column="beer", periods=(1984, 1985)).label
    'beer 1984 to 1985'
    """

    column: str
    periods: Sequence[Any] = ()

    @property
    def label(self) -> str:
        """Column and periods in words."""
        if not len(self.periods):
            return self.column
        first, last = self.periods[0], self.periods[-1]
        return f"{self.column} {first}" if first == last else f"{self.column} {first} to {last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A balanced panel: every unit once in every period.

    Attributes
    ----------
    y : (t, n) float
        Outcome, one row a period and one column a unit.
    units, times : tuple
        Labels of the columns and rows, as in the data.
    treated : tuple of int
        Columns treated from row `t0` on; all other columns are donors.
    t0 : int
        Number of periods before the start.
    x : (k, n) float
        Predictors, one row each; no rows when the path itself is matched.
    predictors : tuple of str
        Their labels.
    outcome : str
        Name of the outcome.
    """

    y: Floats
    units: tuple[Any, ...]
    times: tuple[Any, ...]
    treated: tuple[int, ...]
    t0: int
    x: Floats
    predictors: tuple[str, ...] = ()
    outcome: str = "outcome"

    @property
    def donors(self) -> tuple[int, ...]:
        """Columns that are not treated."""
        return tuple(j for j in range(len(self.units)) if j not in self.treated)

    @property
    def n_post(self) -> int:
        """Number of periods from the start on."""
        return len(self.times) - self.t0
