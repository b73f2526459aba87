"""A REFI-QDA project file, read as if it were hostile.

It comes from outside: nothing is unpacked to disk, no entity is expanded, and sizes are bounded before and
while reading.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from xml.parsers import expat

from hubeval.errors import BadInput, Problem
from hubeval.theory.extracts import Coded, Extract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES = 50_000_000
MOST_ENTRIES = 10_000
MOST_RATIO = 200


def read_qdpx(path: Path) -> Coded:
    """A REFI-QDA project (QDPX 1.5), in memory, by names that stay inside it."""
    try:
        with zipfile.ZipFile(path) as project:
            _check_entries(project)
            return _project(_parse(_bounded(project, "project.qde")), project)
    except FileNotFoundError:
        raise BadInput([Problem("extracts", f"no file {path}")]) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        raise _refused(f"is not a readable project ({error or 'cut short'})", "a .qdpx file") from None


def _refused(
    found: str, allowed: str, cure: str = "Export the project again from the program that made it."
) -> BadInput:
    return BadInput([Problem("extracts", found, allowed, cure)])


def _check_entries(project: zipfile.ZipFile) -> None:
    """Names stay inside, sizes are sane, nothing is encrypted; all from the directory, before anything is read."""
    entries = project.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _refused(f"the project holds {len(entries)} files", f"at most {MOST_ENTRIES}")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise _refused(
                "the project holds a file whose path leads out of it",
                "paths inside the project",
                "Do not open it: it was made to write elsewhere.",
            )
        if entry.flag_bits & 0x1:
            raise _refused("the project is encrypted", "an open project", "Export it without a password.")
    total = sum(entry.file_size for entry in entries if _is_text(entry.filename))
    if total > MOST_BYTES:
        raise _refused(
            f"the project's text unpacks to {total:,} bytes",
            f"at most {MOST_BYTES:,}",
            "Export fewer sources at a time; if it is small, it is a zip bomb: do not open it.",
        )


def _is_text(name: str) -> bool:
    return name.lower().endswith((".qde", ".txt"))


def _bounded(project: zipfile.ZipFile, name: str) -> bytes:
    """An entry's bytes, read no further than the bounds whatever its header says."""
    try:
        entry = project.getinfo(name)
    except KeyError:
        raise _refused(f"the project has no {name}", "a REFI-QDA project") from None
    bound = min(MOST_BYTES, max(1_000_000, entry.compress_size * MOST_RATIO))
    with project.open(entry) as stream:
        content = stream.read(bound + 1)
    if len(content) > bound:
        raise _refused(
            f"a file in the project unpacks to more than {MOST_RATIO} times its size",
            "an honest project",
            "It is a zip bomb: do not open it.",
        )
    return content


def _parse(content: bytes) -> ET.Element:
    """XML with no document type at all, so that no entity can be declared."""

    def refuse(*_: object) -> None:
        raise _refused(
            "the project declares a document type or an entity",
            "plain REFI-QDA XML",
            "Do not open it: entities are how such files exhaust memory or read other files.",
        )

    guard = expat.ParserCreate()
    guard.StartDoctypeDeclHandler = refuse
    guard.EntityDeclHandler = refuse
    try:
        guard.Parse(content, True)  # noqa: FBT003 - expat's own signature
        return ET.fromstring(content)  # noqa: S314 - guarded above
    except (expat.ExpatError, ET.ParseError) as error:
        raise _refused(f"project.qde is not well-formed XML ({error})", "REFI-QDA XML") from None


def _project(root: ET.Element, project: zipfile.ZipFile) -> Coded:
    codes = {code.get("guid", ""): " / ".join(trail) for trail, code in _codes(root)}
    users = {user.get("guid", ""): user.get("name", "") for user in _all(root, "User")}
    cases = {
        ref.get("targetGUID", ""): case.get("name", "")
        for case in _all(root, "Case")
        for ref in _all(case, "SourceRef")
    }
    found: list[Extract] = []
    for source, holder in _texts(root):
        text = _source_text(holder, project)
        name = source.get("name", "")
        for selection in _all(holder, "PlainTextSelection"):
            start, end = _span(selection, len(text))
            for coding in _all(selection, "Coding"):
                coder = users.get(coding.get("creatingUser") or selection.get("creatingUser") or "", "")
                found += [
                    Extract(
                        case=cases.get(source.get("guid", ""), name),
                        theme=codes[ref.get("targetGUID", "")],
                        extract=text[start:end],
                        source=name,
                        coder=coder,
                        unit=f"{name}:{start}-{end}",
                    )
                    for ref in _all(coding, "CodeRef")
                    if ref.get("targetGUID", "") in codes
                ]
    if not found:
        raise _refused("the project holds no coded text", "sources with coded text", "Export it with its codings.")
    left_out = sum(1 for coding in _all(root, "Coding") for _ in _all(coding, "CodeRef")) - len(found)
    note = (
        f"{left_out} codings were left out: of pictures, sound or film, or by a code not in the book"
        if left_out
        else ""
    )
    return Coded(extracts=tuple(found), left_out=left_out, note=note)


def _texts(root: ET.Element) -> Iterator[tuple[ET.Element, ET.Element]]:
    """Each source with the element that holds its text: itself, a PDF's text, or a recording's transcript."""
    for kind in ("TextSource", "PDFSource", "AudioSource", "VideoSource", "PictureSource"):
        for source in _all(root, kind):
            if kind == "TextSource":
                yield source, source
            for inner in ("Representation", "TextDescription", "Transcript"):
                yield from ((source, holder) for holder in _all(source, inner) if holder is not source)


def _span(selection: ET.Element, length: int) -> tuple[int, int]:
    try:
        start, end = (int(selection.get(key, "")) for key in ("startPosition", "endPosition"))
    except ValueError:
        start, end = -1, -1
    if not 0 <= start < end <= length:
        raise _refused("a coded passage lies outside its text", "positions inside the text")
    return start, end


def _source_text(source: ET.Element, project: zipfile.ZipFile) -> str:
    """A source's plain text: beside the XML as ``internal://name``, or in it. Nothing else is followed."""
    where = source.get("plainTextPath", "")
    if where:
        if not where.startswith("internal://") or "/" in where.removeprefix("internal://"):
            raise _refused(
                "a source points outside the project", "texts inside it", "Embed the sources when exporting."
            )
        content = _bounded(project, f"sources/{where.removeprefix('internal://')}")
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise _refused("a source is not UTF-8 text", "UTF-8") from None
    return next((element.text or "" for element in _all(source, "PlainTextContent")), "")


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Descendants of that name in any namespace, so that every version of the standard is read."""
    return (child for child in element.iter() if child.tag.rpartition("}")[2] == name)


def _codes(root: ET.Element) -> Iterator[tuple[list[str], ET.Element]]:
    """Codes with their trail of parents, each with its own name last."""
    stack: list[tuple[list[str], ET.Element]] = [([], root)]
    while stack:
        trail, element = stack.pop()
        for child in element:
            if child.tag.rpartition("}")[2] == "Code":
                own = [*trail, child.get("name", "")]
                yield own, child
                stack.append((own, child))
            else:
                stack.append((trail, child))
