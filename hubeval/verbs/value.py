"""`hubeval value`: what an effect is worth, no more surely than its cause is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.given import lacking, ready_to_write, template_of
from hubeval.verbs.verb import OUT, OVERWRITE, TEMPLATE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("value",), {"metavar": "VALUE", "help": "a value.toml ('hubeval new value')"}),
    (("--result",), {"metavar": "JSON", "help": "the result.json of an evaluation; without it only claims are read"}),
    OUT,
    OVERWRITE,
    TEMPLATE,
)


def _value(args: Namespace, say: Progress) -> Reply:
    from hubeval import files
    from hubeval.economics import read_value, value, with_options
    from hubeval.economics.evidence import standing
    from hubeval.economics.plain import to_dict
    from hubeval.economics.words import lines
    from hubeval.release.pages import release_value

    ready_to_write(args)
    template = template_of(args)
    case = read_value(args.value)
    result = files.read_json(args.result, "--result") if args.result else None
    say("Drawing what is uncertain together")
    digest, beware = standing(args.result) if args.result else ("", ())
    released = release_value(with_options(value(case, result, sha256=digest, beware=beware)))
    where = ""
    if args.out:
        from hubeval.report.value import write_value

        say("Drawing the page")
        written = write_value(released, args.out, overwrite=args.overwrite, template=template)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]}){lacking(template)}"
    return Reply(value=lambda: to_dict(released.content), text=lambda: "\n".join(lines(released.content)) + where)


VALUE = Verb(
    name="value", says="Say what an effect is worth in pounds, or how large it would have to be.",
    arguments=_ARGUMENTS, run=_value,
)
