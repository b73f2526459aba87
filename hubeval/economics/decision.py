"""What a decision rests on: the ladder of options, the chance that each is best, and what it is worth to know more.

The field's own definitions: net benefit, acceptability curve and frontier (Fenwick, Claxton & Sculpher 2001), dominance
and extended dominance (Drummond and others 2015), expected value of perfect and of partly perfect information
(Briggs, Claxton & Sculpher 2006; Strong, Oakley & Brennan 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One option on the ladder: what it adds to the next cheaper one worth having.

    `status` is ``"on the ladder"``, ``"dominated"`` (another costs no more and does no less) or ``"extendedly
    dominated"`` (a mixture of two others does); only the first kind has a ratio, and the cheapest has none.
    """

    option: str
    cost: float
    effect: float
    added_cost: float | None
    added_effect: float | None
    ratio: float | None
    status: Literal["on the ladder", "dominated", "extendedly dominated"]


NOTHING = "no programme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One option beside others: its place on the ladder, or why it has none.

    `ratio` is pounds for one more of what is counted than the option below it brings; `chance` is the share of draws in
    which it is the best choice at the unit cost entered.
    """

    option: str
    grade: str
    cost: float
    number: float | None = None
    ratio: float | None = None
    status: str = "not placed"
    chance: float | None = None
    reason: str = ""


def ladder(options: Sequence[str], cost: Floats, effect: Floats) -> tuple[Step, ...]:
    """Cost-effectiveness ratios between options worth having, and what is dominated.

    Parameters
    ----------
    options : sequence of str
    cost, effect : (k,) array
        Mean cost and mean effect of each; more effect is better.

    Examples
    --------
    >>> made = ladder(["A", "B", "C"], np.array([0.0, 100.0, 300.0]), np.array([0.0, 1.0, 2.0]))
    >>> [(step.option, step.ratio) for step in made]
    [('A', None), ('B', 100.0), ('C', 200.0)]
    """
    order = sorted(range(len(options)), key=lambda i: (cost[i], -effect[i]))
    kept: list[int] = []
    dominated = []
    for i in order:
        if kept and effect[i] <= effect[kept[-1]]:
            dominated.append(i)
        else:
            kept.append(i)
    hull: list[int] = []
    for i in kept:
        while len(hull) > 1 and _ratio(hull[-2], hull[-1], cost, effect) >= _ratio(hull[-1], i, cost, effect):
            hull.pop()
        hull.append(i)
    steps = []
    for at, i in enumerate(hull):
        before = hull[at - 1] if at else None
        added = None if before is None else (float(cost[i] - cost[before]), float(effect[i] - effect[before]))
        steps.append(Step(
            option=options[i], cost=float(cost[i]), effect=float(effect[i]), added_cost=added and added[0],
            added_effect=added and added[1], ratio=added[0] / added[1] if added else None, status="on the ladder",
        ))  # fmt: skip
    rest: list[tuple[int, Literal["dominated", "extendedly dominated"]]] = [
        (i, "extendedly dominated") for i in kept if i not in hull
    ]
    rest += [(i, "dominated") for i in dominated]
    for i, status in rest:
        steps.append(
            Step(
                option=options[i],
                cost=float(cost[i]),
                effect=float(effect[i]),
                added_cost=None,
                added_effect=None,
                ratio=None,
                status=status,
            )
        )
    return tuple(steps)


def acceptability(cost: Floats, effect: Floats, worth: Floats) -> tuple[Floats, NDArray[np.int64], Floats]:
    """How often each option is best, which is best on average, and what perfect information is worth.

    Parameters
    ----------
    cost, effect : (draws, k) array
    worth : (w,) array
        Pounds that one unit of effect may be worth.

    Returns
    -------
    best : (w, k)
        Share of draws in which each option has the highest net benefit.
    chosen : (w,)
        The option with the highest mean net benefit: the frontier.
    information : (w,)
        Expected value of perfect information.

    Examples
    --------
    >>> best, chosen, evpi = acceptability(np.array([[0.0, 1.0], [0.0, 3.0]]), np.array([[0.0, 1.0], [0.0, 1.0]]),
    ...     np.array([2.0]))
    >>> best.tolist(), chosen.tolist(), evpi.tolist()
    ([[0.5, 0.5]], [0], [0.5])
    """
    best, chosen, information = np.empty((len(worth), cost.shape[1])), np.empty(len(worth), dtype=np.int64), []
    for at, each in enumerate(worth):
        net = each * effect - cost
        first = net.argmax(axis=1)
        best[at] = np.bincount(first, minlength=cost.shape[1]) / len(net)
        means = net.mean(axis=0)
        chosen[at] = int(means.argmax())
        information.append(float(net.max(axis=1).mean() - means.max()))
    return best, chosen, np.array(information)


def perfect_information(net: Floats) -> float:
    """Expected value of knowing everything before choosing between doing it (`net`, (draws,)) and not (0).

    Examples
    --------
    >>> perfect_information(np.array([-1.0, 3.0])), perfect_information(np.array([1.0, 3.0]))
    (0.5, 0.0)
    """
    return float(np.maximum(net, 0.0).mean() - max(float(net.mean()), 0.0))


def partial_information(net: Floats, figure: Floats) -> float:
    """Expected value of knowing one figure before choosing: the net benefit expected given it, by a smooth regression.

    A cubic spline with knots at the quintiles of the figure, fitted by least squares, as in Strong, Oakley & Brennan
    (2014). A figure that does not vary is worth nothing to know.

    Parameters
    ----------
    net, figure : (draws,) array
    """
    spread = figure.std()
    if not spread > 0:
        return 0.0
    z = (figure - figure.mean()) / spread
    knots = np.quantile(z, [0.2, 0.4, 0.6, 0.8])
    basis = np.column_stack([np.ones_like(z), z, z**2, z**3, *[np.clip(z - knot, 0, None) ** 3 for knot in knots]])
    expected = basis @ np.linalg.lstsq(basis, net, rcond=None)[0]
    return max(float(np.maximum(expected, 0.0).mean() - max(float(expected.mean()), 0.0)), 0.0)


def _ratio(one: int, two: int, cost: Floats, effect: Floats) -> float:
    return float((cost[two] - cost[one]) / (effect[two] - effect[one]))
