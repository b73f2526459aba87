"""How alike the waves of an order are, and what the order costs in waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.rollout.orders import bands
from hubeval.rollout.reading import MONTHS, openings, ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.rollout.declared import RolloutCase
    from hubeval.rollout.history import Past

    Whole = NDArray[np.intp]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How far waves differ in one thing known before.

    Attributes
    ----------
    what : str
    distance : float
        Largest distance of a wave's mean from the mean of all, in standard deviations of sites.
    worse : float or None
        Share of the other draws of such an order that are less even; None where there is no other.
    means : tuple of float
        Of each wave that is used.
    """

    what: str
    distance: float
    worse: float | None
    means: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Months between the day a site could open (no earlier than the first wave) and the day it does.

    `neediest` and `others` are means for the third of greatest need and the rest; None where need is not declared.
    """

    site_months: int
    least: int
    mean: float
    longest: int
    neediest: float | None
    others: float | None


def known(case: RolloutCase, past: Past | None) -> dict[str, Floats]:
    """What is known of each site before, by its name in words, (sites,) each."""
    found: dict[str, Floats] = {}
    if case.sites[0].need is not None:
        found["need"] = np.array([site.need for site in case.sites], dtype=np.float64)
    if case.sites[0].under_fives is not None:
        found["under-fives"] = np.array([site.under_fives for site in case.sites], dtype=np.float64)
    if past is not None:
        found["outcome before"] = past.level
        found["change in the outcome before"] = past.change
    return {what: values for what, values in found.items() if np.isfinite(values).all() and np.ptp(values) > 0}


def distance(values: Floats, waves: Whole) -> float:
    """Largest distance of a wave's mean from the mean of all, in standard deviations.

    Examples
    --------
    >>> distance(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 1, 0]))
    0.0
    """
    centred = values - values.mean()
    number = np.bincount(waves)
    sums = np.bincount(waves, centred)
    return float(np.abs(sums[number > 0] / number[number > 0]).max() / values.std())


def balance(case: RolloutCase, past: Past | None, waves: Whole, others: Sequence[Whole]) -> tuple[Balance, ...]:
    """The balance of an order beside that of other draws of it."""
    out = []
    for what, values in known(case, past).items():
        mine = distance(values, waves)
        less = [distance(values, other) > mine for other in others]
        number = np.bincount(waves)
        means = np.bincount(waves, values)[number > 0] / number[number > 0]
        out.append(Balance(what=what, distance=mine, worse=float(np.mean(less)) if less else None,
                           means=tuple(float(one) for one in means)))
    return tuple(out)


def waiting(case: RolloutCase, waves: Whole, least: int) -> Waiting:
    """What an order costs in waiting; `least` is the fewest site-months of any order drawn."""
    months = months_waited(case, waves)
    band = np.array(bands(case))
    top = band == 0 if len(band) else np.zeros(len(months), dtype=bool)
    split = top.any() and not top.all()
    return Waiting(site_months=int(months.sum()), least=least, mean=float(months.mean()), longest=int(months.max()),
                   neediest=float(months[top].mean()) if split else None,
                   others=float(months[~top].mean()) if split else None)


def months_waited(case: RolloutCase, waves: Whole) -> Whole:
    """Months that each site waits, (sites,)."""
    opened = openings(case)
    start = np.array([max(day.ordinal, opened[0].ordinal) for day in ready(case)])
    at = np.array([opened[wave].ordinal for wave in waves])
    return np.asarray((at - start) * MONTHS[opened[0].frequency])
