"""The ladder, acceptability and information against BCEA and dampack, whose numbers were made outside."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hubeval.economics.decision import acceptability, ladder, partial_information, perfect_information


@pytest.mark.parametrize("name", ["vaccine", "smoking"])
def test_acceptability_and_information_equal_bcea(shared, name):
    folder = shared("reference/theory/econ")
    cost = pd.read_csv(folder / f"{name}_cost.csv").to_numpy()
    effect = pd.read_csv(folder / f"{name}_eff.csv").to_numpy()
    theirs = json.loads((folder / "bcea_reference.json").read_text())[name.capitalize()]
    best, chosen, evpi = acceptability(cost, effect, np.array(theirs["k"], dtype=float))
    np.testing.assert_allclose(evpi, theirs["EVPI"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(best, np.array(theirs["p_best"]), atol=1e-9)
    assert (chosen + 1).tolist() == theirs["best"]


def test_the_ratio_equals_bcea(shared):
    folder = shared("reference/theory/econ")
    cost = pd.read_csv(folder / "vaccine_cost.csv").to_numpy().mean(axis=0)
    effect = pd.read_csv(folder / "vaccine_eff.csv").to_numpy().mean(axis=0)
    theirs = json.loads((folder / "bcea_reference.json").read_text())["Vaccine"]["ICER"]["Status Quo"]
    assert ladder(["old", "new"], cost, effect)[1].ratio == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("name", ["small", "hund_strat"])
def test_the_ladder_equals_dampack(shared, name):
    folder = shared("reference/theory/econ")
    theirs = pd.read_csv(folder / f"dampack_{name}_icers.csv", dtype={"Strategy": str})
    ours = {
        step.option: step
        for step in ladder(list(theirs.Strategy), theirs.Cost.to_numpy(float), theirs.Effect.to_numpy(float))
    }
    words = {"ND": "on the ladder", "D": "dominated", "ED": "extendedly dominated"}
    for row in theirs.itertuples():
        step = ours[row.Strategy]
        assert step.status == words[row.Status]
        if np.isfinite(row.ICER):
            assert step.ratio == pytest.approx(row.ICER, rel=1e-9)


def test_equal_options_are_dominated_and_never_divide_by_zero():
    steps = ladder(["A", "B", "C"], np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    assert [step.status for step in steps] == ["on the ladder", "dominated", "dominated"]


def test_knowing_everything_is_worth_what_wrong_choices_cost():
    rng = np.random.default_rng(1)
    net = rng.normal(0.3, 1.0, 400_000)
    # unit normal loss: E max(x, 0) - mean
    assert perfect_information(net) == pytest.approx(0.2668, abs=0.004)


def test_knowing_one_figure_is_worth_what_it_explains():
    rng = np.random.default_rng(2)
    known, other = rng.normal(size=100_000), rng.normal(size=100_000)
    net = 0.2 + known + 2 * other
    # given the figure, net benefit is 0.2 + figure: the value is that of a normal law with spread 1
    assert partial_information(net, known) == pytest.approx(0.3069, abs=0.01)
    assert partial_information(net, np.full(100_000, 3.0)) == 0.0
    assert partial_information(net, rng.normal(size=100_000)) < 0.02
