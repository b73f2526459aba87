"""Curves of a difference-in-differences: other numbers of units, shorter follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.detectable.values import CurvePoint
from hubeval.engine.detection import smallest
from hubeval.methods.did.inference.curves import by_periods, by_units
from hubeval.methods.did.room import panel_for
from hubeval.scale import change

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.data.table import Table
    from hubeval.methods.did.inference.curves import Elsewhere
    from hubeval.protocol import Protocol

    Curves = dict[str, tuple[CurvePoint, ...]]


def curves(
    protocol: Protocol, table: Table, *, target: float, sign: int, draws: int, seed: int, say: Callable[[str], None]
) -> Curves:
    """The smallest effects found in one direction, over units and over periods."""
    panel, design = panel_for(protocol, table)
    asked, unit = {"draws": draws, "seed": seed}, protocol.primary.unit
    return {
        "units": _points(by_units(panel, design, **asked, say=say), target, sign, unit),
        "periods": _points(by_periods(panel, design, **asked, say=say), target, sign, unit),
    }


def _points(made: tuple[Elsewhere, ...], target: float, sign: int, unit: str) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(n_units=one.n_units, n_treated=one.n_treated, n_periods=one.n_periods,
                   smallest_detectable=_size(one, target, sign, unit))
        for one in made)


def _size(one: Elsewhere, target: float, sign: int, unit: str) -> float | None:
    """The smallest size found, as a reader of this unit knows it."""
    found = smallest(lambda size: one.ends.power(sign * size), target, one.ends.scale)
    return None if found is None else abs(change(sign * found, unit))
