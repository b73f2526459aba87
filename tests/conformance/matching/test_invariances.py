"""What must not change a matching: the order of rows, the names of things, the units that covariates are in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubeval.methods.matching import Options, effect, match

SETTINGS = [
    {}, {"order": "smallest"}, {"order": "closest"}, {"order": "farthest"}, {"replace": True, "ratio": 2}, {"caliper": 0.3},
    {"exact": ["cell"]}, {"distance": "mahalanobis", "order": "largest"}, {"method": "optimal"}, {"method": "full"},
    {"method": "full", "estimand": "ATE", "options": Options(fewest=0.2, most=8)}, {"method": "subclass", "options": Options(subclasses=4)},
    {"method": "coarsened"}, {"method": "inverse-probability", "estimand": "ATE"}, {"method": "entropy"}, {"method": "cbps"},
    {"method": "overlap"}, {"method": "optimal", "caliper": {"logit": 0.2, "age": 0.9}}, {"method": "full", "caliper": {"need": 0.4}},
    {"method": "genetic", "replace": True, "seed": 3, "options": Options(evaluations=30)}]
quick = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
either = st.integers(0, 10_000)


def sample(seed, n=90):
    """Continuous covariates: scores are distinct."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"need": rng.normal(size=n), "age": rng.normal(size=n), "cell": rng.choice(["a", "b"], n)})
    frame["hub"] = (rng.random(n) < 1 / (1 + np.exp(1.3 - 0.6 * frame.need))).astype(int)
    frame.loc[:11, "hub"] = 1
    frame.loc[12:60, "hub"] = 0
    frame["y"] = frame.hub + frame.need + rng.normal(size=n)
    return frame.set_index(pd.Index([f"id{i}" for i in range(n)]))


def run(frame, setting):
    return match(frame, treated="hub", covariates=["need", "age"], **setting)


def same(first, second):
    pd.testing.assert_series_equal(first.weights, second.weights.reindex(first.weights.index), rtol=1e-6, atol=1e-8)
    one, two = (set(zip(m.pairs.treated, m.pairs.comparison, strict=True)) for m in (first, second))
    assert one == two


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@quick
@given(seed=either, shuffle=either)
def test_row_order(setting, seed, shuffle):
    frame = sample(seed)
    same(run(frame, setting), run(frame.sample(frac=1, random_state=shuffle), setting))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@quick
@given(seed=either, scale=st.floats(0.01, 1000), shift=st.floats(-100, 100))
def test_units_of_the_covariates(setting, seed, scale, shift):
    frame = sample(seed)
    same(run(frame, setting), run(frame.assign(need=frame.need * scale + shift), setting))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@quick
@given(seed=either)
def test_names_of_records_and_columns(setting, seed):
    frame = sample(seed)
    renamed = frame.rename(index=lambda label: f"other-{label}")
    first, second = run(frame, setting), run(renamed, setting)
    assert [f"other-{label}" for label in first.pairs.treated] == list(second.pairs.treated)
    np.testing.assert_array_equal(first.weights, second.weights)


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.get("estimand") != "ATE" and s.get("method") not in {"overlap", "subclass"}], ids=str)
@quick
@given(seed=either)
def test_swapping_the_groups_swaps_the_estimand(setting, seed):
    """The ATT of a treatment is the ATC of its absence; orders by score turn round with it.

    (Not subclasses: a record exactly on a cut falls on its upper side.)
    """
    frame = sample(seed)
    turned = {"largest": "smallest", "smallest": "largest"}
    order = {"order": turned[setting.get("order", "largest")]} if setting.get("order", "largest") in turned else {}
    paired = setting.get("method", "nearest") == "nearest" and not setting.get("replace")
    first = run(frame, setting)
    second = run(frame.assign(hub=1 - frame.hub), {**setting, "estimand": "ATC", **(order if paired else {})})
    np.testing.assert_allclose(first.weights, second.weights, atol=1e-6)


@pytest.mark.parametrize("options", [Options(), Options(profile=True), Options(tolerance=0.01)], ids=str)
@quick
@given(seed=either, scale=st.floats(0.01, 1000), shift=st.floats(-100, 100))
def test_as_many_are_chosen_whatever_the_order_and_the_units(options, seed, scale, shift):
    """Several samples can be the largest, so that only their size is fixed."""
    frame = sample(seed)
    other = frame.sample(frac=1, random_state=seed).assign(need=lambda f: f.need * scale + shift)
    first, second = (run(f, {"method": "cardinality", "options": options}) for f in (frame, other))
    assert (first.weights > 0).sum() == (second.weights > 0).sum()


@quick
@given(seed=either, shift=st.floats(-50, 50), scale=st.floats(0.1, 50))
def test_outcome_units(seed, shift, scale):
    frame = sample(seed)
    made = run(frame, {})
    for estimator in ("difference", "regression", "g-computation"):
        (one,), (two,) = (effect(made, outcome=y, estimator=estimator) for y in (frame.y, frame.y * scale + shift))
        assert two.estimate == pytest.approx(scale * one.estimate, abs=1e-7 * scale + 1e-9)
        assert two.std_error == pytest.approx(scale * one.std_error, rel=1e-6)
        assert two.p_value == pytest.approx(one.p_value, abs=1e-6)
