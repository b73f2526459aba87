"""The command line: the only place that prints or exits. Status 0 done, 1 answered "not ready", 2 anything else."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

import hubeval
from hubeval import files
from hubeval.errors import BadInput, HubevalError, NotReady, one_line, visible
from hubeval.verbs import VERBS
from hubeval.verbs.fault import fault
from hubeval.verbs.given import whole_characters
from hubeval.verbs.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DONE, NOT_READY, BAD = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status. Never ends in a traceback."""
    _speak_utf8()
    args = _parsed(argv)
    status, said, stream = _answered(args)
    try:
        _write(stream(), said)
    except BrokenPipeError:  # the reader of a pipe left early: nothing of ours went wrong
        _give_up(sys.stdout)
    except OSError as error:
        _give_up(sys.stdout)
        _warn(f"The answer could not be written to standard output: {error.strerror or 'it is closed'}.")
        return BAD
    return status


def _answered(args: argparse.Namespace) -> tuple[int, str, Callable[[], IO[str] | None]]:
    """The exit status, what is said, and where: the verb's answer, or the refusal it ended in."""
    try:
        with _progress(args) as say:
            whole_characters(args)
            reply = args.run(args, say)
            said = files.to_json(reply.value()) if args.json else reply.text()
    except NotReady as answer:
        value: dict[str, Any] = {"answer": "not ready", "message": answer.message, "reasons": answer.reasons}
        return _refused(args, NOT_READY, value, answer)
    except BadInput as error:
        value = {"answer": "bad input", "problems": files.plain(error.problems), "more": error.more}
        return _refused(args, BAD, value, error)
    except HubevalError as error:
        return _refused(args, BAD, {"answer": "bad input", "problems": [{"argument": "", "found": str(error)}]}, error)
    except KeyboardInterrupt:
        return BAD, "Stopped.", lambda: sys.stderr
    except Exception as error:  # noqa: BLE001 - whatever it is, its user gets one line, and never a row of data
        line = fault(error)
        return _refused(args, BAD, {"answer": "fault", "message": line}, line)
    return reply.status, said, lambda: sys.stdout


def _refused(
    args: argparse.Namespace, status: int, value: dict[str, Any], words: object
) -> tuple[int, str, Callable[[], IO[str] | None]]:
    if args.json:
        return status, files.to_json(value), lambda: sys.stdout
    return status, str(words), lambda: sys.stderr


def _speak_utf8() -> None:
    """Let quotes and minus signs through on terminals that were not set up for them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")


def _write(stream: IO[str] | None, said: str) -> None:
    """Text on a stream, with what a terminal would act on made visible; nothing where there is no such stream."""
    if stream is None:
        return
    stream.write(visible(said) + ("" if said.endswith("\n") else "\n"))
    stream.flush()


def _warn(said: str) -> None:
    """A line on standard error, if that can be written at all."""
    try:
        _write(sys.stderr, said)
    except (OSError, ValueError):
        _give_up(sys.stderr)


def _give_up(stream: IO[str] | None) -> None:
    """Point a stream that cannot be written to nowhere, so that nothing fails again when Python ends."""
    if stream is not None:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - no path on Windows
            os.dup2(nowhere.fileno(), stream.fileno())


@contextmanager
def _progress(args: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """Lines on standard error that say what is going on; silent with --json."""
    if sys.stderr is None or args.json:
        yield lambda _line: None
        return
    stream = sys.stderr

    def write(text: str) -> None:
        with suppress(OSError, ValueError):  # nobody there to read it
            print(text, end="", file=stream, flush=True)

    with Stages(write=write, live=stream.isatty(), steps=args.steps) as stages:
        yield lambda line: stages.say(visible(line))


class _Parser(argparse.ArgumentParser):
    """Argument errors end like every other bad input: one line that names the cure, status 2."""

    def error(self, message: str) -> Any:
        """Exit with status 2 and the line."""
        self.exit(BAD, f"{self.prog}: {one_line(message)}. Try '{self.prog} --help'.\n")


def _parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments; ``--option=--`` is refused, which `argparse` hands on as no value at all."""
    parser = _parser()
    args = parser.parse_args(argv)
    empty = [name for name, value in vars(args).items() if value == []]
    if empty:
        parser.error(f"argument --{empty[0]}: expected one argument")
    return args


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="hubeval", description=hubeval.__doc__)
    parser.add_argument("--version", action="version", version=f"hubeval {hubeval.__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    for each in VERBS:
        verb = verbs.add_parser(each.name, help=each.says, description=each.says)
        for flags, options in each.arguments:
            verb.add_argument(*flags, **options)
        verb.add_argument("--json", action="store_true", help="print JSON instead of words")
        verb.set_defaults(run=each.run, steps=each.steps)
    return parser
