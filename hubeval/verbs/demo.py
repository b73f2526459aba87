"""`hubeval demo`: a worked example to copy and run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.errors import BadInput, Problem
from hubeval.folders import write_folder
from hubeval.verbs.verb import OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("name",), {"metavar": "NAME", "nargs": "?", "help": "an example; by default essex-style"}),
    (("--out",), {"metavar": "DIR", "help": "copy it here; without it, say which examples there are"}),
    OVERWRITE,
)


def _demo(args: Namespace, _say: Progress) -> Reply:
    from hubeval.examples import FIRST, copied, examples

    if args.out is None:
        if args.overwrite or args.name:
            option = "--overwrite" if args.overwrite else "NAME"
            raise BadInput([Problem(option, "nothing is copied", "only with --out", "Add --out DIR.")])
        found = examples()
        lines = [f"  {one.name:<18}{one.kind:<10}{one.question}" for one in found]
        text = "\n".join(["Worked examples on synthetic data. Copy one: hubeval demo NAME --out DIR", "", *lines])
        return Reply(value=lambda: list(found), text=lambda: text)
    written = write_folder(args.out, copied(args.name or FIRST), overwrite=args.overwrite)
    protocol = Path(args.out) / "protocol.toml"
    text = (
        f"Written: {len(written)} files in {args.out}. Nobody in them is real; truth.toml holds the true effect.\n"
        f"Next: hubeval assess {Path(args.out) / 'illustrative-profile.toml'}\n"
        f"      hubeval evaluate {protocol} --out {args.out}-report"
    )
    return Reply(value=lambda: {"written": written}, text=lambda: text)


DEMO = Verb(name="demo", says="Copy a worked example on synthetic data, ready to run.", arguments=_ARGUMENTS, run=_demo)
