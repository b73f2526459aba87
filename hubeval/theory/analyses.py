"""The analyses that a theory file asks for, each as readings, tables and perhaps a figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Door, did_you_mean, listed

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.result import Figure, ResultTable
    from hubeval.theory.change import Theory
    from hubeval.theory.declared import Comparison, Series
    from hubeval.theory.qca import Solution, TruthTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis: what it says in words, its tables, its figure, and what it does not show."""

    title: str
    readings: tuple[str, ...]
    tables: tuple[ResultTable, ...] = ()
    figure: Figure | None = None
    limits: tuple[str, ...] = ()
    illustrative: bool = False


def analyse(theory: Theory) -> tuple[Analysis, ...]:
    """Every analysis that a theory declares: charts of its series, its accounts traced, its sites compared.

    Numerical libraries are loaded only where something is declared.

    Raises
    ------
    BadInput
        A series of no indicator, a likelihood above 1, a file or a column that is not there, and whatever
        else the method itself refuses.
    """
    found = [_chart(theory, series, number) for number, series in enumerate(theory.series, start=1)]
    accounts = dict.fromkeys(test.account for test in theory.tests)
    found += [_traced(theory, account) for account in accounts]
    if theory.comparison is not None:
        found.append(_compared(theory, theory.comparison))
    return tuple(found)


def _chart(theory: Theory, series: Series, number: int) -> Analysis:
    from hubeval.theory.monitoring import xmr  # noqa: PLC0415 - loads numpy

    reasons = _check_series(theory, series, f"series {number}")
    indicator = next(i for i in theory.indicators if i.column == series.indicator)
    chart = xmr(
        series.values, time=series.periods, better=indicator.direction, target=series.target, rebase=reasons,
        baseline=series.baseline, label=indicator.label,
    )  # fmt: skip
    special = [f"{p.period}: {p.reading} ({p.rule})" for p in chart.points if p.rule != "Common Cause"]
    return Analysis(
        title=f"Monitoring: {indicator.label}",
        readings=(
            f"Latest point: {chart.variation}. Target: {chart.assurance}.",
            *(f"Limits worked out anew from {entry}" for entry in chart.rebased),
            f"Special causes: {'; '.join(special) or 'none'}.",
            *(caution.reading for caution in chart.cautions if caution.status == "caution"),
        ),
        figure=replace(chart.figure(), name=f"xmr_{number}"),
        limits=chart.limits[1:],  # the figure says the first itself
        illustrative=series.illustrative,
    )


def _check_series(theory: Theory, series: Series, place: str) -> dict[int, str]:
    """The rebasings of a series as positions with their reasons; what is wrong with it is refused."""
    door = Door()
    columns = [indicator.column for indicator in theory.indicators]
    if series.indicator not in columns:
        door.refuse(
            place, f"no indicator {series.indicator!r}", f"columns: {listed(columns) or 'none'}",
            did_you_mean(series.indicator, columns),
        )  # fmt: skip
    if len(series.periods) != len(series.values):
        door.refuse(
            place, f"{len(series.periods)} periods for {len(series.values)} values", "one for each",
            "A missing period is left out of both, and said.",
        )  # fmt: skip
    reasons = {}
    for entry in series.rebase:
        period, _, why = entry.partition(":")
        if period.strip() in series.periods:
            reasons[series.periods.index(period.strip())] = why.strip()
        else:
            door.refuse(f"{place}: rebase", f"no period {period.strip()!r}", "one of its periods", "Correct it.")
    door.close()
    return reasons


def _traced(theory: Theory, account: str) -> Analysis:
    from hubeval.theory.tracing import Evidence, chance, update  # noqa: PLC0415 - beside the others

    tests = [test for test in theory.tests if test.account == account]
    result = update(
        [
            Evidence(
                label=t.label,
                sensitivity=t.sensitivity,
                type_one=t.type_one,
                found=t.found,
                group=t.group,
                source=t.source,
            )
            for t in tests
        ],
        account=account,
    )
    return Analysis(
        title=f"Process tracing: {account}",
        readings=(
            result.reading,
            *(f"Without “{label}”: {chance(low)} to {chance(high)}." for label, (low, high) in result.without),
        ),
        tables=(result.to_table(),),
        limits=result.limits,
        illustrative=any(test.illustrative for test in tests),
    )


def _compared(theory: Theory, asked: Comparison) -> Analysis:
    from hubeval.theory import qca  # noqa: PLC0415 - loads numpy

    frame = _sites(theory, asked)
    table = qca.truth_table(
        frame,
        outcome=asked.outcome,
        conditions=asked.conditions,
        consistency=asked.consistency,
        frequency=asked.frequency,
        pri=asked.pri,
        cases=asked.site or None,
    )
    needed = qca.necessity(table)
    readings = [
        table.load.reading,
        "Necessary: " + (", ".join(hit.expression for hit in needed) or "no condition or combination") + ".",
    ]
    tables = [table.to_table()]
    for kind in ("conservative", "parsimonious", *(("intermediate",) if asked.expectations else ())):
        try:
            solution = qca.minimise(
                table,
                solution=kind,
                expectations=asked.expectations if kind == "intermediate" else None,
            )
        except BadInput as problem:
            readings.append(f"{kind.capitalize()} solution not computed: {problem}")
            continue
        readings.append(_solution(solution))
        tables.append(solution.to_table())
    readings.append(qca.robustness(table).reading)
    return Analysis(
        title=f"Comparison of {len(frame)} {_PLURAL[asked.units or '']}: {asked.outcome}",
        readings=tuple(readings),
        tables=tuple(tables),
        limits=(_qca_limit(table, _PLURAL[asked.units or ""]),),
        illustrative=asked.illustrative,
    )


def _solution(solution: Solution) -> str:
    models = "; ".join(map(str, solution.models))
    many = "" if len(solution.models) == 1 else f" The sites cannot tell these {len(solution.models)} models apart."
    clash = (
        ""
        if not solution.contradictory_assumptions
        else (
            " It assumes rows for the outcome that the same solution assumes for its absence "
            f"({listed(solution.contradictory_assumptions, 20)}): not to be defended."
        )
    )
    return f"{solution.solution.capitalize()} solution: {models}.{many}{clash}"


_PLURAL = {
    "": "cases", "site": "sites", "authority": "authorities", "person": "people", "family": "families",
}  # fmt: skip


def _qca_limit(table: TruthTable, units: str) -> str:
    return (
        f"The models say which combinations go with {table.outcome} in these {len(table.sets.cases)} {units}. "
        "They are not effect sizes, and others may not fit."
    )


def _sites(theory: Theory, asked: Comparison) -> pd.DataFrame:
    """The sites' file with its calibrated sets."""
    import io  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415 - loaded only for a comparison

    from hubeval.theory import qca  # noqa: PLC0415

    text = files.read_text(Path(theory.folder) / asked.file, "comparison.file")
    door = Door()
    try:
        frame = pd.read_csv(io.StringIO(text))
    except pd.errors.ParserError:
        door.refuse("comparison.file", f"{asked.file} is not a table", "a CSV, one row for each site", "Save it again.")
        door.close()
    columns = [str(column) for column in frame.columns]
    for calibration in theory.calibrations:
        if calibration.column not in columns:
            door.refuse(
                "calibrations",
                f"no column {calibration.column!r}",
                f"columns: {listed(columns)}",
                did_you_mean(calibration.column, columns),
            )
        if calibration.into in columns:
            door.refuse(
                "calibrations", f"the file has a column {calibration.into!r} already", "a new name", "Rename the set."
            )
    door.close()
    made = {c.into: qca.calibrate(frame[c.column], anchors=c.anchors, method=c.method) for c in theory.calibrations}
    return frame.assign(**made)
