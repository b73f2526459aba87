"""Two-way from grouped sums: equal to the one in memory, from a frame or a file, and strict about its panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import event_study, two_way
from hubeval.methods.did.estimators.large import two_way_large

pytest.importorskip("duckdb")
KEYS = {"outcome": "y", "unit": "la", "time": "t", "start": "s"}


def panel(n=60, t=7):
    rng = np.random.default_rng(4)
    s = np.where(np.arange(n) < 24, 3.0 + np.arange(n) % 3, np.nan)
    data = pd.DataFrame({"la": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n), "s": np.repeat(s, t)})
    return data.assign(y=rng.normal(size=n * t) + (data["t"] >= data["s"]) + 100.0 + data["la"] % 5)


@pytest.mark.parametrize("form", ["frame", "parquet", "csv"])
def test_equals_the_regression_in_memory(tmp_path, form):
    data = panel()
    source = data.sample(frac=1, random_state=1)
    if form != "frame":
        source = tmp_path / f"panel.{form}"
        data.to_parquet(source) if form == "parquet" else data.to_csv(source, index=False)
    ours = two_way_large(source, **KEYS)
    theirs = two_way(data, **KEYS, inference="cluster")
    np.testing.assert_allclose(ours.estimate, theirs.estimate, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-6)
    study = two_way_large(source, **KEYS, event=True)
    other = event_study(data, **KEYS, inference="cluster")
    assert study.event_times == other.event_times
    np.testing.assert_allclose(study.estimate, other.estimate, rtol=1e-8)
    np.testing.assert_allclose(study.covariance, other.covariance, rtol=1e-6)


@pytest.mark.parametrize(("change", "says"), [
    (lambda d: d.iloc[1:], "not balanced"), (lambda d: pd.concat([d, d.iloc[[0]]]), "not balanced"),
    (lambda d: d.assign(s=3.0), "never treated"), (lambda d: d.assign(s=np.nan), "no unit starts"),
    (lambda d: d.assign(y=d["y"].where(d.index != 3)), "blank"), (lambda d: d.rename(columns={"y": "yy"}), "Did you mean"),
    (lambda d: d.assign(s=d["s"].where(d["la"] > 0, 0.0)), "first period")])
def test_what_it_cannot_do_is_refused(change, says):
    with pytest.raises(BadInput, match=says):
        two_way_large(change(panel()), **KEYS)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="no file"):
        two_way_large("absent.parquet", **KEYS)


def test_a_start_of_zero_is_never_treated():
    data = panel().assign(t=lambda d: d.t + 2010, s=lambda d: d.s + 2010)
    zero = two_way_large(data.assign(s=data.s.fillna(0)), **KEYS)
    np.testing.assert_allclose(zero.estimate, two_way_large(data, **KEYS).estimate, rtol=1e-12)
