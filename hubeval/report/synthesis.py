"""The page of several councils' results together and its folder: drawn from what was released, like every other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from hubeval import files
from hubeval.folders import write_folder
from hubeval.release.released import passed
from hubeval.report.drawing import draw_svg
from hubeval.report.page import environment
from hubeval.wording import move

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.federation.synthesis import Synthesis
    from hubeval.release.released import Released


def write_synthesis(released: Released[Synthesis], out: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write ``synthesis.html``, ``synthesis.json``, ``synthesis.txt`` and the forest plot as one folder."""
    return write_folder(out, synthesis_files(released), overwrite=overwrite)


def synthesis_files(released: Released[Synthesis]) -> dict[str, str | bytes]:
    """The files by their names in the folder, the page first."""
    found = passed(released)
    drawn = {figure.name: draw_svg(files.plain(figure)) for figure in found.figures}
    pictures = [(figure, Markup(drawn[figure.name])) for figure in found.figures]  # noqa: S704 - our own drawing
    page = environment().get_template("synthesis.html").render(
        s=found, weights=found.to_dict()["pooled"].get("weights", []), figures=pictures,
        shown=lambda value: move(value, found.unit))  # fmt: skip
    made: dict[str, str | bytes] = {"synthesis.html": page, "synthesis.json": files.to_json(found.to_dict())}
    made["synthesis.txt"] = "\n".join(found.lines()) + "\n"
    return made | {f"figures/{name}.svg": text + "\n" for name, text in drawn.items()}
