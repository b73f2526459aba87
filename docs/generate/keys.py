"""The reference of TOML keys, from the dataclasses that reading fills: the same that `hubeval schema` prints."""

from __future__ import annotations

import inspect
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Literal, Union, get_args, get_origin, get_type_hints

from hubeval.schema import NOT_WRITTEN
from hubeval.verbs.schema import _class

WHAT = {
    "protocol": "What is registered before outcomes are seen. `hubeval new protocol` writes one to fill in.",
    "profile": "What is known of an area, each fact with its quote. `hubeval new profile` writes one to fill in.",
    "theory": "The theory of change and what it rests on. `hubeval new theory` writes one to fill in.",
    "value": "What a result is worth in pounds. `hubeval new value` writes one to fill in.",
}

TEMPLATES = Path(inspect.getfile(_class)).parents[1] / "templates"
WORDS = tomllib.loads((Path(__file__).parent / "keys.toml").read_text(encoding="utf-8"))


def pages():
    return {f"reference/{name}.md": _page(name, says) for name, says in WHAT.items()}


def _page(name, says):
    root = _class(name)
    parts = [f"# Keys of a {name if name != 'value' else 'value case'}", "", says, "",
             f"Made from the code; `hubeval schema {name}` prints the same for an editor. An unknown key is refused.", ""]
    commented = comments(name)
    for cls, section in _tables(root, {}, "").items():
        parts += _table(cls, root, {**WORDS["any"], **WORDS.get(cls.__name__, {}), **commented.get(_at(cls, section), {})})
    return "\n".join(parts)


def _tables(cls, seen, section):
    """The dataclass and those within it, each once, with the key under which it stands."""
    if cls in seen:
        return seen
    seen[cls] = section
    hints = get_type_hints(cls)
    for spec in fields(cls):
        if spec.name not in NOT_WRITTEN:
            for inner in _within(hints[spec.name]):
                _tables(inner, seen, spec.name)
    return seen


def _at(cls, section):
    """Where the files to fill in comment on it: designs each in a file of their own."""
    return f"{section} {cls.kind}" if section == "design" and isinstance(getattr(cls, "kind", None), str) else section


def comments(name):
    """What the files to fill in say beside each key, by table."""
    found = {}
    for path in sorted(TEMPLATES.glob(f"{name}*.toml")):
        section, lines = "", path.read_text(encoding="utf-8").splitlines()
        for line in lines:
            bare = line.removeprefix("# ").removeprefix("#")
            if table := re.fullmatch(r"\[+([\w.]+)\]+\s*(#.*)?", bare.strip()):
                section = table[1].split(".")[-1]
            elif said := re.fullmatch(r"(\w+) = [^#]*# (.+)", bare.strip()):
                kind = path.stem.removeprefix("protocol-")
                words = said[2].replace("|", "or").replace("<", "&lt;")
                found.setdefault(f"design {kind}" if section == "design" else section, {}).setdefault(said[1], words)
    return found


def _within(hint):
    if isinstance(hint, type) and is_dataclass(hint):
        return [hint]
    return [found for arg in get_args(hint) for found in _within(arg)]


def _table(cls, root, otherwise):
    lead, said = _docstring(cls)
    title = cls.__name__ if cls is not root else "The file itself"
    kind = getattr(cls, "kind", None)
    hints = get_type_hints(cls)
    rows = [f'| `kind` | `"{kind}"` | yes | which of the tables it is |'] if isinstance(kind, str) else []
    for spec in fields(cls):
        if spec.name in NOT_WRITTEN:
            continue
        needed = spec.default is MISSING and spec.default_factory is MISSING
        default = "yes" if needed else f"no{_default(spec)}"
        rows.append(f"| `{spec.name}` | {_words(hints[spec.name])} | {default} | {said.get(spec.name) or otherwise.get(spec.name) or _of(hints[spec.name])} |")
    return [f"## {title}", "", lead, "", "| key | holds | needed | what it is |", "|---|---|---|---|", *rows, ""]


def _of(hint):
    """What the table that a key holds is, in its own first sentence."""
    inner = _within(hint)
    return _docstring(inner[0])[0].split(". ")[0].replace("\n", " ").rstrip(".") if inner else ""


def _default(spec):
    value = spec.default
    if value is MISSING or value in (None, "", ()):
        return ""
    return f"; default `{str(value).lower() if isinstance(value, bool) else value}`"


def _words(hint):
    """A type as one says it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(_words(arg) for arg in args if arg is not type(None)))
    if origin is Literal:
        return ", ".join(f'`"{one}"`' if isinstance(one, str) else f"`{one}`" for one in args)
    if origin is tuple:
        return f"list of {_words(args[0])}" if Ellipsis in args else f"list of {len(args)}: " + ", ".join(map(_words, args))
    if origin in {Mapping, dict}:
        return f"table of {_words(args[1])}"
    if isinstance(hint, type) and is_dataclass(hint):
        return f"table [{hint.__name__}](#{_anchor(hint.__name__)})"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "date": "date"}.get(
        getattr(hint, "__name__", ""), "any value"
    )


def _anchor(name):
    return name.lower()


def _docstring(cls):
    """The lead of a dataclass's docstring as Markdown, and what it says of each field."""
    text = inspect.getdoc(cls) or ""
    if text.startswith(f"{cls.__name__}("):
        text = ""
    parts = re.split(r"\n\n?([A-Z][a-z]+)\n-{3,}\n", text)
    said = {}
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        if heading in {"Parameters", "Attributes"}:
            said |= _fields(body)
    return re.sub(r"``([^`]+)``", r"`\1`", parts[0]), said


def _fields(body):
    said, names = {}, []
    for line in body.splitlines():
        if line and not line.startswith(" "):
            names = [one.strip() for one in line.split(" : ")[0].split(",")]
        for name in names:
            if line.startswith(" "):
                said[name] = f"{said.get(name, '')} {line.strip()}".strip()
    return {name: re.sub(r"``([^`]+)``", r"`\1`", text).replace("|", "\\|") for name, text in said.items()}
