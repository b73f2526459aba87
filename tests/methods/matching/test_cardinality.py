"""Cardinality matching against every sample that could have been chosen, and what it says when it stops early."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.checks.probes import rosenbaum
from hubeval.methods.matching.designs.balance import denominators
from hubeval.result import Diagnostic


def sample(seed, n=12):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"need": rng.normal(size=n).round(1), "age": rng.normal(size=n), "cell": rng.integers(0, 2, n)})
    frame["hub"] = (np.arange(n) < n // 2 - 1).astype(int)
    frame.loc[frame.hub == 1, "need"] += 0.7
    return frame


def most(frame, *, ratio=1, width=(0.3, 0.3), profile=False, exact=False, estimand="ATT"):
    """The largest number of records kept, by trying every subset."""
    on, x = frame.hub.to_numpy() == 1, frame[["need", "age"]].to_numpy()
    spread = denominators(x, np.zeros(2, dtype=bool), on, np.ones(len(frame)), estimand)
    picked = (np.arange(1 << len(frame))[:, None] >> np.arange(len(frame))) & 1 > 0
    focal = ~on if estimand == "ATC" else on

    def mean(side):
        z = picked & side
        with np.errstate(invalid="ignore"):
            return (z.astype(float) @ x) / z.sum(axis=1)[:, None]

    room = np.array(width) * spread + 1e-9
    if profile and estimand == "ATE":
        ok = (np.abs(mean(on) - x.mean(axis=0)) <= room / 2).all(axis=1) & (np.abs(mean(~on) - x.mean(axis=0)) <= room / 2).all(axis=1)
    elif profile:
        ok = (np.abs(mean(~focal) - x[focal].mean(axis=0)) <= room).all(axis=1) & (picked | ~focal).all(axis=1)
    else:
        ok = (np.abs(mean(on) - mean(~on)) <= room).all(axis=1)
        cells = [np.ones(len(frame), dtype=bool)] if not exact else [frame.cell.to_numpy() == k for k in (0, 1)]
        for cell in cells:
            ok &= (picked & ~focal & cell).sum(axis=1) == ratio * (picked & focal & cell).sum(axis=1)
    return int(picked[ok].sum(axis=1).max()) if ok.any() else 0


KINDS = [
    ({}, {}), ({"ratio": 2}, {"ratio": 2}), ({"estimand": "ATC"}, {"estimand": "ATC"}), ({"exact": ["cell"]}, {"exact": True}),
    ({"options": Options(tolerance={"need": 0.1, "age": 0.5})}, {"width": (0.1, 0.5)}),
    ({"options": Options(tolerance=0.3, profile=True)}, {"profile": True}),
    ({"options": Options(tolerance=0.3, profile=True), "estimand": "ATC"}, {"profile": True, "estimand": "ATC"}),
    ({"options": Options(tolerance=0.3, profile=True), "estimand": "ATE"}, {"profile": True, "estimand": "ATE"})]  # fmt: skip


@pytest.mark.parametrize("near", [False, True])
@pytest.mark.parametrize(("asked", "brute"), KINDS, ids=str)
def test_no_larger_sample_exists(good_match, asked, brute, near, monkeypatch):
    """With four records open in the first look, as with all of them."""
    if near:
        monkeypatch.setattr("hubeval.methods.matching.designs.cardinality.OPEN", (4,))
    asked = {"options": Options(tolerance=0.3), **asked}
    tried = 0
    for seed in range(10):
        frame, best = sample(seed), most(sample(seed), **brute)
        if not best:
            with pytest.raises(BadInput, match=r"options.tolerance: no sample meets it"):
                match(frame, treated="hub", covariates=["need", "age"], method="cardinality", **asked)
            continue
        made = good_match(frame, treated="hub", covariates=["need", "age"], method="cardinality", **asked)
        assert (made.weights > 0).sum() == best
        assert not made.notes
        tried += 1
    assert tried >= 4


def test_means_are_within_their_tolerance(good_match, families, asked):
    made = good_match(families, **asked, method="cardinality", options=Options(tolerance={"need": 0.001, "area": 0.0}))
    smd = made.balance().set_index("term").smd_after.abs()
    assert smd["need"] <= 0.001 + 1e-6
    assert smd.filter(like="area=").max() < 1e-9
    assert smd.max() <= 0.05 + 1e-6
    counts = made.sample.set_index("sample").loc["matched"]
    assert counts.treated == counts.comparison > 80


@pytest.fixture
def few(families):
    """Fewer comparison records than a match for everyone would need."""
    return families[(families.hub == 1) | ((families.hub == 0).cumsum() <= 110)]


def test_chosen_records_are_paired_as_nearly_as_they_can_be(good_match, few, asked):
    made = good_match(few, **asked, method="cardinality", exact=["lone"], distance="mahalanobis", options=Options(paired=True))
    plain = match(few, **asked, method="cardinality", exact=["lone"])
    assert set(plain.weights[plain.weights > 0].index) == set(made.pairs.treated) | set(made.pairs.comparison)
    assert (few.lone[made.pairs.treated].to_numpy() == few.lone[made.pairs.comparison].to_numpy()).all()
    (paired,), (loose,) = (effect(m, outcome="score", estimator="difference") for m in (made, plain))
    assert paired.estimate == pytest.approx(loose.estimate)
    assert "matched set" in paired.inference
    assert "HC3" in loose.inference
    assert paired.std_error < loose.std_error
    assert "were not" in paired.estimand
    assert isinstance(rosenbaum(made, "score"), Diagnostic)
    assert any("paired=True" in note.reason for note in plain.not_computed)


def test_a_profile_keeps_everyone_treated(good_match, families, asked):
    made = good_match(families, **asked, method="cardinality", options=Options(profile=True, tolerance=0.1))
    assert (made.weights[families.hub == 1] == 1).all()
    assert made.balance().smd_after.abs().max() <= 0.1 + 1e-6


def test_of_the_largest_samples_a_well_balanced_one_is_taken(families, few, asked, monkeypatch):
    """Where everybody treated finds a like, the tolerance leaves many samples; where few do, hardly any."""
    first = match(families, **asked, method="cardinality", options=Options(tolerance=0.1))
    assert first.balance().set_index("term").drop("distance", errors="ignore").smd_after.abs().max() <= 0.025
    tight = match(few, **asked, method="cardinality", options=Options(tolerance=0.1))
    monkeypatch.setattr("hubeval.methods.matching.designs.cardinality.FINER", ())
    for frame, found in ((families, first), (few, tight)):
        plain = match(frame, **asked, method="cardinality", options=Options(tolerance=0.1))
        assert (plain.weights > 0).sum() == (found.weights > 0).sum()


def test_a_search_that_stops_says_so_and_how_far_it_may_be_from_the_best(few, asked, monkeypatch):
    from hubeval.methods.matching.designs import cardinality

    honest = cardinality._search

    def tired(programme, fixed, open_, bound, *, seconds, more_than):
        made = honest(programme, fixed, open_, bound - 6, seconds=seconds, more_than=more_than)
        return SimpleNamespace(x=made.x, status=1, mip_dual_bound=-(made.x @ programme.gain[open_]) - 3.2)

    monkeypatch.setattr(cardinality, "OPEN", ())
    monkeypatch.setattr(cardinality, "_search", tired)
    made = match(few, **asked, method="cardinality", options=Options(tolerance=0.01))
    (note,) = made.notes
    kept = int((made.weights[few.hub == 1] > 0).sum())
    assert note.what == "proof that the sample is the largest"
    assert f"with {kept} kept; no choice keeps more than {kept + 1}" in note.reason
    assert note in made.not_computed


@pytest.mark.parametrize(("status", "limit", "bound"), [(0, -12.0, 10), (2, None, 10), (1, None, 20), (1, -12.7, 12), (1, -31.0, 20)])
def test_what_is_known_of_larger_samples(status, limit, bound):
    from hubeval.methods.matching.designs.cardinality import _proved

    assert _proved(SimpleNamespace(status=status, mip_dual_bound=limit), 10, 20) == bound


def test_nothing_found_in_the_time_is_refused(families, asked, monkeypatch):
    monkeypatch.setattr("hubeval.methods.matching.designs.cardinality._search", lambda *_a, **_k: SimpleNamespace(x=None, status=1, mip_dual_bound=None))
    with pytest.raises(BadInput, match=r"options.tolerance: no sample that meets it was found in the time given"):
        match(families, **asked, method="cardinality", options=Options(tolerance=0.001))


@pytest.mark.parametrize(("change", "line"), [
    ({"estimand": "ATE"}, "estimand: 'ATE' needs the profile of everyone"), ({"options": Options(tolerance=-1)}, "options.tolerance: found -1"),
    ({"options": Options(tolerance={"nede": 0.1})}, "options.tolerance: 'nede' is not a covariate"), ({"options": Options(seconds=0)}, "options.seconds: found 0"),
    ({"options": Options(profile=True), "ratio": 2}, "options.profile: takes no ratio"), ({"distance": "mahalanobis"}, "distance: is read only for pairing"),
    ({"options": Options(link="logit")}, "options.link: is read only for pairing"), ({"caliper": 0.2}, "caliper: does not apply"),
    ({"weights": "weight"}, "weights: does not apply to method 'cardinality'"), ({"method": "nearest", "options": Options(paired=True)}, "paired: does not apply"),
    ({"replace": True}, "replace: does not apply")], ids=str)  # fmt: skip
def test_what_does_not_apply_is_refused(families, asked, change, line):
    with pytest.raises(BadInput) as caught:
        match(families, **asked, **{"method": "cardinality", **change})
    assert line in str(caught.value)
