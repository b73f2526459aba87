"""Made-up authorities that all get hubs in one year, some many and some hardly any: nobody is untreated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FIRST, START, YEARS = 2013, 2017, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseTruth:
    """What is true: the effect per hub per 1,000 under-fives, each authority's weighted by its dose."""

    per_hub: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticDoses:
    """Made-up authorities with their truth."""

    frame: pd.DataFrame
    truth: DoseTruth


def hubs_everywhere(n: int = 150, *, seed: int = 20261129) -> SyntheticDoses:
    """Authorities over seven years; hubs everywhere from 2017, from hardly any to two per 1,000 under-fives.

    Parameters
    ----------
    n, seed : int

    Examples
    --------
    >>> made = hubs_everywhere()
    >>> sorted(made.frame.columns)
    ['area', 'dental_per_10k', 'hubs_per_1000', 'referrals_per_10k', 'year']
    """
    import pandas as pd  # noqa: PLC0415 - only where data are made

    rng = np.random.default_rng(seed)
    dose = (2 * rng.beta(1, 2.2, n)).round(3)
    own = -14 + 2 * rng.normal(size=n)
    years = np.arange(FIRST, FIRST + YEARS)
    after = years >= START
    level = 140 + 18 * rng.normal(size=(n, 1))
    shared = rng.normal(0, 3, YEARS) + 1.5 * np.arange(YEARS)
    referrals = level + shared + np.outer(own * dose, after) + rng.normal(0, 5, (n, YEARS))
    dental = 60 + 6 * rng.normal(size=(n, 1)) + rng.normal(0, 1, YEARS) + rng.normal(0, 3, (n, YEARS))
    frame = pd.DataFrame({
        "area": np.repeat([f"authority {i + 1:03d}" for i in range(n)], YEARS), "year": np.tile(years, n),
        "hubs_per_1000": np.outer(dose, after).ravel(), "referrals_per_10k": referrals.ravel().round(2),
        "dental_per_10k": dental.ravel().round(2)})
    return SyntheticDoses(frame=frame, truth=DoseTruth(per_hub=float(own @ dose / dose.sum()), seed=seed))
