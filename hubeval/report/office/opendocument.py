"""The workbook as an OpenDocument spreadsheet (ISO/IEC 26300-3:2015), written by hand.

odfdo (Apache) is free to use and reads these files back in the tests; importing it and making a cell an object each
would take longer than all else that `evaluate` writes, and what is needed of the format is one page of XML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from hubeval.report.office.sheets import MOST_PLACES, places, widths_of
from hubeval.report.office.zipped import packed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hubeval.report.office.sheets import Sheet

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        **{short: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for short, name in (
            ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
            ("fo", "xsl-fo-compatible"), ("meta", "meta"), ("manifest", "manifest"))},
        "dc": "http://purl.org/dc/elements/1.1/", "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)  # fmt: skip
_CENTIMETRES = 0.19  # of a character of the font, on average
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def ods(sheets: Sequence[Sheet], *, title: str, made: datetime) -> bytes:
    """A spreadsheet of sheets; as `hubeval.report.office.workbook.xlsx`."""
    content = (
        f'{_XML}<office:document-content {_NAMES} office:version="1.3"><office:automatic-styles>{_shapes(sheets)}'
        f"{_cell_styles()}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(map(_table, sheets))}</office:spreadsheet></office:body></office:document-content>"
    )
    return packed({
        "mimetype": MIMETYPE.encode(),
        "META-INF/manifest.xml": _manifest().encode(),
        "content.xml": content.encode("utf-8"),
        "styles.xml": _styles().encode("utf-8"),
        "meta.xml": _meta(title, made).encode("utf-8"),
    })  # fmt: skip


def _table(sheet: Sheet) -> str:
    rows = [_row([_said(line, "line" if place else "title")]) for place, line in enumerate(sheet.lines)]
    if sheet.columns:
        rows.append(f"<table:table-header-rows>{_row([_said(name, 'head') for name in sheet.columns])}"
                    "</table:table-header-rows>")  # fmt: skip
    for place, row in enumerate(sheet.rows):
        cells = [_cell(cell) for cell in row]
        if sheet.links:
            cells[0] = _linked(str(row[0]), sheet.links[place])
        rows.append(_row(cells))
    wide = "".join(f'<table:table-column table:style-name="w{width}"/>' for width in widths_of(sheet))
    return (
        f'<table:table table:name={quoteattr(sheet.name)} table:style-name="sheet">{wide}{"".join(rows)}</table:table>'
    )


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        digits = places(value)
        style, said = ("n", f"{value:.2e}") if digits < 0 else (f"n{digits}", f"{value:,.{digits}f}")
        return (
            f'<table:table-cell table:style-name="{style}" office:value-type="float" office:value="{value!r}">'
            f"<text:p>{said}</text:p></table:table-cell>"
        )
    return _said(str(value), "cell")


def _said(text: str, style: str) -> str:
    inner = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="string">{inner}</table:table-cell>'


def _linked(text: str, sheet: str) -> str:
    target = quoteattr(f"#'{sheet}'.A1")
    return (
        '<table:table-cell table:style-name="cell" office:value-type="string"><text:p>'
        f'<text:a xlink:type="simple" xlink:href={target}>{escape(text)}</text:a></text:p></table:table-cell>'
    )


def _shapes(sheets: Sequence[Sheet]) -> str:
    """How wide columns are, as in the other workbook, and that each sheet prints on pages that lie on their side."""
    used = sorted({width for sheet in sheets for width in widths_of(sheet)})
    return "".join(
        f'<style:style style:name="w{width}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * _CENTIMETRES:.2f}cm"/></style:style>'
        for width in used
    ) + '<style:style style:name="sheet" style:family="table" style:master-page-name="Default"/>'


def _cell_styles() -> str:
    made = []
    for name, weight in (("title", "bold"), ("head", "bold"), ("line", "normal"), ("cell", "normal")):
        made.append(
            f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default">'
            '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top"/>'
            f'<style:text-properties fo:font-weight="{weight}"/></style:style>'
        )
    made.append(
        '<number:number-style style:name="f"><number:scientific-number number:min-integer-digits="1" '
        'number:decimal-places="2" number:min-exponent-digits="2"/></number:number-style><style:style style:name="n" '
        'style:family="table-cell" style:parent-style-name="Default" style:data-style-name="f">'
        '<style:table-cell-properties style:vertical-align="top"/></style:style>'
    )
    made += [
        (
            f'<number:number-style style:name="f{digits}"><number:number number:min-integer-digits="1" '
            f'number:decimal-places="{digits}" number:min-decimal-places="{digits}" number:grouping="true"/>'
            f'</number:number-style><style:style style:name="n{digits}" style:family="table-cell" '
            f'style:parent-style-name="Default" style:data-style-name="f{digits}">'
            '<style:table-cell-properties style:vertical-align="top"/></style:style>'
        )
        for digits in range(MOST_PLACES + 1)
    ]
    return "".join(made)


def _styles() -> str:
    return (
        f'{_XML}<office:document-styles {_NAMES} office:version="1.3"><office:styles>'
        '<style:default-style style:family="table-cell"><style:text-properties style:font-name="Arial" '
        'fo:font-family="Arial" fo:font-size="11pt" fo:language="en" fo:country="GB"/></style:default-style>'
        '<style:style style:name="Default" style:family="table-cell"/></office:styles>'
        '<office:automatic-styles><style:page-layout style:name="page"><style:page-layout-properties '
        'fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape" style:scale-to-X="1" '
        'style:scale-to-Y="0"/></style:page-layout></office:automatic-styles><office:master-styles>'
        '<style:master-page style:name="Default" style:page-layout-name="page"/></office:master-styles>'
        "</office:document-styles>"
    )


def _meta(title: str, made: datetime) -> str:
    return (
        f'{_XML}<office:document-meta {_NAMES} office:version="1.3"><office:meta><dc:title>{escape(title)}</dc:title>'
        f"<meta:generator>hubeval</meta:generator><dc:language>en-GB</dc:language>"
        f"<meta:creation-date>{made.isoformat()}</meta:creation-date><dc:date>{made.isoformat()}</dc:date>"
        "</office:meta></office:document-meta>"
    )


def _manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (
            ("/", MIMETYPE), ("content.xml", "text/xml"), ("styles.xml", "text/xml"), ("meta.xml", "text/xml")
        )
    )  # fmt: skip
    return f'{_XML}<manifest:manifest {_NAMES} manifest:version="1.3">{entries}</manifest:manifest>'
