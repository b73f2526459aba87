"""Ten more made-up worlds, rougher than the board's: steps, kinks, growth and products of up to three of twelve covariates.

Recipes 0 to 9 were in view when the headline was settled: they led to ranks for scales and to weights more lenient. The worlds
here are recipes 10 to 19, which were first drawn afterwards. Covariates are correlated; one is skewed, four are two-valued. A shared part drives both treatment and outcome; each has a part of its own; the effect varies. The truth
is the average effect on the treated of the sample.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy.special import expit

NAMES = [f"x{j}" for j in range(12)]
WORLDS = range(10, 20)
LARGE = 100_000
BENDS = {
    "line": lambda z, at: z,
    "step": lambda z, at: (z > at) - 0.5,
    "kink": lambda z, at: np.maximum(z - at, 0),
    "growth": lambda z, at: np.exp(0.6 * z) - 1,
    "square": lambda z, at: z**2 - 1,
}


def _covariates(rng, n):
    x = np.sqrt(0.3) * rng.normal(size=(n, 1)) + np.sqrt(0.7) * rng.normal(size=(n, 12))
    x[:, 8:] = x[:, 8:] > 0.4
    x[:, 7] = np.exp(x[:, 7])
    return x


def _recipe(number):
    """For each part, its terms: columns, bends, places and a size."""
    rng = np.random.default_rng([20261122, 31, number])

    def terms(count):
        made = []
        for _ in range(count):
            columns = rng.permutation(12)[: rng.choice([1, 1, 2, 2, 3])]
            bends = rng.choice(list(BENDS), size=columns.size)
            made.append((columns, bends, rng.uniform(-0.8, 0.8, columns.size), rng.choice([-1, 1]) * rng.uniform(0.5, 1)))
        return made

    return {"shared": terms(5), "treatment": terms(2), "outcome": terms(5), "effect": terms(2)}


def _value(x, terms):
    total = np.zeros(len(x))
    for columns, bends, places, size in terms:
        term = np.full(len(x), size)
        for j, bend, at in zip(columns, bends, places, strict=True):
            z = np.log(x[:, j]) if j == 7 else x[:, j]
            term = term * (z - 0.4 if j >= 8 else BENDS[bend](z, at))
        total += term
    return total


@cache
def _fixed(number):
    x = _covariates(np.random.default_rng([2, number]), LARGE)
    return {name: (v.mean(), v.std()) for name, v in ((k, _value(x, terms)) for k, terms in _recipe(number).items())}


def sample(number, seed, n=1000):
    """Records of a world, with the average effect on its treated."""
    rng = np.random.default_rng([seed, number, 11])
    x, recipe, fixed = _covariates(rng, n), _recipe(number), _fixed(number)
    part = {k: np.clip((_value(x, recipe[k]) - fixed[k][0]) / fixed[k][1], -3, 3) for k in recipe}
    t = rng.random(n) < expit(-0.8 + 0.8 * part["shared"] + 0.5 * part["treatment"])
    own = 1 + 0.5 * part["effect"]
    y = 2 * (0.8 * part["shared"] + 0.6 * part["outcome"]) + own * t + rng.normal(size=n)
    return pd.DataFrame(x, columns=NAMES).assign(t=t.astype(float), y=y), float(own[t].mean())
