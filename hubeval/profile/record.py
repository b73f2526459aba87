"""What a check of data settles, written into a profile's own file: a marked block that the next check replaces."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.profile.facts import GRADES, Fact
from hubeval.profile.read import parse_profile, read_profile

if TYPE_CHECKING:
    from collections.abc import Sequence


def record(path: str | Path, facts: Sequence[Fact], *, of: str, sha256: str, area: str) -> Path:
    """Write facts checked on data into a profile, in place of those that the same question of them wrote before.

    Parameters
    ----------
    path : str or Path
        A profile in TOML, of the same area. All else in it stays as it is.
    facts : sequence of Fact
        Of kind ``"data"``; their kind is their grade.
    of : str
        What settled them (``"check of DiD"``, ``"power of DiD"``): each has a block of its own.
    sha256 : str
        Of the data; written beside the facts, blank where it may not leave.

    Raises
    ------
    BadInput
        The profile cannot be read, is of another area, is JSON, or takes no further ``[[facts]]``.
    """
    if Path(path).suffix.lower() == ".json":
        found = f"{path} holds the answers of a form"
        raise BadInput([Problem("--record", found, "a profile in TOML", "Write the profile as TOML first.")])
    profile = read_profile(path)
    if profile.area != area:
        found = f"is of {profile.area!r}, the data are of {area!r}"
        raise BadInput([Problem("--record", found, "the same area in both", "Name the area's own profile.")])
    text = recorded(files.read_text(path, "--record"), facts, of=of, sha256=sha256)
    try:
        parse_profile(tomllib.loads(text), text=text)
    except tomllib.TOMLDecodeError:
        cure = "Write its facts as [[facts]] tables, as 'hubeval new profile' does."
        raise BadInput([Problem("--record", f"{path} takes no further facts", "[[facts]] tables", cure)]) from None
    return files.write_text(path, text)


def recorded(text: str, facts: Sequence[Fact], *, of: str, sha256: str) -> str:
    """The text of a profile with its block of these checked facts, made or made again.

    Examples
    --------
    >>> fact = Fact(criterion="DS2", low=4, high=4, kind="data", quote="12 periods", source="check", dated="2026-11-28")
    >>> once = recorded('area = "A"', [fact], of="check of DiD", sha256="ab12")
    >>> once.splitlines()[2:5]
    ['# hubeval check of DiD: begin (grade 4, checked on data with sha256 ab12)', '[[facts]]', 'criterion = "DS2"']
    >>> recorded(once, [fact], of="check of DiD", sha256="ab12") == once
    True
    """
    opening, closing = f"# hubeval {of}: begin", f"# hubeval {of}: end"
    rest = re.sub(rf"\n*^{re.escape(opening)}.*?^{re.escape(closing)}$\n?", "\n", text, flags=re.MULTILINE | re.DOTALL)
    said = f" with sha256 {sha256}" if sha256 else ""
    tables = "\n\n".join(_table(fact) for fact in facts)
    return f"{rest.rstrip()}\n\n{opening} (grade {GRADES['data']}, checked on data{said})\n{tables}\n{closing}\n"


def _table(fact: Fact) -> str:
    lines = ["[[facts]]"]
    for one in fields(fact):
        value = getattr(fact, one.name)
        if value != "":
            lines.append(f"{one.name} = {_written(one.name, value)}")
    return "\n".join(lines)


def _written(name: str, value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if name == "dated":
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            pass
    return files.to_json(str(value), indent=None).replace("\x7f", "\\u007f")
