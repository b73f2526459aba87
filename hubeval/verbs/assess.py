"""`hubeval assess`: whether a quasi-experiment can answer, of one area or many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.verbs import unread
from hubeval.verbs.given import exactly, expanded, lacking, read_all, ready_to_write, template_of
from hubeval.verbs.verb import OUT, OVERWRITE, TEMPLATE, Argument, Progress, Reply, Verb
from hubeval.wording import brief

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from hubeval.profile import Profile
    from hubeval.readiness import Readiness
    from hubeval.release import Released
    from hubeval.report.office.template import Template

_ARGUMENTS: tuple[Argument, ...] = (
    (("profiles",), {"metavar": "PROFILE", "nargs": "+", "help": "profile.toml files, or answers from the form"}),
    (("--why",), {"action": "store_true", "help": "every criterion with its reason and quote"}),
    (("--checked",), {"metavar": "PROTOCOL", "help": "let the data of this protocol overrule what is claimed"}),
    (("--sensitivity",), {"action": "store_true", "help": "what other gate levels and rules would say"}),
    (("--since",), {"metavar": "FILE", "help": "what changed since an earlier profile or saved assessment"}),
    (("--power",), {"metavar": "JSON", "action": "append", "help": "with --out: a saved 'hubeval power --json'"}),
    (("--compare",), {"action": "store_true", "help": "two codings of one area, compared and merged"}),
    OUT,
    OVERWRITE,
    TEMPLATE,
)


def _assess(args: Namespace, _say: Progress) -> Reply:
    unread.in_assess(args)
    from hubeval.profile import read_profile
    from hubeval.readiness import assess, diff, earlier, sensitivity, sensitivity_text
    from hubeval.release.pages import release_portfolio
    from hubeval.release.quotes import cleared_beside

    if args.power and not args.out:
        raise BadInput([Problem("--power", "has nowhere to go", "only with --out", "Add --out DIR.")])
    ready_to_write(args)
    template = template_of(args)
    detectable = _detectable(args.power or ())
    profiles = read_all(args.profiles, read_profile)
    if args.checked:
        exactly(1, profiles, "--checked", "the profile of one area")
        profiles = [_checked(profiles[0], args.checked)]
    readinesses = [assess(profile) for profile in profiles]
    cleared = cleared_beside([*expanded(args.profiles), *([args.since] if args.since else [])])
    release_portfolio(readinesses, cleared)  # whatever is asked of them prints their words
    if args.sensitivity:
        variants = sensitivity(profiles)
        return Reply(value=lambda: variants, text=lambda: sensitivity_text(variants))
    if args.compare:
        exactly(2, profiles, "--compare", "two codings of one area")
        return _compared(profiles)
    if args.since:
        before = [earlier(args.since, now.area) for now in readinesses]
        release_portfolio(before, cleared)
        changes = [diff(then, now) for then, now in zip(before, readinesses, strict=True)]
        return Reply(
            value=lambda: [change.to_dict() for change in changes], text=lambda: "\n\n".join(map(str, changes))
        )
    return _verdicts(args, release_portfolio(readinesses, cleared), detectable, template)


def _verdicts(
    args: Namespace, released: Released[Sequence[Readiness]], detectable: dict[str, dict[str, str]],
    template: Template | None,
) -> Reply:
    """The answer to the plain question, with its pages where they were asked for."""
    from hubeval.readiness import grid, why

    readinesses, where = released.content, ""
    if args.out:
        from hubeval.report import write_portfolio

        written = write_portfolio(
            released, args.out, detectable=detectable, overwrite=args.overwrite, template=template
        )
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {Path(args.out) / 'index.html'})"
        where += lacking(template)
    detail = args.why or len(readinesses) == 1
    return Reply(
        value=lambda: [readiness.to_dict() for readiness in readinesses],
        text=lambda: ("\n\n".join(map(why, readinesses)) if detail else grid(readinesses)) + where,
    )


def _compared(profiles: Sequence[Profile]) -> Reply:
    from hubeval.readiness import assess, compare, merge, why

    comparison, merged = compare(*profiles), assess(merge(*profiles))
    return Reply(
        value=lambda: {"comparison": comparison.to_dict(), "merged": merged.to_dict()},
        text=lambda: f"{comparison}\n\nBoth together:\n{why(merged)}",
    )


def _detectable(paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """Smallest detectable effects by area and design, from what `hubeval power --json` saved."""
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        value = files.read_json(path, "--power")
        if not isinstance(value, dict) or value.get("schema") != "hubeval-power/1" or not _whole(value):
            cure = "Save one with 'hubeval power PROTOCOL --json > FILE'."
            raise BadInput([Problem("--power", f"{path} is not a saved power calculation", "hubeval-power/1", cure)])
        size = value["smallest_detectable"]
        words = "none in the range tried" if size is None else f"{brief(size)} {value['unit']}"
        found.setdefault(value["area"], {})[value["design"]] = words
    return found


def _whole(value: dict[str, Any]) -> bool:
    """Whether a saved power calculation still holds what is shown of it, in its own kinds."""
    size = value.get("smallest_detectable", "")
    number = size is None or (isinstance(size, (int, float)) and not isinstance(size, bool))
    return number and all(isinstance(value.get(key), str) for key in ("unit", "area", "design"))


def _checked(profile: Profile, protocol_file: str) -> Any:
    """A profile with what its protocol's data confirm or refute."""
    from hubeval.data.backends import elsewhere
    from hubeval.data.checks import check, merged
    from hubeval.protocol import read_protocol
    from hubeval.release.pages import release_facts
    from hubeval.release.refusals import refusals

    protocol = read_protocol(protocol_file)
    there = elsewhere(protocol)
    if there is None and not protocol.data.file:
        found = "the protocol names no data file"
        raise BadInput([Problem("--checked", found, "[data] file = '…'", "Name it there.")])
    with refusals(protocol):
        checked = check(protocol, there or Path(protocol.folder) / protocol.data.file)
    return merged(profile, replace(checked, facts=release_facts(checked.facts, protocol)))


ASSESS = Verb(
    name="assess",
    says="Say of each area whether a quasi-experiment can answer, and what stands in the way.",
    arguments=_ARGUMENTS,
    run=_assess,
)
