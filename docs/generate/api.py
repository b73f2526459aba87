"""One page for each room of the package: all that its `__all__` offers, from the docstrings."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import hubeval

HOME = Path(hubeval.__file__).parent
LEFT = {"hubeval.verbs"}  # the verbs have a page of their own


def rooms():
    """Packages that say in `__all__` what they offer, with the names."""
    found = {}
    for path in sorted(HOME.rglob("__init__.py")):
        name = ".".join(["hubeval", *path.parent.relative_to(HOME).parts])
        if name in LEFT:
            continue
        module = importlib.import_module(name)
        if offered := getattr(module, "__all__", ()):
            found[name] = [one for one in offered if not inspect.ismodule(getattr(module, one))]
    return found


def pages():
    found = rooms()
    listed = [f"| [`{name}`]({_file(name)}) | {_first(name)} | {len(offered)} |" for name, offered in found.items()]
    opening = "# Functions\n\nWhat each room of the package offers. Made from the docstrings, whose examples run as tests.\n"
    index = "\n".join([opening, "| room | what it is for | names |", "|---|---|---|", *listed])
    return {"reference/api/index.md": index, **{f"reference/api/{_file(name)}": _page(name, names) for name, names in found.items()}}


def _file(name):
    return f"{name.replace('.', '-')}.md"


def _first(name):
    return (inspect.getdoc(importlib.import_module(name)) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _page(name, names):
    module = importlib.import_module(name)
    parts = [f"# `{name}`", "", _first(name), ""]
    for one in names:
        value = getattr(module, one)
        home = getattr(value, "__module__", None)
        if home and home.startswith("hubeval") and hasattr(value, "__name__"):
            parts += [f"::: {home}.{value.__name__}", ""]
        else:  # a constant or the name of a type
            parts += [f"## `{one}`", "", f"```python\n{name}.{one}\n```", ""]
    return "\n".join(parts)
