"""What came last into a result, on persons: dose curves, waves of other people, subgroups, a grid of bandwidths, templates."""

from __future__ import annotations

import importlib.util
import json
import re
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release
from hubeval.report.office.template import opened, read_template
from hubeval.report.office.word import Paper

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


def released(tmp_path, kind, frame, design="", more="", release_by="ons"):
    protocol = worlds.written(tmp_path, kind, frame, units="person", release=release_by, design=design, outcome=more)
    found = evaluate(read_protocol(protocol), despite="a test")
    return found, release(found)[0].content


def of(result, what, name):
    return next((one for one in result[what] if one["name"] == name), None)


SUBGROUP = '[[subgroups]]\ncolumn = "sex"\nlabel = "Sex"\n'


@pytest.mark.parametrize("blank", [0, 3])
def test_the_few_of_whom_no_level_is_said_are_not_the_headline_less_the_levels(tmp_path, blank):
    """With a window, an effect is a difference of means: counts and means of all, f and m give those of the rest."""
    frame = worlds.scores(n=700)
    frame["sex"] = np.where(np.arange(700) % 3 == 0, "f", "m")
    near = frame.index[(frame.score >= 50) & (frame.score < 58)][:blank]
    frame.loc[near, "sex"] = ""
    exact, result = released(tmp_path, "rdd", frame, 'estimator = "randomisation"\nwindow = 12.0\n', SUBGROUP)
    table = of(exact.to_dict(), "tables", "subgroups")
    head, shown = exact.to_dict()["headline_terms"][0], of(result, "tables", "subgroups")
    at = table["columns"].index("treated")
    left = head["n_treated"] - sum(row[at] for row in table["rows"] if row[2] == "effect")
    assert left == blank
    levels = [row[1] for row in shown["rows"] if row[2] == "effect"] if shown else []
    assert levels == (["m"] if blank else ["f", "m"])


def test_a_grid_of_bandwidths_of_persons_passes_the_gate(tmp_path):
    more = "[multiverse]\nbandwidth = [8.0, 12.0, 20.0]\n"
    _, result = released(tmp_path, "rdd", worlds.scores(n=700), more=more)
    assert {row[1] for row in of(result, "tables", "multiverse")["rows"]} <= {"none", "8.0", "12.0", "20.0"}


def test_windows_a_few_persons_apart_do_not_give_the_sum_of_those_few(tmp_path):
    """Of plain means, one window's sum less another's is of the few between them: also by ranges in words and by points."""
    frame = worlds.scores(n=700)
    frame.loc[(frame.score >= 68) & (frame.score < 74.5), "score"] += 12  # few between one and a half times and twice
    frame.loc[frame.index[(frame.score > 68) & (frame.score < 90)][:4], "score"] = [69.123, 70.456, 71.789, 73.012]
    design = 'estimator = "randomisation"\nwindow = 12.0\n'
    exact, result = released(tmp_path, "rdd", frame, design)
    table, shown = (of(one, "tables", "bandwidths") for one in (exact.to_dict(), result))
    at = [table["columns"].index(name) for name in ("n, treated side", "n, other side")]
    rows = [[row[i] for i in at] for row in table["rows"]]
    assert any(0 < abs(a[k] - b[k]) < 10 for a in rows for b in rows for k in (0, 1))
    stand = [row[0] for row in shown["rows"]]
    left = [[row[i] for i in at] for row in table["rows"] if row[0] in stand]
    assert not any(0 < abs(a[k] - b[k]) < 10 for a in left for b in left for k in (0, 1))
    assert not of(result, "probes", "other bandwidths")
    assert not of(result, "figures", "bandwidths-y")
    gone = [f"{abs(row[table['columns'].index('estimate')]):.3g}" for row in table["rows"] if row[0] not in stand]
    assert gone
    assert not [text for text in gone if re.search(rf"(?<![\d.]){re.escape(text)}(?!\d)", json.dumps(result["headline"]))]


def doses(n, extreme=61.7319):
    rng = np.random.default_rng(5)
    dose = np.where(np.arange(n) < 25, 0.0, rng.gamma(2, 2, n).round(4))
    dose[-1] = extreme
    level = rng.normal(50, 4, n)
    rows = [(f"P{i}", 2010 + t, dose[i] * (t >= 2), round(level[i] + rng.normal(0, 3), 4)) for i in range(n) for t in range(4)]
    return pd.DataFrame(rows, columns=["unit", "t", "hours", "y"]), dose


def test_the_doses_of_a_tenth_of_the_persons_cannot_be_added_up(tmp_path):
    """The attack: a mean dose to the last digit times its count is a sum, of which one person's dose is most."""
    frame, dose = doses(105)
    design = 'exposure = "hours"\nestimator = "heterogeneous-adoption"\n'
    text = worlds.DESIGNS["did"].replace('start = "g"\n', "")
    protocol = worlds.written(tmp_path, "did", frame, units="person", release="ons")
    protocol.write_text(protocol.read_text("utf-8").replace(worlds.DESIGNS["did"], text + design), "utf-8")
    found = evaluate(read_protocol(protocol), despite="a test")
    exact, result = found.to_dict(), release(found)[0].content
    before, after = (of(one, "figures", "change-by-dose")["series"][0] for one in (exact, result))
    sums = [x * n for x, n in zip(before["x"], before["n"], strict=True)]
    assert any(np.isclose(sum(sorted(dose)[-before["n"][-1]:]), one) for one in sums)
    assert all(len(repr(abs(x)).split("e")[0].replace(".", "").strip("0")) <= 1 for x in after["x"])
    assert len(after["x"]) == len(after["y"]) == len(after["n"])
    assert not of(result, "diagnostics", "units of hardly any dose")
    assert "61.7" not in json.dumps(result)


def test_persons_of_a_wave_are_counted_alike_in_rows_and_units(tmp_path):
    """Other people answer each year: rows are persons, so 1,586 beside 1,585 would be the exact number."""
    rng = np.random.default_rng(5)
    rows = [(f"A{a:02d}", t, "" if a > 6 else 2014, round(50 + rng.normal(0, 4), 4))
            for a in range(14) for t in range(2010, 2018) for _ in range(rng.integers(10, 20))]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["area", "t", "g", "y"]).head(1501)
    protocol = worlds.written(tmp_path, "did", frame, units="person", release="nhs")
    text = protocol.read_text("utf-8").replace('unit = "unit"\n', 'cluster = "area"\n')
    protocol.write_text(text, "utf-8")
    result = release(evaluate(read_protocol(protocol), despite="a test"))[0].content
    for step in result["sample"]["flow"]:
        assert step["n_rows"] == 1500
        assert step["n_units"] in {14, 1500}
    assert not re.search(r"(?<![\d.])1,?501(?!\d)", json.dumps(result))


PARTS = {
    "docProps/custom.xml": ("_rels/.rels", "application/vnd.openxmlformats-officedocument.custom-properties+xml",
                            "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"),
    "word/people.xml": ("word/_rels/document.xml.rels",
                        "application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml",
                        "http://schemas.microsoft.com/office/2011/relationships/people"),
}  # fmt: skip


def signed(path):
    """A template that says in every way that Word knows who wrote it and of whom."""
    document = docx.Document()
    core = document.core_properties
    for name in ("author", "last_modified_by", "comments", "keywords", "subject", "category", "content_status", "identifier", "version"):
        setattr(core, name, "ZZADA")
    document.add_comment(document.add_paragraph("ZZADA").runs, text="ZZADA", author="ZZADA")
    held = BytesIO()
    document.save(held)
    with zipfile.ZipFile(held) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode("latin-1")
            for part, (whose, kind, relation) in PARTS.items():
                if name == "[Content_Types].xml":
                    content = content.replace("</Types>", f'<Override PartName="/{part}" ContentType="{kind}"/></Types>')
                if name == whose:
                    link = f'<Relationship Id="rZ{len(part)}" Type="{relation}" Target="{Path(part).name if "word" in part else part}"/>'
                    content = content.replace("</Relationships>", f"{link}</Relationships>")
            if name == "docProps/app.xml":
                content = content.replace("</Properties>", "<Company>ZZADA</Company><Manager>ZZADA</Manager></Properties>")
            if name == "word/settings.xml":
                content = content.replace("</w:settings>", '<w:docVars><w:docVar w:name="Z" w:val="ZZADA"/></w:docVars></w:settings>')
            new.writestr(name, content.encode("latin-1"))
        for part in PARTS:
            new.writestr(part, "<?xml version='1.0'?><any>ZZADA</any>")
    return path


def test_nobody_who_wrote_a_template_or_said_something_in_it_travels_with_the_report(tmp_path):
    path = signed(tmp_path / "funder.docx")
    with zipfile.ZipFile(path) as given:
        assert sum(b"ZZADA" in given.read(name) for name in given.namelist()) >= 6


    paper = Paper("T", "T", datetime(2026, 11, 28), read_template(path))
    held = BytesIO()
    paper._document.save(held)
    with zipfile.ZipFile(held) as made:
        assert [name for name in made.namelist() if b"ZZADA" in made.read(name)] == []
    assert opened(read_template(path)).styles["Heading 1"] is not None
