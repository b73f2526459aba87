"""JSON Schema of what a TOML file may hold, from the same dataclasses that reading fills."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

NOT_WRITTEN = frozenset({"folder", "filename", "sha256", "deflated", "read"})
"""Fields that reading fills in itself; no file holds them."""
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": ["string", "integer"]},  # an id or a year may be written without quotes
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
}


def schema_of(cls: type[Any], title: str = "") -> dict[str, Any]:
    """The JSON Schema of a table that reading turns into `cls`.

    Parameters
    ----------
    cls : type
        A frozen dataclass; tables inside it are dataclasses too, told apart by `kind` where there are several.
    title : str
        What the file is; the outermost schema names its dialect.

    Examples
    --------
    >>> from hubeval.protocol import Amendment
    >>> made = schema_of(Amendment)
    >>> made["required"], made["properties"]["dated"], made["additionalProperties"]
    (['dated', 'change', 'reason'], {'type': 'string', 'format': 'date'}, False)
    """
    hints = get_type_hints(cls)
    known = [spec for spec in fields(cls) if spec.name not in NOT_WRITTEN]
    made: dict[str, Any] = {"type": "object", "additionalProperties": False}
    if title:
        made = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **made}
    made["properties"] = {_key(spec): _of(hints[spec.name]) for spec in known}
    kind = getattr(cls, "kind", None)
    if isinstance(kind, str):
        made["properties"] = {"kind": {"const": kind}, **made["properties"]}
    made["required"] = [*(["kind"] if isinstance(kind, str) else []), *(_key(spec) for spec in known if _needed(spec))]
    return made


def _key(spec: Any) -> str:
    return str(spec.name).removesuffix("_")  # a key may be a word that Python keeps for itself


def _needed(spec: Any) -> bool:
    return spec.default is MISSING and spec.default_factory is MISSING


def _of(hint: Any) -> dict[str, Any]:
    """The schema of one value."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        kinds = [_of(arg) for arg in args if arg is not type(None)]
        return kinds[0] if len(kinds) == 1 else {"oneOf" if all(map(is_dataclass, args)) else "anyOf": kinds}
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple:
        return _list(args)
    if origin in {Mapping, dict}:
        return {"type": "object", "additionalProperties": _of(args[1])}
    if isinstance(hint, type) and is_dataclass(hint):
        whole = schema_of(hint)
        short = getattr(hint, "SHORT", None)
        return {"anyOf": [_of(short), whole]} if short else whole
    return dict(_PLAIN.get(hint, {}))


def _list(args: tuple[Any, ...]) -> dict[str, Any]:
    """The schema of a list: as long as it likes, or of so many values."""
    if Ellipsis in args:
        return {"type": "array", "items": _of(args[0])}
    n = len(args)
    return {"type": "array", "prefixItems": [_of(arg) for arg in args], "minItems": n, "maxItems": n}
