"""The theory of change drawn: an accessible layered SVG, Mermaid, DOT, and the same as a table of text.

The layers are given, so only the order within each is searched for (barycentres, Sugiyama
et al. 1981). How well an arrow is supported is told by its dash as well as its shade.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from hubeval.result import ResultTable
from hubeval.theory.change import LAYERS
from hubeval.theory.contribution import claims

if TYPE_CHECKING:
    from hubeval.theory.change import Node, Theory

WIDTH, GAP_X, GAP_Y, LINE, PAD, LEFT, LANE = 180, 22, 42, 15, 8, 78, 16
SUPPORT = {"strong": "", "moderate": "", "weak": "7 4", "none": "2 4"}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
    'aria-labelledby="toc-title toc-desc" font-family="Arial, Helvetica, sans-serif" font-size="12">'
)
TIP = (
    '<defs><marker id="toc-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 L8 4 L0 8 z" fill="#222"/></marker></defs>'
)
LEGEND = "Solid arrows rest on two sources or more, dashed ones on weak evidence, dotted ones on none yet."


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a box or a waypoint lies: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


def svg(theory: Theory) -> str:
    """The theory as one SVG element with a title and a description that a screen reader can read.

    Layers run from the top down. An arrow that skips a layer gets a lane of its own through it.

    Parameters
    ----------
    theory : Theory

    Returns
    -------
    str
        No script, no outside reference, every text escaped.
    """
    rows, ways = _rows(theory)
    places = _places(theory, rows)
    width = max(place.x + place.width for place in places.values()) + PAD
    height = max(place.y + place.height for place in places.values()) + PAD
    strength = {claim.link: claim.strength for claim in claims(theory)}
    parts = [
        HEAD.format(width=width, height=height),
        f'<title id="toc-title">Theory of change: {_xml(theory.area)}</title>',
        f'<desc id="toc-desc">{_xml(description(theory))}</desc>',
        TIP,
    ]
    for layer, row in zip((name for name in LAYERS if theory.layer(name)), rows, strict=True):
        parts.append(f'<text x="0" y="{places[row[0]].y + 18}" font-weight="bold">{layer.capitalize()}</text>')
    for link in theory.links:
        stops = [places[item] for item in (link.cause, *ways[link.name], link.effect)]
        parts.append(_arrow(stops, strength[link.name]))
    parts += [_box(node, places[node.id]) for node in theory.nodes]
    return "\n".join([*parts, "</svg>"])


def description(theory: Theory) -> str:
    """The drawing in words: the boxes by layer, then every arrow with its support."""
    boxes = " ".join(
        f"{layer.capitalize()}: {'; '.join(node.label for node in theory.layer(layer))}."
        for layer in LAYERS
        if theory.layer(layer)
    )
    arrows = " ".join(f"{claim.says} (evidence: {claim.strength})." for claim in claims(theory))
    return f"{boxes} {arrows}"


def text_table(theory: Theory) -> ResultTable:
    """Every arrow as a row: from, to, assumptions, rivals, what would refute it, support."""
    strength = {claim.link: claim.strength for claim in claims(theory)}
    return ResultTable(
        name="theory_of_change",
        caption="The theory of change as a table",
        columns=("from", "to", "assumptions", "rivals", "refuted by", "evidence", "standing"),
        rows=tuple(
            (
                theory.node(k.cause).label,
                theory.node(k.effect).label,
                "; ".join(k.assumptions),
                "; ".join(k.rivals),
                k.refuted_by,
                strength[k.name],
                "illustrative" if k.illustrative else "",
            )
            for k in theory.links
        ),
    )


def mermaid(theory: Theory) -> str:
    """The theory as a Mermaid flowchart, one subgraph for each layer."""
    number = {node.id: f"n{i}" for i, node in enumerate(theory.nodes)}
    lines = ["flowchart LR"]
    for layer in LAYERS:
        if theory.layer(layer):
            lines.append(f"  subgraph {layer}")
            lines += [f'    {number[node.id]}["{_entity(node.label)}"]' for node in theory.layer(layer)]
            lines.append("  end")
    strength = {claim.link: claim.strength for claim in claims(theory)}
    for link in theory.links:
        arrow = "-->" if strength[link.name] in {"moderate", "strong"} else "-.->"
        lines.append(f"  {number[link.cause]} {arrow} {number[link.effect]}")
    return "\n".join(lines) + "\n"


def dot(theory: Theory) -> str:
    """The theory in Graphviz's DOT language, one rank for each layer."""
    style = {"strong": "solid", "moderate": "solid", "weak": "dashed", "none": "dotted"}
    strength = {claim.link: claim.strength for claim in claims(theory)}
    lines = ["digraph theory {", "  rankdir=LR;", "  node [shape=box];"]
    for layer in LAYERS:
        boxes = "; ".join(f"{_dot(n.id)} [label={_dot(n.label)}]" for n in theory.layer(layer))
        if boxes:
            lines.append(f"  {{ rank=same; {boxes}; }}")
    lines += [f"  {_dot(k.cause)} -> {_dot(k.effect)} [style={style[strength[k.name]]}];" for k in theory.links]
    return "\n".join([*lines, "}"]) + "\n"


def _xml(text: str) -> str:
    """Text for XML: escaped, without the control characters that XML does not allow."""
    return escape("".join(c for c in text if c.isprintable()))


def _entity(text: str) -> str:
    """Mermaid takes HTML entities in quoted labels."""
    return _xml(text.replace("\n", " "))


def _dot(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{plain}"'


def _rows(theory: Theory) -> tuple[list[list[str]], dict[str, list[str]]]:
    """The items of each layer in order (nodes, and waypoints of arrows that skip a layer), and each arrow's waypoints.

    Ordered so that arrows cross little: sweeps of barycentres, down and up.
    """
    layers = [layer for layer in LAYERS if theory.layer(layer)]
    rows = [[node.id for node in theory.layer(layer)] for layer in layers]
    level = {item: i for i, row in enumerate(rows) for item in row}
    ways: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {item: [] for item in level}
    for link in theory.links:
        between = range(level[link.cause] + 1, level[link.effect])
        ways[link.name] = [f"{link.name} @ {i}" for i in between]
        for i, item in zip(between, ways[link.name], strict=True):
            rows[i].append(item)
            near[item] = []
        stops = [link.cause, *ways[link.name], link.effect]
        for one, other in pairwise(stops):
            near[one].append(other)
            near[other].append(one)
    for sweep in range(6):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            at = {item: i / max(1, len(items) - 1) for items in rows for i, item in enumerate(items)}
            row.sort(key=lambda item: sum(at[o] for o in near[item]) / len(near[item]) if near[item] else at[item])
    return rows, ways


def _lines(node: Node) -> list[str]:
    return textwrap.wrap(node.label + (" (illustrative)" if node.illustrative else ""), 26) or [node.id]


def _places(theory: Theory, rows: list[list[str]]) -> dict[str, _Place]:
    """Where everything lies; each row is centred on the widest."""
    tall = {node.id: 2 * PAD + LINE * len(_lines(node)) for node in theory.nodes}
    totals = [sum(WIDTH if item in tall else LANE for item in row) + GAP_X * (len(row) - 1) for row in rows]
    places = {}
    y = PAD
    for row, total in zip(rows, totals, strict=True):
        x = LEFT + (max(totals) - total) // 2
        height = max(tall.get(item, 0) for item in row)
        for item in row:
            width = WIDTH if item in tall else LANE
            places[item] = _Place(x, y, width, tall.get(item, height))
            x += width + GAP_X
        y += height + GAP_Y
    return places


def _box(node: Node, place: _Place) -> str:
    dash = ' stroke-dasharray="4 3"' if node.illustrative else ""
    words = "".join(
        f'<tspan x="{place.x + PAD}" dy="{LINE if i else 0}">{_xml(line)}</tspan>'
        for i, line in enumerate(_lines(node))
    )
    return (
        f'<rect x="{place.x}" y="{place.y}" width="{place.width}" height="{place.height}" rx="4" fill="#fff" '
        f'stroke="#222"{dash}/><text x="{place.x + PAD}" y="{place.y + PAD + 12}">{words}</text>'
    )


def _arrow(stops: list[_Place], strength: str) -> str:
    """A curve from box to box through its waypoints; an arrow within a layer or upwards bows out to the side."""
    first, last = stops[0], stops[-1]
    x, y = first.x + first.width // 2, first.y + first.height
    if last.y > first.y:
        path = f"M{x} {y}"
        for stop in stops[1:]:
            to, middle = stop.x + stop.width // 2, (y + stop.y) // 2
            path += f" C{x} {middle} {to} {middle} {to} {stop.y}"
            x, y = to, stop.y
            if stop is not last:
                y += stop.height
                path += f" L{x} {y}"
    else:
        right, back = first.x + first.width, last.x + last.width
        y, to = first.y + 14, last.y + 14
        path = f"M{right} {y} C{right + GAP_X * 2} {y} {back + GAP_X * 2} {to} {back} {to}"
    dash = f' stroke-dasharray="{SUPPORT[strength]}"' if SUPPORT[strength] else ""
    shade = "#222" if strength in {"strong", "moderate"} else "#555"
    return f'<path d="{path}" fill="none" stroke="{shade}" stroke-width="1.5"{dash} marker-end="url(#toc-head)"/>'
