"""Pounds by hand, grades by type, words that are true, and one clear line for what cannot be priced."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

from hubeval.cli import main
from hubeval.economics import BreakEven, value
from hubeval.economics.effect import Law, law_of
from hubeval.economics.plain import to_dict
from hubeval.economics.rates import anchors, factors, schedule
from hubeval.economics.words import headline, lines
from hubeval.errors import BadInput

CAUTION = {"name": "placebo start", "status": "caution", "reading": "Something stood out."}
FAIL = {"name": "pre-trend", "status": "fail", "reading": "Trends differed."}
CLAIM = """
[[claims]]
kind = "{kind}"
outcome = "Referrals"
unit = "per 10,000 a quarter"
estimate = {estimate}
source = "annual report"
"""


def test_the_point_is_what_a_spreadsheet_gives(case, result):
    net = value(case(), result).net
    number = 10 / 10_000 * 100_000 * 4
    benefits = number * 1000 * (1 + 1 / 1.035)
    costs = 200_000 * (1 + 1 / 1.035 + 1 / 1.035**2)
    assert net.benefits.point == pytest.approx(benefits, rel=1e-12)
    assert net.costs.point == pytest.approx(costs, rel=1e-12)
    assert net.net.point == pytest.approx(benefits - costs, rel=1e-12)
    assert net.ratio.point == pytest.approx(benefits / costs, rel=1e-12)


def test_the_interval_is_the_effects_own_where_all_else_is_certain(case, result):
    net = value(case(), result).net
    scale = net.benefits.point / 10
    assert net.benefits.low == pytest.approx(6 * scale, rel=2e-3)
    assert net.benefits.high == pytest.approx(14 * scale, rel=2e-3)
    assert net.costs.low == net.costs.high == net.costs.point


@pytest.mark.parametrize(
    ("name", "share"),
    [("take_up", 0.4), ("attribution", 0.4), ("deadweight", 0.6), ("optimism", 0.6)],
)
def test_each_share_takes_its_part(case, result, name, share):
    whole = value(case(), result).net.benefits.point
    part = value(case(("years = 2\n", f"years = 2\n{name} = {{ mid = {share}, source = 's' }}\n")), result).net
    assert part.benefits.point == pytest.approx(0.4 * whole, rel=1e-12)


def test_an_effect_decays_after_its_years(case, result):
    net = value(case(("years = 2\n", "years = 1\ndecay = { mid = 0.25, source = 's' }\n")), result).net
    year = 10 / 10_000 * 100_000 * 4 * 1000
    assert net.benefits.point == pytest.approx(year * (1 + 0.75 / 1.035 + 0.75**2 / 1.035**2), rel=1e-12)


def test_discount_factors_are_the_published_schedule():
    made = factors("green-book", 126)
    assert made[30] == pytest.approx(1.035**-30)
    assert made[31] == pytest.approx(1.035**-30 / 1.03)
    assert made[76] == pytest.approx(1.035**-30 * 1.03**-45 / 1.025)
    assert factors("health", 31)[30] == pytest.approx(1.015**-30)
    with pytest.raises(BadInput, match="known to year 30"):
        factors("health", 40)
    assert schedule("green-book").source


@pytest.mark.parametrize(("df", "level"), [(4.0, 0.95), (9.5, 0.95), (40.0, 0.9), (np.inf, 0.95)])
def test_the_law_is_the_t_behind_the_interval(df, level):
    tail = (1 + level) / 2
    edge = stats.norm.ppf(tail) if np.isinf(df) else stats.t.ppf(tail, df)
    law = law_of(1.0, 0.5, 1 - 0.5 * edge, 1 + 0.5 * edge, level)
    assert law.df == pytest.approx(df, rel=1e-3)
    chance = np.linspace(0.01, 0.99, 50)
    want = stats.norm.ppf(chance) if np.isinf(df) else stats.t.ppf(chance, df)
    np.testing.assert_allclose(law.at(chance), 1 + 0.5 * want, rtol=1e-3)


def test_an_uneven_interval_is_drawn_through_its_ends():
    law = law_of(-2.0, None, -5.0, 0.5, 0.95)
    assert law.df is None
    np.testing.assert_allclose(law.at(np.array([0.025, 0.5, 0.975])), [-5.0, -2.0, 0.5])
    assert "two half-normal laws" in law.words
    assert "Student's t" in Law(estimate=0, low=-1, high=1, level=0.95, df=5.0).words


def test_grades(case, result):
    assert value(case(), result).grade.letter == "A"
    result["diagnostics"].append(CAUTION)
    graded = value(case(), result)
    assert graded.grade.letter == "B"
    assert graded.net.breakdown is not None
    assert "1 check asks for caution" in headline(graded)
    assert "for caution" not in headline(value(case(), {**result, "diagnostics": result["diagnostics"][:1]}))
    result["probes"].append(FAIL)
    assert value(case(), result).grade.letter == "C"


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["probes"].append(FAIL),
        lambda r: r["provenance"].update(despite="the director asked"),
        lambda r: r["readiness"].update(route="theory-based"),
    ],
)
def test_grade_c_prints_no_pound_of_benefit(case, result, change):
    change(result)
    answer = value(case(), result)
    assert_no_benefit(answer)
    assert not any("drawn from" in line for line in lines(answer))


def assert_no_benefit(answer):
    assert answer.net is None
    published = {line for anchor in anchors() for line in lines(answer) if anchor.label in line}  # others' own words
    said, made = "\n".join(line for line in lines(answer) if line not in published), to_dict(answer)
    for word in ("each £1 of cost", "Net present value", "Benefits: £", "saves", "cashable", "ratio"):
        assert word not in said
    assert not {"net_value", "benefits", "number"} & set(made)
    assert not {"ratio", "net", "benefits"} & {item.name for item in fields(BreakEven)}


@pytest.mark.parametrize("seed", range(200))
def test_no_claim_of_any_size_becomes_a_ratio(case, seed):
    rng = np.random.default_rng(seed)
    kinds = ("before-and-after", "count of avoided cases", "published elsewhere", "assumed")
    kind = kinds[int(rng.integers(4))]
    text = CLAIM.format(kind=kind, estimate=float(rng.lognormal(0, 3)))
    answer = value(case(("amount = 1000", f"amount = {float(rng.lognormal(6, 2)):.4f}"), more=text))
    assert_no_benefit(answer)
    assert ("cannot be counted" in " ".join(answer.grade.reasons)) == (kind == "count of avoided cases")


def test_break_even_is_where_benefits_equal_costs(case, result):
    answer = value(case(), result)
    needed = answer.break_even.needed["Referrals"]
    result["headline_terms"][0].update(estimate=-needed, conf_low=-needed - 4, conf_high=-needed + 4)
    assert value(case(), result).net.net.point == pytest.approx(0, abs=1e-6)


def test_words_follow_the_interval(case, result):
    sure = headline(value(case(("amount = 200000", "amount = 20000")), result))
    assert "All of the interval of the net value lies above zero" in sure
    lost = headline(value(case(("amount = 200000", "amount = 2000000")), result))
    assert "lies below zero: the benefits priced do not cover the costs" in lost
    unsure = headline(value(case(), result))
    assert "leaves open whether benefits exceed costs" in unsure
    result["headline_terms"][0].update(conf_low=-21.0, conf_high=1.0)
    nothing = headline(value(case(("amount = 200000", "amount = 20000")), result))
    assert "may as well be a loss" in nothing
    assert "above zero" not in nothing
    assert "brought" not in nothing
    for said in (sure, lost, unsure, nothing):
        assert "saves" not in said


def test_outcomes_priced_together_are_warned_of_until_their_overlap_is_declared(case, result):
    both = value(case(more=case.second), result)
    assert any("counted twice" in said for said in both.warnings)
    declared = case.second.replace(
        "[benefits.unit_cost]",
        "overlaps = [\"Referrals not made\"]\noverlap = { mid = 0.6, source = 's' }\n\n[benefits.unit_cost]",
    )
    told = value(case(more=declared), result)
    assert not any("counted twice" in said for said in told.warnings)
    assert told.net.benefits.point < both.net.benefits.point
    # drawn together, so the sum's interval is as wide as the two laid end to end
    width = both.net.benefits.high - both.net.benefits.low
    one = value(case(), result).net.benefits
    assert width > one.high - one.low


def test_draws_are_the_same_each_time_and_change_with_the_seed(case, result):
    wide = ("amount = 1000\n", "amount = 1000\nlow = 500\nhigh = 3000\n")
    one, two = value(case(wide), result).net, value(case(wide), result).net
    assert np.array_equal(one.net_draws, two.net_draws)
    other = value(case(wide, ("draws = 4000", "draws = 4000\nseed = 7")), result).net
    assert not np.array_equal(one.net_draws, other.net_draws)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'year = "2024-25"\nsource = ""\n\n[[costs]]', "source"),
        ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'source = "s"\n\n[[costs]]', "year"),
        ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'year = "2019-20"\nsource = "s"\n\n[[costs]]', "price year"),
        ("amount = 1000", "amount = -1000", "more than 0"),
        ("years = 2\n", "years = 2\ndeadweight = { mid = -0.2, source = 's' }\n", "0 to 1"),
        ("years = 2\n", "years = 2\ndeadweight = { mid = 15, source = 's' }\n", "0.15"),
        ("years = 2\n", "years = 2\ndeadweight = { mid = 0.2 }\n", "no source"),
        ("years = 2\n", "years = 2\ntake_up = { mid = 0.5, low = 0.6, high = 0.7, source = 's' }\n", "low ≤ mid ≤ high"),
        ('per = "referral"', 'per = "child in need"', "the same thing"),
        ('price_year = "2024-25"', 'price_year = "2024-25"\nperspective = "NHS"', "bears none of the costs"),
        ('perspective = "council"\nper', 'perspective = "nobody"\nper', "council"),
        ("horizon = 3", "horizon = 0", "1 to 125"),
        ("years = [0, 1, 2]", "years = [0, 3]", "years 0 to 2"),
        ('label = "Running"', 'labl = "Running"', "label"),
    ],
)
def test_what_cannot_be_priced_is_one_clear_line(case, old, new, said):
    with pytest.raises(BadInput) as refused:
        case((old, new))
    assert said in str(refused.value)


def test_the_same_outcome_twice_for_one_payer_is_refused(case):
    again = case.second.replace("Plans not made", "The same again").replace('"Plans"', '"Referrals"')
    with pytest.raises(BadInput, match="twice"):
        case(more=again)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["headline_terms"][0].update(unit="per 1,000 a year"), "one unit"),
        (lambda r: r["headline_terms"].pop(0), "no headline effect"),
        (lambda r: r["headline_terms"][0].update(unit="% change"), "no number of them"),
        (lambda r: r["headline_terms"][0].update(unit="% change in the odds"), "no number of them"),
        (lambda r: r["headline_terms"][0].update(term="per unit of share_open"), "no number of them"),
        (lambda r: r["protocol"]["outcomes"][0].update(direction="neither"), "neither direction"),
        (lambda r: r["protocol"]["outcomes"][0].update(role="placebo"), "placebo"),
        (lambda r: r["headline_terms"][0].update(conf_low=None), "no interval"),
        (lambda r: r.pop("readiness"), "no result of hubeval"),
    ],
)
def test_an_effect_that_cannot_be_used_is_one_clear_line(case, result, change, said):
    change(result)
    with pytest.raises(BadInput) as refused:
        value(case(), result)
    assert said in str(refused.value)


def test_other_years_prices_need_deflators_and_use_them(case, result, tmp_path):
    (tmp_path / "d.csv").write_text("year,index\n2019-20,80\n2024-25,100\n", encoding="utf-8")
    old = ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'year = "2019-20"\nsource = "s"\n\n[[costs]]')
    top = ('price_year = "2024-25"', 'price_year = "2024-25"\ndeflators = "d.csv"\ndeflators_source = "HMT"')
    plain = value(case(), result).net.benefits.point
    assert value(case(old, top), result).net.benefits.point == pytest.approx(1.25 * plain)
    with pytest.raises(BadInput, match="would not be read"):
        case(top)


def test_the_breakdown_value_is_where_the_worst_effect_allowed_no_longer_pays(case, result):
    result["diagnostics"].append(CAUTION)
    result["figures"] = [{"name": "honest-relative", "series": [{"x": ["parallel", "0", "1", "2"], "y": [0] * 4,
                          "low": [-12, -12, -14, -16], "high": [-8, -8, -4, 0]}]}]
    found = value(case(("amount = 200000", "amount = 150000")), result)
    needed = found.break_even.needed["Referrals"]
    assert found.net.breakdown.value == pytest.approx((8 - needed) / 4, rel=1e-9)
    dear = value(case(("amount = 200000", "amount = 250000")), result)
    assert dear.net.breakdown.value == 0.0
    cheap = value(case(("amount = 200000", "amount = 10")), result)
    assert cheap.net.breakdown.value == pytest.approx(2.0, abs=0.001)


def test_the_verb_writes_one_page_whose_numbers_are_the_json(case, result, tmp_path, capsys):
    case(("amount = 1000\n", "amount = 1000\nlow = 500\nhigh = 3000\n"))
    (tmp_path / "result.json").write_text(json.dumps(result), encoding="utf-8")
    out = tmp_path / "out"
    asked = ["value", str(tmp_path / "value.toml"), "--result", str(tmp_path / "result.json"), "--out", str(out)]
    assert main(asked) == 0
    page = (out / "value.html").read_text(encoding="utf-8")
    made = json.loads((out / "value.json").read_text(encoding="utf-8"))
    assert made["headline"] in page.replace("&#39;", "'").replace("−", "-")
    assert made["grade"]["letter"] == "A"
    assert sum(b["present_value"] for b in made["benefits"]) == pytest.approx(made["net_value"]["benefits"]["point"])
    first = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main([*asked, "--overwrite"]) == 0
    assert first == {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_the_shipped_case_without_an_evaluation_gives_a_break_even(root, capsys):
    assert main(["value", str(root / "designs/bristol/value.toml")]) == 0
    said = capsys.readouterr().out
    assert "Benefits equal costs at" in said
    assert "A case that was avoided cannot be seen" in said


def test_neither_a_result_nor_claims_is_refused(case):
    with pytest.raises(BadInput, match="--result"):
        value(case())
