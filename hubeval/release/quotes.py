"""Whose words may leave: quotes of people need a recorded clearance, kept in one file beside the theory or profile."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - the reader looks it up at run time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import Door, Problem
from hubeval.reading import Reader
from hubeval.release.words import Clearance, quote_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE = "clearances.toml"
SAID = {"interview", "survey", "observation"}  # kinds of evidence that are of people, whatever the source is called
_PEOPLE = re.compile(
    r"\b(?:interview\w*|focus group\w*|questionnaire\w*|survey responses?|free text|comments? (?:card|box|book)\w*|"
    r"case ?notes?|case files?|diar(?:y|ies)|conversations?|told us|field ?notes?|testimon\w*|workshops? with)\b",
    re.IGNORECASE,
)

# whatever the source is called: somebody speaks
_ONESELF = re.compile(r"\bI\b|\bI['’]|\b(?:[Mm]y|[Mm]e|[Mm]ine|[Mm]yself)\b")
_PUBLISHED = re.compile(
    r"\b(?:reports?|papers?|minutes|news\w*|articles?|journal|press|published|web ?sites?|strategy|reviews?|"
    r"stud(?:y|ies)|doi)\b|https?://",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedSource:
    """One recorded clearance: of which source, by whom, when, and what was changed in the words.

    Parameters
    ----------
    source : str
        The source, written as the quotes name it: a group of people, never one of them.
    by : str
    dated : date
    changed : str
    """

    source: str
    by: str
    dated: date
    changed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Every recorded clearance, by source; and how many people hold each role, for one holder is named by it."""

    sources: Mapping[str, Clearance] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)


def read_cleared(folder: str | Path) -> Cleared:
    """The clearances in ``clearances.toml`` of a folder; none where there is no such file.

    Raises
    ------
    BadInput
        A clearance without who or when, an unknown key, or a number of holders that is none.
    """
    where = Path(folder) / FILE
    if not where.is_file():
        return Cleared()
    raw = files.read_toml(where, FILE)
    reader = Reader(files.read_text(where, FILE), Door())
    found = reader.many(ClearedSource, raw.pop("clearances", None), "clearances")
    roles = raw.pop("roles", {})
    whole = isinstance(roles, dict) and all(isinstance(n, int) and not isinstance(n, bool) for n in roles.values())
    if not whole:
        reader.door.refuse("roles", "not a number for each role", '"hub manager" = 1', "Write how many hold it.")
    for key in raw:
        reader.door.refuse(FILE, f"unknown key {key!r}", "[[clearances]] and [roles]", "Take it out.")
    for one in found:
        if not one.by.strip() or not one.source.strip():
            reader.door.refuse("clearances", "one without whose words or who cleared them", "both", "Fill them in.")
    reader.door.close()
    cleared = {one.source: Clearance(by=one.by, dated=one.dated, changed=one.changed) for one in found}
    return Cleared(sources=cleared, roles=roles)


def cleared_beside(paths: Iterable[str | Path]) -> Cleared:
    """The clearances beside each of several files, together; of one role the fewest holders count.

    Raises
    ------
    BadInput
        As `read_cleared`.
    """
    found = [read_cleared(folder) for folder in dict.fromkeys(Path(path).parent for path in paths)]
    roles: dict[str, int] = {}
    for one in found:
        roles |= {role: min(n, roles.get(role, n)) for role, n in one.roles.items()}
    return Cleared(sources={key: value for one in found for key, value in one.sources.items()}, roles=roles)


def of_people(quote: Mapping[str, Any]) -> bool:
    """Whether a quote is what people said or what was noted of them, and not the words of a published document.

    Examples
    --------
    >>> of_people({"quote": "It helped.", "source": "Interviews with parents"})
    True
    >>> of_people({"quote": "12 hubs opened", "source": "Cabinet paper, 4 March 2024"})
    False
    >>> of_people({"quote": "It kept me going.", "source": "Annual note", "kind": "document"})
    True
    """
    source = str(quote.get("source", ""))
    if quote.get("kind") in SAID or _PEOPLE.search(source) or _ONESELF.search(str(quote.get("quote", ""))):
        return True
    return quote.get("kind") == "opinion" and not _PUBLISHED.search(source)


def quotes_not_cleared(whose: str, value: Any, cleared: Cleared) -> list[Problem]:
    """What is wrong with each quote of people in nested values: where it stands, but never what it says."""
    cure = f"Record who cleared them and when in {FILE} beside it, under that source, or take the quote out."
    return [
        Problem(f"{whose}: {place}", f"somebody's words with {found}", "words that were cleared to leave", cure)
        for place, quote in _quotes(value, "")
        for found in quote_problems(quote["quote"], cleared.sources.get(str(quote.get("source"))), roles=cleared.roles)
    ]


def without_quotes(value: Any, cleared: Cleared, instead: str) -> Any:
    """Nested values with each quote of people that may not leave put as `instead`, wherever it is repeated.

    Examples
    --------
    >>> fact = {"quote": "It helped.", "source": "Interviews with parents", "says": "Parents: “It helped.”"}
    >>> without_quotes(fact, Cleared(), "…")["says"]
    'Parents: “…”'
    """
    gone = {
        quote["quote"] for _, quote in _quotes(value, "")
        if quote_problems(quote["quote"], cleared.sources.get(str(quote.get("source"))), roles=cleared.roles)
    }  # fmt: skip
    return _put(value, sorted(gone, key=len, reverse=True), instead) if gone else value


def _put(value: Any, gone: list[str], instead: str) -> Any:
    if isinstance(value, dict):
        return {key: _put(item, gone, instead) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_put(item, gone, instead) for item in value]
    if isinstance(value, str):
        for quote in gone:
            value = value.replace(quote, instead)
    return value


def _quotes(value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every quote of people in nested values, with where it stands."""
    if isinstance(value, dict):
        if value.get("quote") and of_people(value):
            yield place, value
        for key, item in value.items():
            yield from _quotes(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _quotes(item, f"{place} {i + 1}")
