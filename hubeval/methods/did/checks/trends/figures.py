"""Honest bounds and the comparisons behind a two-way number, as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.trends.decompose import KINDS
from hubeval.methods.readings.measure import of_changes
from hubeval.result import EACH_COHORT, Figure, Mark, NotComputed, Series
from hubeval.scale import change, change_unit, scale_of
from hubeval.wording import brief, move

if TYPE_CHECKING:
    from hubeval.methods.did.checks.trends.decompose import Decomposition
    from hubeval.methods.did.checks.trends.honest import Honest


def honest_figure(found: Honest, label: str, unit: str) -> Figure:
    """Intervals under growing departures from parallel trends."""
    relative = found.kind == "relative"
    allowed = found.limit if relative else [change(float(limit), unit) for limit in found.limit]
    x = ("parallel", *(f"{limit:g}" if relative or scale_of(unit) == "level" else brief(limit) for limit in allowed))
    low, high = (found.low, *found.lows.tolist()), (found.high, *found.highs.tolist())
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    clear = [name for name, a, b in zip(x, low, high, strict=True) if a > 0 or b < 0]
    title = (f"{label}: the sign holds up to a departure of {_departure(found, unit)}" if np.isfinite(found.breakdown)
             else f"{label}: the sign holds under every departure tried")
    if not clear:
        title = f"{label}: no sign can be concluded, even under parallel trends"
    measure = "times the largest change before the start" if relative else f"bend, {change_unit(unit)} a period"
    listing = "; ".join(f"{name}: {move(a, unit)} to {move(b, unit)}" for name, a, b in zip(x, low, high, strict=True))
    return of_changes(Figure(
        name=f"honest-{found.kind}", title=title, x_label=f"departure allowed ({measure})", y_label=unit,
        series=(Series(label=f"{found.conf_level:.0%} interval", x=x, y=middle, low=low, high=high,
                       style="intervals", holds="model"),), marks=(Mark(label="no effect", y=0.0),),
        text=f"Intervals for the effect on {label} ({change_unit(unit)}) under growing departures from parallel "
             f"trends: {listing}."), unit)


def _departure(found: Honest, unit: str) -> str:
    return brief(found.breakdown, 2) if found.kind == "relative" else move(found.breakdown, unit, 2)


def comparisons_figure(parts: Decomposition, label: str, unit: str) -> Figure | NotComputed:
    """Every 2x2 comparison behind the two-way number: its estimate against its weight."""
    if not len(parts.weight):
        return parts.not_computed[0]
    series = []
    for kind in KINDS:
        which = [j for j, k in enumerate(parts.kind) if k == kind]
        if which:
            series.append(Series(label=kind, x=tuple(parts.weight[which].tolist()),
                                 y=tuple(parts.estimate[which].tolist()), style="points", holds="effect",
                                 n=tuple(_fewest(parts, j) for j in which), of=EACH_COHORT))
    listing = "; ".join(f"{kind}: {weight:.0%} of the weight, mean {move(estimate, unit)}"
                        for kind, weight, estimate in parts.summary().itertuples(index=False))
    return of_changes(Figure(
        name="comparisons", x_label="weight", y_label=unit, series=tuple(series),
        title=f"{label}: {parts.forbidden:.0%} of the two-way number compares with units already treated",
        marks=(Mark(label=f"two-way {move(parts.two_way, unit)}", y=parts.two_way),),
        text=f"Comparisons that make up the two-way number for {label} ({change_unit(unit)}), "
             f"{move(parts.two_way, unit)}. {listing}."), unit)


def weights_figure(parts: Decomposition, label: str, periods: tuple[str, ...] = ()) -> Figure:
    """Weight of each cohort-by-period effect in the two-way number, beside its plain share.

    `periods` are the labels of the positions 0, 1, … that the table counts its periods by.
    """
    named = [periods[int(n)] if periods else f"{n:g}" for n in (*parts.cell_group, *parts.cell_time)]
    x = tuple(f"{g} in {t}" for g, t in zip(named[: len(named) // 2], named[len(named) // 2 :], strict=True))
    plain = parts.cell_size / parts.cell_size.sum()
    count = int((parts.cell_weight < 0).sum())
    return Figure(
        name="two-way-weights", x_label="weight", y_label="start and period", horizontal=True,
        title=f"{label}: {count} of {len(x)} effects count negatively in the two-way number",
        series=(Series(label="two-way fixed effects", x=x, y=tuple(parts.cell_weight.tolist()), style="bars",
                       holds="model", of=EACH_COHORT),
                Series(label="plain average", x=x, y=tuple(plain.tolist()), style="points", holds="model",
                       of=EACH_COHORT)),
        marks=(Mark(label="zero", x=0.0),),
        text=f"Weights of {len(x)} cohort-by-period effects in the two-way number; "
             + (f"the negative ones sum to {parts.negative:.3f}." if count else "none is negative."))


def _fewest(parts: Decomposition, j: int) -> int | None:
    """The fewest units on either side of one 2x2 comparison."""
    return min(parts.units[float(parts.treated[j])], parts.units[float(parts.untreated[j])])
