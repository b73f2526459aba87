"""A made-up survey of parents, other people asked every year, in areas that open hubs in waves; the effect is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FIRST_YEAR = 2011


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyTruth:
    """What is true in a made-up survey.

    Attributes
    ----------
    att_stress, att_isolation : float
        Mean true effect on each score over the answers given in hub areas from the opening on.
    by_years_since_opening : tuple of float
        Effect on the stress score.
    seed : int
    """

    att_stress: float
    att_isolation: float
    by_years_since_opening: tuple[float, ...]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSurvey:
    """Made-up answers with their truth."""

    frame: pd.DataFrame
    truth: SurveyTruth


def repeated_survey(
    *, n_areas: int = 48, n_treated: int = 18, n_years: int = 9, waves: tuple[int, ...] = (4, 6), effect: float = -4.0,
    people: tuple[int, int] = (12, 22), drift: float = 0.0, seed: int = 20261122,
) -> SyntheticSurvey:
    """Parents asked once each: repeated cross-sections of areas, yearly from 2011 on.

    Areas differ in level and share a path over time; each has shocks of its own every year. Stress is higher
    among lone parents and where the youngest child is younger. Hubs lower it by half of `effect` in the
    first year and by all of it afterwards; isolation follows at .6 of that; library visits do not move.

    Parameters
    ----------
    n_areas, n_treated, n_years : int
    waves : tuple of int
        Position of each wave's first treated year; treated areas are spread evenly over them.
    effect : float
        Full effect on the stress score, in points.
    people : tuple of int
        Fewest and most people asked in an area and year.
    drift : float
        By how much the share of lone parents among those asked rises in hub areas from the opening on.
    seed : int

    Returns
    -------
    SyntheticSurvey
        One row a person: ``area``, ``year``, ``hub_opened`` (blank: never), ``lone_parent`` (0/1), ``youngest_age``,
        ``stress``, ``isolation`` (scores), ``library_visits``.

    Examples
    --------
    >>> made = repeated_survey(n_areas=12, n_treated=4, seed=1)
    >>> made.frame.groupby(["area", "year"]).ngroups, made.truth.att_stress < made.truth.att_isolation < 0
    (108, True)
    """
    import pandas as pd  # noqa: PLC0415 - kept out of the fast path

    rng = np.random.default_rng(seed)
    start = np.full(n_areas, n_years)
    start[:n_treated] = [waves[i % len(waves)] for i in range(n_treated)]
    start = start[rng.permutation(n_areas)]
    asked = rng.integers(people[0], people[1] + 1, (n_areas, n_years))
    area = np.repeat(np.repeat(np.arange(n_areas), n_years), asked.ravel())
    year = np.repeat(np.tile(np.arange(n_years), n_areas), asked.ravel())
    n = len(area)
    since = year - start[area]
    true = effect * np.where(since < 0, 0.0, np.where(since == 0, 0.5, 1.0))
    level, shock = rng.normal(0, 4, n_areas), rng.normal(0, 0.8, (2, n_areas, n_years))
    lone, age = rng.random(n) < 0.2 + 0.01 * level[area] + drift * (since >= 0), rng.integers(0, 5, n)
    shared = 0.4 * year + np.cumsum(rng.normal(0, 0.8, n_years))[year]
    base = level[area] + shared + 5 * lone - age
    stress = 45 + base + true + shock[0, area, year] + rng.normal(0, 9, n)
    isolation = 30 + 0.5 * base + 0.6 * true + shock[1, area, year] + rng.normal(0, 7, n)
    frame = pd.DataFrame({
        "area": [f"A{a + 1:02d}" for a in area], "year": FIRST_YEAR + year,
        "hub_opened": np.where(start[area] < n_years, (FIRST_YEAR + start[area]).astype(str), ""),
        "lone_parent": lone.astype(int), "youngest_age": age, "stress": np.round(stress, 1),
        "isolation": np.round(isolation, 1), "library_visits": rng.poisson(np.exp(1.2 + 0.03 * level[area])),
    })  # fmt: skip
    att = float(true[since >= 0].mean())
    path = tuple(effect * (0.5 if e == 0 else 1.0) for e in range(n_years - min(waves)))
    truth = SurveyTruth(att_stress=att, att_isolation=0.6 * att, by_years_since_opening=path, seed=seed)
    return SyntheticSurvey(frame=frame, truth=truth)
