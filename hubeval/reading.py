"""TOML tables into frozen values: types from the dataclass itself, every slip one line with its place and cure."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from hubeval import files

if TYPE_CHECKING:
    from hubeval.errors import Door


@dataclass(slots=True)
class Reader:
    """Turns the tables of one TOML file into frozen values, noting every problem at the door.

    Attributes
    ----------
    text : str
        The file's text, for line numbers.
    door : Door
    """

    text: str
    door: Door

    def many(self, cls: type[Any], tables: Any, name: str) -> tuple[Any, ...]:
        """One value of `cls` for each table of a list."""
        if tables is None:
            return ()
        if not isinstance(tables, list):
            self.door.refuse(name, "found a single value", f"[[{name}]] tables", f"Write [[{name}]] with two brackets.")
            return ()
        return tuple(item for item in (self.one(cls, table, name) for table in tables) if item is not None)

    def one(self, cls: type[Any], table: Any, name: str, given: dict[str, Any] | None = None) -> Any:
        """One value of `cls` from `table`; None when something it needs is missing or wrong."""
        if not isinstance(table, dict):
            self.door.refuse(name, f"found {_kind(table)}", "a table", f"Write [{name}] and its keys below it.")
            return None
        known = {f.name: f for f in fields(cls) if f.name not in (given or {})}
        before = len(self.door.problems)
        self.door.unknown(table, known, lambda key: f"{_dotted(name, key)}{self.at(key, name)}")
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for key, spec in known.items():
            if key in table:
                values[key] = self.value(hints[key], table[key], key, name)
            elif spec.default is MISSING and spec.default_factory is MISSING:
                self.door.refuse(_dotted(name, key), "is missing", "", f"Add it{f' under [{name}]' if name else ''}.")
        if len(self.door.problems) > before and (given is None or any(v is None for v in given.values())):
            return None
        try:
            return cls(**values, **(given or {}))
        except TypeError:
            return None

    def value(self, hint: Any, value: Any, key: str, name: str) -> Any:
        """`value` as the type that `hint` asks for, or a refusal."""
        argument = f"{_dotted(name, key)}{self.at(key, name)}"
        if get_origin(hint) in {Union, types.UnionType}:
            hint = _fitting(hint, value)
        if get_origin(hint) is Literal:
            self.door.choice(argument, value, get_args(hint))
            return value
        if get_origin(hint) in {tuple, Mapping}:
            several = get_origin(hint) is tuple
            return self.sequence(hint, value, argument) if several else self.mapping(hint, value, key, name)
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if hint is date and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        if hint is str and isinstance(value, (int, date)) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, hint) or (hint in {int, float} and isinstance(value, bool)) or _timed(hint, value):
            self.door.refuse(argument, f"found {_kind(value)}", f"allowed: {_kind_name(hint)}", "Correct it.")
        return value

    def sequence(self, hint: Any, value: Any, argument: str) -> tuple[Any, ...]:
        """A list as a tuple of the kind that `hint` asks for."""
        args = [arg for arg in get_args(hint) if arg is not Ellipsis]
        if not isinstance(value, list):
            self.door.refuse(argument, f"found {_kind(value)}", "a list", "Put it in square brackets.")
            return ()
        if Ellipsis not in get_args(hint) and len(value) != len(args):
            self.door.refuse(argument, f"found {len(value)} values", f"{len(args)} values", "Correct it.")
            return ()
        items = tuple(str(v) if args[0] is str and isinstance(v, (int, date)) else v for v in value)
        if args[0] is float:
            items = tuple(float(v) if isinstance(v, int) and not isinstance(v, bool) else v for v in items)
        if any(not isinstance(item, args[0]) for item in items):
            self.door.refuse(argument, "holds a value of another kind", f"each: {_kind_name(args[0])}", "Correct it.")
        return items

    def mapping(self, hint: Any, value: Any, key: str, name: str) -> dict[str, Any]:
        """A table of named values, each of the kind that `hint` asks for."""
        if not isinstance(value, dict):
            argument = f"{_dotted(name, key)}{self.at(key, name)}"
            self.door.refuse(argument, f"found {_kind(value)}", "a table", f"Write {key} = {{ name = value }}.")
            return {}
        _, inner = get_args(hint)
        return {str(item): self.value(inner, given, str(item), _dotted(name, key)) for item, given in value.items()}

    def at(self, key: str, table: str) -> str:
        """Where the key stands, for the message."""
        line = files.line_of(self.text, key, table=table)
        return f" (line {line})" if line else ""


def _fitting(hint: Any, value: Any) -> Any:
    """Of several kinds allowed, the one that the value is shaped like; the first where it is like none."""
    allowed = [arg for arg in get_args(hint) if arg is not type(None)]
    shape = Mapping if isinstance(value, dict) else tuple if isinstance(value, list) else None
    return next((arg for arg in allowed if get_origin(arg) is shape), allowed[0])


def _timed(hint: Any, value: Any) -> bool:
    """Whether a day was asked for and a time of day came with it: the two cannot be compared."""
    return hint is date and isinstance(value, datetime)


def _dotted(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def _kind(value: Any) -> str:
    return "true/false" if isinstance(value, bool) else f"{_kind_name(type(value))} {value!r}"


def _kind_name(hint: Any) -> str:
    return {
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        date: "a date",
        datetime: "a date with a time",
        list: "a list",
        dict: "a table",
    }.get(hint, str(hint))
