"""The report says what the canonical JSON says, and nothing else."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from hubeval.release import released as made
from hubeval.release.released import Released
from hubeval.report import html, outputs, render_html, write_outputs
from hubeval.report.drawing import draw_svg
from hubeval.report.flow import flow_of
from hubeval.report.numbers import minus, shown, shown_p
from hubeval.report.outputs import safe_cell
from hubeval.report.text import summary
from hubeval.wording import brief


class Page(HTMLParser):
    """Collects the numbers with a pointer, the words outside figures, and every tag that could load something."""

    def __init__(self):
        super().__init__()
        self.numbers, self.words, self.loads, self.tags = [], [], [], []
        self._pointer, self._skip, self._joined = None, 0, False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        self._pointer = given.get("data-json")
        self._joined = tag == "abbr"  # a term that explains itself stands in the middle of a sentence
        self._skip += tag in {"svg", "style"}
        self.loads += [
            value for key, value in attrs if key in {"src", "href", "xlink:href"} and not value.startswith("#")
        ]

    def handle_endtag(self, tag):
        self._skip -= tag in {"svg", "style"}
        self._joined = tag == "abbr"

    def handle_data(self, data):
        if self._pointer:
            self.numbers.append((self._pointer, data))
            self._pointer = None
        elif self._joined and self.words and not self._skip:
            self.words[-1] += data
        elif not self._skip:
            self.words.append(data)


@pytest.fixture(scope="session")
def page(released):
    parser = Page()
    parser.feed(render_html(released))
    return parser


def at(result, pointer):
    for step in pointer.strip("/").split("/"):
        result = result[int(step)] if isinstance(result, list) else result[step]
    return result


def strings(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif value is not None:
        yield str(value)


def test_every_pointed_number_is_the_one_in_the_json(page, result):
    assert len(page.numbers) > 50
    for pointer, said in page.numbers:
        write = shown_p if pointer.endswith("/p_value") else shown
        assert said == write(at(result, pointer)), pointer


def test_every_other_number_stands_in_a_text_of_the_json(page, result):
    known = " ".join(strings(result)) + " 1 2 " + flow_of(result)["text"]  # tests/report/test_flow.py holds it to the JSON
    for words in page.words:
        for number in re.findall(r"\d[\d.,]*\d|\d", words):
            assert number in known, (number, words)


def test_headline_and_everything_not_shown_are_there(page, result):
    text = " ".join(" ".join(page.words).split())
    assert " ".join(minus(result["headline"]["text"]).split()) in text
    for line in result["headline"]["not_shown"]:
        assert " ".join(minus(line).split()) in text
    for item in result["not_computed"]:
        assert " ".join(minus(item["reason"]).split()) in text


def test_every_diagnostic_has_a_reading_on_the_page(page, result):
    text = " ".join(" ".join(page.words).split())
    for check in (*result["diagnostics"], *result["probes"]):
        assert check["reading"].strip()
        assert " ".join(minus(check["reading"]).split()) in text


def test_nothing_is_loaded_from_anywhere(page, result):
    assert page.loads == []
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert not any(tag == "script" for tag, _ in page.tags)


def test_figures_have_titles_and_text_alternatives(page, result):
    figures = [a for tag, a in page.tags if tag == "svg"]
    assert len(figures) - 1 == len(result["figures"]) >= 2  # and the flow diagram
    assert all(a.get("role") == "img" and a.get("aria-labelledby") for a in figures)
    ids = [a["id"] for _, a in page.tags if "id" in a]
    for a in figures:
        assert set(a["aria-labelledby"].split()) <= set(ids)
    for figure in result["figures"]:
        assert len(figure["text"]) > 40


def test_tables_have_captions_and_scoped_headers(page):
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    assert all(a.get("scope") in {"row", "col"} for tag, a in page.tags if tag == "th")


def test_drawing_twice_gives_the_same_bytes(result):
    for figure in result["figures"]:
        assert draw_svg(figure) == draw_svg(figure)


def test_markup_in_the_data_is_inert(result):
    hostile = json.loads(json.dumps(result).replace(result["area"], "<img src=x onerror=alert(1)>"))
    hostile["figures"][0]["title"] = "<script>alert(1)</script>"
    page = render_html(Released(hostile, (), seal=made._SEAL))
    assert "<img" not in page
    assert "<script" not in page


def test_the_folder_holds_what_the_readme_says(result, released, tmp_path):
    write_outputs(released, tmp_path)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == result
    assert {"report.html", "report.docx", "tables.xlsx", "tables.ods", "provenance.json", "estimates.csv", "figures"} <= {p.name for p in tmp_path.iterdir()}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    drawn = [path.read_text(encoding="utf-8").strip() for path in (tmp_path / "figures").glob("*.svg")]
    assert len(drawn) == len(result["figures"]) + 1  # and the flow diagram
    assert all(svg in page for svg in drawn)


def test_a_folder_draws_each_figure_once(result, released, monkeypatch):
    asked, draw = [], outputs.draw

    def counted(figure):
        asked.append(figure["name"])
        return draw(figure)

    monkeypatch.setattr(outputs, "draw", counted)
    monkeypatch.setattr(html, "draw_svg", counted)
    outputs.outputs(released)
    assert asked == [figure["name"] for figure in result["figures"]]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "@x", "-a", "\tx"])
def test_a_spreadsheet_runs_no_cell(text):
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.0, "0"),
        (28.0, "28"),
        (0.00031, "0.00031"),
        (-0.051234, "−0.0512"),
        (12.345, "12.3"),
        (123.4, "123"),
        (-1234.5, "−1,234"),
        (None, "—"),
    ],
)
def test_numbers_read_well(value, said):
    assert shown(value) == said


@pytest.mark.parametrize(("p", "said"), [(0.0004, "<0.001"), (0.001, "0.001"), (0.5, "0.500"), (1.0, "1.000"), (None, "—")])
def test_a_p_value_is_never_nought(p, said):
    assert shown_p(p) == said


def test_words_on_the_page_write_minus_as_the_tables_do():
    assert minus("(-30.1 to 13.3) in 2019-12, F-3") == "(−30.1 to 13.3) in 2019-12, F-3"


def _figure(**other):
    return {
        "name": "f", "title": "t", "x_label": "across", "y_label": "up", "marks": [], "ticks": [], "horizontal": False,
        "text": "words", **other,
    }  # fmt: skip


def _series(label, values, style="line"):
    return {"label": label, "x": [0, 1, 2], "y": values, "low": [], "high": [], "style": style}


def test_series_without_a_label_are_context_in_light_grey():
    many = [_series("", [k, k, k], "dashed") for k in range(8)]
    svg = draw_svg(_figure(series=[*many, _series("the treated", [1, 2, 3])]))
    assert svg.count("stroke: #c4c4c4") == 8
    assert svg.count("stroke: #111111") >= 1


def test_a_threshold_says_what_it_is():
    marks = [{"label": "two-way -7.8", "x": None, "y": -7.8}, {"label": "zero", "x": None, "y": 0.0}]
    svg = draw_svg(_figure(series=[_series("a", [-9, -8, 1], "points")], marks=marks))
    assert "two-way −7.8" in svg
    assert ">zero<" not in svg


def test_a_band_around_points_drawn_elsewhere_has_no_line_of_its_own():
    points = _series("estimate", [1, 2, 3], "points")
    around = {**_series("band", [1, 2, 3], "band"), "low": [0, 1, 2], "high": [2, 3, 4]}
    alone = {**around, "y": [1.5, 2.5, 3.5]}
    assert "stroke-dasharray" not in draw_svg(_figure(series=[points, around]))
    assert "stroke-dasharray" in draw_svg(_figure(series=[points, alone]))


HEAT = {
    "name": "cohorts", "title": "Effects of two cohorts", "x_label": "period", "y_label": "cohort", "marks": [],
    "ticks": [[0.0, "2014"], [1.0, "2015"]], "horizontal": False, "text": "Two cohorts, two periods; one cell is missing.",
    "series": [
        {"label": "from 2014", "x": [0.0, 1.0], "y": [-8.0, 0.25], "low": [], "high": [], "style": "heat"},
        {"label": "from 2015", "x": [0.0, 1.0], "y": [None, 2.0], "low": [], "high": [], "style": "heat"},
    ],
}  # fmt: skip


def test_a_heat_map_has_its_numbers_in_grey_cells_and_hatches_what_is_not_computed():
    drawn = draw_svg(HEAT)
    for said in ("−8.0", "0.2", "2.0", "from 2014", "from 2015", "2014", "one cell is missing"):
        assert said in drawn
    assert drawn.count("<pattern") == 1
    whole = {**HEAT, "series": [HEAT["series"][0]]}
    assert "<pattern" not in draw_svg(whole)
    for colour in re.findall(r"fill: #([0-9a-f]{6})", drawn):
        assert colour[:2] == colour[2:4] == colour[4:], colour
    assert draw_svg(HEAT) == drawn


def test_outcomes_beside_the_primary_stand_in_a_table_of_their_own_with_their_part(released, result):
    """Only the primary outcome is what the headline rests on."""
    page = render_html(released)
    first = page.index("what the headline rests on")
    second = page.index("Other outcomes, by the part they play")
    roles = {o["label"]: o["role"] for o in result["protocol"]["outcomes"]}
    assert "placebo" in roles.values()
    for place, term in enumerate(result["headline_terms"]):
        stands = page.index(f'data-json="/headline_terms/{place}/estimate"')
        assert (first < stands < second) is (roles[term["outcome"]] == "primary"), term["outcome"]
    assert "placebo outcome: should not move" in re.sub(r"</?abbr[^>]*>", "", page[second:])
    assert "placebo outcome: should not move" in " ".join(summary(released).split())


def test_a_raw_change_that_is_not_the_estimate_is_named_so_and_says_why(result):
    drawn = next(f for f in result["figures"] if f["name"].startswith("trends-"))
    assert "in plain means" in drawn["title"]
    (estimate,) = [brief(t["estimate"]) for t in result["headline_terms"][:1]]
    assert estimate not in drawn["title"]
    assert f"The estimate, {estimate}, is another number because it sets each cohort beside" in drawn["text"]
