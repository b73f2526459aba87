"""A folder held against its own result: every file drawn once more from ``result.json`` and compared."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from hubeval import files
from hubeval.release.audit import OFFICE, Finding
from hubeval.release.pages import released_before
from hubeval.report.outputs import outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.report.office.template import Template

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
_LOG = {"audit.json", "audit.html"}  # they hold the log of decisions, of which the result keeps only what was withheld


def strays_drawn(folder: str | Path, template: Template | None = None) -> tuple[Finding, ...]:
    """What stands in the pages, pictures and office files of a folder that its own ``result.json`` does not draw.

    A number put into a page, a mark moved in a picture, an author written into a document, another sheet: whatever is
    not what this version of hubeval draws from the result. Where another version drew the folder, that is said.

    Parameters
    ----------
    folder : str or Path
        Looked through with the folders below it.
    template : Template, optional
        The Word file that ``report.docx`` took its styles from.
    """
    where = Path(folder)
    found: list[Finding] = []
    for path in sorted(where.rglob("result.json")):
        result = files.read_json(path, "result.json")
        if isinstance(result, dict) and isinstance(result.get("release"), dict):
            found += _of_one(result, path.parent, where, template)
    return tuple(found)


def _of_one(result: dict[str, Any], here: Path, root: Path, template: Template | None) -> Iterator[Finding]:
    try:
        drawn = outputs(released_before(result), template)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):  # edited, or written by another version
        name = (here / "result.json").relative_to(root).as_posix()
        yield Finding(file=name, found="nothing can be drawn from it: edited, or of another version of hubeval")
        return
    for name, content in drawn.items():
        path = here / name
        if name in _LOG or not path.is_file():
            continue
        mine = path.read_bytes()
        same = content if isinstance(content, bytes) else content.encode()
        if mine != same:
            yield Finding(file=path.relative_to(root).as_posix(), found=_differs(path, mine, same))


def _differs(path: Path, mine: bytes, drawn: bytes) -> str:
    """In how many numbers a file differs from what would be drawn; never which."""
    if path.suffix == ".png":
        return "not the picture that the canonical result draws: edited, or drawn by another version"
    try:
        texts = [_text(path, raw) for raw in (mine, drawn)]
    except (BadZipFile, UnicodeDecodeError, KeyError):
        return "it cannot be read as what hubeval writes"
    more = Counter(_NUMBER.findall(texts[0])) - Counter(_NUMBER.findall(texts[1]))
    strays = sum(more.values())
    told = f"{strays} numbers that the canonical result does not draw" if strays else "words that hubeval did not write"
    template = ", or by a template (name it: --template)" if path.suffix == ".docx" else ""
    return f"{told}: edited, or drawn by another version{template}"


def _text(path: Path, raw: bytes) -> str:
    if path.suffix not in OFFICE:
        return raw.decode("utf-8")
    with ZipFile(BytesIO(raw)) as archive:
        names = [part.filename for part in archive.infolist()]
        parts = [archive.read(name).decode("utf-8") for name in names if name.endswith((".xml", ".rels"))]
    return "\n".join([*names, *parts])
