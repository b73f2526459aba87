"""Periods as councils and departments write them, put in order: years, financial years, quarters, months, days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Frequency = Literal["year", "financial year", "quarter", "month", "day"]

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_EPOCH = date(1, 1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period of a given frequency; `ordinal` counts periods, so that neighbours differ by one.

    Examples
    --------
    >>> parse("2019 Q4").ordinal + 1 == parse("2020Q1").ordinal
    True
    >>> str(parse("Apr 2020")), str(parse("2013/14")), str(parse("201314")), str(parse("Q1 2014/15"))
    ('2020-04', '2013/14', '2013/14', '2014Q2')
    """

    frequency: Frequency
    ordinal: int

    def __str__(self) -> str:
        n = self.ordinal
        if self.frequency == "year":
            return str(n)
        if self.frequency == "financial year":
            return f"{n}/{(n + 1) % 100:02d}"
        if self.frequency == "quarter":
            return f"{n // 4}Q{n % 4 + 1}"
        if self.frequency == "month":
            return f"{n // 12}-{n % 12 + 1:02d}"
        return (_EPOCH + timedelta(days=n)).isoformat()


def parse(text: str) -> Period | None:
    """The period that `text` names, or None where it names none. Day-first, as in the United Kingdom.

    Examples
    --------
    >>> parse("01/04/2017") == parse("2017-04-01")
    True
    >>> parse("next year") is None
    True
    """
    t = text.strip().lower()
    for pattern, make in _FORMS:
        found = re.fullmatch(pattern, t)
        if found:
            return make(found)
    return None


def parse_column(texts: Iterable[str]) -> dict[str, Period | None]:
    """The period that each distinct text of one column names; a text that could be two things is what the others are.

    ``200910`` is a financial year among 200809 and 201011, and October 2009 among 200909 and 200911; ``2009-10`` is
    a financial year where every other text of the column is one too.

    Examples
    --------
    >>> [str(period) for period in parse_column(["200909", "200910", "200911"]).values()]
    ['2009-09', '2009-10', '2009-11']
    >>> [str(period) for period in parse_column(["2009-10", "2010-11"]).values()]
    ['2009/10', '2010/11']
    """
    known = {text: parse(text) for text in texts}
    kinds = {period.frequency for period in known.values() if period}
    if None in known.values() or not kinds <= {"month", "financial year"}:
        return known
    for frequency in ("financial year", "month"):
        read = {text: parse_as(text, frequency) for text in known}
        whole = all(period and period.frequency == frequency for period in read.values())
        if whole and (frequency == "month" or len(set(read.values())) > 1 or kinds == {frequency}):
            return read
    return known


def parse_as(text: str, frequency: Frequency) -> Period | None:
    """The period that `text` names, where it could name several, as one of this `frequency` if it can be.

    Examples
    --------
    >>> str(parse_as("200910", "month")), str(parse_as("2009-10", "financial year")), str(parse_as("2009", "month"))
    ('2009-10', '2009/10', '2009')
    """
    found = re.fullmatch(r"((?:19|20)\d\d)(-?)(\d\d)", text.strip())
    if not found:
        return parse(text)
    year, tail = int(found[1]), int(found[3])
    if frequency == "month" and 1 <= tail <= 12:
        return Period("month", year * 12 + tail - 1)
    if frequency == "financial year" and (year + 1) % 100 == tail:
        return Period("financial year", year)
    return parse(text)


def year_of(period: Period) -> int:
    """The calendar year in which a period begins.

    Examples
    --------
    >>> year_of(parse("2013/14")), year_of(parse("2019Q4")), year_of(parse("2020-02-29"))
    (2013, 2019, 2020)
    """
    if period.frequency == "day":
        return (_EPOCH + timedelta(days=period.ordinal)).year
    return period.ordinal // {"quarter": 4, "month": 12}.get(period.frequency, 1)


def coarsen(period: Period, frequency: Frequency) -> Period | None:
    """The period of a coarser `frequency` that holds `period`; None where that cannot be said.

    Examples
    --------
    >>> str(coarsen(parse("2017-05-20"), "quarter"))
    '2017Q2'
    >>> coarsen(parse("2017"), "month") is None
    True
    """
    if period.frequency == frequency:
        return period
    if period.frequency == "day":
        day = _EPOCH + timedelta(days=period.ordinal)
        year, month = day.year, day.month - 1
    elif period.frequency == "month":
        year, month = divmod(period.ordinal, 12)
    elif period.frequency == "quarter" and frequency in {"year", "financial year"}:
        year, month = period.ordinal // 4, period.ordinal % 4 * 3
    else:
        return None
    ordinals = {
        "year": year,
        "financial year": year if month >= 3 else year - 1,
        "quarter": year * 4 + month // 3,
        "month": year * 12 + month,
    }
    return Period(frequency, ordinals[frequency]) if frequency in ordinals else None


def _year(found: re.Match[str]) -> Period | None:
    return Period("year", int(found[1]))


def _financial(found: re.Match[str]) -> Period | None:
    return _financial_parts(found[1], found[2])


def _financial_parts(first: str, last: str) -> Period | None:
    year, end = int(first), int(last)
    if (year + 1) % 100 != end % 100:
        return None
    return Period("financial year", year)


def _financial_or_month(found: re.Match[str]) -> Period | None:
    # 201314 is DfE's 2013/14; 201304 is April 2013. 201213 can only be a year, 200910 could be both: the year
    # reading wins only where the last two digits follow the first four.
    year, tail = int(found[1]), int(found[2])
    if (year + 1) % 100 == tail:
        return Period("financial year", year)
    return Period("month", year * 12 + tail - 1) if 1 <= tail <= 12 else None


def _quarter(found: re.Match[str]) -> Period | None:
    return Period("quarter", int(found[1]) * 4 + int(found[2]) - 1)


def _financial_quarter(found: re.Match[str]) -> Period | None:
    year = _financial(found)  # quarter 1 of a financial year is April to June
    return Period("quarter", year.ordinal * 4 + int(found[3])) if year else None


def _quarter_of_financial(found: re.Match[str]) -> Period | None:
    year = _financial_parts(found[2], found[3])
    return Period("quarter", year.ordinal * 4 + int(found[1])) if year else None


def _quarter_first(found: re.Match[str]) -> Period | None:
    return Period("quarter", int(found[2]) * 4 + int(found[1]) - 1)


def _month(found: re.Match[str]) -> Period | None:
    month = int(found[2])
    return Period("month", int(found[1]) * 12 + month - 1) if 1 <= month <= 12 else None


def _month_name(found: re.Match[str]) -> Period | None:
    # "Marzo" and "Mayor" are no months; a year of two digits is that of Excel: 98 is 1998
    named = "sep" if found[1] == "sept" else found[1]
    month, year = next((i for i, name in enumerate(_MONTHS) if name.startswith(named)), None), int(found[2])
    year += 0 if year > 99 else 2000 if year < 50 else 1900
    return Period("month", year * 12 + month) if month is not None else None


def _month_first(month: str, year: str) -> Period | None:
    return Period("month", int(year) * 12 + int(month) - 1) if 1 <= int(month) <= 12 else None


def _day(year: str, month: str, day: str) -> Period | None:
    try:
        return Period("day", (date(int(year), int(month), int(day)) - _EPOCH).days)
    except ValueError:
        return None


# a time of day, and a zone, after a date: the day is the one that is written
_CLOCK = r"(?:[t ]+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:[ap]m)?\s*(?:z|utc|gmt|[+-]\d\d:?\d\d)?)?"
_FORMS = (
    (r"((?:18|19|20|21)\d\d)(?:\.0+)?", _year),
    (r"((?:19|20)\d\d)\s*[/–-]\s*((?:19|20)\d\d)", _financial),
    (r"((?:19|20)\d\d)\s*[/–_]\s*(\d\d)", _financial),
    (r"((?:19|20)\d\d)\s*[/–_-]\s*((?:19|20)?\d\d)\s*q([1-4])", _financial_quarter),
    (r"((?:19|20)\d\d)-(\d\d)", lambda m: _month(m) or _financial(m)),
    (r"((?:19|20)\d\d)(\d\d)", _financial_or_month),
    (r"q(?:tr|uarter)?\s*([1-4])[\s,]*((?:19|20)\d\d)\s*[/–_-]\s*((?:19|20)?\d\d)", _quarter_of_financial),
    (r"(\d{4})[\s/-]*q([1-4])", _quarter),
    (r"q([1-4])[\s/-]*(\d{4})", _quarter_first),
    (r"(\d{4})(?:/|\.(?=\d\d$))(\d{1,2})", _month),  # 2008.1 is October cut short, as often as January
    (r"(\d{1,2})/((?:19|20)\d\d)", lambda m: _month_first(m[1], m[2])),
    (r"([a-z]{3,9})[\s-]+(\d{4}|\d\d)", _month_name),
    (rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_CLOCK}", lambda m: _day(m[1], m[2], m[3])),
    (rf"(\d{{4}})/(\d{{1,2}})/(\d{{1,2}}){_CLOCK}", lambda m: _day(m[1], m[2], m[3])),
    (rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}}){_CLOCK}", lambda m: _day(m[3], m[2], m[1])),
)
