"""Honest bounds, the power of the pre-trend test and the decomposition, in words and as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.methods.did.decompose import KINDS
from hubeval.result import Diagnostic, Figure, Mark, NotComputed, ResultTable, Series

if TYPE_CHECKING:
    from hubeval.methods.did.decompose import Decomposition
    from hubeval.methods.did.effects import CellEffects
    from hubeval.methods.did.honest import Honest
    from hubeval.methods.did.pretrends import Pretrends

    Status = Literal["pass", "caution", "fail", "information"]

FEW = " With few treated clusters the errors behind these bounds are too small, so the true ones are wider."


def honest_diagnostic(found: Honest, *, few: bool = False) -> Diagnostic:
    """How far trends may part before the conclusion falls.

    Parameters
    ----------
    found : Honest
    few : bool
        Few treated clusters: the bounds rest on errors that are then too small.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.did.effects import Effects
    >>> from hubeval.methods.did.honest import honest
    >>> study = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-3., -2., 0., 1.),
    ...                 estimate=np.array([0.1, -0.1, 2.0, 2.2]), covariance=0.04 * np.eye(4))
    >>> honest_diagnostic(honest(study)).status
    'pass'
    """
    relative = found.kind == "relative"
    what = (f"{found.breakdown:.2g} times the largest change seen before the start" if relative
            else f"a bend of {found.breakdown:.3g} a period")
    clear = found.low > 0 or found.high < 0
    if not clear:
        status: Status = "information"
        reading = (f"The event study's mean effect is {found.estimate:.3g} ({found.low:.3g} to {found.high:.3g}) even "
                   "under exactly parallel trends: it holds zero, so there is no conclusion to overturn.")
    elif np.isinf(found.breakdown):
        status, reading = "pass", "The sign of the effect holds under every departure tried."
    elif found.breakdown <= 0:
        status = "caution"
        reading = ("The sign of the effect holds under exactly parallel trends only, not "
                   + ("under the smallest departure." if relative else "if a difference in trend goes on as a line."))
    else:
        status = "pass" if not relative or found.breakdown >= 1 else "caution"
        reading = f"The sign of the effect holds until trends part, from one period to the next, by {what}."
    for limit, low, high in zip(found.limit, found.lows, found.highs, strict=True):
        if relative and limit == 1 and clear:
            reading += f" If they part by as much as before, the interval is {low:.3g} to {high:.3g}."
    if status == "caution" and found.breakdown > 0:
        reading += " A departure no larger than what was seen before would be enough to explain the effect."
    return Diagnostic(
        name=f"honest bounds ({found.kind})", question="How far may trends have parted before the conclusion falls?",
        statistic=None if np.isinf(found.breakdown) else found.breakdown, status=status,
        threshold="1 or more: holds under departures as large as any before the start" if relative
        else "in the outcome's unit, a period", reading=reading + (FEW if few and clear else ""))


def power_diagnostic(found: Pretrends, effect: float) -> Diagnostic:
    """Whether the pre-trend test could have seen a violation that matters.

    Parameters
    ----------
    found : Pretrends
        With the slope found 80% of the time last among its slopes.
    effect : float
        The effect that the violation is set against.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.did.effects import Effects
    >>> from hubeval.methods.did.pretrends import pretrends
    >>> study = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-2., 0.),
    ...                 estimate=np.array([0.1, 2.0]), covariance=np.eye(2))
    >>> power_diagnostic(pretrends(study), 2.0).status
    'caution'
    """
    slope, power = float(found.slopes[-1]), float(found.powers[-1])
    bias = abs(found.bias / found.slope) * slope if found.slope else 0.0
    share = bias / abs(effect) if effect else np.inf
    blind = share >= 0.5
    reading = (f"The test finds a difference in trend of {slope:.3g} a period {power:.0%} of the time. Such a trend, "
               f"going on after the start, would put {bias:.3g} into the average effect, which is {effect:.3g}. ")
    reading += ("So a trend large enough to make up half of the effect or more could well have passed unseen: that the "
                "test was passed says little." if blind else
                "So a trend large enough to make up half of the effect would probably have been seen.")
    return Diagnostic(name="power of the pre-trend test", question="Would a trend that matters have been seen?",
                      statistic=None if np.isinf(share) else share, status="caution" if blind else "pass",
                      threshold=f"bias of the trend seen {power:.0%} of the time, as a share of the effect: below 0.5",
                      reading=reading)


def decomposition_diagnostic(parts: Decomposition) -> Diagnostic:
    """What the two-way fixed-effects number rests on, for a staggered design.

    Examples
    --------
    >>> from hubeval.methods.did.decompose import decompose
    >>> from hubeval.methods.did.examples import staggered
    >>> parts = decompose(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> decomposition_diagnostic(parts).status
    'caution'
    """
    name, question = "two-way fixed-effects weights", "Does the two-way number rest on sound comparisons?"
    if len(np.unique(parts.cell_group)) < 2:
        return Diagnostic(name=name, question=question, statistic=0.0, status="pass",
                          reading="All treated units start together, so every comparison is with units not treated.")
    count = int((parts.cell_weight < 0).sum())
    reading = f"Two-way fixed effects gives {parts.two_way:.3g}. "
    if len(parts.weight):
        reading += (f"{parts.forbidden:.0%} of its weight lies on comparisons of later starters with units already "
                    "treated, whose own effects are taken for a trend. ")
    reading += (f"{count} of {len(parts.cell_weight)} cohort-by-period effects enter with a negative weight (summing "
                f"to {parts.negative:.2f}). " if count else "No effect enters with a negative weight. ")
    if np.isfinite(parts.fragile_at):
        reading += (f"If effects differ between cohorts and periods by a standard deviation of {parts.fragile_at:.3g}, "
                    "the number fits a true average of zero.")
    return Diagnostic(name=name, question=question, statistic=parts.forbidden if len(parts.weight) else parts.negative,
                      threshold="any negative weight, or 10% on such comparisons", reading=reading,
                      status="caution" if count or parts.forbidden > 0.1 else "information")


def honest_figure(found: Honest, label: str, unit: str) -> Figure:
    """Intervals under growing departures from parallel trends."""
    relative = found.kind == "relative"
    x = ("parallel", *(f"{limit:g}" for limit in found.limit))
    low, high = (found.low, *found.lows.tolist()), (found.high, *found.highs.tolist())
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    clear = [name for name, a, b in zip(x, low, high, strict=True) if a > 0 or b < 0]
    title = (f"{label}: the sign holds up to a departure of {found.breakdown:.2g}" if np.isfinite(found.breakdown)
             else f"{label}: the sign holds under every departure tried")
    if not clear:
        title = f"{label}: no sign can be concluded, even under parallel trends"
    measure = "times the largest change before the start" if relative else f"bend of the trend, {unit} a period"
    listing = "; ".join(f"{name}: {a:.3g} to {b:.3g}" for name, a, b in zip(x, low, high, strict=True))
    return Figure(
        name=f"honest-{found.kind}", title=title, x_label=f"departure allowed ({measure})", y_label=unit,
        series=(Series(label=f"{found.conf_level:.0%} interval", x=x, y=middle, low=low, high=high,
                       style="intervals"),), marks=(Mark(label="no effect", y=0.0),),
        text=f"Intervals for the effect on {label} ({unit}) under growing departures from parallel trends: {listing}.")


def comparisons_figure(parts: Decomposition, label: str, unit: str) -> Figure | NotComputed:
    """Every 2x2 comparison behind the two-way number: its estimate against its weight."""
    if not len(parts.weight):
        return parts.not_computed[0]
    series = []
    for kind in KINDS:
        which = [j for j, k in enumerate(parts.kind) if k == kind]
        if which:
            series.append(Series(label=kind, x=tuple(parts.weight[which].tolist()),
                                 y=tuple(parts.estimate[which].tolist()), style="points"))
    listing = "; ".join(f"{kind}: {weight:.0%} of the weight, mean {estimate:.3g}"
                        for kind, weight, estimate in parts.summary().itertuples(index=False))
    return Figure(
        name="comparisons", x_label="weight", y_label=unit, series=tuple(series),
        title=f"{label}: {parts.forbidden:.0%} of the two-way number compares with units already treated",
        marks=(Mark(label=f"two-way {parts.two_way:.3g}", y=parts.two_way),),
        text=f"Comparisons that make up the two-way number for {label} ({unit}), {parts.two_way:.3g}. {listing}.")


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
        series=(Series(label="two-way fixed effects", x=x, y=tuple(parts.cell_weight.tolist()), style="bars"),
                Series(label="plain average", x=x, y=tuple(plain.tolist()), style="points")),
        marks=(Mark(label="zero", x=0.0),),
        text=f"Weights of {len(x)} cohort-by-period effects in the two-way number; the negative ones sum to "
             f"{parts.negative:.3f}.")


def cohort_figure(cells: CellEffects, label: str, unit: str) -> Figure:
    """Effects by cohort and period: one line a cohort."""
    series = []
    for group in np.unique(cells.group):
        which = np.flatnonzero(cells.group == group)
        which = which[np.argsort(cells.time[which])]
        series.append(Series(label=f"start {group:g}", x=tuple(cells.time[which].tolist()),
                             y=tuple(cells.estimate[which].tolist()), style="line"))
    after = cells.estimate[cells.event_time >= 0]
    return Figure(
        name="cohort-by-period", x_label="period", y_label=unit, series=tuple(series),
        title=f"{label}: effects range from {after.min():.3g} to {after.max():.3g} over cohorts and periods",
        marks=(Mark(label="no effect", y=0.0),),
        text=f"Effects on {label} ({unit}) by cohort of start and period; the table holds the numbers.")


def cohort_table(cells: CellEffects, label: str, unit: str) -> ResultTable:
    """The heat map's numbers: one row a cohort, one column a period, blank before what is estimated."""
    times, groups = np.unique(cells.time), np.unique(cells.group)
    value = {(g, t): float(e) for g, t, e in zip(cells.group, cells.time, cells.estimate, strict=True)}
    rows = tuple((f"{g:g}", *(value.get((g, t)) for t in times)) for g in groups)
    return ResultTable(name="cohort-by-period", caption=f"Effect on {label} ({unit}) by cohort of start and period",
                       columns=("start", *(f"{t:g}" for t in times)), rows=rows)
