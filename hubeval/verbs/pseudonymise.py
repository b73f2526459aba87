"""`hubeval pseudonymise`: ids in a file replaced by keyed pseudonyms, before anyone analyses it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("data",), {"metavar": "CSV", "help": "a file with a header row"}),
    (("--columns",), {"metavar": "A,B", "required": True, "help": "the columns that hold ids"}),
    (("--key",), {"metavar": "FILE", "default": "", "help": "the key, from an earlier --new-key"}),
    (("--new-key",), {"metavar": "FILE", "default": "", "help": "make a key and write it here"}),
    (("--out",), {"metavar": "CSV", "required": True, "help": "the file to write; the key must lie elsewhere"}),
)


def _pseudonymise(args: Namespace, _say: Progress) -> Reply:
    from hubeval.release.keyed import columns_of, new_key, outside, pseudonymised, read_key

    if bool(args.key) == bool(args.new_key):
        found = "both given" if args.key else "no key"
        raise BadInput([Problem("--key", found, "one of --key and --new-key", "Name one of them.")])
    outside(args.key or args.new_key, args.out)
    if Path(args.out).resolve() == Path(args.data).resolve():
        raise BadInput([Problem("--out", "it is the file read", "another file", "Name another.")])
    text, columns = files.read_text(args.data, "data"), columns_of(args.columns)
    pseudonymised(text, columns, b"check before a key is made")
    key = read_key(args.key) if args.key else new_key(args.new_key)
    path = files.write_text(args.out, pseudonymised(text, columns, key))
    where = f"Key: {args.key or args.new_key}; it stays inside. Without it nobody can test a guess."
    return Reply(value=lambda: {"written": path}, text=lambda: f"Written: {path}. {where}")


PSEUDONYMISE = Verb(
    name="pseudonymise",
    says="Replace ids in a CSV by keyed pseudonyms, before analysis; the key stays outside the output.",
    arguments=_ARGUMENTS,
    run=_pseudonymise,
)
