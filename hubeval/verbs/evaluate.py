"""`hubeval evaluate`: a registered protocol on its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.verbs.verb import DATA, OUT, PROTOCOL, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    OUT,
    (("--despite",), {"metavar": "REASON", "default": "", "help": "go on although not ready; printed everywhere"}),
)


def _evaluate(args: Namespace, say: Progress) -> Reply:
    from hubeval.evaluation import evaluate
    from hubeval.protocol import read_protocol
    from hubeval.report.text import summary

    protocol = read_protocol(args.protocol)
    evaluation = evaluate(protocol, args.data and Path(args.data), despite=args.despite, progress=say)
    value = evaluation.to_dict()
    where = ""
    if args.out:
        from hubeval.report import write_outputs

        say("Drawing the report")
        written = write_outputs(value, args.out)
        report = next(path for path in written if path.name == "report.html")
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {report})"
    return Reply(value=lambda: value, text=lambda: summary(value) + where)


EVALUATE = Verb(
    name="evaluate",
    says="Run a registered protocol on its data, if the area is ready for it.",
    arguments=_ARGUMENTS,
    run=_evaluate,
)
