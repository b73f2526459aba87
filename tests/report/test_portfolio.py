"""The portfolio shows every area and gate, ranks nothing, lets nothing in, and every state it shows is the JSON's."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser

import pytest

from hubeval.profile import Fact, Profile, read_profile
from hubeval.readiness import assess
from hubeval.readiness.terms import terms_of_reference
from hubeval.release.pages import release_portfolio
from hubeval.report.portfolio import write_portfolio

TODAY = date(2026, 11, 22)


class Rows(HTMLParser):
    """The table cells of a page as rows of text, what only a screen reader hears included."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.cell = [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.cell = []

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.rows[-1].append("".join(self.cell).strip())
            self.cell = None


@pytest.fixture(scope="module")
def readinesses(root):
    paths = sorted((root / "designs").glob("*/profile.toml"))
    return [assess(read_profile(path), today=TODAY) for path in paths]


@pytest.fixture(scope="module")
def folder(readinesses, tmp_path_factory):
    out = tmp_path_factory.mktemp("portfolio")
    write_portfolio(release_portfolio(readinesses), out)
    return out


def grid(folder):
    """The rows of the grid, below the table at a glance; and those of that table."""
    glance, rest = (folder / "index.html").read_text(encoding="utf-8").split("Gate by gate", 1)
    return Rows(rest).rows, Rows(glance).rows


def test_at_a_glance_each_area_has_its_verdict_what_is_known_and_the_next_step(folder, readinesses):
    _, rows = grid(folder)
    assert [row[0] for row in rows[1:]] == [readiness.area for readiness in readinesses]
    for row, readiness in zip(rows[1:], readinesses, strict=True):
        known = sum(finding.status != "unknown" for finding in readiness.findings)
        assert row[2] == f"{known} of {len(readiness.findings)}"
        assert row[3]


def test_every_state_in_the_grid_is_the_one_in_the_json(folder):
    saved = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))
    rows, _ = grid(folder)
    for area in saved["areas"]:
        row = next(row for row in rows if row and row[0] == area["area"])
        gates = [finding for finding in area["findings"] if finding["role"] == "route"]
        for finding, cell in zip(gates, row[2:7], strict=True):
            assert cell[1:] == finding["status"]
        for design, cell in zip(area["designs"].values(), row[7:], strict=True):
            assert design["status"] in cell
            if design["status"] == "not enough evidence":
                assert f"{len(design['wanting'])} unknown" in cell


def test_areas_stand_in_the_order_given(folder, readinesses):
    rows, _ = grid(folder)
    assert [row[0] for row in rows[2 : 2 + len(readinesses)]] == [item.area for item in readinesses]


def test_every_page_stands_alone_and_may_load_nothing(folder):
    pages = [folder / "index.html", *sorted((folder / "areas").glob("*.html"))]
    assert len(pages) > 11
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "default-src 'none'" in html
        assert "<script" not in html
        assert not re.search(r"(src|href)=[\"'](https?:)?//", html)


def test_each_area_has_its_verdict_reasons_and_terms(folder, readinesses):
    for readiness in readinesses:
        slug = re.sub(r"[^a-z0-9]+", "-", readiness.area.lower()).strip("-")
        html = (folder / "areas" / f"{slug}.html").read_text(encoding="utf-8")
        assert readiness.because[0] in html
        assert str(readiness.roadmap.recheck) in html
        for finding in readiness.findings:
            assert finding.question.replace("'", "&#39;") in html
        assert (folder / "areas" / f"{slug}-terms.txt").read_text(encoding="utf-8") == terms_of_reference(readiness)


def test_hostile_names_are_text_and_stay_inside_the_folder(tmp_path):
    evil = "<script>alert(1)</script>"
    fact = Fact(criterion="IM1", low=3, high=4, kind="fact", quote=evil, source="../../x", dated="2026")
    pair = [assess(Profile(area=name, facts=(fact,)), today=TODAY) for name in ("../../etc/" + evil, "///", "...")]
    written = write_portfolio(release_portfolio(pair), tmp_path / "out")
    assert all(path.resolve().is_relative_to((tmp_path / "out").resolve()) for path in written)
    assert len(set(written)) == len(written)
    for path in written:
        if path.suffix == ".html":
            assert evil not in path.read_text(encoding="utf-8")


def test_a_detectable_effect_is_shown_where_one_was_computed(readinesses, tmp_path):
    write_portfolio(release_portfolio(readinesses[:1]), tmp_path, detectable={readinesses[0].area: {"DiD": "4.2 referrals per 10,000"}})
    html = next((tmp_path / "areas").glob("*.html")).read_text(encoding="utf-8")
    assert "4.2 referrals per 10,000" in html
    assert "Not computed" in html


def test_no_areas_make_an_empty_page_and_not_an_error(tmp_path):
    assert "0 areas" in write_portfolio(release_portfolio([]), tmp_path)[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("area", "says"),
    [
        ("Leeds", "Two stages."),
        ("Suffolk", "claims contribution and no effect size"),
        ("Cornwall", "evaluability study"),
    ],
)
def test_terms_of_reference_ask_for_what_the_verdict_allows(readinesses, area, says):
    terms = terms_of_reference(next(item for item in readinesses if item.area == area))
    assert says in terms
    assert "(draft)" in terms


def test_facts_are_counted_in_the_plural(readinesses, tmp_path):
    write_portfolio(release_portfolio(readinesses), tmp_path)
    pages = " ".join(p.read_text(encoding="utf-8") for p in (tmp_path / "areas").glob("*.html"))
    assert re.search(r"[2-9] reported facts", pages)
    assert not re.search(r"\b([2-9]|\d\d) (label|reported fact|document seen)\b", pages)
