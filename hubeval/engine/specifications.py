"""Several ways to one number under the same permutations, and how far their median stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 99  # ways in common, where not all there are were tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Permuted:
    """One way to a number, under permuted assignments.

    Attributes
    ----------
    units : (N,) labels
        Whose assignments were permuted.
    ways : (m, J) int
        The assignments; two Permuted on the same units may be set side by side where these rows are equal.
    draws : (m,) float
        The number under each.
    real : int
        Which of them is the real one.
    exact : bool
        All there are were tried.
    """

    units: NDArray[Any]
    ways: NDArray[np.intp]
    draws: Floats
    real: int
    exact: bool


def joint_median(parts: Sequence[Permuted]) -> float | str:
    """Two-sided p-value of the median over all ways to the number, or why there is none.

    Every assignment gives the whole curve of numbers; the share of assignments whose median is at least as large as
    the real one's.

    References
    ----------
    Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4,
    1208-1214.

    Examples
    --------
    >>> import numpy as np
    >>> ways = np.arange(100)[:, None]
    >>> one = Permuted(units=np.arange(3), ways=ways, draws=np.linspace(5, 0, 100), real=0, exact=False)
    >>> joint_median([one, one])
    0.01
    """
    first = parts[0]
    if any(not np.array_equal(one.units, first.units) for one in parts):
        return "some specifications leave out units that others keep, so they cannot be permuted together"
    places = [{row.tobytes(): i for i, row in enumerate(np.ascontiguousarray(one.ways))} for one in parts]
    real = np.ascontiguousarray(first.ways)[first.real].tobytes()
    common = [key for key in places[0] if all(key in other for other in places)]
    whole = all(one.exact for one in parts) and all(len(one.draws) == len(common) for one in parts)
    if real not in common or (len(common) < FEWEST and not whole):
        return "the specifications were not tried under enough assignments in common"
    drawn = [one.draws[[place[key] for key in common]] for one, place in zip(parts, places, strict=True)]
    median = np.abs(np.median(np.column_stack(drawn), axis=1))
    return float((median >= median[common.index(real)] * (1 - 1e-9)).mean())
