"""The room's door: a protocol of kind ``its`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.detection import Detection
from hubeval.methods.its import figures, tables
from hubeval.methods.its.capabilities import CAPABILITIES
from hubeval.methods.its.checks.cross_check import cross_check as crossed
from hubeval.methods.its.checks.diagnostics import diagnose
from hubeval.methods.its.checks.other_scale import on_other_scale
from hubeval.methods.its.checks.placebo_starts import placebo_dates, placebo_reading
from hubeval.methods.its.checks.probes import probe
from hubeval.methods.its.checks.readings import beside_comparison, rank_reading
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.protocols import request
from hubeval.methods.its.estimators.comparisons import by_control, uncontrolled
from hubeval.methods.its.estimators.series import fit_series
from hubeval.methods.its.inference import detection
from hubeval.methods.its.inference.permutation import permutation_rank
from hubeval.methods.its.sites import NO_POWER, answer_sites
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import nobody_else
from hubeval.methods.readings.detectable import smallest_change
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.room import Room
from hubeval.protocol import ItsDesign
from hubeval.result import Answer, Diagnostic, Estimate, NotComputed, Sample
from hubeval.scale import scale_of

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.methods.its.checks.placebo_starts import PlaceboDate
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.methods.its.inference.permutation import PermutationRank
    from hubeval.methods.room import Progress
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Figure, ResultTable

ALONE = "One series was followed, with nothing to compare it with: whatever else changed then is in the number."
BESIDE = "The comparison takes out only what it shared; an event that reached one series alone is in the number."
ALWAYS = "The number assumes that the trend before the start would have gone on; further from it, that is bolder."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """Everything found out about the primary outcome."""

    main: SeriesFit
    alone: SeriesFit
    placebo: tuple[PlaceboDate, ...] | NotComputed
    rank: PermutationRank | NotComputed
    scale: Diagnostic | NotComputed | None


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome of an interrupted time series protocol, and try to break the primary one.

    Parameters
    ----------
    protocol : Protocol
        With an `ItsDesign`.
    table : Table
    progress : function of str

    Raises
    ------
    BadInput
        The series cannot carry the design: gaps, too few periods, options that do not apply.
    """
    design = protocol.design
    assert isinstance(design, ItsDesign)
    if design.sites:
        return answer_sites(protocol, design, table, progress)
    models = {}
    for outcome in protocol.outcomes:
        frame, ask = request(protocol, design, outcome, table)
        models[outcome.column] = bind(frame, ask)
    primary = protocol.primary
    progress("working out the smallest change that could be seen")
    seen = smallest_change(detection.detect(models[primary.column], seed=protocol.seed), primary)
    fits: dict[str, SeriesFit] = {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        fits[outcome.column] = fit_series(models[outcome.column]).named(outcome.label, outcome.unit)
    main = fits[primary.column]
    progress("asking whether the design holds")
    first = (seen,) if isinstance(seen, Diagnostic) else ()
    each, together = by_outcome({o.label: diagnose(fits[o.column]) for o in protocol.outcomes}, primary.label)
    diagnostics = (
        *first, *diagnose(main), *declared(protocol.cautions, table.periods, _starts(main)),
        *((together,) if together else ()),
    )  # fmt: skip
    progress("trying to break the result")
    found = _Findings(main=main, alone=uncontrolled(main), placebo=placebo_dates(main), rank=permutation_rank(main),
                      scale=on_other_scale(main))
    others = [(o, fits[o.column]) for o in protocol.outcomes if o is not primary]
    return Answer(
        estimates=_estimates(found, others),
        headline_terms=_headline(main),
        diagnostics=diagnostics,
        probes=_probes(found, others, protocol.outcomes),
        figures=_figures(found, others),
        tables=(*_tables(found), *((each,) if each else ())),
        not_computed=(*_not_computed(found, fits), *(() if first else (seen,))),
        limits=(ALWAYS, BESIDE if design.control else ALONE),
        method=_method(main),
        sample=_sample(main),
    )


def _headline(main: SeriesFit) -> tuple[Estimate, ...]:
    """Average effect first, then where it stood at the end; absolute and relative."""
    average = main.average()
    last = main.effect_at(main.model.axis.labels[np.flatnonzero(main.model.after)[-1]])
    if scale_of(main.unit) != "level":  # of logarithms each is a percentage, and their sum is nothing
        return (average.absolute, last.absolute)
    parts = (average.absolute, average.relative, last.absolute, last.relative, main.cumulative().absolute)
    return tuple(part for part in parts if isinstance(part, Estimate))


def _estimates(found: _Findings, others: list[tuple[Outcome, SeriesFit]]) -> tuple[Estimate, ...]:
    rows = [*_headline(found.main), *found.main.estimates]
    for _, fit in others:
        rows += [*_headline(fit), *fit.estimates]
    return tuple(rows)


def _probes(
    found: _Findings, others: list[tuple[Outcome, SeriesFit]], outcomes: tuple[Outcome, ...]
) -> tuple[Diagnostic, ...]:
    asked = [
        beside_comparison(found.alone, found.main),
        rank_reading(found.rank, found.main),
        placebo_reading(found.placebo, found.main.average().absolute),
        *probe(found.main),
        placebo_outcomes(_averages(others, "placebo")),
        downstream(found.main.average().absolute, _averages(others, "downstream"), outcomes),
        found.scale,
    ]
    return tuple(one for one in asked if isinstance(one, Diagnostic))


def _averages(others: list[tuple[Outcome, SeriesFit]], role: str) -> list[Estimate]:
    return [fit.average().absolute for outcome, fit in others if outcome.role == role]


def _starts(main: SeriesFit) -> list[int]:
    return [one.position for one in main.model.breaks]


def _figures(found: _Findings, others: list[tuple[Outcome, SeriesFit]]) -> tuple[Figure, ...]:
    main = found.main
    drawn: list[Figure | None] = [figures.series_figure(main, "series")]
    if main.model.controls:
        drawn.append(figures.comparison_figure(main, "comparison"))
        title = f"{main.model.outcome} without its comparison: what the one series alone would have claimed"
        drawn.append(figures.series_figure(found.alone, "series-alone", title=title))
    drawn.append(figures.placebo_figure(main, found.placebo, "placebo-dates"))
    drawn.append(figures.rank_figure(found.rank, main.model.outcome, "permutation"))
    drawn.append(figures.residual_figure(main, "residuals"))
    drawn += [figures.series_figure(fit, f"series-{outcome.column}") for outcome, fit in others]
    return tuple(figure for figure in drawn if figure is not None)


def _tables(found: _Findings) -> tuple[ResultTable, ...]:
    main = found.main
    made = [tables.terms_table(main, "terms")]
    if main.model.controls:
        made.append(tables.control_table(found.alone, main, by_control(main), "comparisons"))
    if main.intervals:
        made.append(tables.inference_table(main, "methods"))
    return tuple(made)


def _not_computed(found: _Findings, fits: dict[str, SeriesFit]) -> tuple[NotComputed, ...]:
    rows = [one for fit in fits.values() for one in fit.not_computed]
    relative = found.main.average().relative if scale_of(found.main.unit) == "level" else None
    rows += [one for one in (found.placebo, relative, found.scale) if isinstance(one, NotComputed)]
    if found.main.model.controls and isinstance(found.rank, NotComputed):
        rows.append(found.rank)
    return tuple(rows)


def _method(main: SeriesFit) -> str:
    kind = "Controlled interrupted time series" if main.model.controls else "Interrupted time series"
    family = {"gaussian": "", "poisson": ", quasi-Poisson counts", "negative-binomial": ", negative binomial counts"}
    return f"{kind}, segmented regression{family[main.model.family]}; {main.inference}"


def _sample(main: SeriesFit) -> Sample:
    labels = main.model.axis.labels
    n = 1 + len(main.model.controls)
    return Sample(
        n_units=n,
        n_treated=1,
        n_comparison=n - 1,
        n_periods=len(labels),
        first_period=labels[0],
        last_period=labels[-1],
    )


def detect(protocol: Protocol, table: Table, *, draws: int, seed: int) -> Detection:
    """How often the headline of a protocol would find an effect in data like these."""
    design = protocol.design
    assert isinstance(design, ItsDesign)
    if design.sites:
        n = len(design.sites)
        return Detection(power=None, n_units=n, n_treated=n, n_periods=len(table.periods), missing=(NO_POWER,))
    return detection.detect(bind(*request(protocol, design, protocol.primary, table)), draws=draws, seed=seed)


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
    """The headline once more, by statsmodels, on the same design matrix."""
    design = protocol.design
    assert isinstance(design, ItsDesign)
    if design.sites:
        return nobody_else("several sites", "the pooling itself is statsmodels' already")
    return crossed(fit_series(bind(*request(protocol, design, protocol.primary, table))), shown)


ROOM = Room(kind="its", capabilities=CAPABILITIES, answer=answer, detect=detect, cross_check=cross_check)
