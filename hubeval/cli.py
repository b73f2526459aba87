"""The command line: the only place that prints or exits. Status 0 done, 1 answered "not ready", 2 bad input."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import hubeval
from hubeval import files
from hubeval.errors import BadInput, HubevalError, NotReady
from hubeval.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DONE, NOT_READY, BAD = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status. Never ends in a traceback for anything a user gave."""
    _speak_utf8()
    args = _parser().parse_args(argv)
    try:
        return _answered(args)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return BAD
    except BrokenPipeError:  # the reader of a pipe left early: nothing of ours went wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _answered(args: argparse.Namespace) -> int:
    """The verb's status, or that of the refusal it ended in."""
    try:
        with _progress(args) as say:
            reply = args.run(args, say)
            said = files.to_json(reply.value()) if args.json else reply.text()
    except NotReady as answer:
        value: dict[str, Any] = {"answer": "not ready", "message": answer.message, "reasons": answer.reasons}
        return _refuse(args, NOT_READY, value, answer)
    except BadInput as error:
        return _refuse(args, BAD, {"answer": "bad input", "problems": files.plain(error.problems)}, error)
    except HubevalError as error:
        return _refuse(args, BAD, {"answer": "bad input", "problems": [{"argument": "", "found": str(error)}]}, error)
    print(said, end="" if said.endswith("\n") else "\n")
    status: int = reply.status
    return status


def _speak_utf8() -> None:
    """Let quotes and minus signs through on terminals that were not set up for them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")


def _refuse(args: argparse.Namespace, status: int, value: dict[str, Any], error: Exception) -> int:
    if args.json:
        print(files.to_json(value), end="")
    else:
        print(str(error), file=sys.stderr)
    return status


@contextmanager
def _progress(args: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is going on, overwritten on a terminal, silent with --json."""
    live = sys.stderr.isatty() and not args.json

    def say(line: str) -> None:
        if live:
            print(f"\r\033[K{line} …", end="", file=sys.stderr, flush=True)

    yield say
    if live:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


class _Parser(argparse.ArgumentParser):
    """Argument errors end like every other bad input: one line that names the cure, status 2."""

    def error(self, message: str) -> Any:
        """Exit with status 2 and the line."""
        self.exit(BAD, f"{self.prog}: {message}. Try '{self.prog} --help'.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="hubeval", description=hubeval.__doc__)
    parser.add_argument("--version", action="version", version=f"hubeval {hubeval.__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    for each in VERBS:
        verb = verbs.add_parser(each.name, help=each.says, description=each.says)
        for flags, options in each.arguments:
            verb.add_argument(*flags, **options)
        verb.add_argument("--json", action="store_true", help="print JSON instead of words")
        verb.set_defaults(run=each.run)
    return parser
