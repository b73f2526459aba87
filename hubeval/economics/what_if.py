"""One figure at a time: the net value at both ends of its range, and where it turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval.economics.flows import figures, flows

if TYPE_CHECKING:
    from hubeval.economics.declared import ValueCase
    from hubeval.economics.effect import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Net value with one figure at either end of its range, and the value at which the net value is zero."""

    figure: str
    low: float
    high: float
    net_low: float
    net_high: float
    switches_at: float | None


def what_ifs(case: ValueCase, effects: dict[str, Effect]) -> tuple[WhatIf, ...]:
    """Every effect and every figure with a range, the one that moves the net value most first."""
    gains = {name: effect.gain for name, effect in effects.items()}
    rows = []
    for name, effect in effects.items():
        low, high = sorted((effect.sign * effect.law.low, effect.sign * effect.law.high))
        rows.append(
            _what_if(f"effect on {name}", low, high, lambda x, name=name: float(flows(case, {**gains, name: x}).net))
        )
    for name, item in figures(case).items():
        if not item.certain and item.low is not None and item.high is not None and not name.endswith(": cashable"):
            rows.append(
                _what_if(name, item.low, item.high, lambda x, name=name: float(flows(case, gains, {name: x}).net))
            )
    return tuple(sorted(rows, key=lambda row: -abs(row.net_high - row.net_low)))


def _what_if(name: str, low: float, high: float, net: Any) -> WhatIf:
    """The net value at both ends; the switch by bisection between them, where there is one."""
    ends = net(low), net(high)
    switch = None
    if ends[0] * ends[1] < 0:
        from scipy import optimize  # noqa: PLC0415 - only where a switch is there to find

        switch = float(optimize.brentq(net, low, high))
    return WhatIf(figure=name, low=low, high=high, net_low=ends[0], net_high=ends[1], switches_at=switch)
