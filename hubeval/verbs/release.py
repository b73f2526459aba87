"""`hubeval release`: a folder looked at as an output checker would, before it leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("what",), {"choices": ("check",), "help": "check: may every mark in the folder leave?"}),
    (("folder",), {"metavar": "DIR", "help": "a folder that hubeval wrote"}),
    (("--template",), {"metavar": "DOCX", "default": "", "help": "the Word file whose styles report.docx took"}),
)


def _release(args: Namespace, _say: Progress) -> Reply:
    from hubeval.release.audit import check_folder
    from hubeval.report.again import strays_drawn
    from hubeval.report.office.template import read_template

    template = read_template(args.template) if args.template else None
    found = check_folder(args.folder)
    seen = {one.file for one in found.findings}
    more = [one for one in strays_drawn(args.folder, template) if one.file not in seen]
    found = replace(found, findings=(*found.findings, *more))
    return Reply(value=found.to_dict, text=lambda: str(found), status=0 if found.clear else 1)


RELEASE = Verb(
    name="release",
    says="Check a folder before it leaves: what its marks rest on, small counts, personal details.",
    arguments=_ARGUMENTS,
    run=_release,
)
