"""The figures as data: series with counterfactual and band, residuals, placebo dates, comparison and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.readings.measure import of_changes, of_levels
from hubeval.result import Figure, Mark, NotComputed, Series
from hubeval.scale import change_unit
from hubeval.wording import amount, brief, extent, move

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from hubeval.methods.its.checks.placebo_starts import PlaceboDate
    from hubeval.methods.its.door.model import SeriesModel
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.methods.its.inference.permutation import PermutationRank
    from hubeval.result import Estimate, Holds


def series_figure(result: SeriesFit, name: str, *, title: str = "") -> Figure:
    """Observed and fitted series, and the counterfactual with its band."""
    model, frame = result.model, result.counterfactual()
    effect = result.average().absolute
    after = frame[frame.after]
    x = _plain(range(model.n))
    way = "below" if effect.estimate < 0 else "above"
    far = extent(effect.estimate, result.unit)
    said = title or f"{model.outcome}: {far} {way} what would have been expected"
    ends = f" ({_interval(effect)})" if effect.conf_low is not None else ""
    lines = (
        Series(label="observed", x=x, y=_plain(frame.observed), style="points", holds=_kind(frame.observed)),
        Series(label="fitted", x=x, y=_plain(frame.fitted), style="line", holds="model"),
        _expected(result, after),
    )
    figure = Figure(
        name=name,
        title=said,
        x_label=model.axis.unit,
        y_label=result.unit,
        series=lines,
        marks=_marks(model),
        ticks=_ticks(model.axis.labels),
        text=f"{model.outcome} from {model.axis.labels[0]} to {model.axis.labels[-1]}. After "
        f"{model.axis.labels[model.start]} it lies on average {far} {way} the "
        f"counterfactual{ends}.",
    )
    return of_levels(figure, result.unit)


def _marks(model: SeriesModel) -> tuple[Mark, ...]:
    """A line at every start, and at the end of what was withdrawn."""
    labels = model.axis.labels
    ends = sorted({b.last for b in model.breaks if b.last is not None})
    return (*(Mark(label=f"start {labels[b.position]}", x=b.position - 0.5) for b in model.breaks),
            *(Mark(label=f"end {labels[last]}", x=last + 0.5) for last in ends))


def _expected(result: SeriesFit, after: pd.DataFrame) -> Series:
    """The counterfactual with its band; a plain line where the series is too short for one."""
    x, y = _plain(after.index), _plain(after.counterfactual)
    if not result.intervals:
        return Series(label="counterfactual", x=x, y=y, style="dashed", holds="model")
    return Series(
        label="counterfactual",
        x=x,
        y=y,
        low=_plain(after.conf_low),
        high=_plain(after.conf_high),
        style="band",
        holds="model",
    )


def residual_figure(result: SeriesFit, name: str) -> Figure:
    """Residuals with the modelled autocorrelation taken out, in standard deviations."""
    model = result.model
    heard = np.flatnonzero(~model.silent)
    e = result.fitted.whitened[heard]
    z = e / e.std()
    far = int((np.abs(z) > 3).sum())
    return Figure(
        name=name,
        title=f"{model.outcome}: {far} of {len(z)} residuals lie more than three standard deviations out",
        x_label=model.axis.unit,
        y_label="standard deviations",
        series=(Series(label="residual", x=_plain(heard), y=_plain(z), style="points", holds="value"),),
        marks=(
            Mark(label="zero", y=0.0),
            Mark(label=f"start {model.axis.labels[model.start]}", x=model.start - 0.5),
        ),
        ticks=_ticks(model.axis.labels),
        text=f"Residuals of {model.outcome} with autocorrelation taken out; {far} of {len(z)} beyond three standard "
        "deviations.",
    )


def placebo_figure(result: SeriesFit, found: tuple[PlaceboDate, ...] | NotComputed, name: str) -> Figure | None:
    """The average effect at every admissible date before the start, and at the start itself."""
    if isinstance(found, NotComputed):
        return None
    labels, real = result.model.axis.labels, result.average().absolute
    points = [(float(one.position), one.estimate) for one in found]
    lines = [
        Series(
            label=label,
            x=tuple(x for x, _ in chosen),
            y=tuple(e.estimate for _, e in chosen),
            low=tuple(e.conf_low for _, e in chosen),
            high=tuple(e.conf_high for _, e in chosen),
            style="intervals",
            holds="effect",
        )
        for label, chosen in (("placebo dates", points), ("the real start", [(float(result.model.start), real)]))
    ]
    clear = sum(e.conf_low is not None and e.conf_high is not None and e.conf_low * e.conf_high > 0 for _, e in points)
    figure = Figure(
        name=name,
        title=f"{result.model.outcome}: {clear} of {len(points)} dates before the start show a change too",
        x_label=f"pretended start ({result.model.axis.unit})",
        y_label=real.unit,
        series=tuple(lines),
        marks=(Mark(label="no change", y=0.0),),
        ticks=_ticks(labels[: result.model.start + 1]),
        text=f"{real.term} estimated at {len(points)} dates before the start, from earlier data alone; {clear} of the "
        f"intervals leave out zero. At the real start it is {move(real.estimate, real.unit)}.",
    )
    return of_changes(figure, real.unit)


def comparison_figure(result: SeriesFit, name: str) -> Figure | None:
    """The treated series and its comparison, each about its own mean before the start."""
    model = result.model
    if model.comparison is None:
        return None
    own = model.y / np.exp(model.comparison.own) if model.log_link else model.y
    pooled = model.comparison.series / model.comparison.exposure
    heard = ~model.silent
    before = model.before
    lines = []
    for label, values, style in (("treated", own, "line"), ("comparison, mean", pooled.mean(axis=0), "dashed")):
        shown = values / values[before].mean() if model.log_link else values - values[before].mean()
        y = tuple(None if not ok else float(v) for ok, v in zip(heard, shown, strict=True))
        lines.append(Series(label=label, x=_plain(range(model.n)), y=y, style=style, holds="value"))  # type: ignore[arg-type]
    moved = [
        float(np.mean([v for v, a in zip(line.y, model.after, strict=True) if a and v is not None])) for line in lines
    ]
    told = [brief(value) if model.log_link else move(value, result.unit) for value in moved]
    what = "times" if model.log_link else change_unit(result.unit)
    figure = Figure(
        name=name,
        title=f"{model.outcome}: after the start the treated series averages {told[0]}, the comparison "
        f"{told[1]} ({what} relative to before)",
        x_label=model.axis.unit,
        y_label="ratio to the mean before the start" if model.log_link else f"{result.unit}, about the mean before",
        series=tuple(lines),
        marks=(Mark(label=f"start {model.axis.labels[model.start]}", x=model.start - 0.5),),
        ticks=_ticks(model.axis.labels),
        text=f"Treated and comparison series ({', '.join(model.controls)}), each relative to its own mean before the "
        f"start. After it the treated series averages {told[0]} and the comparison {told[1]}.{_differs(result, moved)}",
    )
    return of_changes(figure, result.unit)


def _differs(result: SeriesFit, moved: list[float]) -> str:
    """Why the effect is another number than the gap between the two lines; nothing where they read the same."""
    effect = result.average().absolute
    gap = "" if result.model.log_link else move(moved[0] - moved[1], result.unit)
    if gap == move(effect.estimate, effect.unit):
        return ""
    return (f" The effect, {amount(effect.estimate, effect.unit)}, is another number because it is taken from where "
            "the trend and season before the start would have led, not from the mean before it.")


def rank_figure(found: PermutationRank | NotComputed, outcome: str, name: str) -> Figure | None:
    """Every series' change in standard errors, largest first."""
    if isinstance(found, NotComputed):
        return None
    ordered = sorted(found.statistics, key=lambda pair: -pair[1])
    return Figure(
        name=name,
        title=f"{outcome}: the treated series ranks {found.rank} of {found.of}",
        x_label="average change, in standard errors",
        y_label="series, each as if treated",
        series=(Series(label="series", x=tuple(n for n, _ in ordered), y=tuple(v for _, v in ordered), style="bars",
                       holds="effect"),),
        horizontal=True,
        text=f"Each comparison series was analysed as if treated; the treated one ranks {found.rank} of {found.of} "
        f"(p {brief(found.p_value)}, smallest possible {brief(found.smallest_p)}).",
    )


def _kind(values: Iterable[Any]) -> Holds:
    """A series of whole numbers is one of counts; any other, of values that rest on counts told elsewhere."""
    known = np.array([value for value in values if np.isfinite(value)], dtype=float)
    return "count" if bool(np.all(known >= 0) and np.all(known == np.round(known))) else "value"


def _plain(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(None if not np.isfinite(value) else float(value) for value in values)


def _ticks(labels: tuple[str, ...], most: int = 12) -> tuple[tuple[float, str], ...]:
    step = max(1, -(-len(labels) // most))
    return tuple((float(i), labels[i]) for i in range(0, len(labels), step))


def _interval(one: Estimate) -> str:
    if one.conf_low is None or one.conf_high is None:
        return "no interval"
    return f"95% interval {move(one.conf_low, one.unit)} to {move(one.conf_high, one.unit)}"
