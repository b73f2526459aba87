"""What learners miss is measured on records held out, enters the error, and is said; nothing is added where nothing is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.engine.means import Means
from hubeval.methods.matching.checks.diagnostics import learned as asked
from hubeval.methods.matching.effects import smooth as room
from hubeval.methods.matching.effects.smooth import smooth
from hubeval.methods.matching.effects.unlearned import MARK, SHARE, allowing, missed
from hubeval.result import Estimate

PLAIN = Means(one=1.0, two=0.0, covariance=np.diag([0.01, 0.03]), df=np.inf, clusters=100)
MADE = Estimate(term="ATT", estimand="", outcome="y", unit="points", estimate=1.0, std_error=0.2, inference="doubly robust")


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(800, 3))
    return x, 2 * x[:, 0] + x[:, 1] + rng.normal(size=800)


@pytest.mark.parametrize("weights", [np.ones(800), np.linspace(0.5, 2, 800)], ids=["plain", "survey"])
def test_only_what_is_beyond_noise_counts_and_its_size_is_right(data, weights):
    x, y = data
    fit = smooth(x, y, weights)
    truth = 2 * x[:, 0] + x[:, 1]
    assert missed(y, truth, fit, weights) == 0.0
    assert missed(y, truth + np.where(np.arange(800) % 2, 1.0, -1.0), fit, weights) == pytest.approx(1.0, abs=0.15)


def test_an_outcome_that_hangs_on_nothing_has_nothing_missed(data):
    x, _ = data
    y = np.random.default_rng(6).normal(size=800)
    assert missed(y, np.zeros(800), smooth(x, y), np.ones(800)) == 0.0


def test_where_the_fit_was_made_on_some_records_the_same_ones_are_asked(data, monkeypatch):
    x, y = data
    monkeypatch.setattr(room, "MOST", 300)
    fit = smooth(x, y)
    assert fit.rows.size == 300
    off = np.full(800, 5.0)
    off[fit.rows] = 0.0
    assert missed(y, 2 * x[:, 0] + x[:, 1] + off, fit, np.ones(800)) == 0.0


def test_what_a_cluster_adds_to_all_its_records_is_not_missed(data):
    x, _ = data
    rng = np.random.default_rng(8)
    cluster, level = rng.integers(0, 16, 800), rng.normal(size=16)
    truth = 2 * x[:, 0] + x[:, 1] + 0.5 * level[cluster]
    y = truth + rng.normal(size=800)
    fit = smooth(x, y)
    held = 2 * x[:, 0] + x[:, 1] - 0.6 * level[cluster]  # as if each cluster were predicted from the others, and badly
    assert missed(y, held, fit, np.ones(800)) > 0.5
    assert missed(y, held, fit, np.ones(800), (fit(x), cluster)) == 0.0
    bent = held + np.where(np.arange(800) % 2, 1.0, -1.0)
    assert missed(y, bent, fit, np.ones(800), (fit(x), cluster)) == pytest.approx(1.0, abs=0.2)


def test_what_is_missed_enters_the_error_and_is_said():
    same, nothing = allowing(PLAIN, np.zeros(2))
    assert same is PLAIN
    assert nothing == ""
    more, words = allowing(PLAIN, np.array([0.0, 1.6]))
    np.testing.assert_allclose(more.covariance, np.diag([0.01, 0.03 + (SHARE * 1.6) ** 2]))
    assert (more.one, more.two) == (1.0, 0.0)
    assert words == f"; the error is 2.2 times {MARK}"


def test_the_check_is_raised_by_what_the_row_says():
    assert asked(MADE, asked=False) is None
    assert asked(replace(MADE, term="ATO"), asked=True) is None
    quiet, raised = asked(MADE, asked=True), asked(replace(MADE, inference=f"x; the error is 2.2 times {MARK}"), asked=True)
    assert (quiet.status, raised.status) == ("pass", "caution")
    assert "about as well as noise allows" in quiet.reading
    assert "worse than noise allows" in raised.reading
    assert "The interval is wider" in raised.reading
    assert "wider" not in quiet.reading
