"""`hubeval new`: a file to fill in."""

from __future__ import annotations

import re
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from hubeval.folders import write_file
from hubeval.verbs import unread
from hubeval.verbs.verb import OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

    from hubeval.data.catalogue import Entry

_ARGUMENTS: tuple[Argument, ...] = (
    (("what",), {"choices": ("profile", "protocol", "theory", "value", "rollout")}),
    (("--kind",), {"choices": ("did", "its", "synth", "matching", "rdd"), "help": "the design; by default did"}),
    (("--outcome",), {"metavar": "ID", "help": "pre-fill the outcome from the catalogue ('hubeval outcomes')"}),
    (("--from",), {"dest": "start_from", "metavar": "THEORY", "help": "pre-fill a protocol from a theory.toml"}),
    (("--out",), {"metavar": "FILE", "help": "write it there instead of printing it"}),
    OVERWRITE,
)


def _new(args: Namespace, _say: Progress) -> Reply:
    unread.in_new(args)
    name = f"protocol-{args.kind or 'did'}.toml" if args.what == "protocol" else f"{args.what}.toml"
    if args.start_from:
        from hubeval.theory import protocol_from, read_theory

        text = protocol_from(read_theory(args.start_from))
    else:
        text = (resources("hubeval") / "templates" / name).read_text(encoding="utf-8")
        if args.outcome is not None:
            text = _with_indicator(text, args.outcome) if args.what == "theory" else _with_outcome(text, args.outcome)
    if args.out is None:
        return Reply(value=lambda: {"file": name, "text": text}, text=lambda: text)
    path = write_file(args.out, text, overwrite=args.overwrite)
    return Reply(value=lambda: {"written": path}, text=lambda: f"Written: {path}. Fill it in.")


def _with_outcome(text: str, name: str) -> str:
    """The template with its outcome replaced by one of the catalogue; the column stays as it stands."""
    one = _chosen(name)
    head, block, *rest = re.split(r"^(?=\[\[outcomes\]\])", text, maxsplit=2, flags=re.MULTILINE)
    column = re.search(r'^column = "(.*?)"', block, flags=re.MULTILINE)
    assert column is not None
    after = block.split("\n\n", 1)[1] if "\n\n" in block else ""
    return "\n".join([head + one.toml(column.group(1)), "", after + "".join(rest)])


def _with_indicator(text: str, name: str) -> str:
    """The theory with its indicator, and the outcome it is of, in the words of one of the catalogue."""
    one = _chosen(name)
    given = {"label": one.words, "unit": one.unit, "source": one.source, "direction": one.direction}
    parts = re.split(r"^(?=\[\[indicators\]\]|# Evidence on an arrow)", text, maxsplit=2, flags=re.MULTILINE)
    head, block, rest = parts
    for key, value in given.items():
        block = re.sub(rf'^{key} = ".*?"', lambda _found, k=key, v=value: f'{k} = "{v}"', block, count=1,
                       flags=re.MULTILINE)
    block = re.sub(r'^column = ".*?"', f'column = "{one.id.replace("-", "_")}"', block, count=1, flags=re.MULTILINE)
    block = re.sub(r'^baseline = ".*?"\n', "", block, count=1, flags=re.MULTILINE)
    beware = f"# Beware: {one.note}\n" if one.note else ""
    head = head.replace("Families get help sooner", one.words, 1)
    head = head.replace("The wait is no shorter where", "It is no better where", 1)
    return f'{head}{block.rstrip()}\nmeasure = "{one.id}"\n{beware}\n{rest}'


def _chosen(name: str) -> Entry:
    """The outcome of the catalogue that was asked for."""
    from hubeval.data.catalogue import entry, outcomes
    from hubeval.errors import Door

    door = Door()
    door.choice("--outcome", name, [item.id for item in outcomes()])
    door.close()
    return entry(name)


NEW = Verb(
    name="new", says="Print a profile, protocol, theory of change, value case or roll-out to fill in.",
    arguments=_ARGUMENTS, run=_new,
)
