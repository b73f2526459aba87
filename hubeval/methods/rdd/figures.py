"""The figures as data: means by score with the lines, other bandwidths, how many lie where. Support on every mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.rdd.estimators.polynomial import fit
from hubeval.methods.readings.measure import of_changes, of_levels
from hubeval.result import Figure, Mark, Series
from hubeval.scale import change_unit, own_unit
from hubeval.wording import distance, move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.rdd.checks.attempts import Tried
    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.methods.rdd.door.sides import Side
    from hubeval.methods.rdd.inference.effect import Effect
    from hubeval.protocol import Outcome, RddDesign

    Floats = NDArray[np.float64]

_BINS = 20  # on a side, at most
_FEWEST = 20  # rows of a bin, where there are enough
_POINTS = 9


def _step(given: Given) -> float:
    """A round step of the score, about a twentieth of the farther side: places drawn give no record's score away."""
    wanted = max(side.reach for side in given.cut.sides) / _BINS
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(power * next(times for times in (1, 2, 5, 10) if times * power >= wanted * (1 - 1e-9)))


def _tidy(given: Given, x: Floats) -> Floats:
    """Distances as scores, rounded to a tenth of a step."""
    fine = _step(given) / 10
    return np.asarray(given.score(np.round(x / fine) * fine))


def means(given: Given, design: RddDesign, effect: Effect, outcome: Outcome) -> Figure:
    """Means of the outcome by score, with the local lines whose gap at the cut-off is the effect."""
    names = ("treated side", "other side") if given.treated_above else ("other side", "treated side")
    series = []
    for name, side in zip(reversed(names), given.cut.sides, strict=True):
        series += _points(given, side, name)
    if effect.estimator != "randomisation":
        for name, side in zip(reversed(names), given.cut.sides, strict=True):
            series.append(_line(given, design, side, effect.h, name))
    finding, more = _said(given, effect, outcome)
    lines = "" if effect.estimator == "randomisation" else ", with a local line on each side of the cut-off"
    text = (f"Means of {outcome.label} ({own_unit(outcome.unit)}) by {design.running}, in groups of neighbouring "
            f"scores{lines}. {more}")
    figure = Figure(
        name=f"means-{outcome.column}",
        title=f"{outcome.label}: {finding}",
        x_label=design.running, y_label=outcome.unit, series=tuple(series),
        marks=(Mark(label="cut-off", x=float(design.cutoff)),), text=text)
    return of_levels(figure, outcome.unit)


def _said(given: Given, effect: Effect, outcome: Outcome) -> tuple[str, str]:
    """The finding for a title, and how the lines drawn stand to it."""
    way = "lower" if effect.estimate < 0 else "higher"
    far = distance(effect.estimate, outcome.unit)
    if given.cut.fuzzy:
        return f"{far} {way} for those whom the cut-off moved", (
            f"The effect, {far} {way}, is the jump of the lines over the jump in the share treated, with its bias "
            "taken off.")
    if effect.estimator == "robust":
        return f"{far} {way} on the treated side of the cut-off", (
            f"The effect, {far} {way} on the treated side, is the jump of the lines with its bias taken off"
            + (", adjusted for covariates." if given.cut.covariates else "."))
    if effect.estimator == "honest":
        return f"{far} {way} on the treated side of the cut-off", (
            f"The lines jump by {far}: the treated side lies {way}.")
    return f"{far} {way} on the treated side, within the window", (
        f"Within the window the mean on the treated side lies {far} {way}.")


def _points(given: Given, side: Side, name: str) -> list[Series]:
    bins = max(2, min(_BINS, side.n // _FEWEST))
    edges = np.unique(np.quantile(np.abs(side.x), np.linspace(0, 1, bins + 1)))
    at = np.clip(np.searchsorted(edges, np.abs(side.x), side="right") - 1, 0, max(len(edges) - 2, 0))
    n = np.bincount(at)
    kept = n > 0
    x = _tidy(given, np.bincount(at, side.x)[kept] / n[kept])
    y = np.bincount(at, side.values[:, 0])[kept] / n[kept]
    order = np.argsort(x)
    return [Series(label=f"mean, {name}", x=tuple(map(float, x[order])), y=tuple(map(float, y[order])), style="points",
                   holds="mean", n=tuple(map(int, n[kept][order])))]


def _line(given: Given, design: RddDesign, side: Side, h: float, name: str) -> Series:
    local = fit(side, h, 1, design.kernel)
    far = min(h, np.floor(side.reach / _step(given)) * _step(given) or h) * (1 if side.x[-1] > 0 else -1)
    x = np.linspace(0.0, far, _POINTS)
    y = local.beta[0, 0] + local.beta[1, 0] * x / h
    score = given.score(x)
    order = np.argsort(score)
    return Series(label=f"local line, {name}", x=tuple(map(float, score[order])), y=tuple(map(float, y[order])),
                  holds="mean", n=(local.n,) * _POINTS)


def spread(given: Given, design: RddDesign) -> Figure:
    """How many records lie where, about the cut-off."""
    names = ("other side", "treated side") if given.treated_above else ("treated side", "other side")
    step = _step(given)
    edges = step * np.arange(np.floor(max(side.reach for side in given.cut.sides) / step) + 2)
    series = []
    for name, side in zip(names, given.cut.sides, strict=True):
        n, _ = np.histogram(np.abs(side.x), edges)
        middle = given.score((edges[1:] + edges[:-1]) / 2 * (1 if side.x[-1] > 0 else -1))
        kept = np.flatnonzero(n)
        order = kept[np.argsort(middle[kept])]
        series.append(Series(label=f"records, {name}", x=tuple(map(float, middle[order])),
                             y=tuple(map(float, n[order])), style="bars", holds="count",
                             n=tuple(map(int, n[order]))))
    return Figure(
        name="records-by-score", title=f"How many records lie where by {design.running}", x_label=design.running,
        y_label="records", series=tuple(series), marks=(Mark(label="cut-off", x=float(design.cutoff)),),
        text=f"Counts of records by {design.running}, in equal steps on each side of the cut-off; a pile on one side "
        "of it would mean that some chose theirs.")


def sensitivity(tried: Sequence[Tried], outcome: Outcome, column: str) -> Figure | None:
    """The effect at other bandwidths."""
    if len(tried) < 2:
        return None
    low, high = min(t.estimate for t in tried), max(t.estimate for t in tried)
    unit = outcome.unit
    figure = Figure(
        name=f"bandwidths-{column}",
        title=f"{outcome.label}: from {move(low, unit)} to {move(high, unit)} as the bandwidth goes from half to twice",
        x_label="bandwidth", y_label=f"effect ({change_unit(unit)})", marks=(Mark(label="no change", y=0.0),),
        series=(Series(label="effect, 95% interval", x=tuple(t.h for t in tried), y=tuple(t.estimate for t in tried),
                       low=tuple(t.low for t in tried), high=tuple(t.high for t in tried), style="intervals",
                       holds="effect", n=tuple(min(t.n) for t in tried)),),
        text=f"The effect on {outcome.label} at {len(tried)} bandwidths, each with its 95% interval.")
    return of_changes(figure, unit)
