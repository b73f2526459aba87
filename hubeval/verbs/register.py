"""`hubeval register`: freeze a protocol on a day, in a ledger beside it; and write its analysis plan."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem
from hubeval.verbs.given import lacking, template_of
from hubeval.verbs.verb import DATA, OVERWRITE, PROTOCOL, TEMPLATE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

    from hubeval.protocol import Protocol
    from hubeval.registry.plan import AnalysisPlan
    from hubeval.report.office.template import Template

_ARGUMENTS: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    (("--seen",), {"metavar": "WORDS", "default": "", "help": "what has been seen of the data so far, in your words"}),
    (("--plan",), {"metavar": "FILE", "help": "write the analysis plan as a Word document (.docx)"}),
    (("--power",), {"metavar": "JSON", "help": "with --plan: a saved 'hubeval power PROTOCOL --json'"}),
    TEMPLATE,
    OVERWRITE,
)


def _register(args: Namespace, _say: Progress) -> Reply:
    from hubeval.protocol import read_protocol
    from hubeval.registry import ledger_beside, read_plan_ledger, register, standing, write_plan_ledger
    from hubeval.registry.plan import analysis_plan, deposit

    _possible(args)
    template = template_of(args, ("plan",))
    protocol = read_protocol(args.protocol)
    power = _power(args.power, protocol) if args.power else None
    where = ledger_beside(protocol)
    before = read_plan_ledger(where)
    data = Path(args.data) if args.data else _beside(protocol)
    after = register(protocol, before, today=date.today(), data=data, seen=args.seen)  # noqa: DTZ011 - a calendar day
    plan = analysis_plan(protocol, after, power)
    written = _written(plan, args, template) if args.plan else ""
    if after is not before:
        write_plan_ledger(after, where)
    now = standing(protocol, after)
    told = "Registered" if after is not before else "Registered already, and unchanged"
    last = after.entries[-1].hash
    text = f"{told}: {where}\n{now.says}\nHash to deposit elsewhere, so that the ledger itself can be checked: {last}"
    return Reply(value=lambda: deposit(protocol, after, plan), text=lambda: text + written)


def _possible(args: Namespace) -> None:
    """Options that do not apply are refused before anything is written."""
    if args.data and not Path(args.data).is_file():  # a slip of the pen would be registered as "no data were there"
        found = f"no file {args.data}"
        cure = "Correct the path; leave it out where there are no data yet, or they stay in a database."
        raise BadInput([Problem("--data", found, "the data file as it stands today", cure)])
    if args.power and not args.plan:
        raise BadInput([Problem("--power", "has nowhere to go", "only with --plan", "Add --plan plan.docx.")])
    if args.overwrite and not args.plan:
        raise BadInput([Problem("--overwrite", "nothing is written over", "only with --plan", "Leave it out.")])
    if args.plan and Path(args.plan).suffix.lower() != ".docx":
        raise BadInput([Problem("--plan", f"{args.plan} is no .docx", "a name that ends in .docx", "Rename it.")])
    if args.plan and Path(args.plan).exists() and not args.overwrite:
        found = f"{args.plan} is there already"
        raise BadInput([Problem("--plan", found, "a new file", "Choose another name, or add --overwrite.")])


def _beside(protocol: Protocol) -> Path | None:
    """The data file that the protocol names, where there is one yet."""
    path = Path(protocol.folder) / protocol.data.file if protocol.data.file else None
    return path if path is not None and path.is_file() else None


def _power(path: str, protocol: Protocol) -> dict[str, Any]:
    """A saved power calculation of this protocol's area and design."""
    from hubeval import files

    value = files.read_json(path, "--power")
    if not isinstance(value, dict) or value.get("schema") != "hubeval-power/1":
        cure = "Save one with 'hubeval power PROTOCOL --json > FILE'."
        raise BadInput([Problem("--power", f"{path} is not a saved power calculation", "hubeval-power/1", cure)])
    if value.get("area") != protocol.area:
        found = f"it is of {value.get('area')!r}, the protocol of {protocol.area!r}"
        raise BadInput([Problem("--power", found, "the same area in both", "Name the right file.")])
    return value


def _written(plan: AnalysisPlan, args: Namespace, template: Template | None) -> str:
    from hubeval.folders import write_file
    from hubeval.report.office.plan import plan_docx

    write_file(args.plan, plan_docx(plan, template), overwrite=args.overwrite)
    return f"\nWritten: {args.plan}{lacking(template)}"


REGISTER = Verb(
    name="register",
    says="Freeze a protocol in a ledger beside it, so that what is run later can be held against it.",
    arguments=_ARGUMENTS,
    run=_register,
)
