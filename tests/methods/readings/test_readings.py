"""What all methods say: each sentence where it is true, and not where it is false."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from hubeval.methods.readings.cautions import declared, touched
from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.leave_one_out import leave_one_out
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.readings.placebo_starts import earlier_among, one_earlier, seen_earlier
from hubeval.methods.readings.ranks import rank_among
from hubeval.methods.readings.variability import variability_of_treated
from hubeval.protocol import Caution
from hubeval.result import Estimate, NotComputed

QUARTERS = tuple(f"{year}Q{q}" for year in range(2015, 2021) for q in (1, 2, 3, 4))


def estimate(value, low=None, high=None, p=None, outcome="plans"):
    return Estimate(term="ATT", estimand="", outcome=outcome, unit="plans a year", inference="", estimate=value,
                    conf_low=low, conf_high=high, p_value=p, std_error=1.0)


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_several_placebo_outcomes_are_raised_together_in_at_most_five_of_a_hundred_studies(count):
    rng = np.random.default_rng(20261128)
    said = {"pass": 0, "caution": 0, "fail": 0}
    for _ in range(2000):
        p = 2 * stats.norm.sf(np.abs(rng.normal(size=count)))
        said[placebo_outcomes([estimate(0.0, p=float(one)) for one in p]).status] += 1
    assert 0.035 <= (said["caution"] + said["fail"]) / 2000 <= 0.065  # Monte Carlo error .005
    assert said["fail"] / 2000 <= 0.016


def test_a_placebo_outcome_that_moved_is_named_with_its_number_in_its_unit():
    found = placebo_outcomes([estimate(0.1, -1, 1.2, 0.9, "visits"), estimate(3.2, 1.1, 5.3, 0.002, "plans")])
    assert found.status == "fail"
    assert "plans, which should not move, did: 3.2 plans a year (1.1 to 5.3)" in found.reading
    assert found.statistic == pytest.approx(0.004)


def test_what_could_never_fail_is_not_passed():
    terms = [estimate(0.1, p=0.5), estimate(0.2, p=0.1)]
    found = placebo_outcomes(terms, smallest_p=0.1)
    assert found.status == "information"
    assert "too large to show that one of them moved" in found.reading
    assert placebo_outcomes(terms, smallest_p=0.01).status == "pass"
    assert placebo_outcomes([estimate(1.0)]).status == "information"
    assert placebo_outcomes([]) is None
    assert "1 of them could not be tested" in placebo_outcomes([*terms, estimate(1.0)]).reading


def test_downstream_outcomes_are_read_beside_what_the_primary_one_did():
    fell, still, rose = estimate(-2, -3, -1), estimate(-0.1, -1, 1), estimate(2, 1, 3)
    assert downstream(fell, [fell]).status == "pass"
    assert "did not clearly move with it" in downstream(fell, [still, fell]).reading
    assert "moved the other way" in downstream(fell, [rose]).reading
    assert downstream(fell, [rose]).status == "caution"
    assert "nothing is to be expected" in downstream(still, [fell]).reading
    assert downstream(fell, []) is None


def test_a_claim_is_by_the_interval_and_else_by_the_p_value():
    assert [claims(estimate(-2, -3, -1)), claims(estimate(2, 1, 3)), claims(estimate(2, -1, 5, p=0.001))] == [-1, 1, 0]
    assert [claims(estimate(-2, p=0.01)), claims(estimate(2, p=0.2)), claims(estimate(2))] == [-1, 0, 0]
    assert told(estimate(-1234.5)) == "−1,234"


CAUTION = Caution(kind="shock", label="Flood", first="2018Q1", last="2018Q2", handling="shared with the comparison")


@pytest.mark.parametrize(("start", "status"), [(12, "caution"), (9, "caution"), (17, "caution"), (7, "information"),
                                               (18, "information")])
def test_a_shared_shock_is_a_caution_within_a_year_of_a_start(start, status):
    assert declared([CAUTION], QUARTERS, [start])[0].status == status


def test_what_was_done_about_a_caution_is_said_for_every_handling():
    said = {h: declared([replace(CAUTION, handling=h)], QUARTERS, [12])[0] for h in
            ("drop the periods", "model it", "mended in the data")}
    assert {one.status for one in said.values()} == {"information"}
    assert "left out" in said["drop the periods"].reading
    assert "term of its own" in said["model it"].reading
    assert "put right before" in said["mended in the data"].reading
    local = declared([replace(CAUTION, kind="co-intervention")], QUARTERS, [22])[0]
    assert local.status == "caution"
    assert "of one area is not shared" in local.reading


def test_a_caution_outside_the_data_is_said_to_be_so_and_records_have_no_periods():
    later = replace(CAUTION, first="2030Q1", last="2030Q2")
    assert touched(later, QUARTERS) is None
    found = declared([later], QUARTERS, [12])[0]
    assert "outside the periods" in found.reading
    assert found.status == "information"
    assert "outside the periods" not in declared([CAUTION], (), ())[0].reading
    assert touched(replace(CAUTION, first="2018-02", last=""), QUARTERS) == (12, len(QUARTERS) - 1)


def test_first_of_few_is_never_said_to_be_common():
    for n in range(2, 41):
        reading = rank_among(1, n, what="The ratio").reading
        assert "often" not in reading
        assert "no other unit shows as large a change" in reading
        assert ("weak evidence" in reading) == (n < 20)
    assert rank_among(1, 4, what="The ratio").status == "information"
    assert "2 of 19 other units" in rank_among(3, 20, what="The ratio").reading
    assert "often (8 of 19)" in rank_among(9, 20, what="The ratio").reading


def test_leaving_one_out_tells_sign_size_and_what_could_not_be_made():
    clear = estimate(2, 1, 3)
    assert "No single donor" in leave_one_out([1.8, 2.2], clear, of="donor", names=["A", "B"]).reading
    assert "leaving out A moves it most" in leave_one_out([0.5, 2.2], clear, of="donor", names=["A", "B"]).reading
    turned = leave_one_out([0.4, 0.6], estimate(-2, -3, -1), of="donor")
    assert turned.status == "fail"  # all on one side, and it is the other
    assert "Without 1 of them" in leave_one_out([np.nan, 2.2], clear, of="donor").reading
    assert isinstance(leave_one_out([np.nan], clear, of="donor"), NotComputed)


def test_no_sign_hangs_on_a_unit_where_none_is_claimed():
    unclear = estimate(0.2, -1, 1.4)
    turned = leave_one_out([-0.1, 0.4], unclear, of="donor")
    assert turned.status == "pass"
    assert "hangs" not in turned.reading
    wild = leave_one_out([-1.5, 0.4], unclear, of="donor")
    assert (wild.status, wild.bears_on) == ("caution", "size")
    assert "out of its own interval" in wild.reading


def test_placebo_starts_in_three_shapes():
    real = estimate(5, 3, 7)
    quiet = [(f"2016Q{q}", estimate(0.1, -1, 1)) for q in (1, 2, 3, 4)]
    loud = [("2017Q1", estimate(9, 7, 11))]
    assert seen_earlier(quiet, real).status == "pass"
    assert seen_earlier([*quiet, *loud], real).status == "caution"
    assert "2017Q1" in seen_earlier([*quiet, *loud], real).reading
    assert seen_earlier(loud, real).status == "fail"
    assert "0 of the 9 show" in earlier_among(7, 25, larger=0, of=9).reading
    assert "under way" in earlier_among(1, 25, larger=9, of=9).reading
    assert "under way" not in earlier_among(1, 12, larger=9, of=9).reading
    assert one_earlier(estimate(3, p=0.01), 2).status == "caution"
    assert one_earlier(estimate(3, p=0.4), 2).status == "pass"
    unknown = one_earlier(estimate(3), 2)
    assert unknown.status == "information"
    assert "Nothing stands out" not in unknown.reading


def test_noisy_and_quiet_treated_units_are_told_apart():
    y = np.random.default_rng(4).normal(size=(30, 16))
    treated = np.arange(30) < 6
    assert variability_of_treated(y, treated).status == "pass"
    assert "too small" in variability_of_treated(y * np.where(treated, 2.5, 1.0)[:, None], treated).reading
    noisy = variability_of_treated(y * np.where(treated, 2.5, 1.0)[:, None], treated, allowed="It is widened.")
    assert noisy.status == "information"
    assert "It is widened." in noisy.reading
    assert "too small" not in noisy.reading
    assert "cautious" in variability_of_treated(y * np.where(treated, 0.3, 1.0)[:, None], treated).reading
    assert isinstance(variability_of_treated(y[:, :1], treated), NotComputed)
