"""Values given by a user as an array of numbers, or one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray


def as_numbers(values: Any, argument: str) -> NDArray[np.float64]:
    """The values as floats; gaps (None, NA, NaN) as NaN.

    Raises
    ------
    BadInput
        Something in them is not a number. The message counts and never shows values.

    Examples
    --------
    >>> as_numbers([1, None, 2], "x").tolist()
    [1.0, nan, 2.0]
    """
    given = np.asarray(values)
    if given.dtype.kind in "biuf":
        return _finite(given.astype(float), argument)
    given = np.asarray(values, dtype=object)
    flat = [_number(value) for value in given.ravel()]
    words = sum(value is None for value in flat)
    if words:
        raise BadInput(
            [
                Problem(
                    argument,
                    f"{words} of {len(flat)} values are not numbers",
                    "numbers",
                    "Take the words out, or leave those cases out.",
                )
            ]
        )
    return _finite(np.array(flat, dtype=float).reshape(given.shape), argument)


def _finite(values: NDArray[np.float64], argument: str) -> NDArray[np.float64]:
    infinite = int(np.isinf(values).sum())
    if infinite:
        found = f"{infinite} of {values.size} values are infinite"
        raise BadInput([Problem(argument, found, "finite numbers", "Correct them, or leave those cases out.")])
    return values


def _number(value: Any) -> float | None:
    """A float, NaN for a gap, None for anything else."""
    if isinstance(value, str):
        return None
    if value is None or str(value) in {"<NA>", "NaT"}:
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
