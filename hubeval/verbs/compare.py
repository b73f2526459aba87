"""`hubeval compare`: two results of one question side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.folders import write_folder
from hubeval.verbs.given import ready_to_write
from hubeval.verbs.verb import OUT, OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("first",), {"metavar": "RESULT", "help": "a result.json that 'hubeval evaluate --out' wrote"}),
    (("second",), {"metavar": "RESULT", "help": "another of the same question: another design, or later data"}),
    OUT,
    OVERWRITE,
)


def _compare(args: Namespace, _say: Progress) -> Reply:
    from hubeval.report.compare import compare_results, comparison_files, read_result

    ready_to_write(args)
    found = compare_results(read_result(args.first), read_result(args.second))
    where = ""
    if args.out:
        written = write_folder(args.out, comparison_files(found), overwrite=args.overwrite)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]})"
    return Reply(value=found.to_dict, text=lambda: str(found) + where)


COMPARE = Verb(
    name="compare",
    says="Hold two results of one question side by side: where they agree, where not, and what differs.",
    arguments=_ARGUMENTS,
    run=_compare,
)
