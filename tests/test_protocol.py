"""A protocol is read whole or refused whole, with the line and the cure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hubeval.errors import BadInput
from hubeval.protocol import DESIGNS, read_protocol

GOOD = """
area = "X"
question = "Did it?"
registered = 2026-01-01
[design]
kind = "did"
unit = "la"
time = "year"
start = "opened"
[[outcomes]]
column = "y"
label = "Y"
unit = "points"
"""


def refused(tmp_path, text):
    path = tmp_path / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_protocol(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_protocol_is_read_and_hashed(tmp_path):
    path = tmp_path / "protocol.toml"
    path.write_text(GOOD, encoding="utf-8")
    protocol = read_protocol(path)
    assert protocol.design.kind == "did"
    assert protocol.primary.label == "Y"
    assert protocol.registered == date(2026, 1, 1)
    assert len(protocol.sha256) == 64


@pytest.mark.parametrize("kind", DESIGNS)
def test_every_template_is_a_readable_protocol(root, kind):
    protocol = read_protocol(root / "hubeval" / "templates" / f"protocol-{kind}.toml")
    assert protocol.design.kind == kind


def test_every_protocol_in_designs_is_readable(root):
    found = sorted((root / "designs").glob("*/protocol.toml"))
    assert found
    for path in found:
        read_protocol(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ('kind = "did"', 'kind = "dids"'),
            "design.kind (line 6): found 'dids' (allowed: did, its, synth, matching, rdd). Did you mean 'did'?",
        ),
        (('unit = "la"', 'unti = "la"'), "design.unti (line 7): is not a key hubeval reads"),
        (('time = "year"\n', ""), "design.time: is missing. Add it under [design]."),
        (("registered = 2026-01-01", f"registered = {date.today() + timedelta(days=2)}"), "is in the future"),
        (('label = "Y"', "label = 3.5"), "outcomes.label (line 12): found a number 3.5 (allowed: text)"),
        (
            ('unit = "points"', 'unit = "points"\nsmallest_worthwhile = -2'),
            "smallest_worthwhile is -2 (a size above 0)",
        ),
        (('unit = "points"', 'unit = "points"\nrole = "secondary"'), "none has role 'primary'"),
        (('unit = "points"', 'unit = "points"\nrole = "principal"'), "found 'principal'"),
        (
            ('start = "opened"', 'start = "opened"\nanticipation = true'),
            "design.anticipation (line 10): found true/false",
        ),
        (('start = "opened"', 'start = "opened"\ncovariates = "age"'), "Put it in square brackets."),
    ],
)
def test_each_slip_is_one_line_with_its_cure(tmp_path, change, says):
    lines = refused(tmp_path, GOOD.replace(*change, 1))
    assert any(says in line for line in lines), lines


def test_all_slips_are_reported_at_once(tmp_path):
    text = GOOD.replace('kind = "did"', 'kind = "did"\nextra = 1').replace('label = "Y"\n', "") + "surplus = 2\n"
    assert len(refused(tmp_path, text)) == 3


def test_broken_toml_names_its_line(tmp_path):
    (line,) = refused(tmp_path, GOOD + "area = \n")
    assert "not valid TOML" in line
    assert "line 14" in line


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_file_says_so(tmp_path, text):
    (line,) = refused(tmp_path, text)
    assert "is empty" in line


def test_a_missing_file_names_its_neighbours(tmp_path):
    (tmp_path / "protocol.toml").write_text(GOOD)
    with pytest.raises(BadInput, match=r"In that folder: protocol\.toml"):
        read_protocol(tmp_path / "protocl.toml")


def test_two_primary_outcomes_are_refused(tmp_path):
    text = GOOD + '[[outcomes]]\ncolumn = "z"\nlabel = "Z"\nunit = "points"\n'
    assert any("more than one has role 'primary'" in line for line in refused(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('label = "', 'label = ""\nunused = "', "outcomes.label: is empty"),
        ("registered", 'amendments = [{ dated = 1999-01-01, change = "a", reason = "b" }]\nregistered',
         "before the protocol was registered"),
        ("registered", 'amendments = [{ dated = 2999-01-01, change = "a", reason = "b" }]\nregistered', "in the future"),
    ],
)
def test_labels_and_amendments_that_cannot_be(root, tmp_path, old, new, words):
    text = (root / "hubeval" / "templates" / "protocol-did.toml").read_text("utf-8").replace(old, new, 1)
    path = tmp_path / "p.toml"
    path.write_text(text.replace('unused = "', "# "), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_protocol(path)
    assert words in str(refused.value)
