"""`hubeval check`: what the data themselves hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.given import data_file
from hubeval.verbs.verb import DATA, PROTOCOL, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace


def _check(args: Namespace, say: Progress) -> Reply:
    from hubeval.data.checks import check
    from hubeval.protocol import read_protocol
    from hubeval.release.pages import release_reading

    protocol = read_protocol(args.protocol)
    say("Reading and checking the data")
    found = check(protocol, data_file(args, protocol))
    value, text = release_reading(found.to_dict(), str(found), protocol).content
    if args.record is None:
        return Reply(value=lambda: value, text=lambda: text)
    from hubeval.profile.facts import Fact
    from hubeval.profile.record import record

    facts = [Fact(**{key: item for key, item in fact.items() if key != "grade"}) for fact in value["facts"]]
    path = record(args.record, facts, design=found.design, sha256=value["data_sha256"], area=found.area)
    said = f"{text}\n\nRecorded: {len(facts)} facts in {path}, grade 4 (checked on data)."
    return Reply(value=lambda: {**value, "recorded": path}, text=lambda: said)


_RECORD: Argument = (
    ("--record",),
    {"metavar": "PROFILE", "help": "write what the data settle into this profile, in place of an earlier check's"},
)


CHECK = Verb(
    name="check",
    says="Say what the data themselves confirm or refute.",
    arguments=(PROTOCOL, DATA, _RECORD),
    run=_check,
)
