"""What the room answers: by which estimator, in which words, and what each check says and does not say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.rdd.room import detect
from hubeval.methods.rdd.window import settled


def said(answer, name):
    return next((d for d in (*answer.diagnostics, *answer.probes) if d.name == name), None)


def test_many_values_are_answered_by_the_robust_interval(made, answered):
    found = answered(made())
    head = found.headline_terms[0]
    assert head.conf_low < 2.0 < head.conf_high
    assert "robust bias-corrected" in head.inference
    assert "Calonico" in found.method
    assert said(found, "values of the running variable").status == "pass"
    assert said(found, "bound on the curve") is None
    assert [e.term for e in found.estimates] == ["at the cut-off", "at the cut-off, bias left in"]


def test_few_values_are_answered_by_the_honest_interval(made, answered):
    found = answered(made(step=5.0), bound=0.01)
    head = found.headline_terms[0]
    assert head.conf_low < 2.0 < head.conf_high
    assert "honest interval" in head.inference
    assert "rounded" in said(found, "values of the running variable").reading
    assert said(found, "bound on the curve").status == "information"
    assert said(answered(made(step=5.0)), "bound on the curve").status == "caution"


def test_few_records_are_answered_by_the_honest_interval_where_it_is_made_for_them(made, answered):
    few = made(n=250)
    assert "honest interval" in answered(few).headline_terms[0].inference
    asked = answered(few, covariates=("z",))
    assert "robust bias-corrected" in asked.headline_terms[0].inference
    assert "too short" in said(asked, "records near the cut-off").reading
    assert "too short" not in said(answered(few), "records near the cut-off").reading
    assert "too short" not in said(answered(made(n=2000)), "records near the cut-off").reading


def test_a_fuzzy_design_gives_the_effect_on_those_moved(made, answered):
    found = answered(made(n=3000), "w", treated="taken")
    head = found.headline_terms[0]
    assert head.conf_low < 2.0 < head.conf_high
    assert "whom it moved" in head.estimand
    assert said(found, "first stage").status == "pass"
    stage = next(e for e in found.estimates if e.term == "first stage")
    assert stage.estimate == pytest.approx(0.6, abs=0.2)
    assert any("moved to take part" in limit for limit in found.limits)


def test_a_cut_off_that_moved_nobody_fails(made, answered):
    frame = made()
    frame["taken"] = np.random.default_rng(5).integers(0, 2, len(frame))
    assert said(answered(frame, treated="taken"), "first stage").status == "fail"


def test_a_sharp_design_has_no_first_stage_and_no_such_limit(made, answered):
    found = answered(made())
    assert said(found, "first stage") is None
    assert not any("moved to take part" in limit for limit in found.limits)


def test_randomisation_is_about_the_window(made, answered):
    found = answered(made(n=150), estimator="randomisation", window=12.0)
    head = found.headline_terms[0]
    assert head.conf_low < 2.6 < head.conf_high  # 2, and the score's own slope within the window
    assert "permutation" in head.inference
    assert "window" in head.estimand
    assert any("window" in limit for limit in found.limits)


def test_a_window_is_chosen_by_covariates_and_not_by_outcomes(made, answered):
    frame = made(n=400, seed=7)
    frame["trend"] = 0.02 * frame.score + np.random.default_rng(2).normal(0, 0.3, 400)
    found = answered(frame, estimator="randomisation", covariates=("z", "trend"))
    check = said(found, "window")
    assert check.status == "pass"
    assert check.statistic >= 0.15
    assert "before outcomes were read" in check.reading
    assert "'trend' does" in check.reading
    other = answered(frame.assign(y=frame.y ** 2), estimator="randomisation", covariates=("z", "trend"))
    assert said(other, "window").reading == check.reading
    assert found.headline_terms[0].n_observations < 250
    assert said(found, "covariate jumps") is None
    everything = answered(made(n=60, seed=4), estimator="randomisation", covariates=("z",))
    assert "No wider one was looked at" in said(everything, "window").reading


def test_where_no_window_is_as_drawn_by_lot_it_is_refused(made, answered):
    frame = made(n=400)
    frame["z"] += 5.0 * (frame.score >= 50)
    with pytest.raises(BadInput, match=r"even in the narrowest, .* 'z' tells the sides apart .*robust"):
        answered(frame, estimator="randomisation", covariates=("z",))


@pytest.mark.parametrize("window", [None, 15.0])
def test_a_covariate_that_never_varies_chooses_no_window(made, answered, window):
    with pytest.raises(BadInput, match="'z' is the same for every record"):
        answered(made(n=400).assign(z=1.0), estimator="randomisation", covariates=("z",), window=window)


def test_a_declared_window_is_held_against_the_covariates(made, answered):
    frame = made(n=400)
    asked = {"estimator": "randomisation", "window": 15.0}
    assert "clearly tells" in said(answered(frame, covariates=("z",), **asked), "window").reading
    moved = frame.assign(z=frame.z + 3.0 * (frame.score >= 50))
    assert said(answered(moved, covariates=("z",), **asked), "window").status == "fail"
    bare = answered(frame, **asked)
    assert said(bare, "window") is None
    assert any(item.what == "window" for item in bare.not_computed)


def test_a_slope_of_the_outcome_that_the_interval_leaves_out_is_raised(made, answered):
    frame = made(n=300)
    asked = {"estimator": "randomisation", "window": 20.0}
    steep = said(answered(frame.assign(y=frame.y + 0.1 * frame.score), **asked), "slope of the outcome")
    assert steep.status == "caution"
    assert "leaves that out" in steep.reading
    flat = said(answered(frame.assign(y=frame.y - 0.05 * frame.score), **asked), "slope of the outcome")
    assert flat.status == "pass"
    assert "could go unseen" in flat.reading
    below = said(answered(frame.assign(y=frame.y + 0.1 * frame.score), side="at or below", **asked), "slope of the outcome")
    assert "move the number by −" not in steep.reading
    assert "move the number by −" in below.reading  # the line lifts those above, who are the untreated there
    assert said(answered(frame), "slope of the outcome") is None


def test_power_rests_on_the_window_that_is_chosen(made, asked):
    frame = made(n=400)
    frame["trend"] = 0.02 * frame.score + np.random.default_rng(2).normal(0, 0.3, 400)
    declared = asked(estimator="randomisation", covariates=("trend",))
    chosen = settled(bind(declared, frame), declared.design, seed=declared.seed)
    same = asked(estimator="randomisation", window=chosen.design.window)
    one, other = (detect(each, bind(each, frame), draws=10, seed=1) for each in (declared, same))
    assert one.power(0.5) == other.power(0.5) > 0.05
    assert (one.scale, one.level, one.n_units) == (other.scale, other.level, other.n_units)


def test_a_covariate_that_jumps_is_seen(made, answered):
    frame = made()
    assert said(answered(frame, covariates=("z",)), "covariate jumps").status == "pass"
    frame["z"] += 3.0 * (frame.score >= 50)
    assert said(answered(frame, covariates=("z",)), "covariate jumps").status == "fail"
    assert said(answered(frame), "covariate jumps") is None


def test_an_outcome_with_steps_of_its_own_is_seen(made, answered):
    frame = made()
    assert said(answered(frame), "placebo cut-offs").status == "pass"
    frame["y"] += 4.0 * (frame.score >= frame.score[frame.score >= 50].median())
    assert said(answered(frame), "placebo cut-offs").status == "fail"


def test_those_nearest_who_were_placed_are_seen(made, answered):
    frame = made(n=2000)
    assert said(answered(frame), "without the nearest").status == "pass"
    frame["y"] += 6.0 * frame.score.between(50, 51.5)
    assert said(answered(frame), "without the nearest").status == "caution"


def test_a_pile_on_one_side_is_seen(made, answered):
    frame = made(n=2000)
    assert said(answered(frame), "density at the cut-off").status == "pass"
    frame["score"] = np.where(frame.score.between(44, 49.9999), 100 - frame.score, frame.score)
    found = said(answered(frame), "density at the cut-off")
    assert found.status == "fail"
    assert "on the treated side" in found.reading
    below = said(answered(frame.assign(score=-frame.score), side="above", cutoff=-50.0), "density at the cut-off")
    assert "on the other side" in below.reading
    few = answered(made(step=5.0), bound=0.01)
    assert said(few, "density at the cut-off") is None
    assert any("density at the cut-off" in item.what for item in few.not_computed)


def test_heaps_at_round_scores_are_seen(made, answered):
    frame = made(n=2000, step=1.0)
    assert said(answered(frame), "heaping").status == "pass"
    heaped = frame.assign(score=np.where(np.arange(2000) % 3 == 0, np.round(frame.score / 10) * 10, frame.score))
    assert "multiples of 10" in said(answered(heaped), "heaping").reading
    piled = made().assign(score=lambda f: np.where(f.index % 8 == 0, 50.0, f.score))
    assert "one and the same score" in said(answered(piled), "heaping").reading
    assert said(answered(made()), "heaping") is None  # scores that are no whole numbers have no round ones


def test_no_mark_gives_the_farthest_record_away(made, answered):
    frame = made(n=300)
    frame.loc[0, "score"] = 173.1234567
    drawn = {series.x for figure in answered(frame).figures for series in figure.series if figure.x_label == "score"}
    for x in drawn:
        gaps = np.abs(np.subtract.outer(np.array(x), np.array(x)))
        for place in (*x, *gaps.ravel()):
            assert not any(abs(place * times - 123.1234567) < 1e-3 for times in range(1, 60))
            assert abs(place - 173.1234567) > 1e-3


def test_the_figure_says_how_its_lines_stand_to_the_number(made, answered):
    frame = made()
    texts = {
        "robust": answered(frame).figures[0], "fuzzy": answered(frame, "w", treated="taken").figures[0],
        "honest": answered(frame, estimator="honest", bound=0.01).figures[0],
        "window": answered(frame, estimator="randomisation", window=12.0).figures[0]}
    for words, cases in {"bias taken off": {"robust", "fuzzy"}, "share treated": {"fuzzy"}, "The lines jump": {"honest"},
                         "Within the window": {"window"}, "local line": {"robust", "fuzzy", "honest"},
                         "covariates": set()}.items():
        assert {name for name, figure in texts.items() if words in figure.text} == cases, words
    assert "adjusted for covariates" in answered(frame, covariates=("z",)).figures[0].text


def test_power_is_that_of_the_headline_itself(made, asked, answered):
    declared, frame = asked(), made()
    found = detect(declared, bind(declared, frame), draws=10, seed=1)
    head = answered(frame).headline_terms[0]
    assert found.power(0.0) == pytest.approx(0.05, abs=0.002)
    assert found.power(2.8 * head.std_error) == pytest.approx(0.8, abs=0.02)


def test_a_given_bandwidth_is_the_one_used(made, answered):
    assert "bandwidth 20, of the bias 20" in answered(made(), bandwidth=20.0).headline_terms[0].inference


def test_clusters_are_counted_and_widen(made, answered):
    frame = made()
    rng = np.random.default_rng(2)
    frame["y"] += rng.normal(0, 2, 30)[np.arange(len(frame)) % 30]
    head = answered(frame, cluster="place").headline_terms[0]
    assert head.n_clusters == 30
    assert "errors clustered" in head.inference


def test_areas_and_periods_cannot_be_left_out_of_records(made, asked, answered):
    from hubeval.errors import BadInput
    from hubeval.methods.rdd.room import answer
    from hubeval.protocol import Caution

    flood = Caution(kind="shock", label="Flood", first="2020", handling="model it")
    declared = replace(asked(), cautions=(flood,))
    with pytest.raises(BadInput, match="no periods or areas"):
        answer(declared, bind(asked(), made()), lambda _line: None)
