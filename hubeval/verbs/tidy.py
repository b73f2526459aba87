"""`hubeval import`: a sheet as people keep it, tidied into one row for each unit and period."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

    import pandas as pd

_SHAPES = ("wide", "ees", "contacts", "users", "costs")
_ARGUMENTS: tuple[Argument, ...] = (
    (("file",), {"metavar": "FILE", "help": "a .csv or .xlsx file"}),
    (("--shape",), {"choices": _SHAPES, "help": "wide: periods along the top; ees: the department's open layout; "
                    "contacts: one row a contact; users: scores before and after; costs: a unit cost "
                    "database, for a value.toml; by default wide"}),
    (("--out",), {"metavar": "FILE", "help": "write the tidy table here, as .csv; without it, only say what is there"}),
    (("--sheet",), {"default": "", "help": "the sheet of a workbook"}),
    (("--unit",), {"default": "", "help": "the column of places, or of users"}),
    (("--value",), {"default": "", "help": "wide: what to call the values; ees: an indicator, several with commas; "
                    "costs: the column of pounds"}),
    (("--where",), {"action": "append", "metavar": "COLUMN=VALUE", "help": "ees: keep these rows"}),
    (("--date",), {"default": "", "help": "contacts: the column of dates"}),
    (("--by",), {"choices": ("month", "quarter", "year", "financial year"), "help": "contacts: count by this period"}),
)  # fmt: skip
_USED = {
    "wide": {"unit", "value", "sheet"},
    "ees": {"value", "where"},
    "contacts": {"unit", "date", "by", "sheet"},
    "users": {"unit", "sheet"},
    "costs": {"sheet", "value"},
}


def _import(args: Namespace, say: Progress) -> Reply:
    from hubeval import files
    from hubeval.errors import BadInput, Problem

    shape = args.shape or "wide"
    unread = [key for key in ("unit", "value", "where", "date", "by", "sheet") if getattr(args, key)]
    odd = [Problem(f"--{key}", f"does not apply to --shape {shape}", "", "Leave it out.")
           for key in unread if key not in _USED[shape]]  # fmt: skip
    if args.out and not str(args.out).lower().endswith(".csv"):
        odd.append(Problem("--out", f"{args.out} is no .csv file", "a name that ends in .csv", "Change it."))
    if args.out and Path(args.out).resolve() == Path(args.file).resolve():
        odd.append(Problem("--out", "it is the file read", "another file", "Name another."))
    if odd:
        raise BadInput(odd)
    say("Reading the sheet")
    shapes = {"wide": _wide, "ees": _ees, "contacts": _contacts, "users": _users, "costs": _costs}
    frame, understood = shapes[shape](args)
    found = {"rows": len(frame), "columns": list(map(str, frame.columns)), "understood": understood}
    if args.out:
        files.write_text(args.out, frame.to_csv(index=False, lineterminator="\n"))
        found["written"] = str(args.out)
    return Reply(value=lambda: found, text=lambda: _words(found))


def _words(found: dict[str, Any]) -> str:
    lines = [f"{found['rows']} rows, columns: {', '.join(found['columns'])}", "Understood:"]
    lines += [f"  - {line}" for line in found["understood"]]
    lines.append(f"Written: {found['written']}" if "written" in found else "Nothing written; add --out tidy.csv.")
    return "\n".join(lines)


def _wide(args: Namespace) -> tuple[pd.DataFrame, list[str]]:
    from hubeval.data.importers import area_by_period
    from hubeval.data.sheet import likely_unit, read_sheet
    from hubeval.errors import BadInput, Problem, listed

    sheet = read_sheet(args.file, sheet=args.sheet)
    if not sheet.headed:
        found = f"no heading is a period (headings: {listed(sheet.labels)})"
        allowed = "years, 2013/14, 2019Q4, Q1 2014/15, 2019-04 along the top"
        cure = "Rename the headings that are periods so; where periods are not along the top, choose another --shape."
        raise BadInput([Problem("data", found, allowed, cure)])
    unit = args.unit or likely_unit(sheet)
    if not unit:
        found = f"several columns could be the places: {listed(sheet.labels)}"
        raise BadInput([Problem("--unit", found, "one of them", "Name it with --unit.")])
    keep = [name for name in sheet.labels if name != unit]
    frame = area_by_period(sheet.frame, unit=unit, value=args.value or "value", keep=keep)
    periods = frame["period"].drop_duplicates().tolist()
    return frame, [
        *sheet.understood,
        f"places: {unit!r}, {frame[unit].nunique()} of them",
        f"periods: {periods[0]} to {periods[-1]}, {len(periods)} of them",
        *_counted_from_april(sheet.headed),
        *([f"carried along: {listed(keep)}"] if keep else []),
        "marks such as c and : stay as they are, for the protocol to declare",
    ]


def _counted_from_april(headings: tuple[str, ...]) -> list[str]:
    """What quarters of financial years became, since they have other numbers in the calendar."""
    from hubeval.data.periods import parse

    read = parse(headings[0])
    if read is None or read.frequency != "quarter" or not re.search(r"\d\s*[/–_-]\s*\d\d", headings[0]):
        return []
    return [f"quarters counted from April, told by the calendar year: {headings[0]!r} is {read}"]


def _ees(args: Namespace) -> tuple[pd.DataFrame, list[str]]:
    from hubeval.data.importers import explore_education_statistics
    from hubeval.errors import BadInput, Problem

    given = args.where or ()
    where = dict(text.split("=", 1) for text in given if "=" in text)
    problems = [Problem("--where", f"found {t!r}", "COLUMN=VALUE", "Write it so.") for t in given if "=" not in t]
    if not args.value:
        problems.append(Problem("--value", "none given", "the indicators to keep, with commas", "Name them."))
    if problems:
        raise BadInput(problems)
    names = [name.strip() for name in args.value.split(",")]
    frame = explore_education_statistics(args.file, indicators=names, where=where)
    return frame, [f"{frame['la_code'].nunique()} authorities", f"{frame['period'].nunique()} periods"]


def _contacts(args: Namespace) -> tuple[pd.DataFrame, list[str]]:
    from hubeval.data.contacts import counts
    from hubeval.errors import BadInput, Problem
    from hubeval.release.refusals import refusals_of_persons

    if missing := [Problem(f"--{key}", "none given", "a column", "Name it.") for key in ("unit", "date")
                   if not getattr(args, key)]:  # fmt: skip
        raise BadInput(missing)
    with refusals_of_persons():
        frame = counts(args.file, unit=args.unit, date=args.date, by=args.by or "month", sheet=args.sheet)
    total, places = int(frame["contacts"].sum()), frame[args.unit].nunique()
    return frame, [
        f"{total} contacts of {places} places, counted by {args.by or 'month'}",
        "a place without a contact in a period inside the window counts 0",
    ]


def _users(args: Namespace) -> tuple[pd.DataFrame, list[str]]:
    from hubeval.data.importers import management_information
    from hubeval.data.record_checks import NO_COMPARISON
    from hubeval.errors import BadInput, Problem
    from hubeval.release.refusals import refusals_of_persons

    if not args.unit:
        raise BadInput([Problem("--unit", "none given", "the column of user ids", "Name it.")])
    with refusals_of_persons():
        frame = management_information(args.file, user=args.unit, sheet=args.sheet)
    return frame, [f"{frame['instrument'].nunique()} instruments with a score before and after", NO_COMPARISON]


def _costs(args: Namespace) -> tuple[pd.DataFrame, list[str]]:
    from hubeval.economics.unit_costs import tidy_unit_costs

    return tidy_unit_costs(args.file, sheet=args.sheet, amount=args.value)


IMPORT = Verb(
    name="import", says="Tidy a sheet into one row for each unit and period, or each unit cost.",
    arguments=_ARGUMENTS, run=_import,
)  # fmt: skip
