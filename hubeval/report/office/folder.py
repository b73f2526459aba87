"""The office files of a result by their names in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.errors import visible
from hubeval.release.released import passed
from hubeval.report.office.opendocument import ods
from hubeval.report.office.paper import made_on, report_docx
from hubeval.report.office.sheets import sheets
from hubeval.report.office.workbook import xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.release.released import Released
    from hubeval.report.office.template import Template


def office_files(
    released: Released[dict[str, Any]], pngs: Mapping[str, bytes], template: Template | None = None
) -> dict[str, bytes]:
    """``report.docx``, ``tables.xlsx`` and ``tables.ods``, drawn from the canonical result.

    Parameters
    ----------
    released : Released
    pngs : mapping of str to bytes
        The figures by name, as `hubeval.report.drawing.draw` draws them.
    template : Template, optional
        Whose styles the Word document takes.
    """
    result = passed(released)
    pages, title = sheets(result), visible(f"{result['area']}: {result['question']}")[:255]
    return {
        "report.docx": report_docx(result, pngs, template),
        "tables.xlsx": xlsx(pages, title=title, made=made_on(result)),
        "tables.ods": ods(pages, title=title, made=made_on(result)),
    }
