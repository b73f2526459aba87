"""`hubeval power`: the smallest effect that could be detected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.verbs.given import data_file
from hubeval.verbs.record import RECORD, kept
from hubeval.verbs.verb import DATA, PROTOCOL, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    (("--draws",), {"type": int, "metavar": "N", "help": "simulated panels; by default 1,000"}),
    (("--seed",), {"type": int, "metavar": "N", "help": "by default the protocol's own"}),
    RECORD,
    (("--quick",), {"action": "store_true", "help": "without the curves over units and periods"}),
)


def _power(args: Namespace, say: Progress) -> Reply:
    from hubeval.detectable import Settings, power
    from hubeval.protocol import read_protocol
    from hubeval.release.pages import release_power, release_reading
    from hubeval.release.refusals import refusals

    protocol = read_protocol(args.protocol)
    chosen: dict[str, Any] = {} if args.draws is None else {"draws": args.draws}
    if args.quick:
        chosen["curve_draws"] = 0
    with refusals(protocol):
        found = power(protocol, data_file(args, protocol), settings=Settings(**chosen), seed=args.seed, progress=say)
    value, text = release_power(found, protocol).content
    facts = release_reading({"facts": files.plain(found.facts)}, "", protocol).content[0]["facts"]
    about = (f"power of {found.design}", "", found.area)
    return kept(args, Reply(value=lambda: value, text=lambda: text), facts, about)


POWER = Verb(
    name="power",
    says="Say the smallest effect that this protocol could detect on these data, before anyone looks at the outcome.",
    arguments=_ARGUMENTS,
    run=_power,
    steps=("Reading", "Drawing data", "Power with"),
)
