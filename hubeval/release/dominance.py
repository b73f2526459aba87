"""Magnitudes that one or two contributors make up: the (n, k) rule and the p% rule, on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hubeval.release.profiles import ReleaseProfile


def dominated(contributions: ArrayLike, profile: ReleaseProfile) -> bool:
    """Whether a few contributors make up so much of a magnitude that its value gives theirs away.

    Parameters
    ----------
    contributions : array (n,)
        What each unit adds; their sizes count, not their signs. Missing ones are left out.
    profile : ReleaseProfile
        Its ``dominant_n``, ``dominant_k`` and ``p_ratio``.

    References
    ----------
    Hundepool and others (2012), Statistical Disclosure Control, chapter 4.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> dominated([9876.0, 3.0, 2.0, 4.0], release_profile("ons"))
    True
    >>> dominated([3.0, 2.0, 4.0, 3.5, 2.5], release_profile("ons"))
    False
    """
    if profile.open:
        return False
    sizes = np.abs(np.asarray(contributions, dtype=float).ravel())
    sizes = np.sort(sizes[np.isfinite(sizes)])[::-1]
    total = sizes.sum()
    if total == 0:
        return False
    few = sizes[: profile.dominant_n].sum() > profile.dominant_k * total
    left = total - sizes[:2].sum()
    return bool(few or left < profile.p_ratio * sizes[0])
