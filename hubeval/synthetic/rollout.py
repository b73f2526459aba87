"""The made-up past of sites that have yet to open, for designing a roll-out: nothing is treated in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def site_history(
    n_sites: int = 36, n_quarters: int = 24, *, first_year: int = 2020, effect: float = 0.0,
    starts: dict[str, int] | None = None, seed: int = 20261128,
) -> pd.DataFrame:
    """Quarterly share of children with a good level of development around each of some sites, in per cent.

    Parameters
    ----------
    n_sites, n_quarters, first_year : int
    effect : float
        Percentage points from the opening on.
    starts : dict, optional
        Position of each site's first open quarter; by default none opens.
    seed : int

    Returns
    -------
    DataFrame
        site, quarter, good_development.

    Examples
    --------
    >>> site_history(2, 2)["quarter"].tolist()
    ['2020Q1', '2020Q2', '2020Q1', '2020Q2']
    """
    import pandas as pd  # noqa: PLC0415 - only where data are made

    rng = np.random.default_rng(seed)
    level = 66 + 4 * rng.normal(size=(n_sites, 1))
    shared = 0.15 * np.arange(n_quarters) + 0.6 * rng.normal(size=n_quarters)
    drift = 0.5 * rng.normal(size=(n_sites, n_quarters)).cumsum(axis=1)
    noise = 1.5 * rng.normal(size=(n_sites, n_quarters))
    names = [f"site {i + 1:02d}" for i in range(n_sites)]
    begins = np.array([(starts or {}).get(name, n_quarters) for name in names])[:, None]
    value = level + shared + drift + noise + effect * (np.arange(n_quarters) >= begins)
    quarters = [f"{first_year + t // 4}Q{t % 4 + 1}" for t in range(n_quarters)]
    return pd.DataFrame({"site": np.repeat(names, n_quarters), "quarter": quarters * n_sites,
                         "good_development": value.ravel().round(2)})
