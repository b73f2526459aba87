"""Families of fourteen made-up councils, each with its own file: for evaluating without moving a record."""

from __future__ import annotations

import numpy as np
import pandas as pd

COUNCILS = (
    "Ashby", "Brackwater", "Coldmere", "Dunham", "Elmbridge Vale", "Fenwick", "Garrow", "Hale Moor", "Inchley",
    "Kestrel", "Lowther", "Marlow Heath", "Netherby", "Oakhampton",
)  # fmt: skip
PERIODS = tuple(map(str, range(2007, 2019)))
EFFECT = -3.0


def fourteen_councils(seed: int = 20261128) -> dict[str, pd.DataFrame]:
    """One frame a council: families, years, when the family's hub opened, stress and contacts.

    The effect on stress is `EFFECT` points from the opening on, the same everywhere; contacts do not move.

    Examples
    --------
    >>> made = fourteen_councils()
    >>> len(made), list(made["Ashby"].columns)
    (14, ['family', 'year', 'hub_opened', 'stress', 'gp_contacts'])
    """
    rng = np.random.default_rng(seed)
    return {name: _council(name, rng) for name in COUNCILS}


def _council(name: str, rng: np.random.Generator) -> pd.DataFrame:
    sizes = [int(n) for n in rng.integers(12, 22, size=3)]
    starts = np.repeat(["", "2011", "2014"], sizes)
    n, t = len(starts), np.arange(len(PERIODS))
    own = rng.normal(50 + rng.normal(0, 2), 6, size=n)
    common = np.cumsum(rng.normal(0.1, 0.3, size=len(t)))
    first = np.array([PERIODS.index(start) if start else len(PERIODS) for start in starts])
    after = t[None, :] >= first[:, None]
    stress = own[:, None] + common + EFFECT * after + rng.normal(0, 3, size=(n, len(t)))
    contacts = rng.normal(8, 1, size=n)[:, None] + rng.normal(0, 1, size=(n, len(t)))
    code = "".join(word[0] for word in name.split()) + name[-1].upper()
    return pd.DataFrame(
        {
            "family": np.repeat([f"{code}{i:03d}" for i in range(n)], len(t)),
            "year": np.tile(PERIODS, n),
            "hub_opened": np.repeat(starts, len(t)),
            "stress": stress.round(2).ravel(),
            "gp_contacts": np.clip(contacts, 0, None).round(2).ravel(),
        }
    )
