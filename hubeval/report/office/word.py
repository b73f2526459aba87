"""A Word document from parts of text, tables and pictures: headings, header rows, alternative text, language.

Tables are put together as XML and parsed once: python-docx makes an object of every cell, which takes seconds for a
report. What the parts are is decided elsewhere (`hubeval.report.office.paper`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from hubeval.errors import visible
from hubeval.report.numbers import minus
from hubeval.report.office.template import opened
from hubeval.report.office.zipped import repacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hubeval.report.office.template import Template

_WIDTH = 16.6  # centimetres of a picture: as wide as our own page between its margins
_SIZES = {  # points, and the level in the outline, of hubeval's own look
    "Normal": (11, None), "Title": (20, None), "Heading 1": (15, 0), "Heading 2": (12, 1), "Caption": (10, None),
    "List Bullet": (11, None),
}  # fmt: skip
_EDGES = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_GRID = (
    f'<w:style {nsdecls("w")} w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>'
    f"<w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders></w:tblPr></w:style>"
)
_CAPTION = Cm(2.5)  # what a picture leaves of its page for its caption
_TWENTIETHS = 567  # of a point in a centimetre
_LANGUAGE = "en-GB"
_UNNEEDED = {"thumbnail", "stylesWithEffects", "customXml"}


class Paper:
    """A document that is being written, from top to bottom.

    Parameters
    ----------
    title, subject : str
    made : datetime
        The day that is written into it: that of the result, not of the run.
    template : Template, optional
        Whose styles, page, headers and footers it takes.
    """

    def __init__(self, title: str, subject: str, made: datetime, template: Template | None = None) -> None:
        self._document: Any = docx.Document() if template is None else opened(template)
        self._pictures, self._upright = 0, True
        core = self._document.core_properties
        core.title, core.subject = visible(title)[:255], visible(subject)[:255]
        core.author, core.comments = "hubeval", ""
        core.created = core.modified = made
        core.last_modified_by, core.language, core.revision, core.keywords = "hubeval", _LANGUAGE, 1, ""
        self._unneeded()
        if template is None:
            self._page()
            self._look({name: size for name, (size, _) in _SIZES.items() if name != "List Bullet"})
        else:
            self._added(template.missing)
        for mark in self._document.styles.element.iter(qn("w:lang")):
            mark.set(qn("w:val"), _LANGUAGE)
        section = self._document.sections[0]
        self._across = (_room(section), _room(section, lying=True))

    def _unneeded(self) -> None:
        """Take out what python-docx's own template brings along: a picture of some page, styles of Word 2007."""
        for rels in (self._document.part.package.rels, self._document.part.rels):
            for key in [key for key, rel in rels.items() if rel.reltype.rpartition("/")[2] in _UNNEEDED]:
                del rels[key]

    def _page(self) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2)
        foot = section.footer.paragraphs[0]
        foot.add_run("Page ")
        field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        foot._p.append(parse_xml(field))  # noqa: SLF001 - python-docx has no fields

    def _added(self, missing: Sequence[str]) -> None:
        """The styles that a template lacks, with hubeval's own look; headings keep their place in the outline."""
        styles = self._document.styles
        for name in (name for name in missing if name in _SIZES):
            style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            if (level := _SIZES[name][1]) is not None:
                style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="{level}"/>'))
        if "Table Grid" in missing:
            styles.element.append(parse_xml(_GRID))
        self._look({name: _SIZES[name][0] for name in missing if name in _SIZES})

    def _look(self, sizes: Mapping[str, int]) -> None:
        """Our own fonts for some styles."""
        styles = self._document.styles
        for name, size in sizes.items():
            font = styles[name].font
            font.name, font.size, font.color.rgb = "Arial", Pt(size), RGBColor(0x11, 0x11, 0x11)
            faces = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
            for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                faces.attrib.pop(qn(f"w:{key}"), None)

    def title(self, text: str) -> None:
        """The document's title."""
        self._document.add_paragraph(_clean(text), style="Title")

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that a reader can move by."""
        self._document.add_paragraph(_clean(text), style=f"Heading {level}")

    def text(self, text: str, style: str = "Normal") -> None:
        """A paragraph."""
        self._document.add_paragraph(_clean(text), style=style)

    def small(self, text: str) -> None:
        """A paragraph in small print."""
        self._document.add_paragraph().add_run(_clean(text)).font.size = Pt(8)

    def bullets(self, lines: Sequence[str]) -> None:
        """A list."""
        for line in lines:
            self.text(line, "List Bullet")

    def landscape(self) -> None:
        """From here on, pages that lie on their side."""
        section, self._upright = self._document.add_section(), False
        long, short = sorted((section.page_width, section.page_height), reverse=True)
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, long, short

    def picture(self, png: bytes, title: str, words: str) -> None:
        """A picture with what a screen reader says of it."""
        self._document.add_paragraph(_clean(title), style="Caption").paragraph_format.keep_with_next = True
        wide = Cm(min(_WIDTH, self._across[0]))
        shape = self._document.add_paragraph().add_run().add_picture(BytesIO(png), width=wide)
        if (tall := _height(self._document.sections[-1]) - _CAPTION) < shape.height:  # else its caption stands alone
            shape.width, shape.height = int(shape.width * tall / shape.height), tall
        self._pictures += 1
        properties = shape._inline.docPr  # noqa: SLF001 - python-docx has no alternative text
        properties.set("descr", _clean(words or title))
        properties.set("title", _clean(title))
        properties.set("name", f"Figure {self._pictures}")

    def table(self, caption: str, columns: Sequence[str], rows: Sequence[Sequence[tuple[str, bool]]]) -> None:
        """A table: its caption above it, a header row that comes again on every page, numbers to the right.

        Parameters
        ----------
        caption : str
        columns : sequence of str
        rows : sequence of sequence of (str, bool)
            Each cell as it is shown, and whether it is a number.
        """
        self._document.add_paragraph(_clean(caption), style="Caption").paragraph_format.keep_with_next = True
        widths = _widths(columns, rows, self._across[0 if self._upright else 1])
        small = 14 if len(columns) > 7 else 18  # half points
        head = _row([(name, False) for name in columns], widths, small, head=True)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        xml = (
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
            '<w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
            '<w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" '
            f'w:noVBand="1"/><w:tblCaption w:val={quoteattr(_clean(caption)[:250])}/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{head}{''.join(_row(row, widths, small) for row in rows)}</w:tbl>"
        )
        body = self._document.element.body
        body.insert(len(body) - 1, parse_xml(xml))
        self._document.add_paragraph().paragraph_format.space_after = Pt(4)

    def bytes(self) -> bytes:
        """The file."""
        out = BytesIO()
        self._document.save(out)
        return repacked(out.getvalue())


def _height(section: Any) -> int:
    """What a page has between its margins, from top to bottom."""
    return int(section.page_height - section.top_margin - section.bottom_margin)


def _room(section: Any, *, lying: bool = False) -> float:
    """Centimetres between the margins of a page; of the same page on its side, where asked."""
    sides = sorted((section.page_width, section.page_height))
    return float((sides[1 if lying else 0] - section.left_margin - section.right_margin) / Cm(1))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[tuple[str, bool]]], width: float) -> list[int]:
    """Widths of columns in twentieths of a point: by what they hold, no word broken where there is room."""
    wants = []
    for place, name in enumerate(columns):
        texts = [name, *(row[place][0] for row in rows)]
        longest = max(map(len, texts))
        word = max(len(word) for text in texts for word in text.split() or [""])
        wants.append(max(min(word + 3, 20), min(longest, 400) ** 0.6, 5.0))
    room = width * _TWENTIETHS
    return [int(room * want / sum(wants)) for want in wants]


def _row(cells: Sequence[tuple[str, bool]], widths: Sequence[int], size: int, *, head: bool = False) -> str:
    marked = "<w:tblHeader/>" if head else ""
    made = "".join(
        _cell((text, number), width, size, bold=head) for (text, number), width in zip(cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{marked}</w:trPr>{made}</w:tr>"


def _cell(shown: tuple[str, bool], width: int, size: int, *, bold: bool) -> str:
    text, number = shown
    side = '<w:jc w:val="right"/>' if number else ""
    weight = "<w:b/>" if bold else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:spacing w:after="0"/>{side}</w:pPr>'
        f'<w:r><w:rPr>{weight}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(_clean(text))}</w:t>'
        "</w:r></w:p></w:tc>"
    )


def _clean(text: str) -> str:
    return visible(minus(text))
