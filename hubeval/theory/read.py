"""Reading a theory of change from its TOML file, with every slip in one clear line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from hubeval import files
from hubeval.errors import Door, did_you_mean, listed
from hubeval.reading import Reader
from hubeval.theory.change import KINDS, Finding, Indicator, Link, Node, Theory
from hubeval.theory.declared import Calibration, Comparison, Series, Test
from hubeval.theory.later import Foundation, Later
from hubeval.theory.registers import Learning, Mechanism, Statement

_LISTS: dict[str, type[Any]] = {
    "nodes": Node, "links": Link, "indicators": Indicator, "evidence": Finding, "mechanisms": Mechanism,
    "harvest": Statement, "learning": Learning, "foundations": Foundation,
    "series": Series, "tests": Test, "calibrations": Calibration,
}  # fmt: skip


def read_theory(path: str | Path) -> Theory:
    """Read and check a theory of change.

    Parameters
    ----------
    path : str or Path
        A TOML file with ``area``, ``claim``, ``dated`` and tables ``[[nodes]]``, ``[[links]]`` and so on.

    Raises
    ------
    BadInput
        Every problem at once: unknown keys with their line, a link to a node that is not there, evidence on
        an arrow that is not there, an id used twice.
    """
    raw = files.read_toml(path, "theory")
    if not is_theory(raw):
        door = Door()
        door.refuse(
            "theory",
            f"{path} is not a theory of change",
            "a theory.toml, with [[nodes]] and a claim",
            "A profile or a protocol is another file.",
        )
        door.close()
    text = files.read_text(path, "theory")
    return parse_theory(raw, text=text, folder=Path(path).parent.as_posix())


def parse_theory(raw: dict[str, Any], *, text: str = "", folder: str = "") -> Theory:
    """A `Theory` from plain values, checked; `text` is the TOML they came from, for line numbers."""
    raw = dict(raw)
    reader = Reader(text, Door())
    tables = {name: reader.many(cls, raw.pop(name, None), name) for name, cls in _LISTS.items()}
    single = {}
    for name, cls in (("later", Later), ("comparison", Comparison)):
        table = raw.pop(name, {})
        if not isinstance(table, dict):
            reader.door.refuse(name, "is not one table", f"[{name}]", f"Write [{name}] with one bracket.")
        elif table:
            single[name] = reader.one(cls, table, name)
    given: dict[str, Any] = {**tables, **single, "folder": folder, "sha256": files.sha256(text)}
    theory = reader.one(Theory, raw, "", given=given)
    if theory is not None:
        _check(theory, reader.door)
    elif not reader.door.problems:
        reader.door.refuse("theory", "could not be read", "", "Start from a worked file under designs/.")
    reader.door.close()
    assert isinstance(theory, Theory)
    return theory


def is_theory(raw: dict[str, Any]) -> bool:
    """Whether a TOML file is a theory of change and not a profile."""
    return "nodes" in raw or "claim" in raw


def _check(theory: Theory, door: Door) -> None:
    """What a type cannot say."""
    ids = [node.id for node in theory.nodes]
    for name in sorted({i for i in ids if ids.count(i) > 1}):
        door.refuse("nodes", f"id {name!r} is used twice", "each id once", "Rename one.")
    for node in theory.nodes:
        if not node.id or "->" in node.id or any(c.isspace() for c in node.id):
            door.refuse("nodes", f"id {node.id!r}", "a short name without spaces", "Write quicker_help.")
        if node.quote and not node.source:
            door.refuse(f"nodes ({node.id})", "a quote without its source", "", "Name the source.")
    if not theory.nodes:
        door.refuse("nodes", "none given", "at least one [[nodes]] table", "Begin with the outcome you hope for.")
    for link in theory.links:
        for end in (link.cause, link.effect):
            _known(f"links ({link.name})", end, ids, "node", door)
        if link.cause == link.effect:
            door.refuse(f"links ({link.name})", "leads to itself", "two different nodes", "Correct it.")
    names = [link.name for link in theory.links]
    for name in sorted({n for n in names if names.count(n) > 1}):
        door.refuse("links", f"{name!r} is given twice", "each link once", "Join their assumptions.")
    _check_indicators(theory, ids, door)
    _check_beside(theory, names, door)


def _check_indicators(theory: Theory, ids: list[str], door: Door) -> None:
    columns = [indicator.column for indicator in theory.indicators]
    for indicator in theory.indicators:
        _known(f"indicators ({indicator.column})", indicator.node, ids, "node", door)
        if columns.count(indicator.column) > 1:
            door.refuse("indicators", f"column {indicator.column!r} is used twice", "each column once", "Rename one.")
        if indicator.smallest_worthwhile is not None and indicator.smallest_worthwhile <= 0:
            door.refuse(
                f"indicators ({indicator.column})",
                f"smallest_worthwhile is {indicator.smallest_worthwhile:g}",
                "a size above 0",
                "'direction' says which way is better.",
            )


def _check_beside(theory: Theory, names: list[str], door: Door) -> None:
    """Evidence and registers must point at something that is there."""
    for finding in theory.evidence:
        _known("evidence", finding.link, names, "link", door)
        if finding.kind not in KINDS:
            door.refuse(
                f"evidence ({finding.link})",
                f"kind {finding.kind!r}",
                f"allowed: {listed(KINDS)}",
                did_you_mean(finding.kind, KINDS),
            )
        if not finding.source:
            door.refuse(f"evidence ({finding.link})", "has no source", "where it comes from", "Name the source.")
    for name in [m.link for m in theory.mechanisms] + [s.link for s in theory.harvest]:
        if name:
            _known("mechanisms, harvest", name, names, "link", door)
    for step in theory.foundations:
        if isinstance(step.starts, date) and isinstance(step.due, date) and step.due < step.starts:
            door.refuse(
                f"foundations ({step.action[:40]})",
                f"due {step.due} is before its start {step.starts}",
                "a start, then a due date",
                "Correct one.",
            )


def _known(argument: str, name: str, names: list[str], what: str, door: Door) -> None:
    if name not in names:
        door.refuse(argument, f"no {what} {name!r}", f"{what}s: {listed(names) or 'none'}", did_you_mean(name, names))
