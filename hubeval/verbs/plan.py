"""`hubeval plan`: what to do in an area that is not ready."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.verbs.given import read_all
from hubeval.verbs.verb import OUT, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from hubeval.release import Released
    from hubeval.theory import TheoryPlan

_ARGUMENTS: tuple[Argument, ...] = (
    (("files",), {"metavar": "FILE", "nargs": "+", "help": "a profile.toml or theory.toml; several: what they share"}),
    OUT,
)


def _plan(args: Namespace, _say: Progress) -> Reply:
    from hubeval.release.pages import release_plan
    from hubeval.theory import plan_from

    released = [release_plan(plan) for plan in read_all(args.files, plan_from)]
    plans = [one.content for one in released]
    where = ""
    if args.out:
        written = _written(released, args.files, args.out)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]})"
    return Reply(
        value=lambda: plans[0].to_dict() if len(plans) == 1 else [plan.to_dict() for plan in plans],
        text=lambda: "\n\n".join(map(str, plans)) + where,
    )


def _written(plans: Sequence[Released[TheoryPlan]], paths: Sequence[str], out: str) -> list[Path]:
    """The files of one plan, or of several with what they share."""
    from hubeval.report.plan import write_learning, write_plan

    if len(plans) == 1:
        return list(write_plan(plans[0], out))
    from hubeval.release.pages import release_learning
    from hubeval.theory.across import learn_across

    shared = learn_across([plan.content for plan in plans])
    written = list(write_learning(release_learning(shared), out))
    for plan, path in zip(plans, paths, strict=True):
        written += write_plan(plan, Path(out) / Path(path).resolve().parent.name)
    return written


PLAN = Verb(
    name="plan",
    says="Write a theory-based plan for an area that is not ready, with the foundations for later.",
    arguments=_ARGUMENTS,
    run=_plan,
)
