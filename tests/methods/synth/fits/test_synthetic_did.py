"""Synthetic difference-in-differences: invariances of the estimator and its errors by their definitions."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hubeval.errors import BadInput
from hubeval.methods import synth
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.estimators.double_difference import fit_weights, refit


def test_unit_and_time_effects_change_nothing(panel, names):
    fit = synth.synthetic_did(panel, **names)
    codes = panel["area"].astype("category").cat.codes
    other = synth.synthetic_did(panel.assign(rate=panel["rate"] + 10 * codes), **names)
    assert other.estimate == pytest.approx(fit.estimate, rel=1e-7)
    assert other.std_error == pytest.approx(fit.std_error, rel=1e-6)
    # a shared path moves the paper's noise level, hence the regularisation; with that held nothing moves
    shared = read_panel(panel.assign(rate=panel["rate"] + 4 * np.sin(panel["year"])), **names)
    donors, treated = np.array(shared.donors), np.array(shared.treated)
    assert refit(shared, donors, treated, fit.fitted.zeta)[0] == pytest.approx(fit.estimate, rel=1e-7)


def test_weights_are_weightings_and_the_curve_averages_to_the_estimate(panel, names):
    fit = synth.synthetic_did(panel, **names)
    assert fit.weights.sum() == pytest.approx(1)
    assert fit.time_weights.sum() == pytest.approx(1)
    gap = fit.gap()
    assert (gap["gap"][:16] * fit.time_weights.to_numpy()).sum() == pytest.approx(0, abs=1e-10)
    assert gap["gap"][16:].mean() == pytest.approx(fit.estimate)
    assert fit.fitted.relative_gap <= 1e-9


def test_placebo_draws_are_each_donor_in_turn(panel, names):
    fit = synth.synthetic_did(panel, **names)
    assert len(fit.draws) == 11
    assert fit.exhaustive
    assert fit.std_error == pytest.approx(fit.wider * np.sqrt(np.mean(fit.draws**2)))
    rest = panel[panel["area"] != "Hub"]
    alone = synth.synthetic_did(rest, **{**names, "treated": "Donor C"})
    # the regularisation is that of the whole panel, as in the paper, so refit with it
    weights = fit_weights(alone.panel, fit.fitted.zeta)
    curve = alone.panel.y[:, alone.panel.treated[0]] - alone.panel.y[:, list(alone.panel.donors)] @ weights.omega
    assert curve[16:].mean() - weights.lam @ curve[:16] == pytest.approx(fit.draws[2], rel=1e-9)
    rank, n = fit.placebo_rank()
    assert (rank, n) == (1 + sum(abs(d) >= abs(fit.estimate) for d in fit.draws), 12)


def test_several_treated_units_use_every_set_of_donors(panel, names):
    fit = synth.synthetic_did(panel, **{**names, "treated": ["Hub", "Donor A"]})
    assert len(fit.draws) == len(list(combinations(range(10), 2)))
    assert fit.estimates()[0].n_treated == 2


def test_jackknife_by_its_definition(panel, names):
    fit = synth.synthetic_did(panel, **{**names, "treated": ["Hub", "Donor A"]}, errors="jackknife")
    p, omega, lam = fit.panel, fit.fitted.omega, fit.fitted.lam
    donors, treated = list(p.donors), list(p.treated)

    def effect(w, d, t):
        gap = p.y[:, t].mean(axis=1) - p.y[:, d] @ w
        return gap[16:].mean() - lam @ gap[:16]

    left = [effect(np.delete(omega, j) / np.delete(omega, j).sum(), donors[:j] + donors[j + 1 :], treated) for j in range(10)]
    left += [effect(omega, donors, [t]) for t in treated[::-1]]
    expected = np.sqrt((12 - 1) / 12 * ((left - np.mean(left)) ** 2).sum())
    assert fit.std_error == pytest.approx(expected, rel=1e-10)


def test_bootstrap_is_seeded_and_near_the_jackknife(panel, names):
    names = {**names, "treated": ["Hub", "Donor A", "Donor B", "Donor C"]}
    first = synth.synthetic_did(panel, **names, errors="bootstrap", replications=60)
    again = synth.synthetic_did(panel, **names, errors="bootstrap", replications=60)
    other = synth.synthetic_did(panel, **names, errors="bootstrap", replications=60, seed=4)
    assert first.std_error == again.std_error != other.std_error
    jack = synth.synthetic_did(panel, **names, errors="jackknife")
    assert 0.3 < first.std_error / jack.std_error < 3


@pytest.mark.parametrize("errors", ["jackknife", "bootstrap"])
def test_one_treated_unit_gives_no_such_error_and_says_why(panel, names, errors):
    fit = synth.synthetic_did(panel, **names, errors=errors)
    assert fit.std_error is None
    assert fit.estimates()[0].conf_low is None
    assert "two treated units" in fit.not_computed()[0].reason
    assert fit.placebo_rank() is None


def test_too_few_donors_for_placebos_is_said(panel, names):
    fit = synth.synthetic_did(panel, **{**names, "treated": ["Hub", "Donor A"]}, donors=["Donor B", "Donor C"])
    assert "too few" in fit.not_computed()[0].reason


def test_many_sets_are_drawn_not_enumerated(make_panel, names):
    frame = make_panel(n=30)
    treated = ["Hub", "Donor A", "Donor B", "Donor C"]
    fit = synth.synthetic_did(frame, **{**names, "treated": treated}, replications=20)
    assert len(fit.draws) == 20
    assert not fit.exhaustive
    assert "spread of 20 placebo" in fit.estimates()[0].inference


def test_replications_are_checked(panel, names):
    with pytest.raises(BadInput, match="replications: found 1"):
        synth.synthetic_did(panel, **names, replications=1)


def test_refit_under_the_same_roles_is_the_estimate(panel, names):
    fit = synth.synthetic_did(panel, **names)
    p = fit.panel
    assert refit(p, np.array(p.donors), np.array(p.treated), fit.fitted.zeta)[0] == pytest.approx(fit.estimate, rel=1e-12)
