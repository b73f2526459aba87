"""A folder that hubeval wrote, looked at again from its files alone, as a checker would before it leaves."""

from __future__ import annotations

import csv
import math
import os
import re
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from hubeval import files
from hubeval.errors import BadInput, Problem, listed
from hubeval.folders import slugs
from hubeval.release.outsider import few_apart, worked_out
from hubeval.release.profiles import SHIPPED, STRICTEST, release_profile
from hubeval.release.words import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCHEMA = "hubeval-audit/1"
WRITTEN = {".json", ".html", ".csv", ".svg", ".txt", ".mmd", ".dot", ".toml", ".md"}
OFFICE = {".docx", ".xlsx", ".ods"}  # archives of XML
_OF_WORDS = ("plan.json", "portfolio.json", "learning.json", "comparison.json", "value.json", "synthesis.json")
_MOST_FILES = 20_000
_MOST_UNPACKED = 200_000_000  # bytes of one of them
# what a mark stands for, as a class of statistic ("statistical barns", Green, Ritchie and White 2024)
_BARNS = {
    "count": "frequencies",
    "share": "frequencies",
    "mean": "linear aggregations",
    "value": "linear aggregations",
    "effect": "coefficients of association",
    "model": "statistical hypothesis tests",
}


def barn(kind: str) -> str:
    """The class of statistic that a mark belongs to.

    Examples
    --------
    >>> barn("mean"), barn("count"), barn("something else")
    ('linear aggregations', 'frequencies', 'unclassified')
    """
    return _BARNS.get(kind, "unclassified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that should not be in a folder that leaves: where, and why."""

    file: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}: {self.found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAudit:
    """What a look at a folder found.

    Attributes
    ----------
    folder, profile : str
    files, marks : int
        How many files were read, and points and rows looked at.
    findings : tuple of Finding
        Empty where the folder may leave.
    """

    folder: str
    profile: str
    files: int
    marks: int
    findings: tuple[Finding, ...]

    @property
    def clear(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"schema": SCHEMA, "clear": self.clear, **files.plain(self)}

    def __str__(self) -> str:
        head = f"{self.folder}: {self.files} files, {self.marks} points and rows, profile {self.profile!r}. "
        if self.clear:
            return f"{head}Nothing found that its rules do not let out."
        return "\n".join([f"{head}Not to be released:", *(f"  - {finding}" for finding in self.findings)])


def check_folder(folder: str | Path) -> FolderAudit:
    """Look at a folder that hubeval wrote as a checker would, from its files alone.

    Every series and table must say what it stands for, and enough must stand behind it for the profile that the
    result names; no count of units may be small, or be told to be from the others; no file may hold a personal detail;
    figures must hold what ``result.json`` holds and nothing else.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    BadInput
        No folder, or one that hubeval did not write.
    """
    where = Path(folder)
    paths = _files_in(where)
    results = [path for path in paths if path.name == "result.json"]
    if not results and not any(path.name in _OF_WORDS for path in paths):
        found = f"{where} holds no result.json, {listed(_OF_WORDS)}"
        raise BadInput([Problem("folder", found, "a folder that hubeval wrote", "Name another.")])
    findings, marks, names = [], 0, []
    for path in results:
        more, seen, name = _result(path, where)
        findings += more
        marks += seen
        names.append(name)
    findings += _between(results, where)
    for path in paths:
        findings += _file(path, where)
    return FolderAudit(
        folder=where.as_posix(),
        profile=", ".join(dict.fromkeys(names)) or "words only",
        files=len(paths),
        marks=marks,
        findings=tuple(dict.fromkeys(findings)),
    )


def _files_in(where: Path) -> list[Path]:
    """Every file of a folder and those below it; refused where one cannot be looked into, or there are too many."""

    def stop(error: OSError) -> None:
        raise error

    found: list[Path] = []
    try:
        if not where.is_dir():
            raise BadInput([Problem("folder", f"no folder {where}", "one that hubeval wrote", "Name it.")])
        for here, _, names in os.walk(where, onerror=stop):
            found += [Path(here) / name for name in names]
            if len(found) > _MOST_FILES:
                said = f"{where} holds more than {_MOST_FILES:,} files"
                raise BadInput([Problem("folder", said, "a folder that hubeval wrote", "Name that folder itself.")])
        return sorted(path for path in found if path.is_file())
    except (OSError, ValueError) as error:
        said = f"{where} cannot be looked into: {files.reason(error)}"
        raise BadInput([Problem("folder", said, "a folder that hubeval wrote", "Name another.")]) from None


def _file(path: Path, root: Path) -> list[Finding]:
    """Personal details in a file's words, and files that hubeval does not write."""
    name = path.relative_to(root).as_posix()
    if path.suffix == ".png" and path.parent.name == "figures":  # `_figures` holds its name against the result
        return []
    if path.suffix not in WRITTEN | OFFICE:
        return [Finding(file=name, found="a kind of file that hubeval does not write: look at it by hand")]
    try:
        text = _office_text(path) if path.suffix in OFFICE else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, BadZipFile, ValueError):
        return [Finding(file=name, found="it cannot be read as text")]
    text = re.sub(r'\b[0-9a-f]{12,64}\b|d="[^"]*"|(?:points|transform|viewBox|style)="[^"]*"', " ", text)
    text = re.sub(r"-?\d+\.\d+(?:e[-+]?\d+)?", " ", text)  # numbers with decimals are no one's
    return [Finding(file=name, found=f"it holds {kind}") for kind in found_in(text)]


def _office_text(path: Path) -> str:
    """The words of an office file: those of every part, tags taken out, and what its tags say of people.

    Raises
    ------
    ValueError
        It holds a part that hubeval does not write, or unpacks to more than a report can be.
    """
    with ZipFile(path) as archive:
        parts = archive.infolist()
        known = all(part.filename.endswith((".xml", ".rels", ".png", "mimetype")) for part in parts)
        if not known or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise ValueError(path.name)
        texts = [archive.read(part).decode("utf-8") for part in parts if part.filename.endswith(".xml")]
    said = re.findall(r'(?:descr|title|tblCaption w:val|author)="([^"]*)"', " ".join(texts))
    inner = re.sub(r"(?:<[^>]*>\s*)+", " | ", re.sub(r"</?w:(?:r|rPr|t|b|sz)\b[^>]*>", "", " ".join(texts)))
    return unescape(f"{inner} {' | '.join(said)}")


def _result(path: Path, root: Path) -> tuple[list[Finding], int, str]:
    """One canonical result against the profile that it names."""
    name = path.relative_to(root).as_posix()
    result = files.read_json(path, "result.json")
    stamp = result.get("release") if isinstance(result, dict) else None
    if not isinstance(stamp, dict):
        return [Finding(file=name, found="no 'release' key: it did not pass the gate")], 0, "none"
    if stamp.get("internal"):
        return [Finding(file=name, found="it is marked internal: it may not leave the safe setting")], 0, "internal"
    known = stamp.get("profile") in {*SHIPPED, STRICTEST}
    profile = release_profile(stamp["profile"]) if known else None
    threshold = profile.threshold if profile else int(stamp.get("threshold", 10))
    findings, marks = [], 0
    if profile is not None and (profile.threshold, profile.base) != (stamp.get("threshold"), stamp.get("base")):
        findings.append(Finding(file=name, found="its threshold or base is not that of the profile it names"))
    if profile is not None and profile.open and stamp.get("units") != "authority":
        findings.append(Finding(file=name, found="'published' without units declared to be authorities"))
    persons = stamp.get("units") in {"person", "family"} and not (profile is not None and profile.open)
    marks, found = _marks(result, threshold, persons=persons)
    if persons and profile is not None:
        found += worked_out(result, profile.threshold, profile.base)
    findings += [Finding(file=name, found=line) for line in found]
    findings += _figures(result, path.parent, root)
    findings += _strays(result, path.parent, root)
    return findings, marks, str(stamp.get("profile"))


def _between(paths: Sequence[Path], root: Path) -> list[Finding]:
    """Counts of persons that two results of one folder show a few apart."""
    read = [files.read_json(path, "result.json") for path in paths] if len(paths) > 1 else []
    results = [one for one in read if isinstance(one, dict) and isinstance(one.get("release"), dict)]
    mine = [one for one in results if one["release"].get("units") in {"person", "family"}]
    few = few_apart(mine, max((one["release"]["threshold"] for one in mine), default=1))
    said = f"{few} counts of persons differ by a few between two results: one less the other tells of those"
    return [Finding(file=root.as_posix(), found=said)] if few else []


def _marks(result: dict[str, Any], threshold: int, *, persons: bool) -> tuple[int, list[str]]:
    """How many marks there are, and which of them rest on too few or do not say on how many."""
    found, marks = [], 0
    for figure in result["figures"]:
        for one in figure["series"]:
            marks += len(one["y"])
            found += _few(f"figure {figure['name']}", one["holds"], one["n"], one["y"], threshold, persons=persons)
    for table in result["tables"]:
        marks += len(table["rows"])
        kinds = [kind for kind in table["holds"] if kind not in {"label", "model"}] or ["model"]
        if not table["holds"]:
            found.append(f"table {table['name']}: its columns do not say what they stand for")
        found += _few(f"table {table['name']}", kinds[0], table["n"], table["rows"], threshold, persons=persons)
    if persons:
        for key in ("n_units", "n_treated", "n_comparison"):
            n = result["sample"][key]
            if n is not None and 0 < n < threshold:
                found.append(f"sample: {key} is under {threshold}")
        if result["provenance"].get("data_sha256"):
            found.append("provenance: an unkeyed hash of the records")
    return marks, found


def _few(what: str, holds: str, n: list[Any], shown: list[Any], threshold: int, *, persons: bool) -> list[str]:
    """Marks that rest on too few, or that do not say what they rest on."""
    if holds == "unsaid":
        return [f"{what}: it does not say what its marks stand for"]
    if holds == "model" or not shown:
        return []
    if holds == "value" and persons:
        return [f"{what}: values of single units"]
    if persons and holds in {"mean", "effect", "share"} and not n:
        return [f"{what}: it does not say how many stand behind its marks"]
    few = sum(y is not None and (k is None or 0 < k < threshold) for y, k in zip(shown, n, strict=False))
    return (
        [f"{what}: {few} marks rest on fewer than {threshold}, or nobody says on how many"] if few and persons else []
    )


FLOW = "flow"  # the picture that is drawn of the released sample and not of a figure


def _figures(result: dict[str, Any], folder: Path, root: Path) -> list[Finding]:
    """Figures' files hold no other points than the canonical result."""
    names = {FLOW, *slugs([figure["name"] for figure in result["figures"]], "figure")}
    here = folder / "figures"
    strays = [path for path in (sorted(here.glob("*")) if here.is_dir() else []) if path.stem not in names]
    return [
        Finding(file=path.relative_to(root).as_posix(), found="a figure that the canonical result does not hold")
        for path in strays
    ]


def _strays(result: dict[str, Any], folder: Path, root: Path) -> list[Finding]:
    """Numbers in the tables beside a result that it does not hold: edited by hand, or from another run."""
    known = set(_numbers(result))
    paths = [path for path in (folder / "estimates.csv", *sorted(folder.glob("figures/*.csv"))) if path.is_file()]
    found = []
    for path in paths:
        rows = csv.reader(StringIO(path.read_text(encoding="utf-8", errors="replace")))
        strays = sum(not known.issuperset(_numbers(cell)) for row in rows for cell in row)
        if strays:
            told = f"{strays} numbers that the canonical result does not hold: edited, or of another run"
            found.append(Finding(file=path.relative_to(root).as_posix(), found=told))
    own = folder / "provenance.json"
    if own.is_file() and files.read_json(own, "provenance.json") != result["provenance"]:
        found.append(Finding(file=own.relative_to(root).as_posix(), found="not what the canonical result says"))
    return found


def _numbers(value: Any) -> Iterator[float]:
    """Every number in nested values, and every text that is one."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float, str)):
        try:
            number = float(value)
        except ValueError:
            return
        if math.isfinite(number):
            yield number
