"""The way from the file to the estimate as a diagram: boxes from the top down, then the two sides that are compared.

It is drawn from the released sample alone, so it holds no number that the tables do not.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hubeval.release.audit import FLOW
from hubeval.release.gate import INTERNAL
from hubeval.report.drawing import Drawn, saved, styled
from hubeval.report.numbers import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "From the file to what is compared"
WITHHELD = "not shown"
_LINE, _GAP, _PAD = 0.19, 0.34, 0.16  # inches: a line of text, the room between boxes, the room around text
_WIDE, _SIDE, _ALL = 42, 30, 7.2  # characters of a box and of the note beside it; inches across


def flow_of(result: dict[str, Any]) -> dict[str, Any] | None:
    """What the diagram of a released result holds, as words: a box a step, top down; None where none was counted.

    A step that is of another outcome than the primary one is no step of its way: it stands beside the box before it.

    Parameters
    ----------
    result : dict
        The canonical result, released.

    Examples
    --------
    >>> step = {"label": "Rows in the file", "n_rows": 1680, "n_units": 60, "note": ""}
    >>> sample = {"flow": [step], "n_treated": 21, "n_comparison": None}
    >>> found = flow_of({"sample": sample, "protocol": {"outcomes": []}, "release": {"internal": False, "base": 1}})
    >>> found["text"]
    'Rows in the file: 1,680 rows, 60 units. Then compared: treated: 21 units; comparison: units not shown.'
    """
    sample = result["sample"]
    steps: list[tuple[str, str, list[str]]] = []
    others = [one["label"] for one in result["protocol"]["outcomes"] if one["role"] != "primary"]
    for step in sample["flow"]:
        label, note = step["label"], [step["note"]] if step["note"] else []
        if steps and any(other in label for other in others):
            steps[-1][2].append(f"{label}: {_counts(step)}{f' ({note[0]})' if note else ''}")
        else:
            steps.append((label, _counts(step), note))
    if not steps:
        return None
    ends = [(side, _units(sample[key])) for side, key in (("treated", "n_treated"), ("comparison", "n_comparison"))]
    said = " ".join(f"{label}: {counts}{f' ({notes})' if (notes := '; '.join(note)) else ''}."
                    for label, counts, note in steps)  # fmt: skip
    base = result["release"]["base"]
    people = result["release"].get("units") in {"person", "family"}  # counts of places are exact
    told = base > 1 and people and not result["release"]["internal"]
    rounded = f" Counts of people are rounded to the nearest {base}." if told else ""
    last = "; ".join(f"{side}: {units}" for side, units in ends)
    mark = f"{INTERNAL}: " if result["release"]["internal"] else ""
    return {"name": FLOW, "title": f"{mark}{TITLE}", "text": f"{mark}{said} Then compared: {last}.{rounded}",
            "steps": steps, "ends": ends}  # fmt: skip


def _counts(step: dict[str, Any]) -> str:
    """Rows and units of a step; records, which are both, once."""
    rows, units = step["n_rows"], step["n_units"]
    if rows == units:
        return f"{shown(rows)} records" if rows is not None else f"records {WITHHELD}"
    told = f"{shown(rows)} rows" if rows is not None else f"rows {WITHHELD}"
    return f"{told}, {_units(units)}"


def _units(n: int | None) -> str:
    if n is None:
        return f"units {WITHHELD}"
    return "1 unit" if n == 1 else f"{shown(n)} units"


def draw_flow(figure: dict[str, Any]) -> Drawn:
    """The diagram as SVG and as PNG."""
    boxes = [
        ([*wrap(label, _WIDE), counts], [line for one in note for line in wrap(one, _SIDE)])
        for label, counts, note in figure["steps"]
    ]
    tall = [_tall(max(len(lines), len(note))) for lines, note in boxes]
    with styled(figure):
        height = sum(tall) + _GAP * (len(tall) + 1) + _tall(2)
        canvas = Figure(figsize=(_ALL, height), dpi=72)
        FigureCanvasSVG(canvas)
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.grid(visible=False)
        axes.set_xlim(0, _ALL)
        axes.set_ylim(height, 0)
        _drawn(axes, boxes, tall, figure["ends"])
        return saved(canvas, figure)


def _tall(lines: int) -> float:
    return lines * _LINE + 2 * _PAD


def _drawn(
    axes: Axes, boxes: list[tuple[list[str], list[str]]], tall: list[float], ends: list[tuple[str, str]]
) -> None:
    top, left, wide = _GAP / 2, 0.4, 3.9
    middle = left + wide / 2
    for (lines, note), high in zip(boxes, tall, strict=True):
        _box(axes, (left, top, wide, high), lines)
        if note:
            axes.text(left + wide + 0.15, top + high / 2, "\n".join(note), va="center", fontsize=9, color="#333333")
        top += high + _GAP
    for place, (side, units) in enumerate(ends):
        at = left + place * (wide / 2 + 0.1)
        _box(axes, (at, top, wide / 2 - 0.1, _tall(2)), [side, units])
        _arrow(axes, (middle, top - _GAP), (at + wide / 4 - 0.05, top))
    ups = [_GAP / 2 + sum(tall[: i + 1]) + _GAP * i for i in range(len(tall) - 1)]
    for up in ups:
        _arrow(axes, (middle, up), (middle, up + _GAP))


def _box(axes: Axes, at: tuple[float, float, float, float], lines: list[str]) -> None:
    x, y, wide, high = at
    axes.add_patch(Rectangle((x, y), wide, high, facecolor="white", edgecolor="#333333", linewidth=1.0))
    axes.text(x + wide / 2, y + high / 2, "\n".join(lines), ha="center", va="center", fontsize=10)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "#333333", "linewidth": 1.0})
