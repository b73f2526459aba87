"""What words may not carry out: names on the case list, addresses, dates of birth, numbers of persons, small counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hubeval.data.names import NOBODY, CaseList

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "a postcode": re.compile(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][ABD-HJLNP-UW-Z]{2}\b"),
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    "a telephone number": re.compile(
        r"(?<![\w.])(?:\+44[\s-]?(?:\(0\))?|\(?0)\s?[1-378](?:[\s()-]{0,2}\d){8,9}(?!\w|\.\d)"
    ),
    "a pupil number": re.compile(r"\b[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]\b"),
    "a date of birth": re.compile(
        r"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)\b[\s:]*(?:\d{1,2}[\s./-]\w+[\s./-]\d{2,4}|\d{4}-\d{2}-\d{2})",
        re.IGNORECASE,
    ),
}
HASHES = re.compile(r" ?\(sha256 [0-9a-f]{6,64}\)")  # of records: whoever holds all but one cell could test guesses
_TEN = re.compile(r"(?<![\w.])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\w.]\w|\w)")
_DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_PERSONS = (
    r"persons?|people|child(?:ren)?|famil(?:y|ies)|records?|rows?|units?|cases?|parents?|mothers?|fathers?|babies|baby|"
    r"pupils?|cells?|treated|untreated|exposed|unexposed|comparisons?|controls?|pairs?|twins?|households?|respondents?|participants?|ones"
)
# words between a number and whom it counts: not those that end what is counted ("5 periods before treated units")
_QUALITY = (
    r"(?:(?!(?:of|in|on|at|to|from|by|with|before|after|than|and|or|for|per|periods?|years?|months?|weeks?|days?|points?|"
    r"covariates?|terms?|times|standard)\b)[a-z-]+\s+)"
)
_NOUNLESS = r"degrees of freedom|on the others?\b|could not\b"  # of persons, whose noun was said once before
_COUNT = re.compile(
    rf"(?<![\w.,−-])(\d{{1,3}}(?:,\d{{3}})+|\d+)"
    rf"(?=(?:\s+of\s+(?:[\d,]+|the|all|those))?\s+(?:{_QUALITY}?{_QUALITY}?(?:{_PERSONS})\b|{_NOUNLESS}))"
)
_WHOLE = r"(?<![\w.,−-])(\d{1,3}(?:,\d{3})+|\d+)"
_SHARE = re.compile(rf"(?<![\w.,−-])(\d{{1,2}}(?:\.\d+)?)% of ((?:the |all )?(?:[a-z-]+ )?(?:{_PERSONS})\b)")
_PERMUTED = (  # every way to choose the treated: their number tells how many there are, and of how many
    (re.compile(r"\ball [\d,]+ assignments(?:; smallest attainable p [\d.e−-]+)?"), "all assignments"),
    (re.compile(r"\bone unit is treated: there is nothing to leave out"), "too few are treated to leave one out"),
    (re.compile(r"One place is treated: whatever else happened there"), "Few are treated: what else happened to them"),
    (re.compile(r"(Smallest p-value a permutation of the starts can give): [\d.e−-]+\d"), r"\1: not said"),
)
_WIDE = r"(\d[\d,]*(?:\.\d+)?)"
_FROM = r"bandwidth|of the bias|within(?= [\d.,]+ of the cut-off)"
_WIDTHS = re.compile(rf"\b({_FROM}) {_WIDE}(?: (below and) {_WIDE} (above))?(?![\d%])")
_WINDOWS = re.compile(rf"\b([Ww]ithin) {_WIDE} (of the cut-off)")
_NO_SIZES: dict[str, int] = {}


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


def counts_in(text: str) -> list[int]:
    """The counts of persons that a text says.

    Examples
    --------
    >>> counts_in("3 of 591 records (1 treated) left out; 12 periods.")
    [3, 591, 1]
    """
    return [int(number.replace(",", "")) for number in _COUNT.findall(text)]


def counts_said(text: str, show: Callable[[int], int | None], least: int, sizes: Mapping[str, int] = _NO_SIZES) -> str:
    """A text in which counts of persons are said as they may be shown, wherever they stand.

    Parameters
    ----------
    text : str
    show : callable
        A count as it may be shown; None where it may not.
    least : int
        The smallest count that may be shown. A smaller one is said as "fewer than 8"; one as large that is withheld
        for another reason is said as "some", which is true of it.
    sizes : mapping of str to int, optional
        How many persons there are (key ``""``), and how many ``"treated"`` and ``"comparison"``: a percentage of them
        that stands for a few is said so too.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> from hubeval.release.rounding import shown_count
    >>> def show(n):
    ...     return shown_count(n, release_profile("nhs"))
    >>> counts_said("3 of 591 records (1 treated) left out; 12 periods.", show, 8)
    'fewer than 8 of 590 records (fewer than 8 treated) left out; 12 periods.'
    >>> counts_said("0.7% of treated records, 40% of children.", show, 8, {"": 1000, "treated": 500})
    'fewer than 8 of treated records, 40% of children.'
    >>> counts_said("1 of the comparison records (1%), 40 of the others (40%); 5 cell(s) missing.", show, 8)
    'fewer than 8 of the comparison records, 40 of the others (40%); fewer than 8 cell(s) missing.'
    """
    few = f"fewer than {least}"

    def number(match: re.Match[str]) -> str:
        count = int(match[1].replace(",", ""))
        said = show(count)
        if said is None:
            return few if count < least else "some"
        return match[1] if said == count else f"{said:,}" if "," in match[1] else str(said)

    def share(match: re.Match[str]) -> str:
        whose = next((side for side in ("treated", "comparison") if side in match[2]), "")
        count = float(match[1]) / 100 * sizes.get(whose, sizes.get("", 0))
        return match[0] if round(count) == 0 or show(round(count)) is not None else f"{few} of {match[2]}"

    for pattern, instead in _PERMUTED:
        text = pattern.sub(instead, text)
    told = _SHARE.sub(share, _COUNT.sub(number, text)).replace("the some ", "some ")
    # a percentage behind a count that is not said would say it
    return re.sub(rf"((?:{few}|(?<!\w)some) [^()%.;,]*?) \(\d+(?:\.\d+)?%\)", r"\1", told)


def widths_said(text: str, fine: Callable[[float], float]) -> str:
    """A text in which bandwidths are said no finer than they may be: one may end at a single person's score.

    Examples
    --------
    >>> widths_said("triangular kernel, bandwidth 9.68, of the bias 20.84; 95% interval 9.68", lambda one: round(one))
    'triangular kernel, bandwidth 10, of the bias 21; 95% interval 9.68'
    >>> widths_said("Within 9.68 of the cut-off", lambda one: round(one))
    'Within 10 of the cut-off'
    >>> widths_said("within 12.34 of the cut-off, within 5% of 9.68", lambda one: round(one))
    'within 12 of the cut-off, within 5% of 9.68'
    """

    def width(match: re.Match[str]) -> str:
        parts = [one for one in match.groups() if one]
        return " ".join(f"{fine(float(one.replace(',', ''))):,g}" if one[0].isdigit() else one for one in parts)

    return _WINDOWS.sub(width, _WIDTHS.sub(width, text))


def numbers_said(text: str, noun: str, show: Callable[[int], int | None], least: int = 0) -> str:
    """A text in which numbers of what may each stand for a person are said as they may be shown; `least` as above.

    Examples
    --------
    >>> numbers_said("cluster-robust (60 clusters), 12 periods", "clusters", lambda n: None)
    'cluster-robust (some clusters), 12 periods'
    """

    def number(match: re.Match[str]) -> str:
        n = int(match[1].replace(",", ""))
        said, gone = show(n), f"fewer than {least}" if n < least else "some"
        return f"{gone if said is None else format(said, ',' if ',' in match[1] else '')} {noun}"

    return re.sub(rf"{_WHOLE} {re.escape(noun)}(?!\w)", number, text)


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
