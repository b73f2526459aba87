"""The worked examples that come with hubeval: a protocol, its profile and its synthetic data, ready to copy and run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from hubeval.errors import BadInput, Problem, did_you_mean, listed

_INSTALLED = Path(__file__).parent / "shipped"  # a wheel carries them there
FIRST = "essex-style"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One worked example: its name, the question it asks, the kind of design."""

    name: str
    question: str
    kind: str


def examples() -> tuple[Example, ...]:
    """Every example that runs as it stands, by name.

    Examples
    --------
    >>> [example.name for example in examples()][:2]
    ['cut-off-style', 'dose-style']
    """
    found = []
    for path in sorted((_home() / "designs").glob("*/protocol.toml")):
        value = tomllib.loads(path.read_text(encoding="utf-8"))
        if "file" not in value["data"]:  # it is asked of files given on the command line
            continue
        data = path.parent.parent.parent / "synthetic_data" / path.parent.name
        if data.is_dir():
            found.append(Example(name=path.parent.name, question=value["question"], kind=value["design"]["kind"]))
    return tuple(found)


def copied(name: str) -> dict[str, str]:
    """The files of an example by their names in a folder of its own: protocols, profile, data, truth and words.

    Raises
    ------
    BadInput
        There is no example of that name.

    Examples
    --------
    >>> sorted(copied("hub-series"))[:3]
    ['README.md', 'illustrative-profile.toml', 'protocol-alone.toml']
    """
    names = [example.name for example in examples()]
    if name not in names:
        allowed = f"examples: {listed(names)}"
        raise BadInput([Problem("NAME", f"no example {name!r}", allowed, did_you_mean(name, names))])
    home = _home()
    made = {}
    for folder in (home / "designs" / name, home / "synthetic_data" / name):
        for path in sorted(folder.iterdir()):
            if path.suffix in {".toml", ".csv", ".md"}:
                text = path.read_text(encoding="utf-8")
                made[path.name] = _beside(text, name) if path.suffix != ".csv" else text
    return made


def _beside(text: str, name: str) -> str:
    """A text that names files as they stand in the copied folder."""
    for old in (f"../../synthetic_data/{name}/", f"synthetic_data/{name}/", f"designs/{name}/"):
        text = text.replace(old, "")
    return text


def _home() -> Path:
    """Where the examples are: in an installed package, or in the checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent
