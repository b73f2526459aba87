"""A funder's own Word template: its styles, page, headers and footers; nothing that runs or points elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import docx

from hubeval.errors import BadInput, Problem
from hubeval.wording import counted

NEEDED = ("Title", "Heading 1", "Heading 2", "Normal", "Caption", "List Bullet", "Table Grid")
_MOST = 50_000_000  # bytes, unpacked: a template is a page of styles
_RUNS = ("vbaProject", "oleObject", "package", "control", "attachedToolbars")
_OF_PEOPLE = {  # who wrote the template, and what they said in it
    "comments", "commentsExtended", "commentsIds", "commentsExtensible", "people", "custom-properties",
    "extended-properties", "glossaryDocument", "customXml", "keyMapCustomizations", "documenttasks",
}  # fmt: skip
_SETTINGS = {"attachedTemplate", "docVars", "rsids", "mailMerge"}  # fetched on opening, or of other documents
_ARGUMENT = "--template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that was looked at.

    Attributes
    ----------
    content : bytes
    missing : tuple of str
        The styles that a report needs and it does not have: they look as hubeval's own.
    """

    content: bytes
    missing: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What a user must know of it; empty where nothing."""
        if not self.missing:
            return ""
        lacking = f"{counted(len(self.missing), 'style')} that a report needs: {', '.join(self.missing)}"
        return f"The template lacks {lacking}. There the look is hubeval's own."


def read_template(path: str | Path) -> Template:
    """A Word template from its file.

    Raises
    ------
    BadInput
        It is no ``.docx``, is too large, runs something, or takes in a file from elsewhere.
    """
    where = Path(path)
    if not where.is_file():
        raise BadInput([Problem(_ARGUMENT, f"no file {where}", "a .docx file", "Give the path of the template.")])
    content = where.read_bytes()
    try:
        with ZipFile(BytesIO(content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > _MOST:
                raise _refused("it is too large to be a template", "at most 50 MB unpacked")
        document: Any = docx.Document(BytesIO(content))
        names = {style.name for style in document.styles}
    except BadInput:
        raise
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError, AttributeError, NotImplementedError):
        # not an archive, not a document in it, or a template of another kind (.dotx, .docm, .odt)
        raise _refused("it is not a Word document", "a .docx file") from None
    _inert(document)
    return Template(content=content, missing=tuple(name for name in NEEDED if name not in names))


def opened(template: Template) -> Any:
    """The document of a template without its text: styles, page, headers and footers stay."""
    document: Any = docx.Document(BytesIO(template.content))
    body = document.element.body
    for child in list(body):
        if child is not body.sectPr:
            body.remove(child)
    package = document.part.package
    for rels in (package.rels, *(part.rels for part in list(package.iter_parts()))):
        for key in [key for key, rel in rels.items() if _kind(rel) in {"attachedTemplate", *_OF_PEOPLE}]:
            del rels[key]
    settings = document.settings.element
    for child in [child for child in settings if child.tag.rpartition("}")[2] in _SETTINGS]:
        settings.remove(child)
    core = document.core_properties
    core.category = core.content_status = core.identifier = core.version = ""
    return document


def _inert(document: Any) -> None:
    """Refuse what runs, and what is taken in from elsewhere; a link that a reader may follow is neither."""
    package = document.part.package
    every = [rel for part in package.iter_parts() for rel in part.rels.values()] + list(package.rels.values())
    if any(_kind(rel) in _RUNS for rel in every):
        raise _refused("it holds a macro or an embedded object", "a template of styles alone")
    if any(rel.is_external and _kind(rel) not in {"hyperlink", "attachedTemplate"} for rel in every):
        raise _refused("it takes in a file from elsewhere", "a template that holds its own pictures")


def _kind(rel: Any) -> str:
    return str(rel.reltype).rpartition("/")[2]


def _refused(found: str, allowed: str) -> BadInput:
    return BadInput([Problem(_ARGUMENT, found, allowed, "Save it anew in Word as a .docx document.")])
