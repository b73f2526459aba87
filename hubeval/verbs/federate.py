"""`hubeval packet` and `hubeval pool`: one evaluation of many councils' records, of which none moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.errors import BadInput, Problem
from hubeval.folders import write_file
from hubeval.verbs.given import read_all, ready_to_write
from hubeval.verbs.verb import DATA, OUT, OVERWRITE, PROTOCOL, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_PACKET: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    (("--council",), {"metavar": "NAME", "help": "whose records these are; by default the protocol's area"}),
    (("--out",), {"metavar": "FILE", "help": "the packet to write, to be read before it is sent"}),
    OVERWRITE,
)
_POOL: tuple[Argument, ...] = (
    PROTOCOL,
    (("packets",), {"metavar": "PACKET", "nargs": "+", "help": "the councils' packets"}),
    OUT,
    OVERWRITE,
    (("--despite",), {"metavar": "REASON", "default": "", "help": "go on although not ready; printed everywhere"}),
)


def _packet(args: Namespace, _say: Progress) -> Reply:
    from hubeval import files
    from hubeval.federation import packet
    from hubeval.protocol import read_protocol

    protocol = read_protocol(args.protocol)
    if args.council is not None:
        protocol = replace(protocol, area=args.council)
    data = args.data or (Path(protocol.folder) / protocol.data.file if protocol.data.file else "")
    if not data:
        raise BadInput(
            [
                Problem(
                    "--data",
                    "none given, and the protocol names no file",
                    "the council's own records",
                    "Add --data FILE.",
                )
            ]
        )
    made = packet(protocol, data)
    where = ""
    if args.out:
        path = write_file(args.out, files.to_json(made.to_dict()) + "\n", overwrite=args.overwrite)
        where = f"\n\nWritten: {path}. Read it, then send it to whoever pools."
    return Reply(value=made.to_dict, text=lambda: "\n".join(made.lines()) + where)


def _pool(args: Namespace, say: Progress) -> Reply:
    from hubeval.federation import pool, read_packet
    from hubeval.protocol import read_protocol
    from hubeval.registry import note_run
    from hubeval.release import release
    from hubeval.report.text import summary

    ready_to_write(args)
    protocol = read_protocol(args.protocol)
    packets = read_all(args.packets, read_packet)
    released, _ = release(pool(protocol, packets, despite=args.despite, progress=say))
    note_run(protocol, released.content["provenance"]["made_on"])
    where = ""
    if args.out:
        from hubeval.report import write_outputs

        say("Drawing the report")
        written = write_outputs(released, args.out, overwrite=args.overwrite)
        report = next(path for path in written if path.name == "report.html")
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {report})"
    return Reply(value=lambda: released.content, text=lambda: summary(released) + where)


PACKET = Verb(
    name="packet", says="Make one council's packet: sums that stand for its records.", arguments=_PACKET, run=_packet
)
POOL = Verb(name="pool", says="Evaluate many councils together from their packets.", arguments=_POOL, run=_pool)
