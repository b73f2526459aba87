"""Several options in order: each with a value case and an evaluation of its own, none placed on a weaker cause."""

from __future__ import annotations

import copy
import json

import pytest

from hubeval.cli import main
from hubeval.economics import value, with_options
from hubeval.economics.plain import to_dict
from hubeval.economics.words import lines
from hubeval.errors import BadInput
from hubeval.release.pages import release_value
from hubeval.report.value import value_files

OPTION = '\n[[options]]\nlabel = "{name}"\nvalue = "{name}.toml"\nresult = "{name}.json"\n'


@pytest.fixture
def option(tmp_path, case, result):
    """A function that writes an option's two files and gives its table."""

    def make(name, *changes, effect=-10.0, edit=lambda r: None):
        text = case.text
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        own = copy.deepcopy(result)
        own["headline_terms"][0].update(estimate=effect, conf_low=effect - 2, conf_high=effect + 2, std_error=None)
        edit(own)
        (tmp_path / f"{name}.json").write_text(json.dumps(own), encoding="utf-8")
        return OPTION.format(name=name)

    return make


def placed(case, result, *tables):
    answer = with_options(value(case(more="".join(tables)), result))
    return answer, {row.option: row for row in answer.options}


def test_the_ladder_by_hand(case, result, option):
    dear = option("dear", ("amount = 200000", "amount = 500000"), effect=-20.0)
    poor = option("poor", ("amount = 200000", "amount = 300000"), effect=-8.0)
    answer, rows = placed(case, result, dear, poor)
    years = 1 + 1 / 1.035
    spent = 1 + 1 / 1.035 + 1 / 1.035**2
    number, cost = 10 / 10_000 * 100_000 * 4 * years, 200_000 * spent
    assert rows["no programme"].ratio is None
    assert rows["A case"].number == pytest.approx(number)
    assert rows["A case"].ratio == pytest.approx(cost / number)
    assert rows["dear"].ratio == pytest.approx((500_000 - 200_000) * spent / number)
    assert rows["poor"].status == "dominated"
    assert rows["poor"].ratio is None
    assert sum(row.chance for row in rows.values()) == pytest.approx(1)
    assert any(said.startswith("Option dear: The result stands apart") for said in answer.warnings)
    assert "poor: costs" in "\n".join(lines(answer))
    page = value_files(release_value(answer))["value.html"]
    assert "Options beside each other" in page
    assert json.dumps(to_dict(answer)["options"])


def test_what_may_not_be_relied_on_or_may_be_nothing_has_no_place(case, result, option):
    shut = option("shut", edit=lambda r: r["provenance"].update(despite="asked"))
    unsure = option("unsure", edit=lambda r: r["headline_terms"][0].update(conf_low=-30.0, conf_high=5.0))
    _, rows = placed(case, result, shut, unsure)
    assert (rows["shut"].ratio, rows["shut"].number, rows["shut"].chance) == (None, None, None)
    assert "grade C" in rows["shut"].reason
    assert "nothing changed" in rows["unsure"].reason
    assert rows["A case"].ratio is not None


def test_where_the_case_itself_is_grade_c_nothing_is_placed(case, result, option):
    good = option("good")
    result["provenance"]["despite"] = "asked"
    answer, rows = placed(case, result, good)
    assert all(row.ratio is None and row.number is None for row in rows.values())
    assert "for one more" not in "\n".join(lines(answer))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("horizon = 3", "horizon = 4", "horizon"),
        ('counted = "referral"', 'counted = "plan"', "counted first"),
        ("draws = 4000", 'draws = 4000\nperspective = "council"', "perspective"),
    ],
)
def test_options_that_count_otherwise_are_refused(case, result, option, old, new, said):
    changes = ((old, new), ('per = "referral"', 'per = "plan"')) if "counted" in old else ((old, new),)
    other = option("other", *changes)
    with pytest.raises(BadInput, match=said):
        placed(case, result, other)


def test_a_label_twice_and_a_missing_file_are_refused(case, result, option, tmp_path, capsys):
    one = option("one")
    with pytest.raises(BadInput, match="stands twice"):
        case(more=one + one)
    case(more=one.replace("one.json", "none.json"))
    (tmp_path / "r.json").write_text(json.dumps(result), encoding="utf-8")
    assert main(["value", str(tmp_path / "value.toml"), "--result", str(tmp_path / "r.json")]) == 2
    assert "none.json" in capsys.readouterr().err
