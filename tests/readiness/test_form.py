"""The form in a real browser: the same verdict as Python on 10,000 answer sets, and a file that goes there and back."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from hubeval.errors import BadInput
from hubeval.profile import CRITERIA, parse_profile, read_profile
from hubeval.readiness import assess, load_rubric
from hubeval.readiness.form import form_html, form_rules

HERE = Path(__file__).parent


def neighbour(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SETS = neighbour(HERE / "answer_sets.py")


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "readiness.html"
    path.write_text(form_html(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def answers():
    """10,000 answer sets, and what Python says of each."""
    sets = SETS.answer_sets(10_000)
    return sets, [SETS.python_answer(*one) for one in sets]


@pytest.fixture
def page(browser, form):
    browser.call("Page.setBypassCSP", enabled=False)
    browser.open(form)
    browser.run("window.addEventListener('beforeunload', (e) => e.stopImmediatePropagation(), true)")
    return browser


# --- the page as text ---------------------------------------------------------------------------------------------


def test_every_criterion_stands_in_the_page_with_its_anchors(form):
    html = form.read_text(encoding="utf-8")
    for item in load_rubric().criteria:
        assert f'id="{item.id}"' in html
        assert item.question.replace("'", "&#x27;") in html
        for anchor in item.anchors:
            assert anchor.replace("'", "&#x27;") in html
    assert not re.search(r"\{(csp|style|sections|rules|engine|page|judgement)\}", html)


def test_the_policy_lets_in_nothing_but_the_pages_own_script_and_style(form):
    html = form.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"(src|href)=\"(https?:)?//", html)
    assert "fetch(" not in html
    assert "XMLHttpRequest" not in html


def test_the_answer_sets_reach_every_kind_of_verdict(answers):
    readings = Counter(answer["reading"] for answer in answers[1])
    assert len(readings) == 7
    assert min(readings.values()) > 20


# --- the same verdict ---------------------------------------------------------------------------------------------


def test_chromium_and_python_agree_on_ten_thousand_answer_sets(page, answers):
    sets, expected = answers
    page.run("window.rules = JSON.parse(document.getElementById('rules').textContent); 0")
    for start in range(0, len(sets), 1000):
        batch = json.dumps(sets[start : start + 1000])
        found = json.loads(page.run(f"JSON.stringify({SETS.JS_ANSWER}(window.rules, {batch}))"))
        assert found == expected[start : start + 1000]


def test_node_and_python_agree_on_ten_thousand_answer_sets(answers, tmp_path):
    if not shutil.which("node"):
        pytest.skip("no node here")
    sets, expected = answers
    engine = (Path(load_rubric.__wrapped__.__code__.co_filename).parent / "form_parts" / "engine.js").read_text("utf-8")
    (tmp_path / "in.json").write_text(json.dumps([form_rules(load_rubric()), sets]), encoding="utf-8")
    (tmp_path / "run.js").write_text(
        f"{engine}\nconst [rules, sets] = JSON.parse(require('fs').readFileSync(process.argv[2]));\n"
        f"process.stdout.write(JSON.stringify({SETS.JS_ANSWER}(rules, sets)));",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["node", "run.js", "in.json"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout) == expected


WHOLE = {"criterion": "IM1", "low": 3, "high": 4, "kind": "fact", "quote": "open", "source": "LGA", "dated": "2023"}
BROKEN = (
    {}, {"low": None}, {"low": 0}, {"high": 5}, {"low": 4, "high": 3}, {"kind": ""}, {"kind": "verdict"}, {"quote": ""},
    {"source": ""}, {"kind": "label", "quote": "", "source": ""}, {"kind": "label", "source": ""},
    {"kind": "data", "source": ""}, {"dated": ""}, {"dated": "2023-02-30"}, {"dated": "2023-2"}, {"dated": "0000"},
    {"dated": "2099"}, {"dated": "2024-02-29"}, {"dated": "2023-13"}, {"criterion": "XX1"}, {"low": 2.5},
    {"quote": "QEDs are feasible and appropriate"}, {"quote": "A QED protocol"}, {"quote": "will adopt theory-based methods"},
)  # fmt: skip


@pytest.mark.parametrize("change", BROKEN)
def test_what_the_page_counts_is_what_python_reads(page, change):
    fact = {**WHOLE, **change}
    try:
        parse_profile({"area": "A", "facts": [fact]})
        readable = True
    except BadInput:
        readable = False
    rules = "JSON.parse(document.getElementById('rules').textContent)"
    today = date.today().isoformat()
    found = page.run(f"hubevalEngine.problems({rules}, {json.dumps(fact)}, {today!r}, '').length")
    assert (found == 0) == readable


# --- the page in use ----------------------------------------------------------------------------------------------

FILL = """((criterion, fact) => {
  document.querySelector(`#${criterion} .add`).click();
  const entry = [...document.querySelectorAll(`#${criterion} .entry`)].pop();
  for (const [name, value] of Object.entries(fact)) {
    const control = entry.querySelector(`[name="${name}"]`);
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
})"""


def fill(page, criterion, **fact):
    page.run(f"{FILL}({criterion!r}, {json.dumps(fact)})")


def save(page, folder):
    page.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    page.run("document.getElementById('save').click()")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        done = [path for path in folder.iterdir() if path.suffix == ".json"]
        if done:
            return done[0]
        time.sleep(0.05)
    raise AssertionError("nothing was saved")


def upload(page, path):
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=root, selector="#open")["nodeId"]
    page.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if page.run("document.getElementById('saved').textContent"):
            return page.run("document.getElementById('saved').textContent")
        time.sleep(0.05)
    raise AssertionError("nothing was opened")


def test_a_blank_form_is_not_enough_evidence_and_asks_for_nothing_from_the_network(page, form):
    assert page.run("document.getElementById('verdict').textContent") == "Not enough evidence"
    assert page.requests() == [form.resolve().as_uri()]
    assert not [event for event in page.events if event.get("method") in {"Log.entryAdded", "Runtime.exceptionThrown"}]


def test_the_network_is_shut(page):
    asked = "fetch('https://example.org/').then(() => 'open', () => 'shut')"
    assert page.run(asked) == "shut"


def test_an_answer_changes_the_verdict_and_names_its_reason(page):
    fill(page, "IM1", low="1", high="2", kind="label", quote="still developing", source="News", dated="2021-11-17")
    assert page.run("document.getElementById('verdict').textContent") == "theory-based (foundations)"
    assert "still developing" in page.run("document.getElementById('reasons').textContent")
    assert page.run("document.getElementById('IM1-state').textContent") == "Level 1 to 2."


def test_an_unfinished_answer_is_not_counted_and_says_why(page):
    fill(page, "IM1", low="1", high="2", kind="fact")
    assert page.run("document.getElementById('verdict').textContent") == "Not enough evidence"
    assert "Not counted yet." in page.run("document.querySelector('#IM1 .not-counted').textContent")


def test_a_conflict_is_shown(page):
    fill(page, "IM1", low="3", high="4", kind="label", quote="mature", source="A", dated="2021")
    fill(page, "IM1", low="1", high="2", kind="label", quote="starting", source="B", dated="2021")
    assert "contradicts itself" in page.run("document.getElementById('IM1-state').textContent")


def test_saved_answers_give_the_same_verdict_in_python(page, tmp_path):
    page.run("document.getElementById('area').value = 'Anytown'; document.getElementById('access-yes').click()")
    fill(page, "IM1", low="4", high="4", kind="fact", quote="open since 2017", source="Council", dated="2023")
    fill(page, "DS1", low="3", high="4", kind="document", quote="one record", source="Data dictionary", dated="2024-05")
    path = save(page, tmp_path)
    assert path.name == "anytown.json"
    readiness = assess(read_profile(path))
    shown = page.run("document.getElementById('verdict').textContent")
    assert shown == f"{readiness.route} ({readiness.status})" == "quasi-experimental (provisional)"
    assert readiness.profile.access is True


@pytest.mark.parametrize("area", ["essex", "sefton", "lincolnshire"])
def test_a_profile_opens_in_the_form_and_comes_back_unchanged(page, root, tmp_path, area):
    profile = read_profile(root / "designs" / area / "profile.toml")
    source = tmp_path / "in" / "answers.json"
    source.parent.mkdir()
    source.write_text(json.dumps(profile.to_dict()), encoding="utf-8")
    assert f"{len(profile.facts)} pieces of evidence" in upload(page, source)
    readiness = assess(profile)
    assert page.run("document.getElementById('verdict').textContent") == f"{readiness.route} ({readiness.status})"
    again = read_profile(save(page, tmp_path))
    assert again.to_dict() == {**profile.to_dict(), "facts": again.to_dict()["facts"]}
    in_order = sorted(profile.facts, key=lambda fact: CRITERIA.index(fact.criterion))
    assert list(again.facts) == in_order


@pytest.mark.parametrize(
    ("text", "says"),
    [("[1]", "does not hold a profile"), ("{", "is not JSON"), ('{"area": "A", "strange": 1}', "keys the form does not"),
     ('{"facts": [{"criterion": "ZZ9"}]}', "1 of its facts"), ('{"facts": 3}', "not a list")],
)  # fmt: skip
def test_a_file_that_cannot_be_kept_whole_is_not_opened(page, tmp_path, text, says):
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="utf-8")
    assert says in upload(page, path)


def test_hostile_answers_are_text(page, tmp_path):
    evil = "<img src=x onerror=\"document.title='owned'\">"
    path = tmp_path / "answers.json"
    fact = {"criterion": "IM1", "low": 1, "high": 2, "kind": "fact", "quote": evil, "source": evil, "dated": "2023"}
    path.write_text(json.dumps({"area": evil, "facts": [fact]}), encoding="utf-8")
    upload(page, path)
    assert evil in page.run("document.getElementById('reasons').textContent")
    assert page.run("document.querySelectorAll('img').length") == 0
    assert "owned" not in page.run("document.title")


def test_saving_with_problems_lists_them_and_makes_a_draft(page, tmp_path):
    fill(page, "IM1", low="1", high="2", kind="fact")
    path = save(page, tmp_path)
    assert path.name == "area-draft.json"
    problems = page.run("[...document.querySelectorAll('#problem-list a')].map((a) => a.textContent)")
    assert problems[0] == "Name the area."
    assert all(text.startswith("Evidence 1 on IM1:") for text in problems[1:])
    with pytest.raises(BadInput):
        read_profile(path)


def test_everything_can_be_reached_and_worked_from_the_keyboard(page):
    page.run("document.querySelector('#IM1 .add').focus()")
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
    page.call("Input.dispatchKeyEvent", type="keyDown", **key)
    page.call("Input.dispatchKeyEvent", type="keyUp", **key)
    assert page.run("document.activeElement.name") == "low"
    page.run("document.querySelector('#IM1 .remove').click()")
    assert page.run("document.activeElement.dataset.criterion") == "IM1"
    unlabelled = """[...document.querySelectorAll('input,select,textarea')].filter(
        (c) => !c.labels || !c.labels.length).length"""
    assert page.run(unlabelled) == 0


def violations(page, axe):
    page.run(f"{axe}; 0")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = json.dumps({"runOnly": {"type": "tag", "values": tags}})
    script = f"axe.run(document, {options}).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    return page.run(script)


def test_axe_finds_nothing_in_the_form_blank_or_filled(page, axe):
    assert violations(page, axe) == []
    fill(page, "IM1", low="1", high="2", kind="label", quote="still developing", source="News", dated="2021")
    fill(page, "DS1", low="1", high="2", kind="fact")
    page.run("document.getElementById('save').click()")
    assert violations(page, axe) == []


def test_axe_finds_nothing_in_the_portfolio(browser, axe, root, tmp_path):
    from hubeval.release.pages import release_portfolio
    from hubeval.report.portfolio import write_portfolio

    paths = [root / "designs" / area / "profile.toml" for area in ("sefton", "essex")]
    write_portfolio(release_portfolio([assess(read_profile(path)) for path in paths]), tmp_path)
    for name in ("index.html", "areas/sefton.html"):
        browser.open(tmp_path / name)
        assert violations(browser, axe) == []


def test_every_areas_verdict_prints_on_one_page(browser, root, tmp_path):
    """The annex starts on a new page; all before it must fit into A4 less the usual margins, 718 by 1047 pixels."""
    from hubeval.release.pages import release_portfolio
    from hubeval.report.portfolio import write_portfolio

    found = [assess(read_profile(path)) for path in (root / "designs").glob("*/profile.toml")]
    write_portfolio(release_portfolio(found), tmp_path)
    size = {"width": 718, "height": 1047, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.call("Emulation.setDeviceMetricsOverride", **size)
    try:
        for page in sorted((tmp_path / "areas").glob("*.html")):
            browser.open(page)
            annex = browser.run("document.querySelector('.annex').getBoundingClientRect().top + scrollY")
            assert 300 < annex < 1047, page.name
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")
        browser.call("Emulation.setEmulatedMedia", media="")
