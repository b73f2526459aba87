"""The one drawing of the house: floors as the import contract states them, lines as the code imports."""

from __future__ import annotations

import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, GAP, ROW = 150, 34, 18, 74
PAGE = """# The house

Made from the code's imports when the site is built. Each row is a floor of the import contract in `pyproject.toml`: a room imports only from
floors below it, and `tests/architecture` refuses anything else. Point at a line to read which room imports which.
[How this house is kept](contributing.md) says what lives where and why.

![The rooms of the package by floor, and which imports which; the table below says the same](house.svg)

| room | imports |
|---|---|
"""


def pages():
    made = floors()
    lines = imports({room for floor in made for room in floor})
    table = [f"| `{room}` | {', '.join(f'`{other}`' for other in sorted(lines[room])) or 'nothing of ours'} |"
             for floor in made for room in floor]
    return {"house.md": PAGE + "\n".join(table) + "\n", "house.svg": drawing(made, lines)}


def floors():
    """Rooms by floor, top floor first, as the contract has them; what stands in none is the last row."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["name"].startswith("Each floor"))
    made = [[name.strip(" ()").removeprefix("hubeval.") for name in layer.split("|")] for layer in layers]
    there = rooms()
    made = [[room for room in floor if room in there] for floor in made]
    placed = {room for floor in made for room in floor}
    return [floor for floor in [*made, sorted(there - placed)] if floor]


def rooms():
    """Packages and modules right below the package, without its entrance."""
    found = {path.stem for path in (ROOT / "hubeval").glob("*.py") if not path.stem.startswith("_")}
    return found | {path.parent.name for path in (ROOT / "hubeval").glob("*/__init__.py")}


def imports(wanted):
    """Which room imports which, directly."""
    graph = grimp.build_graph("hubeval")
    for room in wanted:
        if graph.find_children(f"hubeval.{room}"):
            graph.squash_module(f"hubeval.{room}")
    return {
        room: {name.removeprefix("hubeval.") for name in graph.find_modules_directly_imported_by(f"hubeval.{room}")} & wanted - {room}
        for room in wanted
    }


def drawing(made, lines):
    """The floors as an SVG."""
    widest = max(map(len, made))
    across = widest * (WIDTH + GAP) + GAP
    down = len(made) * ROW + GAP
    at = {}
    for y, floor in enumerate(made):
        left = (across - len(floor) * (WIDTH + GAP) + GAP) / 2 + (90 * (-1) ** y if len(floor) == 1 else 0)
        for x, room in enumerate(floor):
            at[room] = (left + x * (WIDTH + GAP), GAP + y * ROW)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" role="img" font-family="sans-serif" font-size="14">',
        "<title>The rooms of hubeval by floor, and which imports which</title>",
        f'<rect width="{across}" height="{down}" fill="#ffffff"/>',
    ]
    for room, others in sorted(lines.items()):
        for other in sorted(others):
            (x1, y1), (x2, y2) = at[room], at[other]
            x1, x2, y1 = x1 + WIDTH / 2, x2 + WIDTH / 2, y1 + HEIGHT
            bend = (y2 - y1) / 2
            path = f"M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"
            parts.append(f'<path d="{path}" fill="none" stroke="#5c6bc0" stroke-opacity="0.35"><title>{room} imports {other}</title></path>')
    for room, (x, y) in at.items():
        parts.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="#e8eaf6" stroke="#303f9f"/>')
        parts.append(f'<text x="{x + WIDTH / 2:.0f}" y="{y + 22:.0f}" text-anchor="middle" fill="#1a237e">{escape(room)}</text>')
    return "\n".join([*parts, "</svg>", ""])
