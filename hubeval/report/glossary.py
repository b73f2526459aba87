"""Terms that explain themselves on a page: the first use of each carries the glossary's words as its hover text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from importlib.resources import files as resources

_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"</?([a-zA-Z][\w-]*)")
# elements in which nothing is explained: what is no text, what is drawn, what leads elsewhere, and titles of parts
_LEFT = {"abbr", "a", "button", "code", "dt", "h1", "h2", "h3", "h4", "head", "nav", "pre", "script", "style", "svg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term with what it means; `short` where it is, or has, an abbreviation; `page` where more is said."""

    term: str
    says: str
    short: str = ""
    page: str = ""


@cache
def glossary() -> tuple[Term, ...]:
    """The terms, by name."""
    text = (resources("hubeval.report") / "glossary.toml").read_text(encoding="utf-8")
    return tuple(sorted((Term(**one) for one in tomllib.loads(text)["terms"]), key=lambda one: one.term.casefold()))


def explained(page: str) -> str:
    """A page of HTML in which the first use of each term has the glossary's words as hover text.

    Only text is touched: not tags, drawings, links, code, headings, nor what is explained already.

    Examples
    --------
    >>> explained("<h1>Overlap</h1><p>With overlap and a caliper; overlap again.</p>").count("<abbr")
    2
    >>> explained('<p class="ATT">No term here.</p>')
    '<p class="ATT">No term here.</p>'
    """
    left, out, inside = {one: one.says for one in glossary()}, [], 0
    for part in _TAG.split(page):
        if part.startswith("<"):
            inside += _step(part)
            out.append(part)
        else:
            out.append(part if inside else _marked(part, left))
    return "".join(out)


def _step(tag: str) -> int:
    """1 where a tag opens an element that is left alone, -1 where it closes one, 0 otherwise."""
    name = _NAME.match(tag)
    if name is None or name[1].lower() not in _LEFT or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _marked(text: str, left: dict[Term, str]) -> str:
    """Text with the terms that are left to explain marked at their first use; they are then no longer left."""
    found = []
    for one in left:
        match = _pattern(one).search(text)
        if match is not None:
            found.append((match.start(), match.end(), one))
    made, at = [], 0
    for start, end, one in sorted(found, key=lambda span: (span[0], -span[1])):
        if start < at:
            continue  # within a longer term
        title = escape(unescape(left.pop(one)), quote=True)
        made += [text[at:start], f'<abbr title="{title}">', text[start:end], "</abbr>"]
        at = end
    return "".join([*made, text[at:]])


@cache
def _pattern(one: Term) -> re.Pattern[str]:
    """A term in any case at a word's end, also in the plural; an abbreviation only as it is written."""
    ways = [re.escape(one.short)] if one.short else []
    if one.term != one.short:
        ways.append(f"(?i:{re.escape(one.term)}s?)")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(ways)})(?![\w-])")
