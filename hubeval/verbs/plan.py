"""`hubeval plan`: what to do in an area that is not ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.folders import slugs, write_folder
from hubeval.verbs.given import expanded, read_all, ready_to_write
from hubeval.verbs.verb import OUT, OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from hubeval.release import Released
    from hubeval.theory import TheoryPlan

_ARGUMENTS: tuple[Argument, ...] = (
    (("files",), {"metavar": "FILE", "nargs": "+", "help": "a profile.toml or theory.toml; several: what they share"}),
    OUT,
    OVERWRITE,
)


def _plan(args: Namespace, _say: Progress) -> Reply:
    from hubeval.release.pages import release_plan
    from hubeval.release.quotes import cleared_beside
    from hubeval.theory import plan_from

    ready_to_write(args)
    cleared = cleared_beside(expanded(args.files))
    released = [release_plan(plan, cleared) for plan in read_all(args.files, plan_from)]
    plans = [one.content for one in released]
    where = ""
    if args.out:
        written = write_folder(args.out, _contents(released, expanded(args.files)), overwrite=args.overwrite)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]})"
    return Reply(
        value=lambda: plans[0].to_dict() if len(plans) == 1 else [plan.to_dict() for plan in plans],
        text=lambda: "\n\n".join(map(str, plans)) + where,
    )


def _contents(plans: Sequence[Released[TheoryPlan]], paths: Sequence[str]) -> dict[str, str]:
    """The files of one plan, or of several with what they share, each in a folder named as its own."""
    from hubeval.report.plan import learning_files, plan_files

    if len(plans) == 1:
        return plan_files(plans[0])
    from hubeval.release.pages import release_learning
    from hubeval.theory.across import learn_across

    made = learning_files(release_learning(learn_across([plan.content for plan in plans])))
    names = slugs([Path(path).resolve().parent.name for path in paths])
    for plan, name in zip(plans, names, strict=True):
        made |= {f"{name}/{file}": text for file, text in plan_files(plan).items()}
    return made


PLAN = Verb(
    name="plan",
    says="Write a theory-based plan for an area that is not ready, with the foundations for later.",
    arguments=_ARGUMENTS,
    run=_plan,
)
