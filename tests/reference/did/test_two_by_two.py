"""The 2x2 on Card & Krueger (1994) and on DRDID's simulated cross-sections; improved equals traditional without covariates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import two_by_two

KEYS = {"outcome": "y", "time": "post", "start": "start"}


def test_a_law_in_one_of_two_states(drawn, numbers):
    """R's regression on all rows, and its two-sample t test on the stores seen twice."""
    raw, theirs = drawn("stores"), numbers("did/drawn.json")["stores"]
    frames = [pd.DataFrame({"store": np.arange(len(raw)), "post": t, "start": np.where(raw["law"] == 1, 1.0, np.nan), "y": raw[wave]})
              for t, wave in ((0, "before"), (1, "after"))]
    data = pd.concat(frames).dropna(subset=["y"])
    assert two_by_two(data, **KEYS, unit=None).estimate == pytest.approx(theirs["rows"], abs=1e-9)
    pairs = two_by_two(data[data.groupby("store")["y"].transform("count") == 2], **KEYS, unit="store")
    assert pairs.estimate == pytest.approx(theirs["pairs"], abs=1e-9)
    assert (pairs.n_treated, pairs.n_comparison) == (theirs["n_treated"], theirs["n_comparison"])
    # R's is the two-sample error with n - 1; the influence function's divides by n
    assert pairs.std_error == pytest.approx(theirs["pairs_se"], rel=0.01)


def test_card_and_krueger(shared):
    """Full-time equivalents, New Jersey after April 1992 against Pennsylvania: 2.75 on the balanced stores."""
    raw = pd.read_csv(shared("reference/did/data/card_krueger_1994.csv"))
    raw.columns = [c.lower() for c in raw.columns]
    before = raw["empft"] + raw["nmgrs"] + 0.5 * raw["emppt"]
    after = raw["empft2"] + raw["nmgrs2"] + 0.5 * raw["emppt2"]
    start = np.where(raw["state"] == 1, 1.0, np.nan)
    frames = [pd.DataFrame({"store": np.arange(len(raw)), "post": t, "start": start, "y": y})
              for t, y in ((0, before), (1, after))]
    data = pd.concat(frames).dropna(subset=["y"])
    # made by recomputation in R: all stores 2.753605782980582 (1.8012); stores seen twice 2.75 (1.3423)
    rows = two_by_two(data, **KEYS, unit=None)
    assert rows.estimate == pytest.approx(2.753605782980582, abs=1e-9)
    both = data[data.groupby("store")["y"].transform("count") == 2]
    pairs = two_by_two(both, **KEYS, unit="store")
    assert pairs.estimate == pytest.approx(2.75, abs=1e-9)
    assert (pairs.n_treated, pairs.n_comparison) == (309, 75)
    # R's is the two-sample error with n - 1; the influence function's divides by n
    assert pairs.std_error == pytest.approx(1.342340976908276, rel=0.01)


@pytest.mark.parametrize(("estimator", "att", "se"), [
    ("improved", -0.208858635488296, 0.20023732771269), ("dr", -0.167795448013302, 0.200798695724222)])
def test_cross_sections_equal_drdid(shared, estimator, att, se):
    data = pd.read_csv(shared("reference/did/data/sim_rc.csv"))
    data["start"] = np.where(data["d"] == 1, 1.0, np.nan)
    fit = two_by_two(data, **KEYS, unit=None, covariates=("x1", "x2", "x3", "x4"), estimator=estimator)
    assert fit.estimate == pytest.approx(att, abs=1e-8)
    assert fit.std_error == pytest.approx(se, rel=1e-6)


def followed(seed=3, n=400):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(-0.5 * x))
    base = rng.normal(size=n) + x
    change = 1.0 + 0.7 * x + 2.0 * treated + rng.normal(size=n)
    return pd.concat([pd.DataFrame({"id": np.arange(n), "post": t, "x": x, "start": np.where(treated, 1.0, np.nan),
                                    "y": base + t * change}) for t in (0, 1)])


@pytest.mark.parametrize("estimator", ["improved", "dr", "reg", "ipw"])
def test_all_find_the_true_effect_and_their_errors_equal_a_bootstrap(estimator):
    data = followed()
    fit = two_by_two(data, **KEYS, unit="id", covariates=("x",), estimator=estimator)
    assert abs(fit.estimate - 2.0) < 3 * fit.std_error
    wide = data["id"].unique()
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(60):
        picked = rng.integers(0, len(wide), len(wide))
        again = data.set_index("id").loc[picked].assign(id=np.repeat(np.arange(len(picked)), 2))
        draws.append(two_by_two(again, **KEYS, unit="id", covariates=("x",), estimator=estimator).estimate)
    # 60 draws give an error to within 3 * sqrt(1 / 120) = 27%
    assert fit.std_error == pytest.approx(np.std(draws, ddof=1), rel=0.28)


def test_without_covariates_all_estimators_are_one_difference():
    data = followed()
    found = {e: two_by_two(data, **KEYS, unit="id", estimator=e) for e in ("improved", "dr", "reg", "ipw")}
    first = found["dr"]
    for other in found.values():
        assert other.estimate == pytest.approx(first.estimate, abs=1e-12)
        assert other.std_error == pytest.approx(first.std_error, rel=1e-9)


def test_more_than_two_periods_and_units_seen_once_are_refused():
    data = followed()
    with pytest.raises(BadInput, match="one period only"):
        two_by_two(data.iloc[:-1], **KEYS, unit="id")
    with pytest.raises(BadInput, match="holds 3 periods"):
        two_by_two(pd.concat([data, data.assign(post=2)]).drop_duplicates(["id", "post"]), **KEYS, unit="id")
