"""The page itself: what every brief is made of, and how it is set. What it says is decided beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from hubeval.report.page import environment

_MOST_LINE, _MOST_TEXT = 260, 620  # characters of a line and of a paragraph: more would not leave one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a brief: a heading over lines, or over a small table, or over a paragraph."""

    title: str
    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One page: what it is of, the question, the answer in a box, then sections; one drawn figure at most.

    `more` says where the rest stands; `picture` is an SVG of ours with `caption`.
    """

    kicker: str
    title: str
    answer: str
    sections: tuple[Section, ...]
    more: str
    picture: str = ""
    caption: str = ""
    notice: str = ""


def set_page(brief: Brief) -> str:
    """A brief as one self-contained page of HTML: no script, no network, one side of A4 when printed."""
    drawn = Markup(brief.picture)  # noqa: S704 - drawn by us, every text in it escaped there
    return environment().get_template("brief.html").render(b=brief, drawn=drawn, cut=cut, most=_MOST_TEXT)


def cut(text: str, most: int = _MOST_LINE) -> str:
    """Text that leaves room for the rest: cut after a word, with a sign that it goes on.

    Examples
    --------
    >>> cut("Ask the director.", 200), cut("Ask the director of services.", 18)
    ('Ask the director.', 'Ask the director …')
    """
    if len(text) <= most:
        return text
    return text[:most].rpartition(" ")[0].rstrip(",;: ") + " …"


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph.

    Examples
    --------
    >>> sentences("Referrals fell by 9.93 a quarter. That is better.")
    ['Referrals fell by 9.93 a quarter.', 'That is better.']
    """
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z“(])", text) if part]
