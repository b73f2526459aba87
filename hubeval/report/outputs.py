"""The folder that `hubeval evaluate --out` writes."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.folders import slugs, write_folder
from hubeval.release.audit import FLOW
from hubeval.release.released import passed
from hubeval.report.audit import audit_files
from hubeval.report.brief.evaluated import evaluation_brief
from hubeval.report.drawing import draw
from hubeval.report.flow import draw_flow, flow_of
from hubeval.report.html import render_html
from hubeval.report.office.folder import office_files

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.release.released import Released
    from hubeval.report.office.template import Template


def write_outputs(
    released: Released[dict[str, Any]], out: str | Path, *, overwrite: bool = False, template: Template | None = None
) -> list[Path]:
    """Write ``result.json``, ``report.html``, ``brief.html``, ``report.docx`` and more as one folder.

    The rest: ``tables.xlsx``, ``tables.ods``, ``provenance.json``, ``estimates.csv``, ``figures/`` as SVG, PNG and CSV,
    and ``audit.json`` with ``audit.html``: what the release gate decided, for whoever checks the folder.
    What is there stays whole until all of it is written; see `hubeval.folders.write_folder`. The Word document takes
    its styles from `template`, as `hubeval.report.office.template.read_template` gives it.
    """
    return write_folder(out, outputs(released, template), overwrite=overwrite)


def outputs(released: Released[dict[str, Any]], template: Template | None = None) -> dict[str, str | bytes]:
    """The files of a result by their names in its folder."""
    result = passed(released)
    drawn = [draw(figure) for figure in result["figures"]]
    pngs = {figure["name"]: one.png for figure, one in zip(result["figures"], drawn, strict=True)}
    svgs = [one.svg for one in drawn]
    way = flow_of(result)
    flow = None if way is None else draw_flow(way)
    made: dict[str, str | bytes] = {
        "result.json": files.to_json(result),
        "provenance.json": files.to_json(result["provenance"]),
        "estimates.csv": _csv(result["estimates"]),
        "report.html": render_html(released, svgs, flow.svg if flow else None),
        "brief.html": evaluation_brief(released, svgs),
        **office_files(released, {**pngs, **({FLOW: flow.png} if flow else {})}, template),
        **audit_files(released),
    }
    names = slugs([figure["name"] for figure in result["figures"]], "figure")
    for name, figure, one in zip(names, result["figures"], drawn, strict=True):
        made[f"figures/{name}.svg"] = one.svg + "\n"
        made[f"figures/{name}.png"] = one.png
        made[f"figures/{name}.csv"] = _figure_csv(figure)
    if flow:
        made |= {"figures/flow.svg": flow.svg + "\n", "figures/flow.png": flow.png}
    return made


def _csv(rows: list[dict[str, Any]]) -> str:
    out = StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: safe_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _figure_csv(figure: dict[str, Any]) -> str:
    rows = [
        {
            "series": series["label"],
            "x": x,
            "y": series["y"][i],
            "low": series["low"][i] if series["low"] else None,
            "high": series["high"][i] if series["high"] else None,
            "holds": series["holds"],
            "n": series["n"][i] if series["n"] else None,
        }
        for series in figure["series"]
        for i, x in enumerate(series["x"])
    ]
    return _csv(rows)


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is quoted; numbers are left alone.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-2.5)
    ("'=1+1", -2.5)
    """
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
