"""The plan follows from the findings, dates its foundations, and never claims an effect."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser

import pytest

from hubeval.errors import BadInput
from hubeval.profile import Fact, Profile, read_profile
from hubeval.readiness import assess
from hubeval.release.pages import release_learning, release_plan
from hubeval.report.plan import write_learning, write_plan
from hubeval.result import ResultTable
from hubeval.theory import plan_for, plan_from, read_theory
from hubeval.theory.across import learn_across

TODAY = date(2026, 11, 22)
AREAS = ("bristol", "sefton", "suffolk")


def fact(criterion, low, high):
    return Fact(criterion=criterion, low=low, high=high, kind="fact", quote="q", source="s", dated="2026")


def plan(*facts, **more):
    return plan_for(assess(Profile(area="X", facts=facts, **more), today=TODAY), today=TODAY)


def fits(given):
    return {choice.method.split()[0]: choice.fits for choice in given.methods}


@pytest.mark.parametrize("area", AREAS)
def test_the_three_areas_get_a_theory_based_plan_with_dated_foundations(root, area):
    given = plan_from(root / "designs" / area / "profile.toml", today=TODAY)
    assert (given.route, given.status) == ("theory-based", "foundations")
    assert fits(given)["Developmental"] == "use now"
    assert all(step.due and step.due >= TODAY for step in given.foundations)
    assert TODAY < given.recheck <= date(2027, 11, 22)


def test_bristol_is_told_to_harvest_outcomes_and_suffolk_may_come_to_compare_sites(root):
    bristol, suffolk = (plan_from(root / "designs" / a / "profile.toml", today=TODAY) for a in ("bristol", "suffolk"))
    assert fits(bristol)["Outcome"] == "use now"
    assert fits(suffolk)["Realist"] == "use now"
    assert fits(suffolk)["Qualitative"] == "when this is in place"
    reasons = next(c for c in bristol.methods if c.method.startswith("Outcome")).because
    assert "families are less likely to notice" in reasons[0]


def test_a_quasi_experimental_area_is_told_so_and_gets_the_mixed_method_part(root):
    given = plan_from(root / "designs" / "essex" / "profile.toml", today=TODAY)
    assert given.route == "quasi-experimental"
    assert given.standing.startswith("a quasi-experiment")
    assert "mixed-method part" in given.standing
    assert given.methods


def test_every_plan_says_contribution_and_never_effect_size(root, tmp_path):
    for path in sorted((root / "designs").glob("*/profile.toml")):
        given = plan_from(path, today=TODAY)
        pages = [p.read_text(encoding="utf-8") for p in write_plan(release_plan(given), tmp_path / path.parent.name)[:2]]
        for text in (str(given), *pages):
            assert "not an effect size" in text


@pytest.mark.parametrize(("facts", "more", "method", "expected"), [
    ((fact("IM1", 1, 2),), {}, "Developmental", "use now"), ((fact("IM1", 3, 4),), {}, "Developmental", "not now"),
    ((), {}, "Developmental", "when this is in place"), ((fact("IM3", 1, 1),), {}, "Developmental", "use now"),
    ((fact("TO3", 1, 1),), {}, "Outcome", "use now"), ((fact("TO3", 3, 3),), {}, "Outcome", "not now"),
    ((fact("TO1", 2, 4),), {}, "Contribution", "use now"), ((fact("TO1", 1, 1),), {}, "Contribution", "not now"),
    ((fact("TO1", 2, 4),), {"access": False}, "Contribution", "not now"),
    ((), {"sites": 28}, "Qualitative", "when this is in place"), ((), {"sites": 4}, "Qualitative", "not now"),
    ((), {"sites": 4}, "Realist", "use now"), ((), {}, "Process", "when this is in place"),
])
def test_methods_are_chosen_by_the_stated_conditions(facts, more, method, expected):
    assert fits(plan(*facts, **more))[method] == expected


def test_each_method_gives_a_reason_a_need_and_a_claim():
    for choice in plan().methods:
        assert all(choice.because)
        assert choice.needs
        assert "never an effect size" in choice.claims


def test_what_is_met_is_not_asked_for_again_and_what_is_unknown_is_asked_first():
    steps = {step.criterion: step for step in plan(fact("CA3", 4, 4), fact("DS1", 1, 1)).foundations}
    assert "CA3" not in steps
    assert steps["DS1"].known
    assert not steps["GE1"].known


def test_an_area_s_own_foundations_stand_in_for_the_general_ones(root):
    given = plan_from(root / "designs" / "suffolk" / "theory.toml", today=TODAY)
    logged = [step for step in given.foundations if step.criterion == "CA3"]
    assert len(logged) == 1
    assert "28 hubs and sites" in logged[0].action


def test_a_theory_and_its_profile_lead_to_the_same_plan(root):
    folder = root / "designs" / "bristol"
    assert plan_from(folder / "theory.toml", today=TODAY) == plan_from(folder / "profile.toml", today=TODAY)
    assert plan_for(assess(read_profile(folder / "profile.toml"), today=TODAY), today=TODAY).theory is None


def test_the_theory_of_another_area_is_refused(root):
    with pytest.raises(BadInput, match="is of 'Bristol', the profile of 'X'"):
        plan_for(assess(Profile(area="X"), today=TODAY), read_theory(root / "designs" / "bristol" / "theory.toml"))


def test_illustrative_arrows_do_not_make_a_method_ready(root):
    given = plan_from(root / "designs" / "suffolk" / "theory.toml", today=TODAY)
    tracing = next(c for c in given.methods if c.method == "Process tracing")
    assert tracing.fits == "when this is in place"
    assert "illustrative so far" in tracing.because[0]


def test_coded_extracts_named_by_the_theory_come_out_as_a_matrix(root, tmp_path):
    text = (root / "designs" / "bristol" / "theory.toml").read_text(encoding="utf-8")
    (tmp_path / "theory.toml").write_text(text.replace("[[nodes]]", 'extracts = "coded.csv"\n\n[[nodes]]', 1), encoding="utf-8")
    (tmp_path / "profile.toml").write_text((root / "designs" / "bristol" / "profile.toml").read_text(encoding="utf-8"))
    (tmp_path / "coded.csv").write_text("case,theme,extract,group\n1,access,x,North\n2,access,y,South\n")
    given = plan_from(tmp_path / "profile.toml", today=TODAY)
    assert given.tables[0].rows == (("access", 1, 1, 2),)
    assert "Framework matrix" in write_plan(release_plan(given), tmp_path / "out")[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(("facts", "more", "words"), [
    ((fact("TO1", 1, 1), fact("IM1", 1, 1)), {}, "lack what they need"),
    ((), {}, "not enough evidence"),
    ((fact("IM1", 1, 1),), {}, "foundations for a later"),
])
def test_the_plan_says_what_it_is_for(facts, more, words):
    assert words in plan(*facts, **more).standing


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("area", AREAS)
def test_the_page_is_one_file_without_script_or_network(root, tmp_path, area):
    written = write_plan(release_plan(plan_from(root / "designs" / area / "theory.toml", today=TODAY)), tmp_path)
    assert [p.name for p in written] == ["plan.html", "brief.html", "plan.json", "theory.svg", "theory.mmd", "theory.dot", "hubeval.json"]
    text = written[0].read_text(encoding="utf-8")
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert "script" not in page.tags
    assert not [a for a in page.attributes if a[1] in {"src", "href"} or a[1].startswith("on")]
    assert any(a[1] == "content" and "default-src 'none'" in a[2] for a in page.attributes)
    assert ("html", "lang", "en-GB") in page.attributes
    assert page.tags.count("table") == page.tags.count("caption")
    assert page.tags.count("h1") == 1
    assert "illustrative" in text


def test_every_dated_step_on_the_page_is_in_the_json(root, tmp_path):
    write_plan(release_plan(plan_from(root / "designs" / "sefton" / "theory.toml", today=TODAY)), tmp_path)
    html, canonical = tmp_path / "plan.html", tmp_path / "plan.json"
    stored = json.loads(canonical.read_text(encoding="utf-8"))
    assert stored["schema"] == "hubeval-plan/1"
    shown = " ".join(Page(html.read_text(encoding="utf-8")).words)
    for day in set(re.findall(r"20\d\d-\d\d-\d\d", shown)):
        assert day in canonical.read_text(encoding="utf-8")
    for step in stored["foundations"]:
        assert step["action"] in shown


def test_hostile_words_in_a_table_are_shown_not_run(tmp_path):
    table = ResultTable(name="t", caption="<img src=x onerror=alert(1)>", columns=("a",), rows=(("<script>1</script>",),))
    given = plan_for(assess(Profile(area="<b>X</b>"), today=TODAY), today=TODAY, tables=(table,))
    page = Page(write_plan(release_plan(given), tmp_path)[0].read_text(encoding="utf-8"))
    assert not {"script", "img", "b"} & set(page.tags)


def test_the_same_inputs_write_the_same_bytes(root, tmp_path):
    runs = []
    for name in ("one", "two"):
        written = write_plan(release_plan(plan_from(root / "designs" / "bristol" / "theory.toml", today=TODAY)), tmp_path / name)
        runs.append([path.read_bytes() for path in written])
    assert runs[0] == runs[1]


def test_the_learning_report_lays_areas_side_by_side_without_a_rank(root, tmp_path):
    plans = [plan_from(root / "designs" / area / "theory.toml", today=TODAY) for area in AREAS]
    report = learn_across(plans)
    assert report.areas == ("Bristol", "Sefton", "Suffolk")
    assert [row[0] for row in report.standing.rows] == list(report.areas)
    assert {"outcomes", "claims", "mechanisms", "gaps", "foundations", "questions"} == {t.name for t in report.tables}
    html, canonical, _ = write_learning(release_learning(report), tmp_path)
    assert "not ranked" in html.read_text(encoding="utf-8")
    assert json.loads(canonical.read_text(encoding="utf-8"))["schema"] == "hubeval-learning/1"


def test_learning_needs_two_different_areas():
    with pytest.raises(BadInput, match="two or more areas, each once"):
        learn_across([plan(), plan()])


def test_planning_loads_no_numerical_library(root):
    code = (
        "import sys; from hubeval.theory import plan_from; plan_from('designs/suffolk/theory.toml'); "
        "sys.exit(' '.join(sorted({'numpy','pandas','scipy','statsmodels','matplotlib'} & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(root)})
    assert done.returncode == 0, done.stderr


def test_an_established_area_is_asked_to_retrieve_history_and_a_new_one_to_measure_now(root):
    essex, lincolnshire = ({s.criterion: s.action for s in plan_from(root / "designs" / a / "profile.toml", today=TODAY).foundations}
                      for a in ("essex", "lincolnshire"))
    assert essex["DS2"].startswith("Retrieve the outcome for the years before")
    assert lincolnshire["DS2"].startswith("Take the baseline now")
