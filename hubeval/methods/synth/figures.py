"""The figures as data: paths, gaps among placebo gaps, weights, placebo starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.readings.measure import of_changes, of_levels
from hubeval.result import Figure, Mark, Series
from hubeval.scale import change_unit, own_unit
from hubeval.wording import distance, move

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.control import ControlFit
    from hubeval.methods.synth.fits.synthetic_did import SyntheticDid

    Floats = NDArray[np.float64]

_LINES = 60  # placebo gaps drawn at most, best fits first
_CARRIES = 5e-4  # weights below this are not drawn
_BARS = 25


def paths(fit: ControlFit | SyntheticDid, label: str, unit: str) -> Figure:
    """The treated path beside the synthetic one."""
    gap, panel = fit.gap(), fit.panel
    way = "below" if fit.estimate < 0 else "above"
    text = (
        f"{label} ({own_unit(unit)}) of {_named(panel)} and of its synthetic counterpart, {panel.times[0]} to "
        f"{panel.times[-1]}; from {panel.times[panel.t0]} on the treated path lies {distance(fit.estimate, unit)} "
        f"{way} the synthetic one, on average."
    )
    figure = Figure(
        name=f"paths-{panel.outcome}",
        title=f"{label}: {distance(fit.estimate, unit)} {way} the synthetic path since {panel.times[panel.t0]}",
        x_label="period",
        y_label=unit,
        ticks=_ticks(panel),
        marks=(_start(panel),),
        text=text,
        series=(
            Series(label=_named(panel), x=_x(panel), y=_plain(gap["observed"]), holds="value"),
            Series(label="synthetic", x=_x(panel), y=_plain(gap["synthetic"]), style="dashed", holds="value"),
            *_band(fit),
        ),
    )
    return of_levels(figure, unit)


def _band(fit: ControlFit | SyntheticDid) -> tuple[Series, ...]:
    """Where the synthetic path may lie in each period from the start on: the observed less the ends of its interval."""
    after = fit.gap().iloc[fit.panel.t0 :]
    each = [e for e in fit.estimates() if e.term.startswith("effect at")]
    ends = [(e.conf_low, e.conf_high) for e in each if e.conf_low is not None and e.conf_high is not None]
    if len(ends) < len(each):
        return ()
    observed = _plain(after["observed"])
    return (
        Series(
            label=f"{each[0].conf_level:.0%} band, period by period",
            x=_x(fit.panel)[fit.panel.t0 :],
            y=_plain(after["synthetic"]),
            low=tuple(o - high for o, (_, high) in zip(observed, ends, strict=True)),
            high=tuple(o - low for o, (low, _) in zip(observed, ends, strict=True)),
            style="band",
            holds="value",
        ),
    )


def gaps(fit: ControlFit, label: str, unit: str) -> Figure:
    """The treated gap among the placebo gaps of the units that fit no worse than five times as badly."""
    test, panel, i = fit.tests, fit.panel, fit.treated
    fair = [
        int(j) for j in np.argsort(test.pre, kind="stable") if j != i and test.pre[j] <= 5 * max(test.pre[i], 1e-300)
    ]
    drawn = [_plain(test.gaps[:, j]) for j in fair[:_LINES]]
    lines = [Series(label="", x=_x(panel), y=y, style="dashed", holds="value") for y in drawn]
    place = test.by_ratio
    said = (
        f"rank {place.rank} of {place.n} by post/pre ratio" if place else "no rank: its fit before the start is perfect"
    )
    text = (
        f"Observed minus synthetic {label} ({change_unit(unit)}) by period for {_named(panel)} (solid) and for "
        f"{len(lines)} placebo units whose fit before the start is at most five times as bad; "
        f"{said}."
    )
    figure = Figure(
        name=f"placebo-gaps-{panel.outcome}",
        title=f"{label}: gap of {_named(panel)} among placebo gaps, {said}",
        x_label="period",
        y_label=unit,
        ticks=_ticks(panel),
        marks=(_start(panel), Mark(label="no gap", y=0.0)),
        text=text,
        series=(Series(label=_named(panel), x=_x(panel), y=_plain(test.gaps[:, i]), holds="value"), *lines),
    )
    return of_changes(figure, unit)


def weights(fit: ControlFit | SyntheticDid, label: str) -> Figure:
    """Donor weights as bars, largest first."""
    all_of_them = fit.weights
    carrying = all_of_them[all_of_them.abs() > _CARRIES]
    shown = carrying.iloc[:_BARS]
    largest = shown.index[0]
    places = tuple(float(k) for k in range(len(shown)))
    text = (
        f"{len(carrying)} of {len(all_of_them)} donors carry weight; the largest is {largest} with {shown.iloc[0]:.2f}"
        + (f"; {len(carrying) - len(shown)} smaller ones are not drawn." if len(carrying) > len(shown) else ".")
    )
    return Figure(
        name=f"weights-{fit.panel.outcome}",
        title=f"{label}: what the synthetic path is made of",
        x_label="weight",
        y_label="donor",
        horizontal=True,
        ticks=tuple((float(k), str(name)) for k, name in enumerate(shown.index)),
        text=text,
        series=(Series(label="weight", x=places, y=_plain(shown), style="bars", holds="model"),),
    )


def time_weights(fit: SyntheticDid, label: str) -> Figure:
    """Weights of the periods before the start, as bars."""
    shown = fit.time_weights
    x = tuple(float(k) for k in range(len(shown)))
    return Figure(
        name=f"time-weights-{fit.panel.outcome}",
        title=f"{label}: the periods that the change is counted from",
        x_label="period",
        y_label="weight",
        ticks=tuple((k, str(t)) for k, t in zip(x, shown.index, strict=True)),
        text=f"{int((shown > _CARRIES).sum())} of {len(shown)} periods before the start carry weight.",
        series=(Series(label="weight", x=x, y=_plain(shown), style="bars", holds="model"),),
    )


def placebo_starts(fit: ControlFit, earlier: pd.DataFrame, label: str, unit: str) -> Figure:
    """The estimate at every admissible earlier start, and at the true one."""
    panel = fit.panel
    x = [float(panel.times.index(t)) for t in earlier["start"]]
    text = (
        f"Mean gap in {label} ({change_unit(unit)}) when the start is moved to each of {len(x)} earlier periods, using "
        f"only periods before the true start; at the true start it is {move(fit.estimate, unit)}."
    )
    figure = Figure(
        name=f"placebo-starts-{panel.outcome}",
        title=f"{label}: the same analysis at {len(x)} earlier starts",
        x_label="start",
        y_label=unit,
        ticks=_ticks(panel),
        marks=(_start(panel), Mark(label="no gap", y=0.0)),
        text=text,
        series=(
            Series(label="earlier starts", x=tuple(x), y=_plain(earlier["estimate"]), style="points", holds="effect"),
            Series(label="true start", x=(float(panel.t0),), y=(fit.estimate,), style="points", holds="effect"),
        ),
    )
    return of_changes(figure, unit)


def _plain(values: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _x(panel: Panel) -> tuple[float, ...]:
    return tuple(float(t) for t in range(len(panel.times)))


def _ticks(panel: Panel) -> tuple[tuple[float, str], ...]:
    return tuple((float(k), str(t)) for k, t in enumerate(panel.times))


def _start(panel: Panel) -> Mark:
    return Mark(label=f"start {panel.times[panel.t0]}", x=panel.t0 - 0.5)


def _named(panel: Panel) -> str:
    return ", ".join(str(panel.units[i]) for i in panel.treated)
