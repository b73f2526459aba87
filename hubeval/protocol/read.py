"""A protocol from its file, every slip one line with its place and cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.protocol.declared import Amendment, Caution, DataSource, Protocol, Subgroup
from hubeval.protocol.designs import DESIGNS
from hubeval.protocol.multiverse import check_multiverse, read_multiverse
from hubeval.protocol.outcome import Outcome
from hubeval.protocol.rules import check_protocol
from hubeval.reading import Reader


def read_protocol(path: str | Path) -> Protocol:
    """Read and check a protocol; every problem is reported at once, each with its line where there is one.

    Raises
    ------
    BadInput
        The file is missing, not TOML, has unknown keys, words that are not allowed, or is dated in the future.
    """
    raw = files.read_toml(path, "protocol")
    if "facts" in raw and "design" not in raw:
        found = f"{path} is a profile, not a protocol"
        raise BadInput([Problem("protocol", found, "a protocol.toml", "Give a profile to 'hubeval assess'.")])
    text = files.read_text(path, "protocol")
    reader = Reader(text, Door())
    apart = ("design", "data", "outcomes", "cautions", "amendments", "subgroups", "multiverse")
    tables: dict[str, Any] = {key: raw.pop(key, None) for key in apart}
    design = _design(reader, tables["design"])
    outcomes = reader.many(Outcome, tables["outcomes"], "outcomes")
    if not outcomes and not reader.door.problems:
        reader.door.refuse(
            "outcomes", "none declared", "at least one [[outcomes]] table", "Declare the primary outcome."
        )
    parts = {
        "data": reader.one(DataSource, tables["data"] or {}, "data"),
        "cautions": reader.many(Caution, tables["cautions"], "cautions"),
        "amendments": reader.many(Amendment, tables["amendments"], "amendments"),
        "subgroups": reader.many(Subgroup, tables["subgroups"], "subgroups"),
        "multiverse": read_multiverse(reader, tables["multiverse"], tables["design"]),
    }
    protocol: Protocol | None = reader.one(
        Protocol,
        raw,
        "",
        given={
            **parts,
            "design": design,
            "outcomes": outcomes,
            "folder": Path(path).parent.as_posix(),
            "filename": Path(path).name,
            "sha256": files.sha256(text),
        },
    )
    if protocol is not None:
        check_protocol(protocol, reader.door)
        check_multiverse(protocol, reader.door)
    reader.door.close()
    assert protocol is not None
    return protocol


def _design(reader: Reader, table: Any) -> Any:
    """The design of the kind that the table names."""
    if not isinstance(table, dict):
        reader.door.refuse("design", "no [design] table", f"kind: {listed(DESIGNS)}", "Say how it will be estimated.")
        return None
    table = dict(table)
    kind = table.pop("kind", None)
    if not isinstance(kind, str) or kind not in DESIGNS:
        reader.door.refuse(
            f"design.kind{reader.at('kind', 'design')}",
            f"found {kind!r}",
            f"allowed: {listed(DESIGNS)}",
            did_you_mean(str(kind), DESIGNS),
        )
        return None
    return reader.one(DESIGNS[kind], table, "design")
