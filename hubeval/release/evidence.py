"""What a theory plan shows of single cases: truth tables, tests of an account, coded extracts, by how many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem
from hubeval.release.profiles import STRICTEST, ReleaseProfile, release_profile
from hubeval.release.released import Decision
from hubeval.release.rounding import digits_for, shown_count, significant
from hubeval.release.words import counts_said

if TYPE_CHECKING:
    from hubeval.result import Cell, ResultTable
    from hubeval.theory.analyses import Analysis
    from hubeval.theory.change import Theory
    from hubeval.theory.declared import Test
    from hubeval.theory.plan import TheoryPlan

_UNSAID = "Nobody says what one row is of, so none is named. Say it under [comparison]: units = 'site', or what it is."
_SOLUTIONS = ("qca_conservative", "qca_parsimonious", "qca_intermediate")


def evidence_as_it_may_leave(plan: TheoryPlan) -> tuple[TheoryPlan, tuple[Decision, ...]]:
    """A plan whose truth tables, tests and coded extracts show nothing of a few persons, and what was decided.

    Raises
    ------
    BadInput
        The rules that the theory names are not known, or hide nothing.
    """
    profile = _profile(plan.theory)
    log: list[Decision] = []
    few = {test.label: test for test in (plan.theory.tests if plan.theory else ()) if not _stands(test, profile)}
    analyses = tuple(_analysis(one, plan.theory, profile, few, log) for one in plan.analyses)
    tables = tuple(_framework(table, profile, log) if table.name == "framework" else table for table in plan.tables)
    theory = plan.theory
    if theory is not None and few:
        rule = f"evidence of {profile.few} persons, or of nobody says how many, is not said"
        log.append(Decision(output="tests", action="reworded", rule=rule))
        theory = replace(theory, tests=tuple(_kept_back(t, profile) if t.label in few else t for t in theory.tests))
    return replace(plan, theory=theory, analyses=analyses, tables=tables), tuple(log)


def _profile(theory: Theory | None) -> ReleaseProfile:
    """The rules that a theory names, or the strictest; never rules that hide nothing."""
    name = theory.release if theory is not None and theory.release else STRICTEST
    here = Path(theory.folder) / name if theory is not None and name.endswith(".toml") else name
    profile = release_profile(here)
    if profile.open or profile.threshold <= 1:
        found = f"{name!r}, which hides nothing, for what persons said and did"
        raise BadInput([Problem("theory.release", found, "rules with a threshold", "Leave it out, or name another.")])
    return profile


def _few(n: int | None, profile: ReleaseProfile) -> bool:
    return n is not None and n < profile.threshold


def _stands(test: Test, profile: ReleaseProfile) -> bool:
    """Whether the words of a piece of evidence may be said: it is of no person, or of enough of them."""
    return test.persons is not None and (test.persons == 0 or test.persons >= profile.threshold)


def _instead(test: Test, profile: ReleaseProfile) -> str:
    """What is said in its place."""
    if test.persons is None:
        return "evidence (withheld: how many persons it rests on is not said)"
    return f"evidence of {profile.few} persons"


def _kept_back(test: Test, profile: ReleaseProfile) -> Test:
    return replace(test, label=_instead(test, profile), source="", persons=None)


def _analysis(
    one: Analysis, theory: Theory | None, profile: ReleaseProfile, few: dict[str, Test], log: list[Decision]
) -> Analysis:
    """One analysis: its words without evidence of a few, its comparison by how many each row is of."""
    asked = theory.comparison if theory is not None else None
    if any(table.name == "truth_table" for table in one.tables):
        if asked is not None and asked.units in {"site", "authority"}:
            return one
        made = _compared(one, profile, log)
        return made if asked is not None and asked.units else replace(made, limits=(*made.limits, _UNSAID))
    if not few or not any(table.name == "tracing" for table in one.tables):
        return one

    def words(text: str) -> str:
        for label in sorted(few, key=len, reverse=True):
            text = text.replace(label, _instead(few[label], profile))
        return text

    tables = []
    for table in one.tables:
        source = table.columns.index("source")
        rows = [
            row if row[0] not in few else (
                _instead(few[str(row[0])], profile), *("" if i == source else cell for i, cell in enumerate(row) if i)
            )
            for row in table.rows
        ]
        tables.append(replace(table, rows=tuple(rows)))
    return replace(one, readings=tuple(map(words, one.readings)), tables=tuple(tables))


def _compared(one: Analysis, profile: ReleaseProfile, log: list[Decision]) -> Analysis:
    """A comparison of persons or families: no names, no row of a few, no model with a term that rests on a few."""
    from hubeval.release.linked import linked  # noqa: PLC0415 - scipy: words alone do without
    from hubeval.release.suppress import suppress  # noqa: PLC0415 - as above

    truth = next(table for table in one.tables if table.name == "truth_table")
    counts = {f"row {i}": int(n or 0) for i, n in enumerate(truth.n)}
    cells = linked({**counts, "all": sum(counts.values())}, [("all", list(counts))])
    gone = dict(zip(cells.keys, suppress(cells, profile).hidden.tolist(), strict=True))
    kept = [i for i in range(len(truth.rows)) if not gone[f"row {i}"]]
    tables = [_rows(truth, kept, profile)] if kept else []
    closed = set()
    for table in one.tables:
        if table.name in _SOLUTIONS and any(_few(n, profile) for n in table.n):
            closed.add(table.name.removeprefix("qca_").capitalize())
        elif table.name in _SOLUTIONS:
            tables.append(_rows(table, list(range(len(table.rows))), profile))
    rule = f"{len(truth.rows) - len(kept)} of {len(truth.rows)} rows and {len(closed)} solutions rest on too few"
    log.append(Decision(output="truth_table", action="withheld" if closed or len(kept) < len(truth.rows) else "shown",
                        rule=rule))  # fmt: skip

    def words(text: str) -> str:
        return counts_said(text, lambda n: None if gone["all"] and n == cells.counts[-1] else shown_count(n, profile),
                           profile.threshold)  # fmt: skip

    readings = [words(text) for text in one.readings[:-1] if text.split(" ", 1)[0] not in closed]
    readings += [f"{kind} solution withheld: a term of it rests on {profile.few} cases." for kind in sorted(closed)]
    limits = tuple(map(words, one.limits))
    return replace(one, title=words(one.title), readings=tuple(readings), tables=tuple(tables), limits=limits)


def _rows(table: ResultTable, kept: list[int], profile: ReleaseProfile) -> ResultTable:
    """Rows that stand: counts rounded, measures of fit to the digits that their cases allow, no case named."""
    last = len(table.columns) - 1

    def cell(value: Cell, place: int, n: int) -> Cell:
        if table.columns[place] == "n":
            return shown_count(int(value or 0), profile)
        return significant(value, digits_for(n)) if isinstance(value, float) else value

    numbered = [(table.rows[i][:last], int(table.n[i] or 0)) for i in kept]
    rows = tuple(tuple(cell(value, place, n) for place, value in enumerate(row)) for row, n in numbered)
    gone = len(table.rows) - len(kept)
    caption = table.caption + (f" ({gone} rows withheld)" if gone else "")
    return replace(table, caption=caption, columns=table.columns[:last], rows=rows, n=())


def _framework(table: ResultTable, profile: ReleaseProfile, log: list[Decision]) -> ResultTable:
    """A framework matrix: themes of a few cases as one row that names none; the others by cases that came to them."""
    by_case = table.columns[-1] == "cases with it"
    kept = [i for i, n in enumerate(table.n) if not _few(n, profile)]
    gone = len(table.rows) - len(kept)
    columns: tuple[str, ...] = (table.columns[0], "cases with it") if by_case else table.columns
    rows: list[tuple[Cell, ...]] = []
    for i in kept:
        shown: list[Any] = [table.n[i]] if by_case else list(table.rows[i][1:-1])
        said: list[Cell] = [profile.few if _few(n, profile) and n else shown_count(int(n), profile) for n in shown]
        rows.append((table.rows[i][0], *said, *(() if by_case else table.rows[i][-1:])))
    if gone:
        rest: tuple[Cell, ...] = (profile.few,) if by_case else (*(None for _ in table.columns[1:-1]), None)
        rows.append((f"{gone} further themes, each of {profile.few} cases", *rest))
    log.append(Decision(output="framework", action="merged" if gone else "shown",
                        rule="coded extracts: by group, not by case; themes of a few cases together"))  # fmt: skip
    caption = counts_said(table.caption, lambda n: shown_count(n, profile), profile.threshold)
    if by_case:
        caption += "; cases are not named: give each extract a 'group' to compare groups"
    return replace(table, caption=caption, columns=columns, rows=tuple(rows), n=())
