"""A theory file can ask for its analyses; the plan shows them, and slips end in one clear line."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.release.pages import release_plan
from hubeval.report.plan import write_plan
from hubeval.theory import plan_from, protocol_from, qca, read_theory
from hubeval.theory.tracing import Evidence, update

TODAY = date(2026, 11, 22)
VALUES = [31, 29, 33, 30, 32, 28, 31, 30, 32, 29, 31, 18]


@pytest.fixture
def desk(root, tmp_path):
    """The shipped template with every commented example switched on, beside a profile and made-up sites."""
    text = (root / "hubeval" / "templates" / "theory.toml").read_text(encoding="utf-8")
    text = text.replace('# extracts = "coded.csv"', 'extracts = "coded.csv"')
    blocks = text.split("\n\n")
    switched = [re.sub(r"(?m)^# ?(?=(\[|[a-z_]+ = ))", "", block) if "# [" in block else block for block in blocks]
    text = "\n\n".join(switched).replace('area = "Name of the area"', 'area = "Anytown"')
    text = re.sub(r"periods = .*", f'periods = {[f"m{i}" for i in range(12)]}', text).replace("'", '"')
    text = re.sub(r"values = \[.*", f"values = {VALUES}", text).replace('"2026Q3: the joint table began"', "")
    (tmp_path / "theory.toml").write_text(text, encoding="utf-8")
    (tmp_path / "profile.toml").write_text('area = "Anytown"\n')
    (tmp_path / "coded.csv").write_text("case,theme,extract\n1,access,x\n")
    rng = np.random.default_rng(1)
    sites = pd.DataFrame({"site": [f"s{i}" for i in range(16)], "weeks_open": rng.integers(1, 80, 16),
                          "OUTREACH": rng.integers(0, 2, 16), "ONE_RECORD": rng.integers(0, 2, 16)})
    sites["REACH"] = ((sites.weeks_open > 26) & (sites.ONE_RECORD == 1)).astype(int)
    sites.to_csv(tmp_path / "sites.csv", index=False)
    return tmp_path


def test_the_shipped_template_reads_plans_and_prefills(root):
    given = read_theory(root / "hubeval" / "templates" / "theory.toml")
    assert "days_to_first_help" in protocol_from(given)


def test_every_example_of_the_template_works_when_switched_on(desk):
    given = plan_from(desk / "theory.toml", today=TODAY)
    titles = [analysis.title.split(":")[0] for analysis in given.analyses]
    assert titles == ["Monitoring", "Process tracing", "Comparison of 16 sites"]
    theory = given.theory
    assert all((theory.mechanisms, theory.harvest, theory.learning, theory.foundations, theory.calibrations))
    assert given.tables[0].name == "framework"


def test_the_plan_s_analyses_say_what_the_methods_say(desk):
    chart, traced, compared = plan_from(desk / "theory.toml", today=TODAY).analyses
    assert "m11: special cause, improvement (Below LCL)" in chart.readings[1]
    alone = update([Evidence(label="minutes date the table before the wait fell", sensitivity=(0.85, 0.95),
                             type_one=(0.3, 0.5), source="board minutes, 2026-09")],
                   account="The joint table shortened the wait")
    assert traced.readings[0] == alone.reading
    sites = pd.read_csv(desk / "sites.csv")
    sites["SETTLED"] = qca.calibrate(sites["weeks_open"], anchors=[4, 26, 52])
    table = qca.truth_table(sites, outcome="REACH", conditions=["SETTLED", "OUTREACH", "ONE_RECORD"])
    assert any(str(qca.minimise(table).models[0]) in line for line in compared.readings)
    assert "not effect sizes" in compared.limits[0]


def test_the_page_shows_the_chart_and_every_reading(desk, tmp_path):
    given = plan_from(desk / "theory.toml", today=TODAY)
    page = write_plan(release_plan(given), tmp_path / "out")[0].read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "not why" in page


@pytest.mark.parametrize(("before", "after", "line"), [
    ('indicator = "days_to_first_help"', 'indicator = "days_to_help"', "series 1: no indicator 'days_to_help'"),
    ("values = [31,", "values = [", "12 periods for 11 values"),
    ("rebase = []", 'rebase = ["x9: moved"]', "no period 'x9'"),
    ("sensitivity = [0.85, 0.95]", "sensitivity = [0.85, 1.95]", "sensitivity: found 0.85 to 1.95"),
    ("sensitivity = [0.85, 0.95]", "sensitivity = 0.9", "found a number 0.9"),
    ('file = "sites.csv"', 'file = "gone.csv"', "comparison.file: no file"),
    ('column = "weeks_open"', 'column = "week_open"', "Did you mean 'weeks_open'"),
    ("anchors = [4, 26, 52]", "anchors = [4, 60, 52]", "anchors cross"),
    ('into = "SETTLED"', 'into = "OUTREACH"', "has a column 'OUTREACH' already"),
    ('outcome = "REACH"', 'outcome = "RICH"', "no column 'RICH'"),
    ('extracts = "coded.csv"', 'extracts = "code.csv"', "extracts: no file"),
])
def test_slips_in_what_is_asked_for_are_one_clear_line(desk, before, after, line):
    path = desk / "theory.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(BadInput, match=line):
        plan_from(path, today=TODAY)


def test_two_brackets_for_one_table_are_refused(desk):
    path = desk / "theory.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[comparison]", "[[comparison]]"), encoding="utf-8")
    with pytest.raises(BadInput, match="comparison: is not one table"):
        read_theory(path)
