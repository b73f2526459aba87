"""What several verbs do with what they were given: many files read together, and where the data are."""

from __future__ import annotations

import re
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hubeval.data.backends import elsewhere
from hubeval.errors import BadInput, Problem
from hubeval.folders import require_writable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from hubeval.data.backends import Elsewhere
    from hubeval.protocol import Protocol
    from hubeval.report.office.template import Template

T = TypeVar("T")
_HALF = re.compile("[\ud800-\udfff]")


def read_all(paths: Sequence[str], read: Callable[[Path], T]) -> list[T]:
    """Read every file, and report the problems of all of them together."""
    found, problems, more = [], [], 0
    for path in expanded(paths):
        try:
            found.append(read(Path(path)))
        except BadInput as error:
            problems += [Problem(f"{path}: {p.argument}", p.found, p.allowed, p.cure) for p in error.problems]
            more += error.more
    if problems:
        raise BadInput(problems, more)
    return found


def expanded(paths: Sequence[str]) -> list[str]:
    """Paths with ``*``, ``?`` and ``[`` filled in, sorted, where nobody did (as on Windows); others as they are.

    Examples
    --------
    >>> expanded(["no-such-folder/profile.toml"])
    ['no-such-folder/profile.toml']
    """
    found: list[str] = []
    for path in paths:
        pattern = bool(set("*?[") & set(path)) and "\0" not in path and not Path(path).exists()
        named = sorted(glob(path)) if pattern else [path]  # noqa: PTH207 - absolute or not
        if not named:
            raise BadInput([Problem(path, "no file is named like that", "", "Look at the folder's name and spelling.")])
        found += named
    return found


def whole_characters(args: Namespace) -> None:
    """Refuse arguments with a NUL, or with half a character that names no file: neither can be used or written.

    Examples
    --------
    >>> from argparse import Namespace
    >>> whole_characters(Namespace(out="report", files=["a.toml"]))
    """
    problems = []
    for name, given in vars(args).items():
        for text in given if isinstance(given, list) else [given]:
            if isinstance(text, str) and ("\0" in text or (_HALF.search(text) and not Path(text).exists())):
                found = f"{text!r} holds a character that no file name may hold, and no text"
                problems.append(Problem(name, found, "plain text", "Write it again."))
    if problems:
        raise BadInput(problems)


def exactly(n: int, profiles: Sequence[Any], option: str, allowed: str) -> None:
    """Refuse any other number of profiles than `n`."""
    if len(profiles) != n:
        raise BadInput([Problem(option, f"given {len(profiles)} profile(s)", allowed, f"Name {n}.")])


def data_file(args: Namespace, protocol: Protocol) -> Path | Elsewhere:
    """The file of ``--data``, or the one that the protocol names; or the table elsewhere that either names."""
    there = elsewhere(protocol, args.data or None)
    if there is not None:
        return there
    if args.data:
        return Path(args.data)
    if not protocol.data.file:
        raise BadInput([Problem("--data", "none given", "a .csv, .xlsx or .parquet file", "Add --data FILE.")])
    return Path(str(protocol.folder)) / str(protocol.data.file)


def ready_to_write(args: Namespace) -> None:
    """Refuse a folder that could not be written, before any long work, and ``--overwrite`` where nothing is written."""
    for out in filter(None, (args.out, getattr(args, "internal", None))):
        require_writable(out, overwrite=args.overwrite)
    if args.out == "":
        require_writable(args.out)
    if args.overwrite and not (args.out or getattr(args, "internal", None)):
        raise BadInput([Problem("--overwrite", "nothing is written", "only with --out", "Add --out, or leave it out.")])


def template_of(args: Namespace, into: Sequence[str] = ("out",)) -> Template | None:
    """The Word template of ``--template``, looked at before any work is done.

    Parameters
    ----------
    args : Namespace
    into : sequence of str
        The options that have a Word document written; without one of them a template has nowhere to go.

    Raises
    ------
    BadInput
        No Word document is written, or the file is no template.
    """
    if not args.template:
        return None
    if not any(getattr(args, name) for name in into):
        found, allowed = "no Word document is written", " or ".join(f"--{name}" for name in into)
        raise BadInput([Problem("--template", found, f"with {allowed}", f"Add --{into[0]}, or leave it out.")])
    from hubeval.report.office.template import read_template

    return read_template(args.template)


def lacking(template: Template | None) -> str:
    """What a user must know of the template, after the line of what was written; empty where nothing."""
    return f"\n\n{template.says}" if template is not None and template.says else ""
