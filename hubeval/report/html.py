"""The one-file report: headline, what it does not show, and every number traceable to the canonical JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from hubeval import files
from hubeval.release.released import passed
from hubeval.report.drawing import draw_svg
from hubeval.report.flow import draw_flow, flow_of
from hubeval.report.glossary import explained
from hubeval.report.guidelines.fill import applicable, filled, guideline
from hubeval.report.numbers import shown, shown_p
from hubeval.report.page import environment
from hubeval.report.parts import parts

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.release.released import Released
    from hubeval.report.guidelines.fill import Filled

_CLASSES = {
    "pass": "nothing seen against it",
    "caution": "caution",
    "fail": "problem",
    "information": "for information",
}


def write_html(released: Released[dict[str, Any]], path: str | Path) -> Path:
    """Write the report of a released result to `path`."""
    return files.write_text(path, render_html(released))


def render_html(
    released: Released[dict[str, Any]], drawn: list[str] | None = None, flow: str | None = None
) -> str:
    """The report of a released result as one self-contained page: no script, no network, prints well.

    Every number in a table carries ``data-json``, the JSON pointer it was read from, so that a reader
    or a test can follow it back.

    Parameters
    ----------
    released : Released
    drawn : list of str, optional
        The result's figures by `draw_svg`, where they have been drawn already.
    flow : str, optional
        Its flow diagram, where that has been drawn.
    """
    result = passed(released)
    drawn = [draw_svg(figure) for figure in result["figures"]] if drawn is None else drawn
    names = [figure["name"] for figure in result["figures"]]
    svgs = {name: Markup(svg) for name, svg in zip(names, drawn, strict=True)}  # noqa: S704 - drawn here, escaped there
    way = flow_of(result)
    flow = draw_flow(way).svg if flow is None and way is not None else flow
    template = environment().get_template("report.html")
    played = parts(result)
    rests, others = ([i for i, part in enumerate(played) if bool(part) is beside] for beside in (False, True))
    page = template.render(r=result, svgs=svgs, n=_Numbers(result), words=_CLASSES, groups=_by_outcome(result),
                           parts=played, rests=rests, others=others, guidelines=_guidelines(result), way=way,
                           flow=Markup(flow or ""))  # noqa: S704 - drawn here, every text in it escaped there
    return explained(page)


def _guidelines(result: dict[str, Any]) -> list[tuple[str, str, tuple[Filled, ...], int, str]]:
    """Each guideline that speaks of the design: title, source, its items, how many are given something, a note."""
    made = []
    for name in applicable(result):
        known, items = guideline(name), filled(result, name)
        made.append((known.title, known.source, items, sum(bool(one.given) for one in items), known.note))
    return made


class _Numbers:
    """Reads a number by its JSON pointer and writes it with that pointer attached."""

    def __init__(self, result: dict[str, Any]) -> None:
        self._result = result

    def __call__(self, pointer: str) -> Markup:
        value: Any = self._result
        for step in pointer.strip("/").split("/"):
            value = value[int(step)] if isinstance(value, list) else value[step]
        write = shown_p if pointer.endswith("/p_value") else shown
        return Markup('<span data-json="{}">{}</span>').format(escape(pointer), write(value))


def _by_outcome(result: dict[str, Any]) -> list[tuple[str, str, list[int]]]:
    """Estimates grouped by outcome and unit, in their order, as indices for the pointers."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, estimate in enumerate(result["estimates"]):
        groups.setdefault((estimate["outcome"], estimate["unit"]), []).append(index)
    return [(outcome, unit, indices) for (outcome, unit), indices in groups.items()]
