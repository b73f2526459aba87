"""One treated authority against donor authorities, made from a seed by a factor model with the true effect known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_PARTS = (
    ("Ald", "Ash", "Bram", "Carn", "Dun", "Elm", "Fern", "Glen", "Hazel", "Ivy", "Kel", "Lang", "Mar", "Nether"),
    ("borough", "combe", "dale", "ford", "ham", "mere", "ton"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorTruth:
    """What is true: the effect in each period from the start on, its mean, and the seed."""

    att: float
    by_period: tuple[float, ...]
    treated: str
    start: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorPanel:
    """A made-up panel and what is true in it."""

    frame: pd.DataFrame
    truth: DonorTruth


def factor_paths(
    draw: np.random.Generator, n_units: int, n_periods: int, *, noise: float, rho: float = 0.4
) -> np.ndarray:
    """(periods, units): three shared factors with loadings of each unit, and an AR(1) departure of its own.

    The first unit's loadings are a weighted average of those of six others, so that a synthetic control exists.
    """
    time = np.arange(n_periods)
    factors = np.column_stack(
        [0.25 * time, 4 * np.sin(time / 5) + np.cumsum(draw.normal(0, 0.6, n_periods)), draw.normal(0, 1.5, n_periods)]
    )
    loadings = np.column_stack([draw.normal(1, 0.6, n_units), draw.normal(0, 1, n_units), draw.normal(0, 1, n_units)])
    level = draw.normal(70, 9, n_units)
    share = draw.dirichlet(np.ones(6))
    loadings[0], level[0] = share @ loadings[1:7], share @ level[1:7]
    own = np.zeros((n_periods + 20, n_units))
    for t in range(1, n_periods + 20):
        own[t] = rho * own[t - 1] + draw.normal(0, noise * np.sqrt(1 - rho**2), n_units)
    return np.asarray(level + factors @ loadings.T + own[20:])


def donor_panel(
    *,
    n_donors: int = 39,
    n_quarters: int = 40,
    start: int = 28,
    effect: float = -7.0,
    build_up: int = 3,
    seed: int = 20261122,
) -> DonorPanel:
    """Quarterly rates per 10,000 children, 2012Q1 on: one authority opens hubs, the donors never do.

    The effect builds up evenly over `build_up` quarters and then stays. The placebo outcome does not move.

    Parameters
    ----------
    n_donors, n_quarters : int
    start : int
        Position of the first treated quarter.
    effect : float
        Full effect, in referrals per 10,000 children a quarter.
    build_up : int
        Quarters until the full effect.
    seed : int

    Examples
    --------
    >>> made = donor_panel(n_donors=20)
    >>> made.frame.shape, made.truth.start, made.truth.treated
    ((840, 4), '2019Q1', 'Hubcaster')
    """
    draw = np.random.default_rng(seed)
    names = ["Hubcaster", *(a + b for b in _PARTS[1] for a in _PARTS[0])][: n_donors + 1]
    quarters = [f"{2012 + q // 4}Q{q % 4 + 1}" for q in range(n_quarters)]
    true = effect * np.clip((np.arange(n_quarters) - start + 1) / build_up, 0, 1)
    referrals = factor_paths(draw, n_donors + 1, n_quarters, noise=1.0)
    referrals[:, 0] += true
    dental = 0.6 * factor_paths(draw, n_donors + 1, n_quarters, noise=1.0)
    frame = pd.DataFrame(
        {
            "authority": np.repeat(names, n_quarters),
            "quarter": np.tile(quarters, n_donors + 1),
            "referrals_per_10k": referrals.T.ravel().round(2),
            "dental_per_10k": dental.T.ravel().round(2),
        }
    )
    path = tuple(float(v) for v in true[start:])
    truth = DonorTruth(att=float(np.mean(path)), by_period=path, treated=names[0], start=quarters[start], seed=seed)
    return DonorPanel(frame=frame, truth=truth)
