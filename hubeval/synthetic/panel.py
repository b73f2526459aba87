"""Area-by-quarter panels with staggered openings, made from a seed, with the true effect known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_NAMES = (
    "Alderholt", "Ashcombe", "Barrowdene", "Birchester", "Blackmere", "Bramfield", "Brightling", "Caldmoor",
    "Carnwick", "Castleforth", "Coldbrook", "Cranmere", "Darnley", "Deepwell", "Eastmarch", "Elmstow",
    "Fallowfield", "Farnborne", "Foxcombe", "Glenmoor", "Greyhaven", "Hallowby", "Harrowfield", "Hazelmere",
    "Holmcaster", "Ivybrook", "Kelmarsh", "Kingsdene", "Larchester", "Linfold", "Longmere", "Lowmoor",
    "Maplestead", "Marrowby", "Millbourne", "Netherfold", "Northcombe", "Oakhampstead", "Otterdale", "Penmarsh",
    "Quarrington", "Ravensby", "Redmere", "Rivenhall", "Rosewick", "Saltmarsh",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelTruth:
    """What is true in a synthetic panel: the effect by quarters since opening, and its average over treated cells.

    `att` is the mean of the true effects over every treated area-quarter that is in the frame.
    """

    att: float
    by_event_time: tuple[float, ...]
    seed: int
    unit: str = "referrals per 10,000 children a quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticPanel:
    """A made-up panel and what is true in it."""

    frame: pd.DataFrame
    truth: PanelTruth


def staggered_panel(
    *,
    n_areas: int = 36,
    n_treated: int = 12,
    n_quarters: int = 28,
    waves: tuple[int, ...] = (12, 15, 18),
    effect: float = -6.0,
    build_up: int = 4,
    children: tuple[int, int] = (4_000, 90_000),
    seed: int = 20261122,
) -> SyntheticPanel:
    """A staggered roll-out of hubs across areas: rates per 10,000 children a quarter, 2014Q1 on.

    Counts are Poisson around an area's own level, a shared path over time, an autocorrelated local
    departure, a shared shock (2020Q2 to 2020Q3) and a shared recording break (from 2019Q2). Hubs open in
    `waves`; the effect builds up evenly over `build_up` quarters and then stays. A count below 5 is
    written as the suppression mark ``c``, its rate too. The downstream outcome moves a quarter as much (protection
    plans), the placebo outcome not at all (dental checks).

    Parameters
    ----------
    n_areas, n_treated, n_quarters : int
    waves : tuple of int
        Position of each wave's first treated quarter; treated areas are spread evenly over them.
    effect : float
        Full effect, in referrals per 10,000 children a quarter.
    build_up : int
        Quarters until the full effect.
    children : tuple of int
        Fewest and most children in an area.
    seed : int

    Examples
    --------
    >>> made = staggered_panel(n_areas=10, n_treated=4)
    >>> made.frame.shape, made.frame["area"].nunique()
    ((280, 8), 10)
    """
    draw = np.random.default_rng(seed)
    quarters = [f"{2014 + q // 4}Q{q % 4 + 1}" for q in range(n_quarters)]
    start = np.full(n_areas, -1)
    start[:n_treated] = [waves[i % len(waves)] for i in range(n_treated)]
    start = start[draw.permutation(n_areas)]
    event = np.where(start[:, None] >= 0, np.arange(n_quarters)[None, :] - start[:, None], -1)
    true = effect * np.clip((event + 1) / build_up, 0, 1) * (event >= 0)
    rate = _untreated_rates(draw, n_areas, n_quarters) + true
    living = draw.integers(*children, n_areas)
    columns = {
        "referrals": _counts(draw, rate, living),
        "plans": _counts(draw, 0.12 * rate + 0.13 * true, living),
        "dental": _counts(draw, _untreated_rates(draw, n_areas, n_quarters) * 0.6, living),
    }
    frame = _long(columns, quarters, start, living)
    treated = event >= 0
    path = tuple(float(effect * min((e + 1) / build_up, 1)) for e in range(n_quarters - min(waves)))
    return SyntheticPanel(frame=frame, truth=PanelTruth(att=float(true[treated].mean()), by_event_time=path, seed=seed))


def _untreated_rates(draw: np.random.Generator, n_areas: int, n_quarters: int) -> np.ndarray:
    """(areas, quarters): level, shared path, season, shock and break, and an AR(1) departure of each area."""
    level = draw.normal(90, 14, n_areas)[:, None]
    time = np.arange(n_quarters)
    shared = 0.35 * time + 3.0 * np.sin(time * np.pi / 2) + np.cumsum(draw.normal(0, 0.8, n_quarters))
    shared = shared - 16.0 * np.isin(time, (25, 26)) + 9.0 * (time >= 21)
    local = np.zeros((n_areas, n_quarters))
    shocks = draw.normal(0, 2.6, (n_areas, n_quarters))
    local[:, 0] = shocks[:, 0] / np.sqrt(1 - 0.4**2)
    for t in range(1, n_quarters):
        local[:, t] = 0.4 * local[:, t - 1] + shocks[:, t]
    return np.asarray(level + shared[None, :] + local)


def _counts(draw: np.random.Generator, rate: np.ndarray, children: np.ndarray) -> np.ndarray:
    return np.asarray(draw.poisson(np.clip(rate, 0.05, None) * children[:, None] / 10_000))


def _long(columns: dict[str, np.ndarray], quarters: list[str], start: np.ndarray, children: np.ndarray) -> pd.DataFrame:
    n_areas, n_quarters = columns["referrals"].shape
    names = np.array([_NAMES[i % len(_NAMES)] + ("" if i < len(_NAMES) else f" {i}") for i in range(n_areas)])
    opened = np.array([quarters[s] if s >= 0 else "" for s in start])
    frame = {
        "area": np.repeat(names, n_quarters),
        "quarter": np.tile(quarters, n_areas),
        "hub_opened": np.repeat(opened, n_quarters),
        "children": np.repeat(children, n_quarters),
    }
    for name, counts in columns.items():
        rates = counts / children[:, None] * 10_000
        written = np.where(counts < 5, "c", np.char.mod("%.2f", rates))
        frame[f"{name}_per_10k"] = written.ravel()
        if name == "referrals":
            frame["referrals"] = np.where(counts < 5, "c", counts.astype(str)).ravel()
    return pd.DataFrame(frame)
