"""Two results side by side: what is alike is compared, what is not is refused, and no more is said than holds."""

from __future__ import annotations

import json

import pytest

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.report.compare import compare_results, read_result
from hubeval.wording import amount


def copy(result, **head):
    value = json.loads(json.dumps(result))
    value["headline_terms"][0].update(head)
    return value


@pytest.mark.parametrize(
    ("estimate", "low", "high", "agree", "says"),
    [
        (-9.0, -14.0, -4.0, True, "same side of no change"),
        (-9.0, -19.0, 1.0, False, "One interval includes no change and the other does not."),
        (9.0, 4.0, 14.0, False, "One says lower and the other higher"),
        (-30.0, -35.0, -25.0, False, "Both point the same way"),
        (-9.0, None, None, None, "cannot be said"),
    ],
)
def test_whether_they_agree_follows_from_both_intervals(result, estimate, low, high, agree, says):
    found = compare_results(result, copy(result, estimate=estimate, conf_low=low, conf_high=high))
    assert found.agree is agree
    assert says in " ".join(found.says)
    assert ("They agree" in " ".join(found.says)) is bool(agree)
    gap = estimate - result["headline_terms"][0]["estimate"]
    assert amount(abs(gap), result["headline_terms"][0]["unit"]) in found.says[0]
    assert ("lower" if gap < 0 else "higher") in found.says[0]
    assert any("no p-value" in line for line in found.says)


def test_what_kind_of_comparison_it_is_and_what_differs(result):
    assert compare_results(result, copy(result)).kind == "the same analysis twice"
    assert compare_results(result, copy(result)).differences == ()
    other = copy(result)
    other["protocol"]["design"]["control"] = "not yet"
    found = compare_results(result, other)
    assert found.kind == "two analyses"
    assert ("design.control", "never", "not yet") in found.differences
    assert any("share a fault" in line for line in found.says)
    later = copy(result)
    later["sample"]["last_period"] = "2021Q1"
    later["probes"][0]["status"] = "fail"
    found = compare_results(later, result)
    assert found.kind == "earlier and later data"
    assert [side.name for side in found.sides] == ["later", "earlier"]
    assert any(row[0].startswith("check: ") and row[1] == "fail" for row in found.differences)
    assert not any("share a fault" in line for line in found.says)
    later["headline_terms"][0]["estimate"] += 1.0
    far = later["headline_terms"][0]["estimate"] - result["headline_terms"][0]["estimate"]
    for pair in ((later, result), (result, later)):  # by their time, in whatever order they were named
        said = compare_results(*pair).says[0]
        assert said.startswith("The later number is ")
        assert f"{'higher' if far > 0 else 'lower'} than the earlier." in said


def test_other_data_of_the_same_periods_are_neither_earlier_nor_later(result):
    other = copy(result)
    other["sample"]["n_treated"] = 7
    found = compare_results(result, other)
    assert (found.kind, [side.name for side in found.sides]) == ("the same analysis of other data", ["first", "second"])
    revised = copy(result)
    revised["provenance"]["data_sha256"] = "0" * 64
    assert compare_results(result, revised).kind == "the same analysis of other data"
    assert "What differs" not in str(compare_results(result, copy(result)))
    assert "What differs" in str(found)


@pytest.mark.parametrize("spoil", [
    lambda value: value.update(area="Elsewhere"),
    lambda value: value["headline_terms"][0].update(unit="points"),
    lambda value: value["headline_terms"][0].update(outcome="another"),
    lambda value: value.update(headline_terms=[]),
])  # fmt: skip
def test_results_of_unlike_questions_are_refused(result, spoil):
    other = copy(result)
    spoil(other)
    with pytest.raises(BadInput):
        compare_results(result, other)


def test_only_released_results_are_read(result, tmp_path):
    path = tmp_path / "r.json"
    for value in ({}, [], {**result, "release": None}, {**result, "release": {**result["release"], "internal": True}}):
        path.write_text(json.dumps(value), encoding="utf-8")
        with pytest.raises(BadInput):
            read_result(path)


def test_the_verb_writes_a_folder_that_may_leave(result, tmp_path, capsys):
    for name, value in (("a", result), ("b", copy(result, estimate=-8.0))):
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    argv = ["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    assert main([*argv, "--out", str(tmp_path / "out")]) == 0
    assert "They agree" in capsys.readouterr().out
    page = (tmp_path / "out" / "comparison.html").read_text("utf-8")
    value = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))
    assert value["schema"] == "hubeval-comparison/1"
    assert value["sides"][0]["number"] in page
    assert main(["release", "check", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main([*argv[:2], str(tmp_path / "none.json")]) == 2


def test_a_result_that_was_changed_after_it_was_written_is_refused(result, tmp_path, capsys):
    from hubeval.folders import write_folder

    made, *_ = write_folder(tmp_path / "out", {"result.json": json.dumps(result)})
    whole = tmp_path / "apart.json"
    whole.write_text(json.dumps(result), "utf-8")
    for argv in (["methods", str(made)], ["compare", str(made), str(whole)]):
        assert main(argv) == 0
    made.write_text(json.dumps(copy(result, estimate=-19.0)), "utf-8")
    capsys.readouterr()
    for argv in (["methods", str(made)], ["compare", str(made), str(whole)], ["compare", str(whole), str(made)]):
        assert main(argv) == 2
        said = capsys.readouterr()
        assert "was changed after hubeval wrote it" in said.err
        assert not said.out
