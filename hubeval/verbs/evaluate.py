"""`hubeval evaluate`: a registered protocol on its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.data.backends import elsewhere
from hubeval.errors import BadInput, Problem
from hubeval.verbs.given import lacking, ready_to_write, template_of
from hubeval.verbs.verb import DATA, OUT, OVERWRITE, PROTOCOL, TEMPLATE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

    from hubeval.protocol import Protocol
    from hubeval.release import Released
    from hubeval.report.office.template import Template

_ARGUMENTS: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    OUT,
    OVERWRITE,
    (("--despite",), {"metavar": "REASON", "default": "", "help": "go on although not ready; printed everywhere"}),
    (("--cross-check",), {"action": "store_true", "help": "estimate the headline again with another library"}),
    (("--release",), {"metavar": "PROFILE", "default": "", "help": "rules for what leaves; by default the protocol's"}),
    TEMPLATE,
    (("--internal",), {"metavar": "DIR", "default": "", "help": "write the exact result here too, marked internal"}),
    (("--key",), {"metavar": "FILE", "default": "", "help": "key the records' hash with it; made by pseudonymise"}),
)


def _evaluate(args: Namespace, say: Progress) -> Reply:
    from hubeval.evaluation import evaluate
    from hubeval.protocol import read_protocol
    from hubeval.registry import note_run
    from hubeval.release import release
    from hubeval.release.ledger import Ledger, ledger_of, read_ledger, with_release, write_ledger
    from hubeval.release.profiles import rulebook_of
    from hubeval.release.refusals import refusals
    from hubeval.report.text import summary

    ready_to_write(args)
    protocol = read_protocol(args.protocol)
    profile = rulebook_of(protocol, protocol.data.units or "", args.release or None)  # refused before any work is done
    _apart(args)
    template = template_of(args, ("out", "internal"))
    key = _key(args)
    ledger = read_ledger(ledger_of(args.out)) if args.out else Ledger()
    data = (elsewhere(protocol, args.data) or Path(args.data)) if args.data else None
    with refusals(protocol):
        evaluation = evaluate(protocol, data, despite=args.despite, cross_check=args.cross_check, progress=say)
    say("Deciding what may leave")
    released, _ = release(evaluation, profile if args.release else None, ledger=ledger, key=key)
    inside = release(evaluation, "internal")[0] if args.internal else None
    where = _written(released, inside, args, (template, say))
    note_run(protocol, released.content["provenance"]["made_on"], _used(args, protocol))
    if args.out:
        write_ledger(with_release(ledger, released.content), ledger_of(args.out))
    return Reply(value=lambda: released.content, text=lambda: summary(released) + where)


def _key(args: Namespace) -> bytes | None:
    """The key that was named; refused where it lies in a folder that leaves."""
    if not args.key:
        return None
    from hubeval.release.keyed import outside, read_key

    if args.out:
        outside(args.key, Path(args.out) / "result.json")
    return read_key(args.key)


def _used(args: Namespace, protocol: Protocol) -> Path | None:
    """The data file that was read; none where a table elsewhere was asked."""
    if elsewhere(protocol, args.data or None) is not None:
        return None
    if args.data:
        return Path(args.data)
    return Path(protocol.folder) / protocol.data.file if protocol.data.file else None


def _written(
    released: Released[dict[str, Any]], inside: Released[dict[str, Any]] | None, args: Namespace,
    how: tuple[Template | None, Progress],
) -> str:
    """What leaves, and what stays inside, each in its own folder; where they are, in words."""
    template, say = how
    if not args.out and inside is None:
        return ""
    from hubeval.report import write_outputs

    say("Drawing the report")
    where = ""
    if args.out:
        written = write_outputs(released, args.out, overwrite=args.overwrite, template=template)
        report = next(path for path in written if path.name == "report.html")
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {report})"
        where += lacking(template)
    if inside is not None:
        written = write_outputs(inside, args.internal, overwrite=args.overwrite, template=template)
        where += f"\n\nInternal: {len(written)} files in {args.internal}. They may not leave the safe setting."
    return where


def _apart(args: Namespace) -> None:
    """Refuse to write what stays inside into the folder that leaves."""
    if not (args.out and args.internal):
        return
    out, inside = Path(args.out).resolve(), Path(args.internal).resolve()
    if out == inside or out in inside.parents or inside in out.parents:
        found = "one of the folders lies in the other"
        raise BadInput([Problem("--internal", found, "a folder apart from --out", "Name another.")])


EVALUATE = Verb(
    name="evaluate",
    says="Run a registered protocol on its data, if the area is ready for it.",
    arguments=_ARGUMENTS,
    run=_evaluate,
    steps=("Reading", "Estimating", "Asking", "Trying", "Putting it into words", "Deciding what may leave", "Drawing"),
)
