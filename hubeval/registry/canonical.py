"""A protocol as the values it declares, so that spaces, comments and the order of keys are no change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.protocol import Protocol

_NOT_DECLARED = ("folder", "filename", "sha256")  # filled in by reading
_BESIDE = ("calendar", "data.release")  # keys that may name a file whose contents are part of the plan


def canonical(protocol: Protocol) -> dict[str, Any]:
    """Every key of a protocol with its value, defaults filled in, by its dotted name.

    Files of the protocol's own that set rules for the analysis stand there with the hash of their contents.

    Examples
    --------
    >>> from hubeval.protocol import read_protocol
    >>> canonical(read_protocol("designs/essex-style/protocol.toml"))["outcomes[1].unit"]
    'referrals per 10,000 children a quarter'
    """
    value = files.plain(protocol)
    value["design"] = {"kind": protocol.design.kind, **value["design"]}
    for key in _NOT_DECLARED:
        value.pop(key)
    found = dict(_flat(value, ""))
    for key in _BESIDE:
        name = str(found.get(key) or "")
        path = Path(protocol.folder) / name
        if name.endswith(".toml") and path.is_file():
            found[f"{key} (contents)"] = files.sha256(path)
    return found


def digest(declared: Mapping[str, Any]) -> str:
    """The hash of a canonical protocol."""
    return files.sha256(files.to_json(dict(sorted(declared.items())), indent=None))


def _flat(value: Any, at: str) -> list[tuple[str, Any]]:
    """Leaves by dotted name; a list of plain values is one leaf, a list of tables is numbered from 1."""
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _flat(item, f"{at}.{key}" if at else key)]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [leaf for i, item in enumerate(value, start=1) for leaf in _flat(item, f"{at}[{i}]")]
    return [(at, value)]
