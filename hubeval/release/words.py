"""What words may not carry out: names on the case list, addresses, dates of birth, numbers of persons, small counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hubeval.release.profiles import ReleaseProfile

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "a postcode": re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][ABD-HJLNP-UW-Z]{2}\b"),
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "a telephone number": re.compile(
        r"(?<![\w.])(?:\+44[\s-]?(?:\(0\))?|\(?0)\s?[1-378](?:[\s()-]{0,2}\d){8,9}(?![\w.])"
    ),
    "a pupil number": re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]\b"),
    "a date of birth": re.compile(
        r"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)\b[\s:]*(?:\d{1,2}[\s./-]\w+[\s./-]\d{2,4}|\d{4}-\d{2}-\d{2})",
        re.IGNORECASE,
    ),
}
_TEN = re.compile(r"(?<![\d.])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\d.])")
_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_PERSONS = (
    r"persons?|people|child(?:ren)?|famil(?:y|ies)|records?|rows?|units?|cases?|parents?|mothers?|fathers?|babies|baby|"
    r"pupils?|treated|comparisons?|controls?|pairs?|twins?|households?|respondents?|participants?"
)
_COUNT = re.compile(rf"(?<![\w.,−-])(\d{{1,3}})(?=(?:\s+of\s+\d+)?\s+(?:[a-z-]+\s+)?(?:{_PERSONS})\b)")
_ONE = re.compile(rf"\b(one|two|three|four|five|six|seven|eight|nine)(?=\s+(?:{_PERSONS})\b)", re.IGNORECASE)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SHORT_NUMBER = re.compile(r"[\d.,−-]{1,4}")
_TOKEN = re.compile(r"[^\s,;:()\[\]'\"“”‘’]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """The names and ids that may not be said, as they stand in the records.

    Numbers of up to four digits are left out of `names`: they would be found in every sentence.

    Examples
    --------
    >>> people = CaseList.of(["ZZCHILD-ADA", "Mary Ann Evans", "17"])
    >>> people.found("Leaving out zzchild-ada moves it most.")
    True
    >>> people.found("17 of 20 periods; Mary Anne.")
    False
    """

    names: frozenset[str] = field(default=frozenset())
    phrases: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, names: Iterable[object]) -> CaseList:
        """A case list of these names."""
        told = {str(name).strip().casefold() for name in names}
        told = {name for name in told if name and not _SHORT_NUMBER.fullmatch(name)}
        single = frozenset(name for name in told if _TOKEN.fullmatch(name))
        return cls(names=single, phrases=tuple(sorted(told - single)))

    def found(self, text: str) -> bool:
        """Whether the text says one of them."""
        said = text.casefold()
        tokens = {token for raw in _TOKEN.findall(said) for token in (raw, raw.rstrip(".!?"))}
        if tokens & self.names:
            return True
        return any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", said) for phrase in self.phrases)


NOBODY = CaseList()


def found_in(text: str, cases: CaseList = NOBODY) -> tuple[str, ...]:
    """The kinds of personal detail that a text carries; their values are never repeated.

    Parameters
    ----------
    text : str
    cases : CaseList, optional

    Examples
    --------
    >>> found_in("Ring 020 7946 0018 or write to mum@example.org; she lives at SW1A 1AA.")
    ('a postcode', 'an e-mail address', 'a telephone number')
    >>> found_in("NHS number 943 476 5919, UPN A801200001001, DOB 3/4/2019")
    ('a pupil number', 'a date of birth', 'an NHS number')
    >>> found_in("The 95% interval is 1,200 to 3,400 from 2014 to 2019-12.")
    ()
    """
    kinds = [kind for kind, pattern in _PATTERNS.items() if pattern.search(text)]
    if any(_nhs("".join(groups)) for groups in _TEN.findall(text)):
        kinds.append("an NHS number")
    if cases.found(text):
        kinds.append("a name or id on the case list")
    return tuple(kinds)


def _nhs(digits: str) -> bool:
    """The check digit of an NHS number, modulus 11."""
    check = 11 - sum(int(d) * (10 - i) for i, d in enumerate(digits[:9])) % 11
    return (0 if check == 11 else check) == int(digits[9])


def _day(day: str, month: str, year: str) -> bool:
    """Whether three numbers are a day in the last hundred years: a date of birth may be written bare."""
    full = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        date(full, int(month), int(day))
    except ValueError:
        return False
    return 1900 <= full <= 2100


def few_said(text: str, profile: ReleaseProfile) -> str:
    """A text in which counts of persons under the threshold are said as "fewer than" it.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> few_said("3 records (1 treated) of 400 left out; 12 periods.", release_profile("nhs"))
    'fewer than 8 records (fewer than 8 treated) of 400 left out; 12 periods.'
    """
    if profile.open:
        return text

    def number(match: re.Match[str]) -> str:
        return profile.few if 0 < int(match[1]) < profile.threshold else match[1]

    def word(match: re.Match[str]) -> str:
        return profile.few if _NUMBERS.index(match[1].lower()) < profile.threshold else match[1]

    return _ONE.sub(word, _COUNT.sub(number, text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Who cleared a quote to leave, when, and what was changed in it."""

    by: str
    dated: date
    changed: str = ""


def quote_problems(
    quote: str, clearance: Clearance | None, *, cases: CaseList = NOBODY, roles: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """Why a quote may not leave; nothing where it may.

    Parameters
    ----------
    quote : str
    clearance : Clearance or None
        The recorded clearance of its group.
    cases : CaseList, optional
    roles : mapping of str to int, optional
        How many persons hold each role: one that a single person holds names that person.

    Examples
    --------
    >>> quote_problems("The hub manager was lovely.", None, roles={"hub manager": 1, "parent": 40})
    ('no recorded clearance', 'a role that one person holds')
    >>> quote_problems("It helped.", Clearance(by="A. Officer", dated=date(2026, 11, 1)))
    ()
    """
    problems = [] if clearance is not None and clearance.by.strip() else ["no recorded clearance"]
    problems += found_in(quote, cases)
    if "a date of birth" not in problems and any(_day(*groups) for groups in _DATE.findall(quote)):
        problems.append("a date that may be one of birth")
    said = quote.casefold()
    alone = [role for role, holders in (roles or {}).items() if holders <= 1]
    if any(re.search(rf"(?<!\w){re.escape(role.casefold())}(?!\w)", said) for role in alone):
        problems.append("a role that one person holds")
    return tuple(problems)
