"""Terms explain themselves once a page, in text alone, and no words are lost."""

from __future__ import annotations

import re

import pytest

from hubeval.report import render_html
from hubeval.report.glossary import explained, glossary


def plain(page):
    return re.sub(r"<[^>]*>", "", page)


def test_the_first_use_alone_is_marked_and_the_words_stay_as_they_are():
    page = "<p>The ATT rests on parallel trends.</p><p>Parallel trends again, and the ATT; a caliper.</p>"
    made = explained(page)
    assert plain(made) == plain(page)
    assert made.count("<abbr") == 3
    says = {one.term: one.says for one in glossary()}
    assert f'<abbr title="{says["ATT"]}">ATT</abbr>' in made.replace("&#x27;", "'")
    assert ">parallel trends</abbr>" in made


@pytest.mark.parametrize("page", [
    '<p title="ATT">x</p>', "<svg><text>ATT</text></svg>", "<h2>Overlap</h2>", '<a href="x">ATT</a>', "<style>.ATT{}</style>",
    "<code>ATT</code>", '<abbr title="x">ATT</abbr>', "<p>attribute, overlapping, powerful, ITSELF, non-ATT</p>",
])  # fmt: skip
def test_what_is_no_text_or_no_term_is_left_alone(page):
    assert explained(page) == page


def test_text_after_what_is_left_alone_is_explained_again():
    assert "<abbr" in explained("<p><code>x</code> the ATT</p><svg><g/></svg>").replace("x", "")
    assert ">ATT</abbr>" in explained("<svg><text>ATT</text></svg><p>ATT</p>")


def test_a_quote_or_a_mark_in_the_words_cannot_leave_the_title():
    for one in glossary():
        made = explained(f"<p>{one.short or one.term}</p>")
        title = re.search(r'<abbr title="([^"]*)">', made)
        assert title, one.term
        assert "<" not in title[1]


def test_a_report_explains_its_terms_once_each_in_no_drawing_and_in_no_number(released):
    page = render_html(released)
    marked = re.findall(r'<abbr title="[^"]*">([^<]*)</abbr>', page)
    assert len(marked) >= 5
    assert len({word.casefold() for word in marked}) == len(marked)
    assert not any("<abbr" in svg for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert "<abbr" not in re.search(r"<head>.*?</head>", page, re.DOTALL)[0]
