"""Costs beside all that was found, by year and family; and what more evidence is worth, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hubeval.economics import value
from hubeval.economics.information import LEFT
from hubeval.economics.plain import to_dict
from hubeval.economics.words import lines
from hubeval.errors import BadInput


def loss(mean, spread):
    """E max(x, 0) less max(mean, 0), x normal: the unit normal loss."""
    at = mean / spread
    return spread * stats.norm.pdf(at) + mean * stats.norm.cdf(at) - max(mean, 0)


def normal(result, estimate=-10.0, error=4.0):
    edge = stats.norm.ppf(0.975) * error
    result["headline_terms"][0].update(estimate=estimate, std_error=error, conf_low=estimate - edge,
                                       conf_high=estimate + edge)  # fmt: skip


def test_a_study_is_worth_what_the_normal_law_says(case, result):
    normal(result)
    net = value(case(("draws = 4000", "draws = 100000")), result).net
    each = net.benefits.point / 10
    for left in LEFT:
        want = loss(net.net.point, each * 4 * np.sqrt(1 - left**2))
        assert net.information_if[left] == pytest.approx(want, rel=0.01)
    worth = [net.information_if[left] for left in LEFT]
    assert worth == sorted(worth)
    assert worth[-1] < net.information


def test_a_study_is_worth_nothing_where_it_cannot_change_the_choice(case, result):
    normal(result, error=0.1)
    net = value(case(("amount = 200000", "amount = 100")), result).net
    assert net.information == 0
    assert set(net.information_if.values()) == {0.0}


def test_each_payer_counts_its_own_pounds_alone(case, result):
    normal(result)
    nhs = case.cost.replace('perspective = "council"', 'perspective = "NHS"').replace("Running", "Visits")
    net = value(case(more=nhs), result).net
    assert set(net.information_by) == {"council"}  # the NHS pays and gains nothing: it has no choice by its own pounds
    alone = value(case(("draws = 4000", 'draws = 4000\nperspective = "council"'), more=nhs), result).net
    assert net.information_by["council"] == pytest.approx(alone.information)


def test_all_that_was_found_stands_beside_the_costs(case, result):
    rows = {row.outcome: row for row in value(case(), result).consequences}
    assert (rows["Referrals"].went, rows["Referrals"].priced) == ("better", True)
    assert (rows["Plans"].went, rows["Plans"].priced) == ("not settled", False)
    result["headline_terms"][1].update(estimate=2.0, conf_low=1.0, conf_high=3.0)
    assert value(case(), result).consequences[1].went == "worse"
    result["protocol"]["outcomes"][1]["direction"] = "neither"
    assert value(case(), result).consequences[1].went == "up"
    result["headline_terms"][1]["conf_low"] = None
    assert value(case(), result).consequences[1].went == "not known: no interval"
    result["protocol"]["outcomes"][1]["role"] = "placebo"
    assert len(value(case(), result).consequences) == 1
    result["provenance"]["despite"] = "asked"
    assert value(case(), result).consequences == ()


def test_costs_by_year_are_not_discounted_and_divided_by_the_families_of_that_year(case, result):
    families = '\n[families]\nreached = 900\nhelped = 250\nsource = "s"\nreached_by_year = [400, 0, 500]\n'
    answer = value(case(("years = [0, 1, 2]", "years = [0, 2]"), more=families), result)
    assert [row.cost for row in answer.spent] == pytest.approx([200_000, 0, 200_000])
    assert [row.each for row in answer.spent] == [500.0, None, pytest.approx(400.0)]
    assert "Year 0: £200,000, not discounted; 400 families reached, £500 each" in "\n".join(lines(answer))
    assert len(to_dict(answer)["spent"]) == 3
    with pytest.raises(BadInput, match="each of 3 years"):
        case(more=families.replace("[400, 0, 500]", "[400]"))
