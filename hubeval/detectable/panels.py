"""Curves of a difference-in-differences: other numbers of units, shorter follow-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.detectable.values import CurvePoint
from hubeval.engine.detection import smallest
from hubeval.methods.did.inference.curves import by_periods, by_units
from hubeval.methods.did.room import panel_for
from hubeval.protocol import DidDesign

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
    assert isinstance(protocol.design, DidDesign)
    panel = panel_for(protocol, table)
    asked = {"draws": draws, "seed": seed}
    return {
        "units": _points(by_units(panel, protocol.design, **asked, say=say), target, sign),
        "periods": _points(by_periods(panel, protocol.design, **asked, say=say), target, sign),
    }


def _points(made: tuple[Elsewhere, ...], target: float, sign: int) -> tuple[CurvePoint, ...]:
    return tuple(
        CurvePoint(n_units=one.n_units, n_treated=one.n_treated, n_periods=one.n_periods,
                   smallest_detectable=smallest(lambda size, e=one.ends: e.power(sign * size), target, one.ends.scale))  # type: ignore[misc]
        for one in made)
