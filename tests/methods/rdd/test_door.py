"""What a cut-off is refused for, each in one clear line without any row's values; and who lies on which side."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.rdd.door.sides import cut_at

REFUSED = {
    "outside": (lambda f: f, {"cutoff": 200.0}, "every record with 'y' lies on the untreated side"),
    "all treated": (lambda f: f, {"cutoff": -5.0}, "every record with 'y' lies on the treated side"),
    "few on a side": (lambda f: f[(f.score < 50) | (f.score > 99)], {}, "record(s) lie on the treated side of it"),
    "nobody near": (lambda f: f[(f.score < 5) | (f.score > 50)], {}, "record(s) on the other side lie near it"),
    "rounded": (lambda f: f.assign(score=(f.score // 25) * 25), {}, "it is rounded or heaped"),
    "treated not 0 and 1": (lambda f: f, {"treated": "place"}, "holds values other than 0 and 1"),
    "all alike": (lambda f: f.assign(taken=1), {"treated": "taken"}, "is the same for every record"),
    "an outcome among covariates": (lambda f: f, {"covariates": ("score",)}, "is design.running too"),
    "few clusters": (lambda f: f.assign(place="one"), {"cluster": "place"}, "1 cluster(s)"),
    "narrow": (lambda f: f, {"bandwidth": 0.01}, "Widen it"),
    "nothing varies": (lambda f: f.assign(y=np.where(f.score < 50, 1.0, 2.0)), {}, "does not vary near the cut-off"),
    "nothing varies on a side": (lambda f: f.assign(y=np.where(f.score < 50, 1.0, f.y)), {}, "does not vary near"),
    "nothing varies, honest": (lambda f: f.assign(y=np.where(f.score < 50, 1.0, 2.0)), {"estimator": "honest"},
                               "does not vary near the cut-off"),
    "nothing varies in the window": (lambda f: f.assign(y=np.where(f.score < 50, 1.0, 2.0)),
                                     {"estimator": "randomisation", "window": 9.0}, "does not vary near the cut-off"),
    "one wild outcome": (lambda f: f.assign(y=np.where(f.index == 3, 1e9, f.y)), {}, "look for one wild outcome"),
    "the score as outcome": (lambda f: f.assign(score=f.y), {"running": "y", "cutoff": 11.0}, "is design.running too"),
    "few values and a fuzzy design": (lambda f: f.assign(score=np.floor(f.score / 5) * 5), {"treated": "taken"},
                                      "takes few values"),
    "a bound nobody reads": (lambda f: f, {"bound": 0.1}, "which does not read it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_answered_is_one_clear_line(made, answered, name):
    change, design, says = REFUSED[name]
    with pytest.raises(BadInput) as refused:
        answered(change(made()), **design)
    assert len(refused.value.problems) == 1
    assert says in str(refused.value)


def test_missing_columns_are_named_together(made, asked):
    with pytest.raises(BadInput) as refused:
        bind(asked(running="scoer", treated="took", covariates=("x",)), made())
    assert len(refused.value.problems) == 3
    assert "Did you mean 'score'?" in str(refused.value)


def test_text_in_the_score_is_refused(made, asked):
    with pytest.raises(BadInput, match="score"):
        bind(asked(), made().astype({"score": str}).assign(score=lambda f: f.score.where(f.index > 2, "about 50")))


@pytest.mark.parametrize(("side", "flip"), [("at or above", 1), ("above", 1), ("at or below", -1), ("below", -1)])
def test_the_effect_is_treated_less_untreated_on_every_side(made, answered, side, flip):
    frame = made()
    plain = answered(frame).headline_terms[0]
    other = answered(frame.assign(score=flip * frame.score), side=side, cutoff=flip * 50.0).headline_terms[0]
    assert other.estimate == pytest.approx(plain.estimate, rel=1e-9)
    assert other.conf_low == pytest.approx(plain.conf_low, rel=1e-9)
    assert (other.n_treated, other.n_comparison) == (plain.n_treated, plain.n_comparison)


@pytest.mark.parametrize(("side", "n"), [("at or above", 4), ("above", 3), ("at or below", 3), ("below", 2)])
def test_the_cut_off_itself_lies_where_the_protocol_says(side, n):
    import pandas as pd

    from hubeval.data.cutoff import reached
    from hubeval.protocol import RddDesign

    frame = pd.DataFrame({"s": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, np.nan]})
    frame["s"] = frame.s.replace(6.0, 3.5)
    design = RddDesign(unit="u", running="s", cutoff=3.0, side=side)
    assert int(reached(design, frame).sum()) == n


def test_records_without_a_score_are_counted(made, answered):
    frame = made()
    frame.loc[:9, "score"] = np.nan
    found = answered(frame)
    assert "10 left out" in found.flow[0].note
    assert found.sample.n_units == len(frame) - 10


def test_a_side_is_in_order_of_distance():
    rng = np.random.default_rng(1)
    x = rng.integers(-9, 9, 50).astype(float)
    cut = cut_at(x, x * 2, cluster=np.arange(50))
    for side in cut.sides:
        assert (np.diff(np.abs(side.x)) >= 0).all()
        outcome = side.values  # noqa: PD011 - an array of the side's own
        np.testing.assert_array_equal(outcome[:, 0], 2 * side.x)
        np.testing.assert_array_equal(x[side.cluster], side.x)
        assert side.within(3.0) == (np.abs(side.x) < 3).sum()
        assert side.within(3.0, edge=True) == (np.abs(side.x) <= 3).sum()
    assert (cut.right.x >= 0).all()


@pytest.mark.parametrize(("side", "flip"), [("above", 1), ("at or below", -1), ("below", -1)])
def test_a_fuzzy_design_and_its_covariates_read_alike_on_every_side(made, answered, side, flip):
    frame = made(2000).assign(z=lambda f: f.z + (f.score >= 50))
    asked = {"treated": "taken", "covariates": ("z",)}
    plain = answered(frame, "w", **asked)
    other = answered(frame.assign(score=flip * frame.score), "w", side=side, cutoff=flip * 50.0, **asked)
    assert [e.estimate for e in other.estimates] == pytest.approx([e.estimate for e in plain.estimates], rel=1e-8)
    jumps = [next(t for t in one.tables if t.name == "covariates").rows[0][4] for one in (plain, other)]
    assert jumps[0] > 0
    assert jumps[1] == pytest.approx(jumps[0], rel=1e-8)
