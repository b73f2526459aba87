"""How alike is alike enough: the thresholds that balance is held against, and how it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WWC_SATISFIED, WWC_ADJUST = 0.05, 0.25  # What Works Clearinghouse, baseline equivalence
COMMON = 0.1  # Austin (2009), Statistics in Medicine 28


def reading(smd: Floats) -> str:
    """The balance in words, with the thresholds it was held against.

    Examples
    --------
    >>> import numpy as np
    >>> print(reading(np.array([0.01, 0.12])))
    1 of 2 terms differs by more than 0.1 standard deviations (largest 0.12); all are within 0.25: adjust.
    """
    size = np.abs(smd[np.isfinite(smd)])
    over, far = int((size > COMMON).sum()), int((size > WWC_ADJUST).sum())
    largest = f"(largest {size.max() if size.size else 0:.2f})"
    verb = "differs" if over == 1 else "differ"
    first = f"{over} of {size.size} terms {verb} by more than {COMMON} standard deviations {largest}"
    if not over:
        first = f"no term differs by more than {COMMON} standard deviations {largest}"
    if far:
        return f"{first}; {far} by more than {WWC_ADJUST}, where adjustment is not trusted: the groups are not alike."
    if size.size and size.max() <= WWC_SATISFIED:
        return f"{first}; all are within {WWC_SATISFIED}, the standard for groups that need no adjustment."
    return f"{first}; all are within {WWC_ADJUST}: adjust."
