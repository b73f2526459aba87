"""The forest plot of several councils' results, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.result import Figure, Mark, Series
from hubeval.scale import change, change_unit
from hubeval.wording import move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.engine.random_effects import Pooled
    from hubeval.federation.studies import Study

    Row = tuple[str, float, float | None, float | None, int | None]


def forest(studies: Sequence[Study], pooled: Pooled | None, outcome: str, unit: str) -> Figure:
    """Every council's effect with its interval, then their mean and where a further council would lie.

    Each mark says how many treated units stand behind it, where that may be told.
    """
    each: list[Row] = [(f"{s.area} ({s.design})", s.estimate, s.low, s.high, s.n_treated) for s in studies]
    counts = [s.n_treated for s in studies]
    total = sum(n for n in counts if n is not None) if None not in counts else None
    parts: list[tuple[str, list[Row]]] = [("councils", each)]
    if pooled is not None:
        parts.append(("mean over councils", [("all councils", pooled.estimate, pooled.low, pooled.high, total)]))
        further = ("a further council", pooled.estimate, pooled.new_low, pooled.new_high, total)
        parts.append(("where a further council would lie", [further]))
    said = "; ".join(_told(row, unit) for _, rows in parts for row in rows)
    mean = "no mean is given" if pooled is None else f"mean {move(pooled.estimate, unit)}"
    return Figure(
        name="forest", title=f"{outcome}: {len(studies)} councils, {mean}", x_label=change_unit(unit),
        y_label="council (design)", horizontal=True, series=tuple(_series(label, rows, unit) for label, rows in parts),
        marks=(Mark(label="no change", x=0.0),), text=f"{outcome}, effect with interval: {said}.",
    )  # fmt: skip


def _told(row: Row, unit: str) -> str:
    name, at, low, high, _ = row
    ends = "" if low is None or high is None else f" ({move(low, unit)} to {move(high, unit)})"
    return f"{name} {move(at, unit)}{ends}"


def _series(label: str, rows: Sequence[Row], unit: str) -> Series:
    """Rows as intervals; one without an interval is drawn as a point of no width."""
    return Series(
        label=label, style="intervals", holds="effect", x=tuple(name for name, *_ in rows),
        y=tuple(change(at, unit) for _, at, *_ in rows),
        low=tuple(change(at if low is None else low, unit) for _, at, low, _, _ in rows),
        high=tuple(change(at if high is None else high, unit) for _, at, _, high, _ in rows),
        n=tuple(n for *_, n in rows),
    )  # fmt: skip
