"""Monitoring that knows noise from change: XmR charts in the conventions of the NHS.

The charts follow the conventions of NHS England's "Making Data Count": a point says "special cause"
only where a rule says so, and the reader is told which rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import Door
from hubeval.result import Diagnostic, Figure, Mark, Series
from hubeval.theory.numbers import as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

Better = Literal["lower is better", "higher is better", "neither"]
BETTER = ("lower is better", "higher is better", "neither")
SIGMAS = 2.66 / 3  # one sigma in mean moving ranges, by the rounded factor 2.66 that the NHS tools use
SCREEN = 3.267  # D4: upper limit of a moving range, in mean ranges
RUN = 7
ECHO = 0.3
NO_CAUSE = "The chart shows whether the series changed, not why."
# tests/recovery/theory measures these two sentences
FALSE_ALARMS = (
    "Of charts of pure noise, about 1 in 5 with 24 points (and nearly 1 in 2 with 60) break some rule somewhere; "
    "the latest point does so about 2 times in 100."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period: its value, the limits it is read against, and what the rules say of it."""

    period: str
    value: float
    mean: float
    lower: float
    upper: float
    rule: str
    reading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """An XmR chart as data.

    Parameters
    ----------
    points : tuple of Point
    rebased : tuple of str
        Periods from which limits were worked out anew, each with its stated reason.
    variation, assurance : str
        What the latest point says; whether the target would be met as things are
        (``"will pass"``, ``"will fail"``, ``"hit and miss"``, or ``"no target"``).
    limits : tuple of str
        What the chart does not show.
    """

    label: str
    points: tuple[Point, ...]
    better: Better
    target: float | None
    rebased: tuple[str, ...]
    variation: str
    assurance: str
    cautions: tuple[Diagnostic, ...]
    limits: tuple[str, ...] = (NO_CAUSE, FALSE_ALARMS)

    def figure(self) -> Figure:
        """The chart for the report: values, mean and limits, with the special points as their own series."""
        x = tuple(float(i) for i in range(len(self.points)))
        special = [i for i, p in enumerate(self.points) if p.rule != "Common Cause"]
        marks = [Mark(label="target", y=self.target)] if self.target is not None else []
        return Figure(
            name="xmr",
            title=f"{self.label}: {self.variation}",
            x_label="period",
            y_label=self.label,
            series=(
                Series(
                    label="mean and limits",
                    x=x,
                    y=tuple(p.mean for p in self.points),
                    style="band",
                    low=tuple(p.lower for p in self.points),
                    high=tuple(p.upper for p in self.points),
                ),
                Series(label="value", x=x, y=tuple(p.value for p in self.points)),
                Series(
                    label="special cause",
                    x=tuple(x[i] for i in special),
                    y=tuple(self.points[i].value for i in special),
                    style="points",
                ),
            ),
            marks=tuple(marks),
            ticks=tuple((i, p.period) for i, p in zip(x, self.points, strict=True)),
            text=f"{self.label}: {len(special)} of {len(self.points)} points are outside what ordinary "
            "variation "
            f"gives. Latest: {self.variation}. Target: {self.assurance}. {NO_CAUSE}",
        )


def xmr(
    values: ArrayLike,
    *,
    time: Sequence[object] | None = None,
    better: Better = "neither",
    target: float | None = None,
    rebase: Sequence[int] | dict[int, str] = (),
    baseline: int | None = None,
    screen: bool = True,
    label: str = "measure",
) -> Chart:
    """An individuals (XmR) chart with the NHS rules.

    Parameters
    ----------
    values : array_like, shape (n_periods,)
        One value for each period, in order, with no gaps.
    time : sequence, optional
        Names of the periods.
    better : {"lower is better", "higher is better", "neither"}
    target : float, optional
    rebase : sequence of int, or mapping of int to reason
        Positions (first period is 0) from which limits are worked out anew. Rebase where the process was
        changed on a known date, never because the chart looks better for it.
    baseline : int, optional
        Work limits out on the first `baseline` periods of each stretch only.
    screen : bool
        Leave moving ranges beyond 3.267 times their mean out of the limits.
    label : str

    Returns
    -------
    Chart

    Raises
    ------
    BadInput
        Gaps, fewer than 3 values in a stretch, rebasing outside the series.

    References
    ----------
    Wheeler (1993), Understanding Variation; NHS England, Making Data Count.

    Examples
    --------
    >>> chart = xmr([50, 52, 49, 51, 50, 48, 51, 50, 70, 50, 49, 51], better="higher is better")
    >>> chart.points[8].rule, chart.points[8].reading
    ('Above UCL', 'special cause, improvement')
    """
    y = as_numbers(values, "values")
    names = [str(v) for v in time] if time is not None else [str(i + 1) for i in range(y.size)]
    cuts = [0, *_positions(rebase), y.size]
    _check(y, names, cuts, better, baseline)
    points: list[Point] = []
    for start, stop in pairwise(cuts):
        points += _stretch(y[start:stop], names[start:stop], better, baseline, screen)
    last = points[-1]
    why = rebase if isinstance(rebase, dict) else {}
    return Chart(
        label=label,
        points=tuple(points),
        better=better,
        target=target,
        variation=last.reading,
        rebased=tuple(f"{names[i]}: {why.get(i, 'no reason given')}" for i in cuts[1:-1]),
        assurance=_assurance(last, target, better),
        cautions=tuple(_cautions(y, cuts, baseline, why)),
    )


def _positions(rebase: Sequence[int] | dict[int, str]) -> list[int]:
    if any(isinstance(i, bool) or not isinstance(i, (int, np.integer)) for i in rebase):
        door = Door()
        door.refuse("rebase", "holds something that is not a position", "whole numbers; the first period is 0", "")
        door.close()
    return sorted(int(i) for i in rebase)


def _stretch(
    y: NDArray[np.float64],
    names: list[str],
    better: Better,
    baseline: int | None,
    screen: bool,  # noqa: FBT001
) -> list[Point]:
    """Points of one stretch between rebasings."""
    base = y[:baseline] if baseline else y
    mean = float(base.mean())
    ranges = np.abs(np.diff(base))
    if screen:
        ranges = ranges[ranges <= SCREEN * ranges.mean()]
    sigma = float(ranges.mean()) * SIGMAS
    rules = _rules(y, mean, sigma)
    return [
        Point(
            period=name,
            value=float(v),
            mean=mean,
            lower=mean - 3 * sigma,
            upper=mean + 3 * sigma,
            rule=rule,
            reading=_reading(rule, better),
        )
        for name, v, rule in zip(names, y, rules, strict=True)
    ]


def _rules(y: NDArray[np.float64], mean: float, sigma: float) -> list[str]:
    """The first rule that each point breaks, in the order of the NHS tool."""
    side = np.where(np.isclose(y, mean, rtol=1e-12), 0, np.sign(y - mean))
    rising = np.sign(np.diff(y, prepend=np.nan))
    outside = np.abs(y - mean) > 3 * sigma
    near = np.where((np.abs(y - mean) > 2 * sigma) & ~outside, side, 0)
    found = ["Common Cause"] * y.size
    runs, trends = _in_run(side, RUN), _in_run(rising[1:], RUN - 1)
    for i, value in enumerate(y):
        above = "Above" if value > mean else "Below"
        trend = next((t for t in (trends[i - 1] if i else 0, trends[i] if i < y.size - 1 else 0) if t), 0)
        if abs(value - mean) > 3 * sigma:
            found[i] = f"{above} {'UCL' if value > mean else 'LCL'}"
        elif trend:
            found[i] = f"7 Point Trend ({'Increasing' if trend > 0 else 'Decreasing'})"
        elif near[i] and _two_in_three(near, side, i):
            found[i] = f"2 in 3 {above} CL"
        elif runs[i]:
            found[i] = f"7 Points {above} CL"
    return found


def _in_run(signs: NDArray[np.float64], length: int) -> list[int]:
    """For each place, the sign of the run of `length` or more equal signs it stands in; else 0."""
    out = [0] * signs.size
    start = 0
    for i in range(1, signs.size + 1):
        if i == signs.size or signs[i] != signs[start]:
            if signs[start] != 0 and i - start >= length:
                out[start:i] = [int(signs[start])] * (i - start)
            start = i
    return out


def _two_in_three(near: NDArray[np.float64], side: NDArray[np.float64], i: int) -> bool:
    """Whether some three points in a row on one side of the mean, `i` among them, have two beyond 2 sigma."""
    windows = (slice(j, j + 3) for j in range(max(0, i - 2), min(i, near.size - 3) + 1))
    return any((near[w] == near[i]).sum() >= 2 and bool((side[w] == side[i]).all()) for w in windows)


def _reading(rule: str, better: Better) -> str:
    """What a rule's label means for this measure."""
    if rule == "Common Cause":
        return "common cause: ordinary variation"
    up = "Above" in rule or "Increasing" in rule or rule == "Above UCL"
    if better == "neither":
        return f"special cause, {'high' if up else 'low'}"
    return f"special cause, {'improvement' if up == (better == 'higher is better') else 'concern'}"


def _assurance(last: Point, target: float | None, better: Better) -> str:
    """Whether the process as it runs would meet the target, by where the target lies against the limits."""
    if target is None:
        return "no target"
    if better == "neither":
        return "not judged: no direction was said to be better"
    if last.lower <= target <= last.upper:
        return "hit and miss"
    return "will pass" if (target < last.lower) == (better == "higher is better") else "will fail"


def _cautions(y: NDArray[np.float64], cuts: list[int], baseline: int | None, why: dict[int, str]) -> list[Diagnostic]:
    """What makes the limits less sure than they look."""
    shortest = min(baseline or stop - start for start, stop in pairwise(cuts))
    found = [
        Diagnostic(
            name="points behind the limits",
            question="Are there points enough to set limits?",
            statistic=float(shortest),
            threshold="12 or more",
            status="pass" if shortest >= 12 else "caution",
            reading=f"Limits rest on as few as {shortest} points"
            + ("." if shortest >= 12 else ": treat them as provisional."),
        )
    ]
    silent = sum(not why.get(i) for i in cuts[1:-1])
    if silent:
        found.append(_unexplained(silent))
    echo = max(_echo(y[start:stop]) for start, stop in pairwise(cuts))
    if echo > ECHO:
        found.append(_drifting(echo))
    different = np.unique(y).size
    if different < 4:
        found.append(
            Diagnostic(
                name="few different values",
                question="Does the measure vary enough for these limits?",
                statistic=float(different),
                threshold="4 or more different values",
                status="caution",
                reading="The series takes very few values; small counts need a chart for rare events.",
            )
        )
    return found


def _unexplained(times: int) -> Diagnostic:
    return Diagnostic(
        name="rebasing",
        question="Is each rebasing tied to a known change?",
        statistic=float(times),
        threshold="a reason for each",
        status="caution",
        reading=f"Limits were worked out anew {times} times with no reason given. Rebasing because the chart looks "
        "better for it hides change.",
    )


def _drifting(echo: float) -> Diagnostic:
    return Diagnostic(
        name="points that follow one another",
        question="Are the points independent, as the limits take them to be?",
        statistic=echo,
        threshold=f"lag-1 correlation up to {ECHO:g}",
        status="caution",
        reading=f"Neighbouring points resemble one another (lag-1 correlation {echo:.2f}). If the measure does so by "
        "itself, its limits are too narrow: at a true correlation of .3, 45 of 100 charts of 24 points broke a rule "
        "though nothing had changed; at .6, 81. A change part way can bring it too.",
    )


def _echo(y: NDArray[np.float64]) -> float:
    """Lag-1 autocorrelation."""
    gap = y - y.mean()
    total = float((gap**2).sum())
    return float((gap[1:] * gap[:-1]).sum()) / total if total > 0 else 0.0


def _check(y: NDArray[np.float64], names: list[str], cuts: list[int], better: str, baseline: int | None) -> None:
    door = Door()
    door.choice("better", better, BETTER)
    if y.ndim != 1 or not np.isfinite(y).all():
        door.refuse(
            "values",
            f"{int((~np.isfinite(y)).sum())} periods have no value",
            "one number for each period",
            "A gap is not a zero: fill it from the source, or start the chart after it.",
        )
    if len(names) != y.size:
        door.refuse("time", f"{len(names)} names for {y.size} values", "one for each value", "Correct it.")
    if cuts != sorted(set(cuts)) or any(not 0 <= i <= y.size for i in cuts):
        door.refuse(
            "rebase",
            f"found {', '.join(map(str, cuts[1:-1]))}",
            f"different positions from 1 to {y.size - 1}",
            "The first period is position 0.",
        )
    elif min((stop - start for start, stop in pairwise(cuts)), default=0) < 3:
        door.refuse(
            "rebase" if len(cuts) > 2 else "values",
            "a stretch has fewer than 3 values",
            "3 or more between rebasings",
            "Wait for more periods, or rebase elsewhere.",
        )
    if baseline is not None and baseline < 3:
        door.refuse("baseline", f"found {baseline}", "3 or more", "12 or more gives steadier limits.")
    door.close()
