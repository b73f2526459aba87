"""`hubeval check`: what the data themselves hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.verbs.given import data_file
from hubeval.verbs.record import RECORD, kept
from hubeval.verbs.verb import DATA, PROTOCOL, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace


def _check(args: Namespace, say: Progress) -> Reply:
    from hubeval.checking import check
    from hubeval.protocol import read_protocol
    from hubeval.release.pages import release_reading
    from hubeval.release.refusals import refusals

    protocol = read_protocol(args.protocol)
    say("Reading and checking the data")
    with refusals(protocol):
        found = check(protocol, data_file(args, protocol))
    value, text = release_reading(found.to_dict(), str(found), protocol).content
    of, sha256 = f"check of {found.design}", value["data_sha256"]
    return kept(args, Reply(value=lambda: value, text=lambda: text), value["facts"], (of, sha256, found.area))


CHECK = Verb(
    name="check",
    says="Say what the data themselves confirm or refute.",
    arguments=(PROTOCOL, DATA, RECORD),
    run=_check,
)
