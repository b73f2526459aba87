"""The methods section says what this result did and cites the works behind exactly that."""

from __future__ import annotations

import json
import re

import pytest

from hubeval.cli import main
from hubeval.methods import ROOMS, room_for
from hubeval.report.appendix import _behind, methods_appendix
from hubeval.report.references import cited, works


def keys(result):
    return {work.key for work in methods_appendix(result).references}


def changed(result, *, inference=None, **top):
    value = json.loads(json.dumps(result))
    value.update(top)
    if inference is not None:
        value["headline_terms"][0]["inference"] = inference
    return value


def test_the_worked_panel_is_described_and_cited(result):
    said = str(methods_appendix(result))
    assert {"callaway2021", "roth2022", "rambachan2023"} <= keys(result)
    assert "santanna2020" not in keys(result)  # no covariates were adjusted for
    assert result["method"].rstrip(".") in said
    assert f"{result['sample']['n_treated']} treated" in said
    assert result["headline_terms"][0]["inference"].rstrip(".") in said
    assert all(one["name"] in said for one in [*result["diagnostics"], *result["probes"]])
    other = changed(result)
    other["protocol"]["design"]["covariates"] = ["deprivation"]
    assert "santanna2020" in keys(other)


def test_a_check_that_was_not_made_is_not_cited(result):
    bare = changed(result, diagnostics=[], probes=[])
    assert not {"roth2022", "rambachan2023", "goodmanbacon2021"} & keys(bare)
    assert "Checks made" not in str(methods_appendix(bare))


def test_no_number_is_said_to_be_none(result):
    said = str(methods_appendix(changed(result, headline_terms=[])))
    assert "No headline number was computed" in said
    assert "Intervals" not in said


@pytest.mark.parametrize("kind", sorted(ROOMS))
def test_every_estimator_of_every_room_is_cited_by_its_own_paper(result, kind):
    for one in room_for(kind).capabilities.values():
        value = changed(result, method=f"{one.label} ({one.reference})", inference="t", diagnostics=[], probes=[])
        value["protocol"]["design"] = {"kind": kind}
        expected = {work.key for work in cited(one.reference)}
        assert expected <= keys(value), one.estimator
        if re.search(r"\b(19|20)\d\d\b", one.reference):
            assert expected, one.reference


@pytest.mark.parametrize("phrase", list(_behind()["inference"]))
def test_every_phrase_of_an_interval_is_one_the_methods_write_and_brings_its_works(result, root, phrase):
    texts = [path.read_text(encoding="utf-8") for path in (root / "hubeval" / "methods").rglob("*.py")]
    assert any(phrase in text for text in texts)
    assert set(_behind()["inference"][phrase]) <= keys(changed(result, inference=f"so: {phrase} and t"))


def test_every_check_cited_is_one_the_methods_make_and_every_key_is_in_the_file(root):
    texts = " ".join(path.read_text(encoding="utf-8") for path in (root / "hubeval" / "methods").rglob("*.py"))
    for part in _behind().values():
        assert {key for names in part.values() for key in names} <= set(works())
    assert all(f'"{name}' in texts for name in _behind()["checks"])


def test_the_verb_writes_it_and_refuses_what_is_no_released_result(result, tmp_path, capsys):
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    assert main(["methods", str(path)]) == 0
    assert "References\n- " in capsys.readouterr().out
    assert main(["methods", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["references"][0]["key"] in works()
    path.write_text(json.dumps({**result, "release": None}), encoding="utf-8")
    assert main(["methods", str(path)]) == 2
    assert "did not pass the release gate" in capsys.readouterr().err
