"""`hubeval methods`: the methods section of a result, ready to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("result",), {"metavar": "RESULT", "help": "a result.json that 'hubeval evaluate --out' wrote"}),
)


def _methods(args: Namespace, _say: Progress) -> Reply:
    from hubeval.report.appendix import methods_appendix
    from hubeval.report.compare import read_result

    made = methods_appendix(read_result(args.result))
    return Reply(value=made.to_dict, text=lambda: str(made))


METHODS = Verb(
    name="methods",
    says="Write the methods section of a result, with the works behind what was done.",
    arguments=_ARGUMENTS,
    run=_methods,
)
