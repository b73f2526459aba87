"""The folder that `hubeval evaluate --out` writes."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.release.released import passed
from hubeval.report.audit import write_audit
from hubeval.report.drawing import draw_svg
from hubeval.report.html import write_html

if TYPE_CHECKING:
    from hubeval.release.released import Released


def write_outputs(released: Released[dict[str, Any]], out: str | Path) -> list[Path]:
    """Write ``result.json``, ``report.html``, ``provenance.json``, ``estimates.csv`` and ``figures/`` below `out`.

    With them go ``audit.json`` and ``audit.html``: what the release gate decided, for whoever checks the folder.
    """
    folder, result = Path(out), passed(released)
    written = [
        files.write_text(folder / "result.json", files.to_json(result)),
        files.write_text(folder / "provenance.json", files.to_json(result["provenance"])),
        files.write_text(folder / "estimates.csv", _csv(result["estimates"])),
        write_html(released, folder / "report.html"),
        *write_audit(released, folder),
    ]
    for figure in result["figures"]:
        written.append(files.write_text(folder / "figures" / f"{_slug(figure['name'])}.svg", draw_svg(figure) + "\n"))
        written.append(files.write_text(folder / "figures" / f"{_slug(figure['name'])}.csv", _figure_csv(figure)))
    return written


def _slug(name: str) -> str:
    """A name as a file name: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


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
