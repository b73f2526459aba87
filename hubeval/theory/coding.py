"""Qualitative evidence: coded extracts from a table or a REFI-QDA project, as a framework matrix.

A project file comes from outside, so it is read as if it were hostile: nothing is unpacked to disk, no
entity is expanded, and sizes are bounded before and while reading.
"""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal
from xml.parsers import expat

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.result import ResultTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hubeval.result import Cell

COLUMNS = ("case", "theme", "extract", "group", "source", "coder", "unit")
NEEDED = ("case", "theme", "extract")
MOST_BYTES = 50_000_000
MOST_ENTRIES = 10_000
MOST_RATIO = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Some words that a coder put under a theme.

    Parameters
    ----------
    case : str
        The interview, site or family.
    theme, extract : str
    group : str
        What cases belong to: the local authority.
    source, coder : str
    unit : str
        What was coded, so that two coders' codes of the same thing can be put side by side.
    """

    case: str
    theme: str
    extract: str
    group: str = ""
    source: str = ""
    coder: str = ""
    unit: str = ""


def read_extracts(path: str | Path) -> tuple[Extract, ...]:
    """Coded extracts from a CSV table or a REFI-QDA project (``.qdpx``).

    Parameters
    ----------
    path : str or Path
        A CSV needs the columns ``case``, ``theme`` and ``extract``; ``group``, ``source``, ``coder`` and
        ``unit`` are read where they are there.

    Raises
    ------
    BadInput
        Columns missing or unknown, empty cells where words are needed; a project that holds a path that
        leaves it, an entity, or more than it says. No words of an extract are ever in a message.
    """
    if Path(path).suffix.lower() == ".qdpx":
        return _read_qdpx(Path(path))
    return _read_csv(path)


def framework_matrix(
    extracts: Sequence[Extract],
    *,
    by: Literal["case", "group"] = "case",
    cell: Literal["count", "words"] = "count",
    limit: int = 240,
) -> ResultTable:
    """Themes by case, or by the group that cases belong to, with silence shown.

    Parameters
    ----------
    extracts : sequence of Extract
    by : {"case", "group"}
        Columns: each interview, or each authority.
    cell : {"count", "words"}
        How many extracts, or the extracts themselves up to `limit` characters.
    limit : int

    Returns
    -------
    ResultTable
        One row for each theme; an empty cell is 0 or a dash, never left out. Counts say how often a theme
        came up where it was coded, not how much it matters.

    References
    ----------
    Ritchie and Spencer (1994), the framework method.

    Examples
    --------
    >>> said = [Extract(case="A1", theme="access", extract="Open late", group="A"),
    ...         Extract(case="B1", theme="stigma", extract="Nobody looks", group="B")]
    >>> framework_matrix(said, by="group").rows
    (('access', 1, 0, 1), ('stigma', 0, 1, 1))
    """
    door = Door()
    door.choice("by", by, ("case", "group"))
    door.choice("cell", cell, ("count", "words"))
    if not extracts:
        door.refuse("extracts", "none given", "one or more", "Read them with read_extracts.")
    if by == "group" and any(not item.group for item in extracts):
        door.refuse(
            "by", "some extracts have no group", "a group for each", "Fill the 'group' column, or use by='case'."
        )
    door.close()
    places = list(dict.fromkeys(getattr(item, by) for item in extracts))
    themes = list(dict.fromkeys(item.theme for item in extracts))
    rows: list[tuple[Cell, ...]] = []
    for theme in themes:
        found = {place: [e for e in extracts if e.theme == theme and getattr(e, by) == place] for place in places}
        reached = sum(bool(items) for items in found.values())
        if cell == "count":
            rows.append((theme, *(len(found[place]) for place in places), reached))
        else:
            rows.append((theme, *(_words(found[place], limit) for place in places), reached))
    return ResultTable(
        name="framework",
        caption=f"Framework matrix: {len(extracts)} extracts, themes by {by}",
        columns=("theme", *places, f"{by}s with it"),
        rows=tuple(rows),
    )


def codes_by_coder(extracts: Sequence[Extract]) -> tuple[tuple[str, ...], tuple[str, ...], list[list[str | None]]]:
    """Coders, units, and the table of codes that `agreement.alpha` takes.

    Parameters
    ----------
    extracts : sequence of Extract
        With ``coder`` and ``unit`` filled.

    Returns
    -------
    coders, units : tuple of str
    ratings : list of list, shape (n_coders, n_units)
        The theme each coder gave each unit; None where a coder gave none.

    Raises
    ------
    BadInput
        No coder or unit, or a coder who gave one unit two themes: agreement on one code at a time then needs
        a table for each theme.
    """
    door = Door()
    if any(not item.coder or not item.unit for item in extracts) or not extracts:
        door.refuse(
            "extracts", "some have no coder or no unit", "both for each", "Fill the columns 'coder' and 'unit'."
        )
    given: dict[tuple[str, str], set[str]] = {}
    for item in extracts:
        given.setdefault((item.coder, item.unit), set()).add(item.theme)
    double = sum(len(themes) > 1 for themes in given.values())
    if double:
        door.refuse(
            "extracts",
            f"{double} units have two themes from one coder",
            "one theme for a coder and unit",
            "Compare one theme at a time: whether it was given or not.",
        )
    door.close()
    coders = tuple(dict.fromkeys(item.coder for item in extracts))
    units = tuple(dict.fromkeys(item.unit for item in extracts))
    return coders, units, [[next(iter(given.get((c, u), {None}))) for u in units] for c in coders]


def _words(items: list[Extract], limit: int) -> str:
    joined = " / ".join(item.extract for item in items)
    return (joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…") or "—"


def _read_csv(path: str | Path) -> tuple[Extract, ...]:
    reader = csv.DictReader(io.StringIO(files.read_text(path, "extracts")))
    door = Door()
    names = [str(name).strip() for name in reader.fieldnames or []]
    for name in NEEDED:
        if name not in names:
            door.refuse("extracts", f"no column {name!r}", f"columns: {listed(names)}", did_you_mean(name, names))
    for name in names:
        if name not in COLUMNS:
            door.refuse(
                "extracts",
                f"column {name!r} is not read",
                f"read: {listed(COLUMNS)}",
                did_you_mean(name, COLUMNS) or "Take it out.",
            )
    door.close()
    raw = list(reader)
    wide = sum(None in row for row in raw)
    if wide:
        door.refuse(
            "extracts",
            f"{wide} rows have more cells than columns",
            "",
            "Put words that hold a comma in quotation marks.",
        )
    rows = [{str(k).strip(): (v or "").strip() for k, v in row.items() if k is not None} for row in raw]
    for name in NEEDED:
        empty = sum(not row.get(name) for row in rows)
        if empty:
            door.refuse(
                "extracts",
                f"{empty} of {len(rows)} rows have an empty {name!r}",
                "words in each",
                "Fill it, or take those rows out.",
            )
    if not rows:
        door.refuse("extracts", "the table has no rows", "one row for each extract", "Add them.")
    door.close()
    return tuple(Extract(**row) for row in rows)


def _read_qdpx(path: Path) -> tuple[Extract, ...]:
    """A REFI-QDA project (QDPX 1.5), in memory, by names that stay inside it."""
    try:
        with zipfile.ZipFile(path) as project:
            _check_entries(project)
            return _project(_parse(_bounded(project, "project.qde")), project)
    except FileNotFoundError:
        raise BadInput([Problem("extracts", f"no file {path}")]) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
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


def _project(root: ET.Element, project: zipfile.ZipFile) -> tuple[Extract, ...]:
    codes = {code.get("guid", ""): " / ".join(trail) for trail, code in _codes(root)}
    users = {user.get("guid", ""): user.get("name", "") for user in _all(root, "User")}
    cases = {
        ref.get("targetGUID", ""): case.get("name", "")
        for case in _all(root, "Case")
        for ref in _all(case, "SourceRef")
    }
    found = []
    for source in _all(root, "TextSource"):
        text = _source_text(source, project)
        name = source.get("name", "")
        for selection in _all(source, "PlainTextSelection"):
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
        raise _refused(
            "the project holds no coded text",
            "plain-text sources with codings",
            "Code some text, or export it with its codings.",
        )
    return tuple(found)


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
