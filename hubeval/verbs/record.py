"""What data settle, kept in the area's profile where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.verbs.verb import Argument, Reply
from hubeval.wording import counted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

RECORD: Argument = (
    ("--record",),
    {"metavar": "PROFILE", "help": "write what the data settle into this profile, in place of what stood there of it"},
)


def kept(args: Namespace, reply: Reply, facts: Sequence[dict[str, Any]], about: tuple[str, str, str]) -> Reply:
    """The reply, once its facts stand in the profile that ``--record`` names; as it is where none is named.

    `about` is what settled them, the hash of the data and the area.
    """
    if args.record is None:
        return reply
    from hubeval.profile.facts import Fact
    from hubeval.profile.record import record

    of, sha256, area = about
    made = [Fact(**{key: item for key, item in fact.items() if key != "grade"}) for fact in facts]
    path = record(args.record, made, of=of, sha256=sha256, area=area)
    value, text = reply.value(), reply.text()
    said = f"{text}\n\nRecorded: {counted(len(made), 'fact')} in {path}, grade 4 (checked on data)."
    return Reply(value=lambda: {**value, "recorded": path}, text=lambda: said)
