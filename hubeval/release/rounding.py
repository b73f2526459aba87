"""How finely a count, a share or a mean may be shown, given how many persons stand behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubeval.release.profiles import ReleaseProfile

_MOST_DIGITS = 3


def shown_count(count: int, profile: ReleaseProfile) -> int | None:
    """A count as it may be shown: None where it is small, else to the nearest multiple of the profile's base.

    A rounded count is never below the threshold's own multiple, and a true zero stays zero.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> [shown_count(n, release_profile("nhs")) for n in (0, 1, 7, 8, 12, 13)]
    [0, None, None, 10, 10, 15]
    >>> [shown_count(n, release_profile("published")) for n in (0, 1, 7)]
    [0, 1, 7]
    """
    if count == 0:
        return 0 if profile.zero else None
    if 0 < count < profile.threshold:
        return None
    return nearest(count, profile.base)


def nearest(count: int, base: int) -> int:
    """The nearest multiple of `base`; halves go up.

    Examples
    --------
    >>> nearest(12, 5), nearest(13, 5), nearest(5, 10)
    (10, 15, 10)
    """
    return base * ((2 * count + base) // (2 * base))


def digits_for(n: int) -> int:
    """Significant digits that a mean of `n` persons may have, from 1 to 3.

    So few that the total behind the mean stays uncertain by at least one average person: with d digits the mean is
    known to within a share of 10^-d / 2 at best, and the total to within n times that.

    Examples
    --------
    >>> [digits_for(n) for n in (8, 30, 300, 3000)]
    [1, 1, 2, 3]
    """
    return max(1, min(_MOST_DIGITS, math.floor(math.log10(max(n, 2) / 2))))


def shown_mean(mean: float, n: int, profile: ReleaseProfile) -> float | None:
    """A mean as it may be shown: None for few persons, else with the digits that `n` allows.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> nhs = release_profile("nhs")
    >>> shown_mean(12.3456, 591, nhs), shown_mean(12.3456, 7, nhs), shown_mean(12.3456, 1, release_profile("published"))
    (12.0, None, 12.3456)
    """
    if profile.open:
        return mean
    if n < profile.threshold:
        return None
    return significant(mean, digits_for(n))


def shown_share(share: float, n: int, profile: ReleaseProfile) -> float | None:
    """A share as it may be shown: only where both its count and the count of the others reach the threshold.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> nhs = release_profile("nhs")
    >>> shown_share(0.25, 400, nhs), shown_share(0.01, 400, nhs), shown_share(0.0, 400, nhs)
    (0.25, None, None)
    """
    if profile.open:
        return share
    count = round(share * n)
    if min(count, n - count) < profile.threshold:
        return None
    rounded = nearest(count, max(profile.base, 1)) / max(nearest(n, profile.base), 1)
    return significant(min(rounded, 1.0), digits_for(n))


def significant(value: float, digits: int) -> float:
    """A number to so many significant digits.

    Examples
    --------
    >>> significant(1234.5, 2), significant(-0.045678, 3), significant(0.0, 2)
    (1200.0, -0.0457, 0.0)
    """
    if value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.{digits - 1}e}")
