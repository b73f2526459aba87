"""Figures of a power calculation, as data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.result import Figure, Mark, ResultTable, Series

if TYPE_CHECKING:
    from hubeval.detectable.values import CurvePoint, Power


def power_figures(found: Power) -> Power:
    """The same power with its figures and tables."""
    figures = [*([_against_effect(found)] if found.points else [])]
    if len(found.units) > 1:
        figures.append(_curve(found, found.units, "units", "Units in all"))
    if len(found.periods) > 1:
        figures.append(_curve(found, found.periods, "periods", "Periods in all"))
    return replace(found, figures=tuple(figures), tables=(*found.tables, *_tables(found)))


def _against_effect(found: Power) -> Figure:
    points = sorted(found.points, key=lambda point: point.effect)
    marks = [Mark(label=f"power {found.target:.0%}", y=found.target)]
    if found.smallest_worthwhile is not None:
        marks.append(Mark(label="smallest worthwhile", x=found.smallest_worthwhile))
    size = found.smallest_detectable
    said = "no effect reaches the target"
    if size is not None:
        said = f"{size:.3g} {found.unit} is found {found.target:.0%} of the time"
    spread = [1.96 * (p.std_error or 0.0) for p in points]
    return Figure(
        name="power-effect", title=f"Power grows with the effect: {said}",
        x_label=f"True effect, as a size ({found.unit})", y_label="Power",
        series=(
            Series(
                label="Power", x=tuple(p.effect for p in points), y=tuple(p.power for p in points),
                low=tuple(max(0.0, p.power - s) for p, s in zip(points, spread, strict=True)),
                high=tuple(min(1.0, p.power + s) for p, s in zip(points, spread, strict=True)),
                style="intervals", holds="model",
            ),
        ),
        marks=tuple(marks), text=f"Power against {len(points)} true effects; {said}.",
    )


def _curve(found: Power, points: tuple[CurvePoint, ...], name: str, x_label: str) -> Figure:
    x = tuple(float(p.n_units if name == "units" else p.n_periods) for p in points)
    y = tuple(p.smallest_detectable for p in points)
    marks = []
    if found.smallest_worthwhile is not None:
        marks.append(Mark(label="smallest worthwhile", y=found.smallest_worthwhile))
    first, last = next((v for v in y if v is not None), None), y[-1]
    ends = "" if first is None or last is None else f": {first:.3g} at the fewest, {last:.3g} at the most"
    return Figure(
        name=f"power-{name}", title=f"The smallest detectable effect by number of {name}{ends}", x_label=x_label,
        y_label=f"Smallest detectable effect ({found.unit})",
        series=(Series(label="Smallest detectable effect", x=x, y=y, style="line", holds="model"),), marks=tuple(marks),
        text=f"Smallest detectable effect with other numbers of {name}{ends}.",
    )


def _tables(found: Power) -> tuple[ResultTable, ...]:
    if not found.points:
        return ()
    rows = tuple((p.effect, p.power, p.std_error) for p in found.points)
    return (ResultTable(name="power", caption="Power by true effect",
                        columns=(f"effect ({found.unit})", "power", "Monte Carlo error"), rows=rows,
                        holds=("model",) * 3),)
