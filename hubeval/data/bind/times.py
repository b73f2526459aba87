"""A column of periods, read and checked; and what its years are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.clock import YEARS_SAID, Clock, clock_for
from hubeval.data.periods import Period, coarsen, parse_column, year_of
from hubeval.errors import listed
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.data.bind.binding import Binding

    Known = dict[str, Period]

DAY_NUMBERS = "They look like dates as a spreadsheet counts them: format the column as dates, and export it again."
_EARLIEST, _LATEST = 1900, 2100
_FORMS = "years, 2013/14, 2019Q4, 2019-04, Apr 2019 or dates"
_SOURCES = {"academic year": "academic", "financial year": "financial", "calendar year": "calendar"}


def day_numbers(texts: list[str]) -> bool:
    """Whether texts look like dates as a spreadsheet counts them: whole days since 1900, of 1954 to 2064.

    Examples
    --------
    >>> day_numbers(["39539", "39904"]), day_numbers(["2008"])
    (True, False)
    """
    return any(re.fullmatch(r"[2-5]\d{4}(\.\d+)?", text) for text in texts)


def day_first(texts: list[str]) -> bool:
    """Whether dates are written so that another country would read the month where we read the day.

    Examples
    --------
    >>> day_first(["01/04/2019", "01/05/2019"]), day_first(["01/04/2019", "30/04/2019"]), day_first(["2019-04-01"])
    (True, False, False)
    """
    found = [match for text in texts if (match := re.match(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}", text.strip()))]
    return any(match[1] != match[2] for match in found) and all(int(match[1]) <= 12 for match in found)


def periods_of(binding: Binding, column: str, argument: str) -> tuple[pd.Series, Clock] | None:
    """The periods of a column as ordinals, and the clock they run by; None once anything in it is refused."""
    written = binding.columns.text(column)
    known = _read(binding, written, argument)
    if known is None:
        return None
    frequency = next(iter(known.values())).frequency
    declared: str = binding.protocol.data.year or _from_source(binding)
    if frequency == "day":
        evenly = _days_as_periods(binding, known, argument, declared)
        if evenly is None:
            return None
        known, inferred = evenly
        frequency, declared = next(iter(known.values())).frequency, declared or inferred
    if not _year_applies(binding, frequency, column):
        return None
    clock = clock_for(frequency, declared)
    if clock.frequency != frequency:  # bare years that are financial or academic years
        known = {text: clock.named(period.ordinal) for text, period in known.items()}
        binding.columns.said[column] = (
            f"column {column!r}: years are {clock.year} years, each named by the year in which it "
            f"{'begins' if clock.by_start else 'ends'}; they are written like {next(iter(known.values()))} here"
        )
    row, kinds = pd.factorize(written)
    ordinals = np.array([known[text].ordinal for text in kinds], dtype=int)
    return pd.Series(ordinals[row], index=written.index, name=written.name), clock


def _read(binding: Binding, written: pd.Series, argument: str) -> Known | None:
    """Each distinct text with its period, all of one kind; None where anything is refused."""
    column, door = str(written.name), binding.door
    known = parse_column(written.unique())
    bad = [text for text, period in known.items() if period is None]
    if bad:
        rows = np.flatnonzero(written.isin(bad).to_numpy())
        blank = " (blank)" if set(bad) == {""} else ""
        found = f"{binding.rows(written.iloc[rows])} row(s) of {column!r} are not periods{blank}"
        found += f", first in data row {rows[0] + 1}"
        door.refuse(argument, found, _FORMS, DAY_NUMBERS if day_numbers(bad) else "Write them one of those ways.")
        return None
    periods = {text: period for text, period in known.items() if period}
    kinds = sorted({p.frequency for p in periods.values()})
    if len(kinds) > 1:
        door.refuse(argument, f"{column!r} mixes {listed(kinds)} periods", "one kind of period", "Keep one.")
        return None
    far = [text for text, period in periods.items() if not _EARLIEST <= year_of(period) <= _LATEST]
    if far:
        rows = np.flatnonzero(written.isin(far).to_numpy())
        n = binding.rows(written.iloc[rows])
        found = f"{n} row(s) of {column!r} are dated before {_EARLIEST} or after {_LATEST}"
        door.refuse(argument, f"{found}, first in data row {rows[0] + 1}", "dates that can be", "Correct them.")
        return None
    if day_first(list(periods)):
        binding.columns.said[column] = f"column {column!r}: dates such as 01/04/2019 are read day first (1 April)"
    if any(":" in text for text in periods):
        binding.columns.said[column] = f"column {column!r}: the day is read as written; times and zones are left aside"
    return periods


def _from_source(binding: Binding) -> str:
    """What a year is by the department's own column beside the periods; empty where there is none, or several."""
    frame = binding.source.frame
    if "time_identifier" not in frame:
        return ""
    kinds = {str(kind).strip().casefold() for kind in frame["time_identifier"].unique()}
    return _SOURCES.get(kinds.pop(), "") if len(kinds) == 1 else ""


def _year_applies(binding: Binding, frequency: str, column: str) -> bool:
    """Whether the meaning that the protocol gives to years can be that of these periods."""
    declared = binding.protocol.data.year
    if declared is None or frequency == "year" or (frequency == "financial year" and declared != "calendar"):
        return True
    what = "written as years that span two, like 2017/18" if frequency == "financial year" else f"by {frequency}"
    found = f"{declared!r} does not apply: the periods of {column!r} are {what}"
    cure = 'Write "financial" or "academic".' if frequency == "financial year" else "Leave it out."
    binding.door.refuse("data.year", found, "yearly data", cure)
    return False


def _days_as_periods(binding: Binding, days: Known, argument: str, declared: str) -> tuple[Known, str] | None:
    """Dates stand for months, quarters or years when they are evenly that far apart; and what those years then are."""
    months = {text: month for text, day in days.items() if (month := coarsen(day, "month"))}
    ordinals = sorted({month.ordinal for month in months.values()})
    if len({day.ordinal for day in days.values()}) != len(ordinals):
        found = "it holds several dates in one month"
        binding.door.refuse(argument, found, "one date a period", "Count by month or quarter first.")
        return None
    steps = set(np.diff(ordinals).tolist())
    if steps and all(step % 12 == 0 for step in steps):
        return _days_as_years(days, months, declared)
    if steps and all(step % 3 == 0 for step in steps):
        return {text: Period("quarter", month.ordinal // 3) for text, month in months.items()}, ""
    return months, ""


def _days_as_years(days: Known, months: Known, declared: str) -> tuple[Known, str]:
    """Yearly dates as years: those on 1 April or 31 March are financial years, 1 September or 31 August academic."""
    within = {(month.ordinal % 12, str(days[text])[-2:]) for text, month in months.items()}
    inferred = ""
    for kind, edges in (("financial", {(3, "01"), (2, "31")}), ("academic", {(8, "01"), (7, "31")})):
        if len(within) == 1 and within <= edges:
            inferred = kind
    clock = Clock(frequency="financial year", year=declared.partition(", ")[0] or inferred)
    if clock.year in {"financial", "academic"}:
        placed = {text: clock.place(str(day)) for text, day in days.items()}
        return {text: period for text, period in placed.items() if period}, clock.year
    return {text: Period("year", month.ordinal // 12) for text, month in months.items()}, clock.year


def ask_the_year(binding: Binding, argument: str, clock: Clock, texts: list[str], example: str) -> bool:
    """Refuse dates that cannot be placed because nobody has said what the years are; whether any was refused."""
    unsaid = [text for text in texts if clock.unsaid(text)]
    if unsaid:
        found = f"{len(unsaid)} date(s) cannot be placed on years written {example}: what they are is not said"
        binding.door.refuse(argument, found, "[data] year", YEARS_SAID)
    return bool(unsaid)


def say_gaps(binding: Binding, positions: pd.Series, labels: tuple[str, ...]) -> None:
    """Note the periods inside the window that have no rows."""
    absent = [labels[i] for i in sorted(set(range(len(labels))) - set(positions.unique()))]
    if absent:
        binding.notes.append(
            NotComputed(
                what=f"{len(absent)} period(s) inside the window have no rows",
                reason=f"not in the data: {listed(absent)}; they are left as gaps, not filled in",
            )
        )
