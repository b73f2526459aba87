"""Options of the command line that were given and would not be read: refused, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from argparse import Namespace


def in_new(args: Namespace) -> None:
    """A profile or theory has no kind, and only what has outcomes takes one; a theory leads to one kind of protocol."""
    if args.what != "protocol":
        given = {"--kind": args.kind, "--from": args.start_from}
        given |= {"--outcome": args.outcome} if args.what != "theory" else {}
        _refuse(given, f"a new {args.what} does not read it")
    if args.out is None:
        _refuse({"--overwrite": args.overwrite}, "nothing is written without --out")
    if args.start_from and args.kind != "did":
        _refuse({"--kind": args.kind}, "a theory leads to a difference-in-differences")
    if args.start_from:
        _refuse({"--outcome": args.outcome}, "a theory brings its own outcomes")


def in_assess(args: Namespace) -> None:
    """One question at a time; pages are written for the assessment itself."""
    asked = {"--sensitivity": args.sensitivity, "--compare": args.compare, "--since": args.since}
    names = [name for name, value in asked.items() if value]
    if names:
        others = {**dict.fromkeys(names[1:], True), "--why": args.why, "--out": args.out}
        _refuse(others, f"not together with {names[0]}")


def _refuse(given: dict[str, Any], found: str) -> None:
    problems = [Problem(name, found, "", "Leave it out.") for name, value in given.items() if value]
    if problems:
        raise BadInput(problems)
