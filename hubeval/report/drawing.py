"""Figures as data into SVG: greyscale-safe, labelled for a screen reader, the same bytes every time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from io import BytesIO, StringIO
from math import nan
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

from hubeval.release.gate import INTERNAL
from hubeval.report.numbers import minus

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes

# told apart by shape, dash and shade, never by hue alone
_LOOKS = (
    {"color": "#111111", "linestyle": "-", "marker": "o"},
    {"color": "#5a5a5a", "linestyle": (0, (5, 2)), "marker": "s"},
    {"color": "#1d5b8f", "linestyle": (0, (1, 1.5)), "marker": "^"},
    {"color": "#9a9a9a", "linestyle": "-", "marker": "D"},
    {"color": "#8a4b08", "linestyle": (0, (3, 1, 1, 1)), "marker": "v"},
)
_TURNED_FROM = 12  # columns of a heat map from which the numbers stand upright
_WHITE_ABOVE = 0.54  # shade of a cell from which its number is white: contrast stays above 4.5 to 1
_DPI = 72  # what an SVG is drawn at
_DOTS = 150  # an inch of a PNG: sharp on a slide and on paper
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a dollar in a label is a dollar
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#d9d9d9",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.constrained_layout.use": False,  # it is laid out by hand
    "figure.autolayout": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One figure, drawn once: an inline SVG for pages, and a PNG for slides and office files."""

    svg: str
    png: bytes


def draw(figure: dict[str, Any]) -> Drawn:
    """One figure of a result as SVG and as PNG; see `draw_svg`."""
    with styled(figure):
        return saved(_laid_out(figure), figure)


def styled(figure: dict[str, Any]) -> AbstractContextManager[None]:
    """The settings that a figure is drawn under: alike for all, and its own ids within an SVG."""
    return mpl.rc_context({**_STYLE, "svg.hashsalt": figure["name"]})


def saved(canvas: Figure, figure: dict[str, Any]) -> Drawn:
    """A canvas as SVG with a title and a description, and as PNG; inside `styled`."""
    svg, out = _as_svg(canvas, figure), BytesIO()
    if figure["title"].startswith(INTERNAL):  # a picture has no title beside it that could say so
        canvas.text(0.5, 0.5, INTERNAL, fontsize=26, color="#b00020", alpha=0.45, ha="center", rotation=20)
    canvas.savefig(out, format="png", dpi=_DOTS, metadata={"Software": None})
    return Drawn(svg=svg, png=out.getvalue())


def draw_svg(figure: dict[str, Any]) -> str:
    """One figure of a result as an inline SVG with a title and a description.

    Parameters
    ----------
    figure : dict
        As in ``result.json``: name, title, x_label, y_label, series, marks, ticks, horizontal, text.
    """
    with mpl.rc_context({**_STYLE, "svg.hashsalt": figure["name"]}):
        return _as_svg(_laid_out(figure), figure)


def on_canvas(figure: dict[str, Any]) -> Figure:
    """One figure of a result as a matplotlib figure under its title, for whoever wants to look at it or draw on it."""
    with mpl.rc_context(_STYLE):
        canvas = _laid_out(figure)
        canvas.axes[0].set_title(figure["title"], loc="left", wrap=True)
        canvas.set_layout_engine("constrained")
    return canvas


def _laid_out(figure: dict[str, Any]) -> Figure:
    canvas = Figure(figsize=(7.2, _height(figure)), dpi=_DPI)
    FigureCanvasSVG(canvas)
    axes = canvas.subplots()
    (_heat if _is_heat(figure) else _lines)(axes, figure)
    for index, mark in enumerate(figure["marks"]):
        _mark(axes, mark, index)
    _dress(axes, figure)
    ConstrainedLayoutEngine().execute(canvas)  # a figure told to do it would draw everything once more for it
    return canvas


def _as_svg(canvas: Figure, figure: dict[str, Any]) -> str:
    out = StringIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return _accessible(out.getvalue(), figure)


def _height(figure: dict[str, Any]) -> float:
    if _is_heat(figure):
        return min(12.0, 1.5 + 0.45 * len(figure["series"]))
    if not figure["horizontal"]:
        return 3.9
    return min(12.0, 1.6 + 0.26 * max((len(s["x"]) for s in figure["series"]), default=1))


def _lines(axes: Axes, figure: dict[str, Any]) -> None:
    """Every series that is not a row of cells."""
    behind = [s for s in figure["series"] if not s["label"] and s["style"] in {"line", "dashed"}]
    behind = behind if len(behind) < len(figure["series"]) else []
    for series in behind:  # context: many thin lines that no reader is meant to tell apart
        axes.plot(series["x"], series["y"], color="#c4c4c4", linewidth=0.7, zorder=1)
    for index, series in enumerate(s for s in figure["series"] if s not in behind):
        _draw(axes, series, index, horizontal=figure["horizontal"], centre=_has_centre(series, figure))


def _has_centre(series: dict[str, Any], figure: dict[str, Any]) -> bool:
    """Whether a band's own line says something: not where another series draws the same points."""
    points = set(zip(series["x"], series["y"], strict=True))
    others = [s for s in figure["series"] if s is not series]
    return not any(points <= set(zip(s["x"], s["y"], strict=True)) for s in others)


def _is_heat(figure: dict[str, Any]) -> bool:
    return any(series["style"] == "heat" for series in figure["series"])


def _heat(axes: Axes, figure: dict[str, Any]) -> None:
    """Rows of cells: the larger in size the darker, the number in each, hatched where not computed."""
    rows = figure["series"]
    sizes = [abs(value) for row in rows for value in row["y"] if value is not None]
    largest = max(sizes, default=0.0) or 1.0
    many = len(rows[0]["x"]) > _TURNED_FROM
    for place, row in enumerate(rows):
        for x, value in zip(row["x"], row["y"], strict=True):
            shade = 0.0 if value is None else 0.75 * abs(value) / largest
            cell = Rectangle((x - 0.5, place - 0.5), 1, 1, facecolor=str(1 - shade), edgecolor="#8c8c8c", linewidth=0.6)
            cell.set_hatch("////" if value is None else "")
            axes.add_patch(cell)
            if value is not None:
                axes.text(x, place, _in_cell(value, largest), ha="center", va="center", fontsize=7 if many else 8,
                          rotation=90 if many else 0, color="white" if shade > _WHITE_ABOVE else "black")  # fmt: skip
    columns = [x for row in rows for x in row["x"]]
    axes.set_xlim(min(columns) - 0.5, max(columns) + 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
    axes.grid(visible=False)


def _in_cell(value: float, largest: float) -> str:
    """A number short enough for a cell, as finely as the largest in the figure allows.

    Examples
    --------
    >>> _in_cell(-7.96, 12.0), _in_cell(0.031, 0.4), _in_cell(1234.5, 2000.0)
    ('−8.0', '0.03', '1234')
    """
    digits = 0 if largest >= 100 else 1 if largest >= 1 else 2 if largest >= 0.1 else 3
    return f"{value:.{digits}f}".replace("-", "−")


def _draw(axes: Axes, series: dict[str, Any], index: int, *, horizontal: bool, centre: bool) -> None:
    look = _LOOKS[index % len(_LOOKS)]
    points = [i for i, value in enumerate(series["y"]) if value is not None]
    x = [series["x"][i] for i in points]
    y = [series["y"][i] for i in points]
    style, label = series["style"], series["label"] or None
    low = [series["low"][i] for i in points] if series["low"] else []
    high = [series["high"][i] for i in points] if series["high"] else []
    if style == "bars":
        draw = axes.barh if horizontal else axes.bar
        draw(x, y, color="#8a8a8a" if index == 0 else look["color"], label=label)
    elif style in {"points", "intervals"}:
        _points(axes, (x, y, low, high), look, label, horizontal=horizontal)
    else:
        if style == "band":
            said = None if centre else label
            bottom, top = ([nan if value is None else value for value in side] for side in (low, high))
            axes.fill_between(x, bottom, top, color=look["color"], alpha=0.18, linewidth=0, label=said)
            if not centre:
                return
        dash = (0, (4, 2)) if style == "dashed" else look["linestyle"]
        where = "steps-post" if style == "steps" else "default"
        axes.plot(x, y, color=look["color"], linestyle=dash, drawstyle=where, linewidth=1.6, label=label)
        if style == "line" and len(x) <= 60:
            axes.plot(x, y, color=look["color"], marker=look["marker"], linestyle="", markersize=3.2)


def _points(
    axes: Axes, data: tuple[list[Any], ...], look: dict[str, Any], label: str | None, *, horizontal: bool
) -> None:
    """Points with intervals where both ends are known; an open marker where they are not."""
    x, y, low, high = data
    known = [i for i in range(len(y)) if low and low[i] is not None and high[i] is not None]
    for i in known:
        ends = ([low[i], high[i]], [x[i], x[i]]) if horizontal else ([x[i], x[i]], [low[i], high[i]])
        axes.plot(*ends, color=look["color"], linewidth=1.3)
    across = (y, x) if horizontal else (x, y)
    shape = {"marker": look["marker"], "linestyle": "", "markersize": 5, "markeredgecolor": "white", "zorder": 3}
    axes.plot(*across, color=look["color"], markeredgewidth=0.5, label=label, **shape)


def _mark(axes: Axes, mark: dict[str, Any], index: int) -> None:
    words: dict[str, Any] = {
        "textcoords": "offset points", "fontsize": 8, "color": "#333333",
        "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
    }  # fmt: skip
    if mark["y"] is not None:
        axes.axhline(mark["y"], color="#444444", linewidth=0.9)
        if mark["y"] != 0:
            axes.annotate(
                minus(mark["label"]), (1.0, mark["y"]), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                ha="right", va="bottom", **words,
            )  # fmt: skip
    if mark["x"] is not None:
        axes.axvline(mark["x"], color="#444444", linewidth=0.9, linestyle=(0, (2, 2)))
    if mark["x"]:
        axes.annotate(
            minus(mark["label"]), (mark["x"], 1.0), xycoords=("data", "axes fraction"),
            xytext=(3, -2 - 10 * (index % 3)), va="top", **words,
        )  # fmt: skip


def _dress(axes: Axes, figure: dict[str, Any]) -> None:
    if figure["horizontal"]:
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.margins(y=0.02)
        axes.invert_yaxis()
    axes.set_xlabel(figure["x_label"])
    axes.set_ylabel(figure["y_label"])
    if figure["ticks"]:
        ticks = figure["ticks"]
        step = max(1, -(-len(ticks) // 10))
        shown = ticks[::step]
        if figure["horizontal"]:
            axes.set_yticks([t[0] for t in ticks], [minus(t[1]) for t in ticks])
        else:
            axes.set_xticks([t[0] for t in shown], [minus(t[1]) for t in shown])
    named = sum(bool(series["label"]) for series in figure["series"])
    if named > 1 and not _is_heat(figure):  # below the axes, where it hides nothing
        axes.figure.legend(loc="outside lower center", ncols=min(named, 4), fontsize=9)


def _accessible(svg: str, figure: dict[str, Any]) -> str:
    """Only the <svg> element, with role, title and description in place of matplotlib's own metadata."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    name = re.sub(r"[^a-z0-9-]", "-", figure["name"].lower())
    head = f'role="img" aria-labelledby="{name}-t {name}-d" '
    title, words = escape(minus(figure["title"])), escape(minus(figure["text"]))
    said = f'<title id="{name}-t">{title}</title><desc id="{name}-d">{words}</desc>'
    opening = re.match(r"<svg[^>]*>", body)
    assert opening
    return opening[0].replace("<svg ", f"<svg {head}", 1) + said + body[opening.end() :].strip()
