"""One A4 page that says no more than was released, in words that most people can read, on paper and on a telephone."""

from __future__ import annotations

import base64
import json
import re
from html import unescape

import pytest

from hubeval.headline import placed
from hubeval.profile import Profile, read_profile
from hubeval.readiness import assess
from hubeval.release import released as made
from hubeval.release.pages import release_plan, release_portfolio
from hubeval.release.released import Released
from hubeval.report.brief.area import NEXT, VERDICTS, area_brief, portfolio_brief
from hubeval.report.brief.evaluated import _ON_WORTH, evaluation_brief
from hubeval.report.brief.page import cut
from hubeval.report.drawing import draw_svg
from hubeval.report.plan import plan_files
from hubeval.report.portfolio import write_portfolio
from hubeval.theory import plan_from
from tests.conftest import ROOT

AREAS = sorted((ROOT / "designs").glob("*/profile.toml"))


@pytest.fixture(scope="module")
def readinesses():
    return [assess(read_profile(path)) for path in AREAS]


@pytest.fixture(scope="module")
def pages(readinesses, result):
    """Every brief that is shipped, by name."""
    found = {readiness.area: area_brief(readiness, "The rest is elsewhere.") for readiness in readinesses}
    found["all"] = portfolio_brief(readinesses)
    found["plan"] = plan_files(release_plan(plan_from(ROOT / "designs/bristol/theory.toml")))["brief.html"]
    found["evaluation"] = evaluation_brief(passed(result), [draw_svg(result["figures"][0])])
    return found


def passed(result):
    return Released(result, (), seal=made._SEAL)


def words(page):
    """What a reader reads: no head, no picture, no tags."""
    body = re.sub(r"<(svg|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"</?(p|li|h\d|td|th)\b[^>]*>", " . ", body).replace(" . ", "\n")))


def changed(result, **keys):
    value = json.loads(json.dumps(result))
    head = value["headline_terms"][0]
    head.update({key: keys[key] for key in keys if key in head})
    return value


def syllables(word):
    found = len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))
    return max(found, 1)


def grade(text):
    """Flesch-Kincaid grade (Kincaid and others 1975); a reading age is about five years more."""
    sentences = [s for s in re.split(r"[.!?:;]\s", text) if re.search(r"[a-z]", s)]
    said = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(said) / len(sentences) + 11.8 * sum(map(syllables, said)) / len(said) - 15.59


def test_our_own_sentences_can_be_read_at_fourteen(readinesses):
    ours = [*VERDICTS.values(), *NEXT.values(), *_ON_WORTH.values()]
    assert grade(" ".join(ours)) < 9
    assert all(len(sentence.split()) <= 30 for text in ours for sentence in re.split(r"(?<=[.!?]) ", text))


def test_no_abbreviation_and_no_code_of_ours_stands_on_a_page(pages):
    codes = re.compile(r"\b(?:IM|TO|DS|CA|ST|GE)\d\b|\b(?:DiD|ITS|CITS|PSM|SCM|SDID|RDD|QCA|ATT|SMD)\b")
    for name, page in pages.items():
        assert not codes.findall(words(page)), name


def test_every_page_answers_asks_and_says_what_comes_next(pages, readinesses):
    for readiness in readinesses:
        said = words(pages[readiness.area])
        assert VERDICTS[readiness.status] in said
        assert NEXT[readiness.status] in said
        assert "A paragraph for the council" in said
        for item in readiness.roadmap.find_out[:3]:
            assert cut(item.who, 140) in said
        assert "No prices are shown" in said
    assert all(readiness.area in words(pages["all"]) for readiness in readinesses)


def test_the_page_of_an_evaluation_takes_its_numbers_from_the_headline(pages, result):
    said = words(pages["evaluation"])
    first = result["headline"]["text"].split(". That is")[0]
    assert first in said
    assert all(line in said for line in result["headline"]["not_shown"][:3])
    assert "Bear in mind" not in said
    checks = [c for c in (*result["diagnostics"], *result["probes"]) if c["status"] != "information"]
    assert f"{len(checks)} checks were made" in said


@pytest.mark.parametrize(
    ("low", "high", "place"),
    [(-9.0, -4.0, "at least"), (-9.0, -1.0, "not settled"), (-2.0, -1.0, "smaller"), (-2.0, 1.0, "none, and none large"), (-9.0, 4.0, "none, or large")],
)  # fmt: skip
def test_what_to_do_follows_from_where_the_interval_lies(result, low, high, place):
    value = changed(result, estimate=(low + high) / 2, conf_low=low, conf_high=high)
    assert placed(low, high, 3.0) == place
    said = words(evaluation_brief(passed(value), []))
    assert [other for other, text in _ON_WORTH.items() if text in said] == [place]


@pytest.mark.parametrize(("low", "high", "direction", "bad", "better"), [
    (-2.0, 9.0, "lower is better", True, True), (-2.0, 2.0, "lower is better", False, True),
    (-9.0, 2.0, "higher is better", True, True), (-2.0, 2.0, "neither", False, False),
])  # fmt: skip
def test_where_no_large_gain_is_likely_a_large_loss_is_not_passed_over(result, low, high, direction, bad, better):
    value = changed(result, estimate=(low + high) / 2, conf_low=low, conf_high=high)
    next(o for o in value["protocol"]["outcomes"] if o["role"] == "primary")["direction"] = direction
    said = words(evaluation_brief(passed(value), []))
    assert ("A change for the worse as large as that may be there" in said) == bad
    assert ("A change for the better as large as was said to be worthwhile is unlikely" in said) == better
    assert ("A change as large as was said to be worthwhile is unlikely" in said) != better


def test_a_number_that_failed_a_check_or_was_forced_is_not_to_be_decided_on(result):
    value = changed(result)
    value["probes"][0]["status"] = "fail"
    said = words(evaluation_brief(passed(value), []))
    assert "At least one check failed" in said
    assert not [text for text in _ON_WORTH.values() if text in said]
    value = changed(result)
    value["provenance"]["despite"] = "the board asked"
    assert "The area was not ready" in words(evaluation_brief(passed(value), []))


def test_a_change_for_the_worse_no_worth_declared_and_no_number(result):
    worse = words(evaluation_brief(passed(changed(result, estimate=5.0, conf_low=4.0, conf_high=6.0)), []))
    assert "The change is for the worse" in worse
    value = changed(result)
    value["protocol"]["outcomes"][0]["smallest_worthwhile"] = None
    assert "how large a change would be worthwhile" in words(evaluation_brief(passed(value), []))
    value["headline_terms"] = []
    assert "There is no number to decide on" in words(evaluation_brief(passed(value), []))
    gone = changed(result)
    gone["headline_terms"] = gone["headline_terms"][1:]  # the primary outcome withheld
    assert "There is no number to decide on" in words(evaluation_brief(passed(gone), []))
    bare = words(evaluation_brief(passed(changed(result, conf_low=None, conf_high=None)), []))
    assert "There is no interval around the number" in bare


def test_an_area_of_which_nothing_is_known_gets_a_page():
    said = words(area_brief(assess(Profile(area="Anywhere <b>")), "x"))
    assert VERDICTS["undecided"] in said
    assert "Not known. That is not a weakness." in said
    assert "Anywhere <b>" in said


def test_folders_hold_their_briefs(readinesses, tmp_path):
    write_portfolio(release_portfolio(readinesses[:2]), tmp_path / "two")
    assert len(list((tmp_path / "two" / "briefs").glob("*.html"))) == 2
    write_portfolio(release_portfolio(readinesses[:1]), tmp_path / "one")
    assert readinesses[0].area in (tmp_path / "one" / "brief.html").read_text("utf-8")
    assert not (tmp_path / "one" / "briefs").exists()
    assert "At a glance" in (tmp_path / "two" / "index.html").read_text("utf-8")


def test_long_words_are_cut_where_a_word_ends():
    assert cut("a " * 400).endswith(" …")
    assert len(cut("word " * 400)) <= 262


def test_each_prints_on_one_page_and_none_scrolls_sideways(browser, pages, tmp_path):
    long = Profile(area="An area with a name that goes on for quite some time in the north of the county")
    every = {**pages, "long": area_brief(assess(long), "x " * 40)}
    for name, page in every.items():
        path = tmp_path / "page.html"
        path.write_text(page, encoding="utf-8")
        browser.call("Emulation.setDeviceMetricsOverride", width=320, height=700, deviceScaleFactor=1, mobile=True)
        browser.open(path)
        assert browser.run("document.documentElement.scrollWidth") <= 320, name
        browser.call("Emulation.clearDeviceMetricsOverride")
        pdf = base64.b64decode(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, name
        assert len(pdf) < 1_000_000


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_axe_finds_nothing_in_a_brief(browser, axe, pages, tmp_path, width):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500)
    browser.call("Page.setBypassCSP", enabled=True)
    try:
        for name in ("all", "plan", "evaluation", "Bristol"):
            path = tmp_path / "page.html"
            path.write_text(pages[name], encoding="utf-8")
            browser.open(path)
            browser.run(f"{axe}; 0")
            tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
            options = json.dumps({"runOnly": {"type": "tag", "values": tags}})
            assert browser.run(f"axe.run(document, {options}).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))") == [], name
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")
        browser.call("Page.setBypassCSP", enabled=False)
