"""`hubeval new`: a file to fill in."""

from __future__ import annotations

from importlib.resources import files as resources
from typing import TYPE_CHECKING

from hubeval.folders import write_file
from hubeval.verbs import unread
from hubeval.verbs.verb import OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("what",), {"choices": ("profile", "protocol", "theory")}),
    (("--kind",), {"choices": ("did", "its", "synth", "matching"), "help": "the design; by default did"}),
    (("--from",), {"dest": "start_from", "metavar": "THEORY", "help": "pre-fill a protocol from a theory.toml"}),
    (("--out",), {"metavar": "FILE", "help": "write it there instead of printing it"}),
    OVERWRITE,
)


def _new(args: Namespace, _say: Progress) -> Reply:
    unread.in_new(args)
    name = f"protocol-{args.kind or 'did'}.toml" if args.what == "protocol" else f"{args.what}.toml"
    if args.start_from:
        from hubeval.theory import protocol_from, read_theory

        text = protocol_from(read_theory(args.start_from))
    else:
        text = (resources("hubeval") / "templates" / name).read_text(encoding="utf-8")
    if args.out is None:
        return Reply(value=lambda: {"file": name, "text": text}, text=lambda: text)
    path = write_file(args.out, text, overwrite=args.overwrite)
    return Reply(value=lambda: {"written": path}, text=lambda: f"Written: {path}. Fill it in.")


NEW = Verb(name="new", says="Print a profile, protocol or theory of change to fill in.", arguments=_ARGUMENTS, run=_new)
