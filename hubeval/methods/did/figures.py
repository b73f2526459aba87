"""The figures as data: paths of treated and comparison units, effects by time since the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.paths import mean_paths
from hubeval.methods.did.door.support import at_event_times, cohort_support, per_period
from hubeval.methods.did.tables import cell_table
from hubeval.methods.readings.measure import of_changes, of_levels
from hubeval.result import Figure, Mark, Series
from hubeval.scale import change_unit, own_unit
from hubeval.wording import distance, move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted
    from hubeval.result import Estimate


def trends(panel: Panel, labels: Sequence[str], estimate: Estimate, *, by_cohort: bool) -> Figure:
    """Mean outcome by period: never-treated units, and each cohort (all treated together beyond four cohorts).

    Its title gives the raw change of plain means, and why `estimate` is another number where it is; `by_cohort` says
    that the estimator sets each cohort beside its own last period before the start.
    """
    label, unit = estimate.outcome, estimate.unit
    paths = mean_paths(panel)
    x = tuple(float(c) for c in panel.clock)
    names = [name for name in paths if name != "never treated"]
    if len(names) > 4:
        ever = panel.ever[panel.unit]
        mass = np.bincount(panel.time[ever], minlength=panel.n_periods)
        paths["treated"] = np.bincount(panel.time[ever], panel.y[ever], panel.n_periods) / np.maximum(mass, 1)
        names = ["treated"]
    groups = {f"start {panel.label(c)}": panel.first == c for c in panel.cohorts} | {"treated": panel.ever}
    series = [Series(label=_named(panel, labels, name), x=x, y=_plain(paths[name]), style="line", holds="mean",
                     n=per_period(panel, groups[name]), of=_cohort(panel, name)) for name in names]
    if "never treated" in paths:
        series.append(Series(label="never treated", x=x, y=_plain(paths["never treated"]), style="dashed",
                             holds="mean", n=per_period(panel, ~panel.ever), of="never treated"))
    starts = [float(panel.clock[c]) for c in panel.cohorts][: 4 if len(names) > 1 else 1]
    change = _gap_change(panel)
    ends = f"{_at(labels, x[0])} to {_at(labels, x[-1])}"
    title, text = f"{label} by period", f"Mean {label} ({own_unit(unit)}) by period, {ends}"
    if np.isfinite(change):
        moved = "rose" if change > 0 else "fell"
        title = (f"{label}: in plain means the treated {moved} by {distance(change, unit)} against the comparison "
                 "after the start")
        text += (f", for treated units by start and for {panel.sides[1]} units never treated. In plain means, treated "
                 f"minus never treated changed by {move(change, unit)} from before to after the start")
        text += _beside(change, estimate, panel, by_cohort=by_cohort)
    return of_levels(Figure(
        name=f"trends-{panel.outcome}", title=title, x_label="period", y_label=unit, series=tuple(series),
        marks=tuple(Mark(label=f"start {_at(labels, s)}", x=s - 0.5) for s in starts),
        ticks=tuple((value, _at(labels, value)) for value in x), text=f"{text}."), unit)


def event_figure(fitted: Fitted, panel: Panel, label: str, unit: str) -> Figure | None:
    """Effects by time since the start with their intervals; the reference period is drawn at zero."""
    if not fitted.events:
        return None
    rows: list[tuple[float, Estimate | None]] = [*zip(fitted.event_times, fitted.events, strict=True)]
    if -1.0 not in fitted.event_times:
        rows.append((-1.0, None))
    rows.sort(key=lambda row: row[0])
    x = tuple(t for t, _ in rows)
    series: tuple[Series, ...] = (Series(
        label="estimate", x=x, y=tuple(0.0 if e is None else e.estimate for _, e in rows),
        low=tuple(0.0 if e is None else e.conf_low for _, e in rows),
        high=tuple(0.0 if e is None else e.conf_high for _, e in rows), style="intervals", holds="effect",
        n=at_event_times(panel, x)),)
    if fitted.band:
        ends = dict(zip(fitted.event_times, fitted.band, strict=True))
        low, high = (tuple(ends.get(t, (0.0, 0.0))[i] for t in x) for i in (0, 1))
        middle = tuple(0.0 if e is None else e.estimate for _, e in rows)
        series += (Series(label="band that holds all together", x=x, y=middle, low=low, high=high, style="band",
                          holds="effect", n=at_event_times(panel, x)),)
    after = [e for t, e in rows if e is not None and t >= 0]
    clear = [e for e in after if e.conf_low is not None and e.conf_high is not None and e.conf_low * e.conf_high > 0]
    level = f"{after[0].conf_level:.0%}" if after else "95%"
    title = (f"{label}: {len(clear)} of {len(after)} periods from the start on stand clear of zero" if after
             else f"{label}: no period after the start")
    listing = "; ".join(f"{t:g}: {move(e.estimate, unit)}" for t, e in rows if e is not None)
    return of_changes(Figure(
        name=f"event-study-{fitted.overall.outcome}", title=title, x_label="periods since the start", y_label=unit,
        series=series, marks=(Mark(label="start", x=-0.5), Mark(label="no effect", y=0.0)),
        ticks=tuple((value, f"{value:g}") for value in x),
        text=f"Effect on {label} ({change_unit(unit)}) by periods since the start, with pointwise {level} intervals"
             f"{' and a band that holds all of them together' if fitted.band else ''}: {listing}."), unit)


def effects_figure(
    rows: Sequence[Estimate], keys: Sequence[float], label: str, unit: str, axis: str
) -> Figure | None:
    """Effects along a time or a dose, each with its interval and the units behind it."""
    if not rows:
        return None
    x = tuple(float(key) for key in keys)
    listing = "; ".join(f"{at:g}: {move(one.estimate, unit)}" for at, one in zip(x, rows, strict=True))
    return of_changes(Figure(
        name="effects", title=f"{label}: effects by {axis}", x_label=axis, y_label=unit,
        series=(Series(label="estimate", x=x, y=tuple(one.estimate for one in rows),
                       low=tuple(one.conf_low for one in rows), high=tuple(one.conf_high for one in rows),
                       style="intervals", holds="effect", n=tuple(one.support for one in rows)),),
        marks=(Mark(label="no effect", y=0.0),), ticks=tuple((at, f"{at:.3g}") for at in x),
        text=f"Effect on {label} ({change_unit(unit)}) by {axis}, with pointwise 95% intervals: {listing}."), unit)


def cohort_figure(fitted: Fitted, label: str, unit: str) -> Figure | None:
    """Effects as cells, a row a cohort, a column a period; where the estimator gives them and cohorts are 2 to 24."""
    rows = [] if fitted.cells is None else list(cell_table(fitted.cells, unit).rows)
    cohorts = list(dict.fromkeys(str(row[0]) for row in rows))
    if not 2 <= len(cohorts) <= 24:
        return None
    known = {(str(row[0]), str(row[1])): row[2] for row in rows}
    periods = sorted({str(row[1]) for row in rows}, key=[str(row[1]) for row in rows].index)
    x = tuple(float(i) for i in range(len(periods)))
    behind = {} if fitted.cells is None else cohort_support(fitted.cells.panel)
    series = tuple(
        Series(label=f"from {cohort}", x=x, y=tuple(_number(known.get((cohort, p))) for p in periods), style="heat",
               holds="effect", n=(behind.get(cohort),) * len(x), of=cohort)
        for cohort in cohorts)
    cells = [(abs(v), v, s.label, p) for s in series for p, v in zip(periods, s.y, strict=True) if v is not None]
    absent = len(series) * len(periods) - len(cells)
    hatched = f" {absent} cells are not computed and hatched." if absent else ""
    _, most, whose, when = max(cells)
    ends = {s.label: "not computed" if s.y[-1] is None else move(s.y[-1], change_unit(unit)) for s in series}
    last = "; ".join(f"{cohort}: {end}" for cohort, end in ends.items())
    return Figure(
        name=f"cohorts-{fitted.overall.outcome}", x_label=f"period (cells: {change_unit(unit)})",
        y_label="cohort (start)", series=series, ticks=tuple(zip(x, periods, strict=True)),
        title=f"{label}: effects of {len(cohorts)} cohorts, period by period",
        text=f"Effects on {label} ({change_unit(unit)}): a row for each of {len(cohorts)} cohorts, a column for each "
             f"of {len(periods)} periods, {periods[0]} to {periods[-1]}; what lies before a cohort's start should be "
             f"near zero. The larger the effect in size, the darker the cell.{hatched} The largest is "
             f"{move(most, change_unit(unit))}, {whose} in {when}. In the last period {last}. "
             "The table of effects by cohort and period has the rest.")


def placebo_figure(fitted: Fitted, label: str, unit: str) -> Figure | None:
    """Where the estimate stands among those of permuted starts."""
    if fitted.placebo is None:
        return None
    draws = fitted.placebo.draws[:, 0]
    draws = draws[np.isfinite(draws)]
    counts, edges = np.histogram(draws, bins=min(40, max(8, len(draws) // 20)))
    middle = tuple(float(v) for v in (edges[:-1] + edges[1:]) / 2)
    actual = fitted.overall.estimate
    beyond, one = _beyond(draws, actual)
    return of_changes(Figure(
        name=f"placebo-{fitted.overall.outcome}", x_label=f"estimate under other starts ({unit})",
        y_label="assignments",
        title=f"{label}: {beyond} of {len(draws)} assignments of the starts {'gives' if one else 'give'} an estimate "
              "at least as large",
        series=(Series(label="permuted starts", x=middle, y=tuple(float(c) for c in counts), style="bars",
                       holds="model"),),
        marks=(Mark(label="the real starts", x=float(actual)),),
        text=f"Estimates for {label} ({change_unit(unit)}) under {len(draws)} assignments of the start dates to "
             f"units lie between {move(float(draws.min()), unit)} and {move(float(draws.max()), unit)}; the real "
             f"starts give {move(actual, unit)}, and {beyond} {'is' if one else 'are'} at least as "
             "large."), unit, along="x")


def _beyond(draws: NDArray[np.float64], actual: float) -> tuple[int, bool]:
    """How many assignments give an estimate at least as large, and whether that is one."""
    n = int((np.abs(draws) >= abs(actual) - 1e-9 * abs(actual)).sum())
    return n, n == 1


def _beside(change: float, estimate: Estimate, panel: Panel, *, by_cohort: bool) -> str:
    """Why the estimate is another number than the raw change; nothing where the two read the same."""
    if move(change, estimate.unit) == move(estimate.estimate, estimate.unit):
        return ""
    how = ("sets each cohort beside its own last period before the start, not beside the mean of all before it"
           if by_cohort else "takes out each unit's and each period's own level before it averages")
    also = ", and allows for the covariates" if panel.x.shape[1] else ""
    also += ", and weights the rows" if panel.weights is not None else ""
    return f". The estimate, {move(estimate.estimate, estimate.unit)}, is another number because it {how}{also}"


def _gap_change(panel: Panel) -> float:
    """Treated minus never treated, after minus before the start, plain means."""
    if panel.ever.all():
        return float("nan")
    never = ~panel.ever[panel.unit]
    base = np.bincount(panel.time[never], panel.y[never], panel.n_periods) / np.maximum(
        np.bincount(panel.time[never], minlength=panel.n_periods), 1)
    gap = panel.y - base[panel.time]
    after = panel.treated
    before = panel.ever[panel.unit] & ~after
    return float(gap[after].mean() - gap[before].mean())


def _named(panel: Panel, labels: Sequence[str], name: str) -> str:
    for cohort in panel.cohorts:
        if name == f"start {panel.label(cohort)}":
            return f"treated from {_at(labels, float(panel.clock[cohort]))}"
    return name


def _cohort(panel: Panel, name: str) -> str:
    """The start of the cohort that a line is of, as the data write it; nothing for all of the treated."""
    return next((str(panel.label(c)) for c in panel.cohorts if name == f"start {panel.label(c)}"), "")


def _at(labels: Sequence[str], value: float) -> str:
    return labels[int(value)] if 0 <= value < len(labels) else f"{value:g}"


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _plain(values: object) -> tuple[float | None, ...]:
    return tuple(float(v) if np.isfinite(v) else None for v in np.asarray(values, dtype=float))
