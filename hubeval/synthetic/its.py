"""Monthly counts of one authority and its neighbours around a dated opening, with the true ratio known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

AREAS = ("Brindleford", "Ashlow", "Carrick Vale", "Denholt", "Easterby", "Fenwick Moor")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTruth:
    """What is true in the series: the ratio by which the opening multiplied counts, and what was shared.

    Attributes
    ----------
    ratio : float
        Counts after the opening over what they would have been; the same in every month.
    averted : float
        Expected counts without the opening less expected counts with it, summed over the months after it.
    shared : float
        Ratio by which every area changed in the same month for another reason.
    treated, start : str
    seed : int
    """

    ratio: float
    averted: float
    shared: float
    treated: str
    start: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSeries:
    """Made-up monthly counts and what is true in them."""

    frame: pd.DataFrame
    truth: SeriesTruth


def hub_series(
    *, n_before: int = 36, n_after: int = 36, ratio: float = 0.85, shared: float = 0.88, seed: int = 20261122
) -> SyntheticSeries:
    """Six areas, monthly counts from January 2014: one opens a hub, and every area changes in the same month.

    Counts are Poisson around a level, a slope, a season, a departure shared by every area and one of its
    own (both AR(1)). From the opening on, counts in the treated area are multiplied by `ratio`, and in
    every area by `shared`: an analysis of the treated series alone takes both for the hub's effect.
    Dental visits follow the season and nothing else.

    Examples
    --------
    >>> made = hub_series()
    >>> made.frame.shape, round(made.truth.ratio, 2)
    ((432, 5), 0.85)
    """
    draw = np.random.default_rng(seed)
    n = n_before + n_after
    t = np.arange(n)
    season = 0.12 * np.cos(2 * np.pi * (t - 1) / 12) - 0.1 * (t % 12 == 7)
    common = season + 0.001 * t + _ar1(draw, n, 0.5, 0.02) + np.log(shared) * (t >= n_before)
    months = pd.period_range("2014-01", periods=n, freq="M").astype(str)
    frames, averted = [], 0.0
    for j, name in enumerate(AREAS):
        children = np.round(draw.integers(9_000, 40_000) * (1 + 0.0004 * t)).astype(int)
        base = children * np.exp(np.log(0.006) + draw.normal(0, 0.1) + common + _ar1(draw, n, 0.3, 0.02))
        effect = np.where((t >= n_before) & (j == 0), ratio, 1.0)
        averted += float((base * (1 - effect)).sum())
        dental = draw.poisson(children * 0.01 * np.exp(0.05 * np.cos(2 * np.pi * t / 12)))
        columns = {"area": name, "month": months, "children": children, "contacts": draw.poisson(base * effect)}
        frames.append(pd.DataFrame({**columns, "dental": dental}))
    frame = pd.concat(frames, ignore_index=True)
    start = str(months[n_before])
    truth = SeriesTruth(ratio=ratio, averted=averted, shared=shared, treated=AREAS[0], start=start, seed=seed)
    return SyntheticSeries(frame=frame, truth=truth)


def _ar1(draw: np.random.Generator, n: int, rho: float, sd: float) -> np.ndarray:
    """A stationary AR(1) departure with standard deviation `sd`, (n,)."""
    out = np.empty(n)
    out[0] = draw.normal(0, sd)
    for t, shock in enumerate(draw.normal(0, sd * np.sqrt(1 - rho**2), n - 1), start=1):
        out[t] = rho * out[t - 1] + shock
    return out
