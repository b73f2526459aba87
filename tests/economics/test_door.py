"""Every way in which a cause may not be relied on comes to a break-even or a refusal, and slips to one clear line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hubeval.cli import main
from hubeval.economics import value
from hubeval.economics.plain import to_dict
from hubeval.economics.words import headline, lines
from hubeval.errors import BadInput

SHUT = {
    "despite": lambda r: r["provenance"].update(despite="asked for"),
    "route": lambda r: r["readiness"].update(route="foundations"),
    "failed diagnostic": lambda r: r["diagnostics"].append(_check("fail")),
    "failed probe": lambda r: r["probes"].append(_check("fail")),
    "failed check kept back": lambda r: r["headline"].update(cautious=True),
    "one series, no comparison": lambda r: r["protocol"].update(design={"kind": "its", "control": []}),
    "nobody compared": lambda r: r.update(sample={"n_comparison": 0}),
    "no checks at all": lambda r: r.update(diagnostics=[], probes=[]),
    "nothing but information": lambda r: r.update(diagnostics=[_check("information")]),
}
BROKEN = {
    "withheld estimate": lambda r: _head(r, estimate=None),
    "one-sided": lambda r: _head(r, conf_high=None),
    "text for a number": lambda r: _head(r, estimate="-10"),
    "not a number": lambda r: _head(r, conf_low=float("nan")),
    "no end": lambda r: _head(r, conf_low=float("-inf")),
    "beyond reason": lambda r: _head(r, estimate=-1e300, conf_low=-2e300),
    "ends swapped": lambda r: _head(r, conf_low=-6.0, conf_high=-14.0),
    "outside its interval": lambda r: _head(r, estimate=-40.0),
    "no width": lambda r: _head(r, conf_low=-10.0, conf_high=-10.0),
    "level of 95": lambda r: _head(r, conf_level=95),
    "error below zero": lambda r: _head(r, std_error=-1.0),
    "unknown status": lambda r: r["diagnostics"][0].update(status="FAILED"),
    "unknown direction": lambda r: r["protocol"]["outcomes"][0].update(direction="up"),
    "no despite": lambda r: r["provenance"].pop("despite"),
    "internal": lambda r: r["release"].update(internal=True),
    "not released": lambda r: r.pop("release"),
    "no headline": lambda r: r.pop("headline"),
    "another schema": lambda r: r.update(schema="hubeval-comparison/1"),
    "relative": lambda r: _head(r, unit="proportion of the counterfactual"),
    "cumulative": lambda r: _head(r, unit="contacts a month, summed over 36 months"),
    "one moment": lambda r: _head(r, term="effect at 2019-12"),
    "a slope": lambda r: _head(r, term="change in slope"),
    "logarithms": lambda r: _head(r, unit="log points"),
    "log scale": lambda r: _head(r, unit="per 10,000 a quarter [log scale]"),
}


def _check(status):
    return {"name": "pre-trend", "status": status, "reading": "A reading."}


def _head(result, **changes):
    result["headline_terms"][0].update(changes)


@pytest.mark.parametrize("seed", range(120))
def test_no_shut_gate_of_any_kind_and_size_yields_a_ratio(case, result, seed):
    rng = np.random.default_rng(seed)
    names = list(SHUT)
    for name in rng.choice(names, size=int(rng.integers(1, 4)), replace=False):
        SHUT[str(name)](result)
    estimate, half = -float(rng.lognormal(1, 2)), float(rng.lognormal(0, 2))
    _head(result, estimate=estimate, conf_low=estimate - half, conf_high=estimate + half, std_error=None)
    answer = value(case(("amount = 1000", f"amount = {float(rng.lognormal(6, 2)):.2f}")), result)
    assert answer.grade.letter == "C"
    assert answer.net is None
    assert answer.break_even.share is None  # a return on investment upside down
    made, said = to_dict(answer), " ".join(lines(answer)[:8])
    assert not {"net_value", "benefits", "number"} & set(made)
    assert made["break_even"]["share"] is None
    for word in ("each £1 of cost", "of the effect found", "brought", "Net present value"):
        assert word not in said


@pytest.mark.parametrize("name", SHUT)
def test_each_way_alone_is_enough(case, result, name):
    SHUT[name](result)
    assert value(case(), result).grade.letter == "C"


@pytest.mark.parametrize("name", BROKEN)
def test_what_hubeval_does_not_write_is_refused(case, result, name):
    BROKEN[name](result)
    unit = result.get("headline_terms", [{}])[0].get("unit", "")
    with pytest.raises(BadInput):
        value(case(("per 10,000 a quarter", unit)) if "10,000" in unit else case(), result)


def test_a_check_kept_back_costs_a_grade(case, result):
    result["release"]["withheld"] = [{"output": "leave one out", "rule": "check: it looks at one unit at a time"}]
    answer = value(case(), result)
    assert answer.grade.letter == "B"
    assert "1 check kept back" in answer.grade.reasons[0]


def test_a_result_changed_after_it_was_written_is_refused_and_one_apart_is_told_of(case, result, tmp_path, capsys):
    from hubeval.folders import write_folder

    case()
    out = tmp_path / "made"
    write_folder(out, {"result.json": json.dumps(result)})
    asked = ["value", str(tmp_path / "value.toml"), "--result", str(out / "result.json")]
    assert main(asked) == 0
    assert "stands apart" not in capsys.readouterr().out
    (out / "result.json").write_text(json.dumps(result).replace("-14.0", "-11.0"), encoding="utf-8")
    assert main(asked) == 2
    assert "changed after hubeval wrote it" in capsys.readouterr().err
    (tmp_path / "alone.json").write_text(json.dumps(result), encoding="utf-8")
    assert main([*asked[:3], str(tmp_path / "alone.json")]) == 0
    assert "stands apart" in capsys.readouterr().out


def test_an_effect_for_the_worse_is_said_to_be_one(case, result):
    _head(result, estimate=10.0, conf_low=6.0, conf_high=14.0)
    said = headline(value(case(), result))
    assert said.startswith("The effect found is a change for the worse")
    assert "brought" not in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("per = 10000", "per = 1000", "per: is 1000"),
        ("periods_per_year = 4", "periods_per_year = 12", "periods_per_year"),
        ('label = "Running"', 'label = "Referrals not made"', "stands twice"),
        ("amount = 200000", "amount = 200000\nlow = -5\nhigh = 300000", "below 0"),
        ("amount = 200000", "amount = 1e300", "beyond all reason"),
        ("population = { mid = 100000,", "population = { mid = 100000, low = -5, high = 200000,", "below 0"),
        ("years = [0, 1, 2]", "years = [0, 0, 1]", "a year stands twice"),
        ("years = 2\n", "years = 9\n", "within the horizon"),
        ("horizon = 3\ndraws = 4000", "horizon = 100\ndraws = 1000000", "at most 200,000"),
        ("years = 2\n", "years = 2\ncashable = 1.0\n", "no source"),
        ("years = 2\n", "years = 2\ntake_up = { mid = 1, low = 0.5, high = 1 }\n", "no source"),
        ("years = 2\n", 'years = 2\noverlaps = ["Referrals not made"]\noverlap = { mid = 0.5, source = "s" }\n', "itself"),
        ("years = 2\n", 'years = 2\noverlap = { mid = 0.5, source = "s" }\n', "no other"),
    ],
)
def test_a_slip_that_would_be_a_wrong_number_is_refused(case, old, new, said):
    with pytest.raises(BadInput) as refused:
        case((old, new))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("unit", "more", "said"),
    [
        ("contacts a month", "", "does not say for how many"),
        ("points", "", "does not say for how many"),
        ("% of children", 'each = "person"\n', "does not apply"),
        ("per 10,000 a quarter", 'each = "place"\n', "does not apply"),
    ],
)
def test_a_count_of_a_place_is_not_multiplied_by_its_people_unasked(case, unit, more, said):
    times = "12" if "month" in unit else "4"
    per = "100" if "%" in unit else "10000" if "10,000" in unit else "1"
    with pytest.raises(BadInput) as refused:
        case(("per 10,000 a quarter", unit), ("per = 10000", f"per = {per}"), ("years = 2\n", f"years = 2\n{more}"),
             ("periods_per_year = 4", f"periods_per_year = {times}"))  # fmt: skip
    assert said in str(refused.value)


def test_a_count_of_places_is_multiplied_by_places_and_more_than_were_evaluated_are_told_of(case, result):
    _head(result, unit="contacts a month")
    result["sample"] = {"n_treated": 2, "n_comparison": 5}
    changes = (("per 10,000 a quarter", "contacts a month"), ("per = 10000", 'per = 1\neach = "place"'),
               ("periods_per_year = 4", "periods_per_year = 12"))  # fmt: skip
    answer = value(case(*changes, ("mid = 100000", "mid = 2")), result)
    assert answer.number["Referrals not made"].point == pytest.approx(10 * 2 * 12 * 2)
    assert not any("more than the" in said for said in answer.warnings)
    assert any("more than the 2 that" in said for said in value(case(*changes, ("mid = 100000", "mid = 3")), result).warnings)


def test_nobodys_gain_and_a_year_given_twice_are_refused(case, tmp_path):
    nhs = case.cost.replace('perspective = "council"', 'perspective = "NHS"').replace("Running", "Visits")
    with pytest.raises(BadInput, match="gains none"):
        case(("draws = 4000", 'draws = 4000\nperspective = "NHS"'), more=nhs)
    (tmp_path / "d.csv").write_text("year,index\n2019-20,80\n2019-20,90\n2024-25,100\n", encoding="utf-8")
    top = ('price_year = "2024-25"', 'price_year = "2024-25"\ndeflators = "d.csv"\ndeflators_source = "HMT"')
    with pytest.raises(BadInput, match="again"):
        case(top, ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'year = "2019-20"\nsource = "s"\n\n[[costs]]'))


def test_only_what_counts_for_the_perspective_is_asked_of_the_result(case, result):
    result["headline_terms"].pop(1)
    other = case.second.replace('perspective = "council"', 'perspective = "NHS"')
    answer = value(case(("draws = 4000", 'draws = 4000\nperspective = "council"'), more=other), result)
    assert set(answer.grade.effects) == {"Referrals"}
    assert not any("priced" in said for said in answer.warnings)


def test_warnings_are_said_where_they_are_true(case, result):
    plain = " ".join(value(case(), result).warnings)
    assert "No correction for optimism" in plain
    zero = "years = 2\ndeadweight = { mid = 0, source = 's' }\noptimism = { mid = 0, source = 'ours' }\n"
    told = " ".join(value(case(("years = 2\n", zero)), result).warnings)
    assert "Deadweight" not in told
    assert "No correction" not in told
    third = case.second.replace("Plans", "Stays").replace("plan", "stay").replace("unit_cost", "unit_cost")
    result["headline_terms"].append({**result["headline_terms"][1], "outcome": "Stays"})
    result["protocol"]["outcomes"].append({**result["protocol"]["outcomes"][1], "label": "Stays"})
    tied = case.second.replace(
        "[benefits.unit_cost]", "overlaps = [\"Referrals not made\"]\noverlap = { mid = 0.6, source = 's' }\n\n"
        "[benefits.unit_cost]")  # fmt: skip
    left = " ".join(value(case(more=tied + third), result).warnings)
    assert "Stays not made" in left
    assert "for: Stays not made." in left


def test_the_folder_can_be_checked_before_it_leaves(case, result, tmp_path, capsys):
    case()
    (tmp_path / "r.json").write_text(json.dumps(result), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["value", str(tmp_path / "value.toml"), "--result", str(tmp_path / "r.json"), "--out", str(out)]) == 0
    assert main(["release", "check", str(out)]) == 0
    (out / "value.txt").write_text("Ask at BS1 4DJ.", encoding="utf-8")
    capsys.readouterr()
    assert main(["release", "check", str(out)]) != 0
    assert "value.txt" in capsys.readouterr().out
