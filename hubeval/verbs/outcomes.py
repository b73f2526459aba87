"""`hubeval outcomes`: what hubs are asked about, as a list to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

HOW = "One as a protocol's table: hubeval outcomes ID. Pre-filled: hubeval new protocol --outcome ID."
_ARGUMENTS: tuple[Argument, ...] = (
    (("id",), {"nargs": "?", "help": "one outcome, as a protocol's table to complete"}),
)


def _outcomes(args: Namespace, _say: Progress) -> Reply:
    from hubeval import files
    from hubeval.data.catalogue import economic, entry, outcomes
    from hubeval.errors import Door

    if args.id is not None:
        door = Door()
        door.choice("id", args.id, [item.id for item in outcomes()])
        door.close()
        one = entry(args.id)
        return Reply(value=lambda: files.plain(one), text=lambda: one.toml("name of the column"))
    held = {"outcomes": files.plain(outcomes()), "economic": files.plain(economic())}
    lines = [f"  {item.id:<20} {item.words} ({item.level}; {item.direction})" for item in outcomes()]
    money = [f"  {item.id:<24} {item.words}" for item in economic()]
    text = "\n".join(["Outcomes:", *lines, "", "Economic measures:", *money, "", HOW])
    return Reply(value=lambda: held, text=lambda: text)


OUTCOMES = Verb(
    name="outcomes", says="List the outcomes that hubs are asked about, or print one for a protocol.",
    arguments=_ARGUMENTS, run=_outcomes,
)
