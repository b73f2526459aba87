"""Replicates of a synthetic difference-in-differences: placebo sets, jackknife, bootstrap; each with its error."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.synth.estimators.double_difference import effect, refit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.estimators.double_difference import Weights

    Floats = NDArray[np.float64]

ENUMERATED = 2000  # placebo sets up to this number are all used

Made = tuple["Floats", "float | None", str]


def placebo(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Made:
    """Every set of donors, or some, in the treated units' place."""
    pool, size = np.array(panel.donors), len(panel.treated)
    if len(pool) <= size + 1:
        return np.empty(0), None, f"{len(pool)} donors are too few to stand in for {size} treated unit(s)"
    if comb(len(pool), size) <= ENUMERATED:
        sets = [np.array(s) for s in combinations(pool.tolist(), size)]
    else:
        sets = [rng.choice(pool, size, replace=False) for _ in range(replications)]
    draws = np.array([refit(panel, np.setdiff1d(pool, s), s, fitted.zeta) for s in sets])
    return draws, float(draws.std()), ""


def jackknife(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Made:
    """Each unit left out in turn, weights held."""
    del replications, rng  # nothing is drawn
    donors, treated, omega = np.array(panel.donors), np.array(panel.treated), fitted.omega
    if len(treated) == 1:
        return np.empty(0), None, "the jackknife needs two treated units or more; use errors='placebo'"
    if (omega > 0).sum() == 1:
        return np.empty(0), None, "one donor carries all the weight: the jackknife cannot leave it out"
    draws = []
    for j in range(len(donors)):
        rest = np.delete(omega, j)
        draws.append(effect(panel, np.delete(donors, j), treated, rest / rest.sum(), fitted.lam))
    draws += [effect(panel, donors, np.delete(treated, j), omega, fitted.lam) for j in range(len(treated))]
    made = np.array(draws)
    return made, float(np.sqrt((len(made) - 1) * made.var())), ""


def bootstrap(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Made:
    """Units drawn with replacement, weights fitted anew."""
    donors, treated = np.array(panel.donors), np.array(panel.treated)
    if len(treated) == 1:
        return np.empty(0), None, "the bootstrap needs two treated units or more; use errors='placebo'"
    everyone = np.concatenate([donors, treated])
    draws: list[float] = []
    while len(draws) < replications:
        drawn = np.sort(rng.integers(0, len(everyone), len(everyone)))
        first, second = everyone[drawn[drawn < len(donors)]], everyone[drawn[drawn >= len(donors)]]
        if len(first) and len(second):
            draws.append(refit(panel, first, second, fitted.zeta))
    made = np.array(draws)
    return made, float(made.std()), ""
