"""The flow diagram: drawn from what was released and nothing else, the same in page, picture and document."""

from __future__ import annotations

import re
from io import BytesIO

import docx
import pytest

from hubeval.release import release
from hubeval.report.flow import draw_flow, flow_of
from hubeval.report.numbers import shown
from hubeval.report.outputs import outputs

STEP = {"label": "Rows in the file", "n_rows": 1680, "n_units": 60, "note": ""}
OUTCOMES = [{"label": "Referrals", "role": "primary"}, {"label": "Plans", "role": "secondary"}]


def made(*flow, treated=21, comparison=39, base=1, internal=False, units="person"):
    sample = {"flow": list(flow), "n_treated": treated, "n_comparison": comparison}
    return {"sample": sample, "protocol": {"outcomes": OUTCOMES}, "release": {"internal": internal, "base": base, "units": units}}


def test_another_outcome_s_rows_stand_beside_the_way_and_are_no_step_of_it():
    other = {**STEP, "label": "With a value of Plans", "n_rows": 1658, "note": "22 cells missing"}
    last = {**STEP, "label": "Referrals: rows given"}
    found = flow_of(made(STEP, other, last))
    assert [label for label, _, _ in found["steps"]] == ["Rows in the file", "Referrals: rows given"]
    assert found["steps"][0][2] == ["With a value of Plans: 1,658 rows, 60 units (22 cells missing)"]


def test_what_is_withheld_is_said_and_not_worked_out():
    found = flow_of(made({**STEP, "n_units": None}, {**STEP, "n_rows": None, "n_units": None}, treated=None))
    svg = draw_flow(found).svg
    assert "units not shown" in svg
    assert "records not shown" in svg
    assert "60" not in found["text"]
    assert found["ends"][0] == ("treated", "units not shown")


def test_rounding_is_said_only_where_the_rules_round_and_internal_is_marked():
    assert "nearest 5" in flow_of(made(STEP, base=5))["text"]
    assert "nearest" not in flow_of(made(STEP))["text"]
    assert "nearest" not in flow_of(made(STEP, base=5, units="site"))["text"]  # counts of places are exact
    assert flow_of(made(STEP, internal=True))["title"].startswith("INTERNAL")
    assert flow_of(made()) is None


def test_the_same_bytes_twice_and_a_title_and_words_for_who_cannot_see_it():
    found = flow_of(made(STEP))
    one, two = draw_flow(found), draw_flow(found)
    assert (one.svg, one.png) == (two.svg, two.png)
    assert 'role="img"' in one.svg
    assert found["text"] in one.svg


@pytest.mark.parametrize("design", ["essex-style", "families-style"])
def test_every_number_in_it_stands_in_the_released_sample_and_the_document_has_it(design, worked):
    released = release(worked(f"{design}/protocol.toml"))[0]
    result, files = released.content, outputs(released)
    sample = result["sample"]
    allowed = {shown(step[key]) for step in sample["flow"] for key in ("n_rows", "n_units")}
    allowed |= {shown(sample[key]) for key in ("n_treated", "n_comparison")}
    said = " ".join(f"{step['label']} {step['note']}" for step in sample["flow"]) + f" nearest {result['release']['base']}"
    found = flow_of(result)
    drawn = re.findall(r"\d[\d,]*", found["text"])
    assert drawn
    assert {number for number in drawn if number not in said} <= allowed
    assert found["text"] in files["report.html"].replace("&#39;", "'")
    pictures = docx.Document(BytesIO(files["report.docx"])).element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr")
    assert found["text"] in [one.get("descr") for one in pictures]
    assert files["figures/flow.svg"].startswith("<svg")
