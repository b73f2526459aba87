"""The economic breakdown value: how far the design's assumption may be off before the net value can be zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.economics.flows import flows

if TYPE_CHECKING:
    from hubeval.economics.declared import ValueCase
    from hubeval.economics.effect import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Where the net value can be zero.

    Attributes
    ----------
    value : float or None
        The departure from the assumption at which it can; 0 where it can without any; None where it was not computed.
    reading : str
        What it means, or why it was not computed.
    """

    value: float | None
    reading: str


def breakdown(case: ValueCase, effects: dict[str, Effect], result: dict[str, Any]) -> Breakdown:
    """The smallest departure at which the worst effect still allowed no longer pays for the costs.

    Read off the intervals that the evaluation drew by size of departure (honest bounds, Rambachan & Roth 2023) for the
    only outcome that is priced; between the sizes drawn, a straight line.
    """
    if len(effects) != 1:
        return Breakdown(value=None, reading="Not computed: more than one outcome is priced, and bounds speak of one.")
    (effect,) = effects.values()
    drawn = _bounds(result, effect.outcome)
    if drawn is None:
        return Breakdown(value=None, reading="Not computed: the evaluation drew no bounds by size of departure.")
    at, worst = drawn
    if effect.sign < 0:
        worst = -worst
    net = np.array([float(flows(case, {effect.outcome: gain}).net) for gain in worst])
    if net[0] <= 0:
        return Breakdown(
            value=float(at[0]),
            reading="At the near end of the interval the programme does not pay for "
            "itself even if trends would have stayed together.",
        )
    below = np.flatnonzero(net <= 0)
    if not len(below):
        return Breakdown(
            value=None,
            reading=f"Departures up to {at[-1]:.2g} times the largest change between periods "
            "before the start leave the net value above zero; larger ones were not tried.",
        )
    i = int(below[0])
    crossing = at[i - 1] + (at[i] - at[i - 1]) * net[i - 1] / (net[i - 1] - net[i])
    return Breakdown(
        value=float(crossing),
        reading=f"The net value can be zero once trends part, from one period to "
        f"the next, by {crossing:.2g} times the largest change seen before the start.",
    )


def _bounds(result: dict[str, Any], outcome: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Sizes of departure and the end of the interval nearest to harm at each, in the outcome's own direction."""
    primary = next((item for item in result["protocol"]["outcomes"] if item["label"] == outcome), None)
    if primary is None or primary["role"] != "primary":
        return None
    figure = next((item for item in result.get("figures", []) if item["name"] == "honest-relative"), None)
    line = next((line for line in figure["series"] if line["low"] and line["high"]), None) if figure else None
    if line is None:
        return None
    end = "high" if primary["direction"] == "lower is better" else "low"
    pairs = [
        (float(x), float(worst))
        for x, worst in zip(line["x"], line[end], strict=True)
        if x != "parallel" and worst is not None
    ]
    if len(pairs) < 2:
        return None
    at, worst = np.array(sorted(pairs)).T
    return at, worst
