"""Several tests of one design: what is lowered, what stays, and what is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hubeval.methods.readings.question import Question
from hubeval.methods.readings.raised_together import Member, hommel, raised_together
from hubeval.result import NotComputed

ASKED = Question(name="pre-trend", asked="Did the groups move alike?", bears_on="sign")


def member(p, status=None):
    status = status or ("fail" if p < 0.01 else "caution" if p < 0.05 else "pass")
    return Member(check=ASKED.answered(status, "It was so.", p), p_value=p)


@pytest.mark.parametrize(("p_values", "status"), [
    ((0.03, 0.5, 0.7, 0.9), ("information", "pass", "pass", "pass")),  # one alone, of four
    ((0.012, 0.5, 0.7, 0.9), ("caution", "pass", "pass", "pass")),
    ((0.001, 0.5, 0.7, 0.9), ("fail", "pass", "pass", "pass")),
    ((0.03, 0.04, 0.045, 0.02), ("caution",) * 4),  # all agree: none need be clear alone
    ((0.04,), ("caution",)),
])
def test_what_is_raised(p_values, status):
    found = raised_together([member(p) for p in p_values])
    assert tuple(one.status for one in found) == status
    for one in found:
        assert ("By itself that would be raised" in one.reading) == (one.status == "information")


def test_what_is_raised_for_another_reason_than_its_test_stays():
    found = raised_together([member(0.15, "caution"), member(0.6), member(0.9)])
    assert [one.status for one in found] == ["caution", "pass", "pass"]
    assert found[0].reading == "It was so."


def test_where_nothing_is_wrong_any_is_raised_in_five_of_a_hundred_and_agreement_is_heard():
    rng = np.random.default_rng(3)
    shared, own = rng.normal(size=(3_000, 1)), rng.normal(size=(3_000, 5))
    z = np.sqrt(0.3) * shared + np.sqrt(0.7) * own
    alone, together, heard = 0, 0, 0
    for row in z[:1_000]:
        p = 2 * stats.norm.sf(np.abs(row))
        alone += bool((p < 0.05).any())
        together += any(one.status in {"caution", "fail"} for one in raised_together([member(one) for one in p]))
        moved = 2 * stats.norm.sf(np.abs(row + 2.8))  # each seen 80% of the time by itself
        heard += any(one.status in {"caution", "fail"} for one in raised_together([member(one) for one in moved]))
    assert alone / 1_000 > 0.15
    assert together / 1_000 <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 1_000)
    assert heard / 1_000 > 0.8


def test_adjusted_as_statsmodels_does():
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(1)
    for n in (1, 2, 3, 5):
        for _ in range(20):
            p = rng.random(n) ** 3
            np.testing.assert_allclose(hommel(p), multipletests(p, method="hommel")[1], rtol=1e-9)


def test_what_was_not_made_does_not_count():
    absent = Member(check=NotComputed(what="placebo starts", reason="too few periods"), p_value=None)
    found = raised_together([absent, member(0.04), absent])
    assert found[0] is absent.check
    assert found[1].status == "caution"
