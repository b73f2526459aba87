"""What the years of the data are, and where a date stands among its periods: one rule for starts and cautions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hubeval.data.periods import Frequency, Period, coarsen, parse_as
from hubeval.protocol import ItsDesign, SynthDesign

if TYPE_CHECKING:
    from hubeval.protocol import Protocol, YearMeaning

_OPENS = {"calendar": 0, "financial": 3, "academic": 8}  # January, April, September
_MONTHS = ("January", "April", "July", "October")
YEARS_SAID = (
    'Say what the years are: [data] year = "financial, named by its end" (2018 is April 2017 to March 2018), '
    '"academic, named by its end" (September 2017 to August 2018), "calendar", or either with "named by its start".'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The kind of period of the data, and what a year means in them.

    Attributes
    ----------
    frequency : str
        Of the data's periods; financial and academic years both are ``"financial year"`` (written 2017/18).
    year : {"", "calendar", "financial", "academic"}
        What a year is; empty where nobody has said it.
    by_start : bool
        A bare year is the one in which the financial or academic year begins.

    Examples
    --------
    >>> clock = Clock(frequency="financial year", year="financial")
    >>> [str(clock.place(text)) for text in ("2018", "2017/18", "2017-04-01", "2018-03-31")]
    ['2017/18', '2017/18', '2017/18', '2017/18']
    >>> str(Clock(frequency="financial year", year="academic").place("2017-04-01"))
    '2016/17'
    >>> Clock(frequency="year").place("2017-04-01") is None
    True
    """

    frequency: Frequency
    year: str = ""
    by_start: bool = False

    def place(self, text: str) -> Period | None:
        """The period of the data that `text` falls in; None where it names none, or that cannot be said."""
        given = parse_as(text, self.frequency)
        if given is None or given.frequency == self.frequency:
            return given
        if self.frequency == "financial year":
            if given.frequency == "year":
                return self.named(given.ordinal) if self.year else None
            return self._opened(given)
        if self.frequency == "year" and self.year != "calendar":
            return None  # which year the date falls in hangs on what the years are
        return coarsen(given, self.frequency)

    def named(self, year: int) -> Period:
        """The financial or academic year that a bare year names."""
        return Period("financial year", year if self.by_start else year - 1)

    def _opened(self, given: Period) -> Period | None:
        """The financial or academic year that holds a month or a day."""
        if self.year != "academic":
            return coarsen(given, "financial year")
        month = coarsen(given, "month")
        return Period("financial year", (month.ordinal - _OPENS["academic"]) // 12) if month else None

    def unsaid(self, text: str) -> bool:
        """Whether `text` names a date that cannot be placed only because nobody has said what the years are."""
        given = parse_as(text, self.frequency)
        bare = {"year", "financial year"}
        if given is None or self.year:
            return False
        if self.frequency == "financial year":
            return given.frequency == "year"
        return self.frequency == "year" and (given.frequency in bare or self.place(text) is None)

    def in_full(self, period: Period) -> str:
        """The period in words, with its first day.

        Examples
        --------
        >>> Clock(frequency="financial year", year="financial").in_full(Period("financial year", 2017))
        'financial year 2017/18, from 1 April 2017'
        >>> Clock(frequency="quarter").in_full(Period("quarter", 2019 * 4 + 3)), Clock(frequency="year").in_full(
        ...     Period("year", 2018))
        ('2019Q4, from 1 October 2019', '2018')
        """
        n = period.ordinal
        if period.frequency == "quarter":
            return f"{period}, from 1 {_MONTHS[n % 4]} {n // 4}"
        if period.frequency == "financial year" and self.year:
            return f"{self.year} year {period}, from 1 {'September' if self.year == 'academic' else 'April'} {n}"
        if period.frequency == "year" and self.year == "calendar":
            return f"calendar year {period}, from 1 January {n}"
        return str(period)


def clock_for(frequency: Frequency, declared: YearMeaning | str) -> Clock:
    """The clock of data with these periods under the meaning that a protocol declares of its years.

    Bare years under a financial or academic meaning become years written 2017/18.

    Examples
    --------
    >>> clock_for("year", "financial, named by its end").frequency
    'financial year'
    """
    kind, _, named = declared.partition(", ")
    spanning = kind in {"financial", "academic"} and frequency == "year"
    by_start = named == "named by its start"
    return Clock(frequency="financial year" if spanning else frequency, year=kind, by_start=by_start)


def placed(protocol: Protocol, clock: Clock | None) -> Protocol:
    """The protocol with its dates written as the data write theirs, so that no room places them by another rule.

    Only where the years are financial or academic: other periods have one reading everywhere.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.protocol import Caution, ItsDesign, Outcome, Protocol
    >>> declared = Protocol(area="A", question="?", registered=date(2026, 1, 1),
    ...     design=ItsDesign(time="t", start="2018"), outcomes=(Outcome(column="y", label="Y", unit="per 10,000"),))
    >>> placed(declared, clock_for("year", "financial")).design.start
    '2017/18'
    """
    if clock is None or clock.year not in {"financial", "academic"}:
        return protocol
    design: Any = protocol.design
    if isinstance(design, ItsDesign):
        later = tuple(_written(clock, text) for text in design.more_starts)
        ends = design.transition
        phase_in = ends and (_written(clock, ends[0]), _written(clock, ends[1]))
        design = replace(design, start=_written(clock, design.start), more_starts=later, transition=phase_in,
                         end=design.end and _written(clock, design.end),
                         sites={name: _written(clock, text) for name, text in design.sites.items()})
    elif isinstance(design, SynthDesign):
        design = replace(design, start=_written(clock, design.start))
    cautions = tuple(
        replace(c, first=_written(clock, c.first), last=_written(clock, c.last)) for c in protocol.cautions
    )
    return replace(protocol, design=design, cautions=cautions)


def _written(clock: Clock, text: str) -> str:
    """A date as the data write their periods; as it stands where it is none of theirs."""
    period = clock.place(text) if text else None
    return str(period) if period else text
