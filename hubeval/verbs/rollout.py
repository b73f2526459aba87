"""`hubeval rollout`: in which order sites should open, so that what opening them did can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.given import ready_to_write
from hubeval.verbs.verb import OUT, OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("sites",), {"metavar": "SITES", "help": "a sites.toml ('hubeval new rollout')"}),
    OUT,
    OVERWRITE,
)


def _rollout(args: Namespace, say: Progress) -> Reply:
    from hubeval.release.pages import release_rollout
    from hubeval.rollout import read_rollout, rollout
    from hubeval.rollout.words import lines

    ready_to_write(args)
    released = release_rollout(rollout(read_rollout(args.sites), progress=say))
    where = ""
    if args.out:
        from hubeval.report.rollout import write_rollout

        say("Drawing the page")
        written = write_rollout(released, args.out, overwrite=args.overwrite)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]})"
    found = released.content
    return Reply(value=found.to_dict, text=lambda: "\n".join(lines(found)) + where,
                 status=1 if found.chosen.refused else 0)


ROLLOUT = Verb(
    name="rollout", says="Draw the order in which sites open, by public lot, and say what each order could find.",
    arguments=_ARGUMENTS, run=_rollout, steps=("Asking what",),
)
