"""The headline beyond the effect on the treated of a plain difference: other estimands, outcomes, survey weights, places.

One world of 1,000 records whose score and outcome share a kink and a product; the effect varies, and is that of the sample.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from hubeval.methods.matching import effect, match

NAMES = list("abcde")
KINDS = ("ATE", "ATC", "ATO", "0/1", "ratio of counts", "survey weights", "places")


def world(kind, seed, n=1000):
    """A frame, what `match` and `effect` are asked beside the usual, and the truth."""
    rng = np.random.default_rng([seed, 77])
    x = rng.normal(size=(n, 5))
    a, b, c = x[:, 0], x[:, 1], x[:, 2]
    place, drift = rng.integers(0, 40, n), rng.normal(size=(40, 2))
    drive = -0.5 + 0.6 * np.abs(a) - 0.4 * a * b + (0.8 * drift[place, 0] if kind == "places" else 0.0)
    p = expit(drive)
    t = rng.random(n) < p
    base, own = np.abs(a) + np.sin(2 * b) + 0.7 * a * b, 1 + 0.5 * (c if kind == "survey weights" else a)
    frame = pd.DataFrame(x, columns=NAMES).assign(t=t, w=np.exp(0.5 * c), place=place)
    y = base + own * t + rng.normal(size=n) + (0.7 * drift[place, 1] if kind == "places" else 0.0)
    asked, also, truth = {}, {}, own[t].mean()
    if kind in {"ATE", "ATC"}:
        asked, truth = {"estimand": kind}, own.mean() if kind == "ATE" else own[~t].mean()
    elif kind == "ATO":
        asked, truth = {"method": "overlap"}, np.average(own, weights=p * (1 - p))
    elif kind == "0/1":
        without, with_it = expit(base - 1), expit(base - 1.6)
        y, truth = rng.random(n) < np.where(t, with_it, without), (with_it - without)[t].mean()
    elif kind == "ratio of counts":
        y, also, truth = rng.poisson(np.exp(0.4 * base - 0.5) * np.where(t, 1.5, 1.0)), {"measure": "ratio"}, 1.5
    elif kind == "survey weights":
        asked, truth = {"weights": "w"}, np.average(own[t], weights=frame.w[t])
    elif kind == "places":
        also = {"cluster": "place"}
    return frame.assign(y=np.asarray(y, dtype=float)), asked, also, float(truth)


def study(kind, seeds):
    """Error, standard error, covered."""
    rows = []
    for seed in seeds:
        frame, asked, also, truth = world(kind, seed)
        sample = match(frame, treated="t", covariates=NAMES, **{"method": "inverse-probability", **asked})
        (made,) = effect(sample, outcome="y", **also)
        rows.append((made.estimate - truth, made.std_error, made.conf_low < truth < made.conf_high))
    return np.array(rows, dtype=float)


@pytest.mark.parametrize("kind", KINDS)
def test_one_sample(kind):
    ((error, size, _),) = study(kind, [1])
    assert 0.01 < size < 0.3
    assert abs(error) < 3.5 * size


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_coverage(kind):
    """100 samples: at least .93 less 1.64 Monte Carlo errors (.042); bias under two fifths of the error.

    On a run: ATE .97, ATO .94, ratio .97, places .97; on other draws of the same worlds: ATC .98, 0/1 .99, survey weights .95.
    """
    rows = study(kind, range(100))
    assert rows[:, 2].mean() >= 0.93 - 1.64 * np.sqrt(0.93 * 0.07 / 100)
    assert abs(rows[:, 0].mean()) < 0.4 * rows[:, 1].mean()
