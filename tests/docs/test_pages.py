"""What pages claim of the code is so: refusals are the code's, terms are explained, numbers are those of the files."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

import pytest

from tests.conftest import ROOT


@cache
def literals():
    """Every text in the package, with what changes from case to case left out."""
    found = []
    for path in (ROOT / "hubeval").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found).lower()


def quoted():
    text = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize("words", quoted())
def test_a_refusal_that_is_quoted_is_one_the_code_makes(words):
    assert words.lower() in literals()


def rows(page):
    """Cells of the tables of a page."""
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| there"):
            yield [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]


def test_what_a_package_is_called_here_is_what_it_is_called(monkeypatch):
    from hubeval.methods import ROOMS, did, its, matching, synth
    from hubeval.methods.matching.capabilities import CAPABILITIES
    from hubeval.protocol import DESIGNS

    homes = {"did": did, "its": its, "matching": matching, "synth": synth}
    known = {"kind": set(ROOMS), "estimator": {"two-way"}, "method": set()}
    for design in DESIGNS.values() if isinstance(DESIGNS, dict) else DESIGNS:
        known.setdefault("keys", set()).update(design.__dataclass_fields__)
    seen = 0
    for _, declared, called in rows("coming-from.md"):
        for room, name in re.findall(r"`(did|its|matching|synth)\.(\w+)`", called):
            assert hasattr(homes[room], name), called
            seen += 1
        for key, value in re.findall(r'`(\w+) = "([^"]+)"', declared):
            assert key == "kind" or key in known["keys"], declared
            assert f'"{value}"' in _sources() or value in CAPABILITIES, declared
    assert seen > 20


@cache
def _sources():
    folders = (ROOT / "hubeval" / "methods", ROOT / "hubeval" / "protocol")
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))


def test_every_sentence_quoted_from_the_worked_report_is_in_it(worked):
    found = worked("essex-style/protocol.toml")
    said = " ".join([found.headline, *found.summary.not_shown, *(one.reading for one in [*found.diagnostics, *found.probes])])
    quotes = re.findall(r"^> (.*)$", (ROOT / "docs" / "reading.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(quotes) >= 6
    for quote in quotes:
        assert quote in said, quote
    text = (ROOT / "designs" / "essex-style" / "README.md").read_text(encoding="utf-8")
    head = found.headline_terms[0]
    low, high = (f"−{abs(one):.3g}" for one in (head.conf_low, head.conf_high))
    assert f"−{abs(head.estimate):.3g} (95% interval {low} to {high})" in text
    assert f"{re.search(r'by ([0-9.]+) times the largest', said)[1]} times as large" in text
    truth = tomllib.loads((ROOT / "synthetic_data" / "essex-style" / "truth.toml").read_text(encoding="utf-8"))
    shown = f"−{abs(truth['referrals_per_10k']['att']):.2f}"
    assert shown in text
    assert shown in (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")


def test_the_glossary_explains_every_term_once_and_leads_to_pages_there_are():
    terms = tomllib.loads((ROOT / "hubeval" / "report" / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    assert len({one["term"] for one in terms}) == len(terms) > 40
    shorts = [one["short"] for one in terms if "short" in one]
    assert len(set(shorts)) == len(shorts)
    for one in terms:
        assert one["says"].endswith("."), one["term"]
        assert "page" not in one or (ROOT / "docs" / one["page"]).exists()


def test_every_design_of_the_readiness_model_is_in_the_glossary():
    from hubeval.readiness import load_rubric

    terms = tomllib.loads((ROOT / "hubeval" / "report" / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    assert {design.id for design in load_rubric().designs} <= {one.get("short") for one in terms}


def test_made_up_examples_are_counted_and_named_as_they_are():
    there = sorted(path.parent.name for path in (ROOT / "synthetic_data").glob("*/truth.toml"))
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    number, named = re.search(r"(\w+) made-up ones with a known truth\s+\(([^)]*)\)", text).groups()
    assert re.findall(r"`([\w-]+)`", named) == there
    assert number == {8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}[len(there)]


def test_areas_are_counted_as_they_are():
    folders = [path.parent for path in (ROOT / "designs").glob("*/profile.toml")]
    published = sorted(tomllib.loads((one / "profile.toml").read_text(encoding="utf-8"))["area"] for one in folders)
    words = {10: "ten", 11: "eleven", 12: "twelve"}
    n = len({name.split(" (")[0] for name in published})  # Essex stands twice, from two sources
    assert len(published) == n + 1
    for page in ("README.md", "docs/index.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert f"{words[n]} published areas" in text, (page, n)
        assert not any(f"{word} published areas" in text for number, word in words.items() if number != n)


def entry(what):
    text = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    body = re.search(rf'```toml title="{what}"\n(.*?)```', text, re.DOTALL)
    return tomllib.loads("\n".join(line.strip() for line in body[1].splitlines()))


def test_the_outcome_that_the_page_adds_is_read(monkeypatch):
    from hubeval.data import catalogue

    added = entry("outcome")["outcomes"]
    raw = catalogue._raw()
    monkeypatch.setattr(catalogue, "_raw", lambda: {**raw, "outcomes": [*raw["outcomes"], *added]})
    catalogue.outcomes.cache_clear()
    try:
        found = catalogue.entry(added[0]["id"])
        assert tomllib.loads(found.toml("share"))["outcomes"][0]["measure"] == added[0]["id"]
    finally:
        monkeypatch.undo()
        catalogue.outcomes.cache_clear()


def test_the_event_that_the_page_adds_is_read_from_a_file_of_ones_own(tmp_path):
    from hubeval.data.calendar import known
    from hubeval.protocol import read_protocol

    text = (ROOT / "designs" / "essex-style" / "protocol.toml").read_text(encoding="utf-8")
    (tmp_path / "protocol.toml").write_text(text.replace("[data]", 'calendar = "own.toml"\n\n[data]', 1), encoding="utf-8")
    page = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(re.search(r'```toml title="event"\n(.*?)```', page, re.DOTALL)[1], encoding="utf-8")
    ids = [event.id for event in known(read_protocol(tmp_path / "protocol.toml")).events]
    assert "our-early-help-redesign" in ids


@pytest.mark.parametrize("page", ["adding.md", "release-checklist.md", "decisions/index.md"])
def test_every_path_that_a_page_names_is_there(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:hubeval|tests|docs|designs)/[\w./-]+|[\w-]+\.(?:toml|yml|cff|txt))`", text)
    own = {"own.toml"}
    assert [one for one in named if one not in own and not (ROOT / one).exists()] == []


def test_every_name_that_the_page_on_adding_gives_stands_in_a_file_that_it_names():
    text = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    paths = [ROOT / one for one in re.findall(r"`((?:hubeval|tests|docs)/[\w./-]+\.(?:py|toml))`", text)]
    held = set(re.findall(r"\w+", "\n".join(path.read_text(encoding="utf-8") for path in paths)))
    named = set(re.findall(r"`(\w+)`", text))
    assert {"FAMILY", "PATHS", "WAYS", "TABLE", "RECORDS", "KINDS"} <= named
    assert named - held == set()
    for path in re.findall(r"(?:pytest |(?<=\.py ))(tests/[\w/]+(?:\.py)?)", text):
        assert (ROOT / path).exists(), path


def test_the_version_is_one():
    import hubeval

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert project["version"] == hubeval.__version__ == cited


def test_what_pages_count_is_what_the_files_hold():
    from hubeval.data.catalogue import economic, outcomes
    from hubeval.readiness import load_rubric

    counted = f"{len(outcomes())} outcomes and {len(economic())} economic measures"
    for page in ("docs/data.md", "CHANGELOG.md"):
        assert counted in " ".join((ROOT / page).read_text(encoding="utf-8").split()), page
    n = len(load_rubric().criteria)
    for page in ("docs/readiness.md", "docs/tutorials/analyst.md"):
        assert set(re.findall(r"(\d+) criteria", (ROOT / page).read_text(encoding="utf-8"))) <= {str(n)}, page


@pytest.mark.parametrize("name", ["single-authority", pytest.param("families-style", marks=pytest.mark.slow)])
def test_what_a_worked_example_says_comes_back_is_what_comes_back(worked, name):
    text = " ".join((ROOT / "designs" / name / "README.md").read_text(encoding="utf-8").split())
    head = worked(f"{name}/protocol.toml").headline_terms[0]
    low, high = (f"−{abs(one):.2f}" for one in (head.conf_low, head.conf_high))
    assert f"−{abs(head.estimate):.2f}" in text
    assert f"{low} to {high}" in text
