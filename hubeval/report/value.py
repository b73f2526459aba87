"""The page of a value case and its folder: drawn from what was released, like every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from hubeval import files
from hubeval.economics.pictures import pictures
from hubeval.economics.plain import to_dict
from hubeval.economics.rates import anchors
from hubeval.economics.words import GRADES, headline, lines, options_by, pounds, spread
from hubeval.folders import write_folder
from hubeval.release.released import passed
from hubeval.report.brief.valued import value_brief
from hubeval.report.drawing import draw_svg
from hubeval.report.office.value_book import value_xlsx
from hubeval.report.office.value_paper import value_docx
from hubeval.report.page import environment

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.economics import Answer
    from hubeval.release.released import Released
    from hubeval.report.office.template import Template


def write_value(
    released: Released[Answer], out: str | Path, *, overwrite: bool = False, template: Template | None = None
) -> list[Path]:
    """Write ``value.html``, ``brief.html``, ``value.json`` and more as one folder; Word in the styles of `template`."""
    return write_folder(out, value_files(released, template), overwrite=overwrite)


def value_files(released: Released[Answer], template: Template | None = None) -> dict[str, str | bytes]:
    """The files of a value case by their names in its folder, the page first."""
    answer = passed(released)
    drawn = {figure.name: draw_svg(files.plain(figure)) for figure in pictures(answer)}
    made: dict[str, str | bytes] = {"value.html": _page(answer, drawn), "brief.html": value_brief(answer)}
    made["value.json"] = files.to_json(to_dict(answer))
    made["value.txt"] = "\n".join(lines(answer)) + "\n"
    made |= {"value.xlsx": value_xlsx(answer), "value.docx": value_docx(answer, template)}
    return made | {f"figures/{name}.svg": text + "\n" for name, text in drawn.items()}


def _page(answer: Answer, drawn: dict[str, str]) -> str:
    figures = [(figure, Markup(drawn[figure.name])) for figure in pictures(answer)]  # noqa: S704 - our own drawing
    given: dict[str, Any] = {
        "a": answer, "v": to_dict(answer), "headline": headline(answer), "grade": GRADES[answer.grade.letter],
        "figures": figures, "anchors": anchors(), "pounds": pounds, "spread": spread, "options_by": options_by,
    }  # fmt: skip
    return environment().get_template("value.html").render(**given)
