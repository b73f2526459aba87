"""`hubeval packet` and `hubeval pool`: one evaluation of many councils' records, of which none moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.folders import write_file
from hubeval.verbs.given import read_all, ready_to_write
from hubeval.verbs.verb import DATA, OUT, OVERWRITE, PROTOCOL, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

    from hubeval.federation import Packet

_PACKET: tuple[Argument, ...] = (
    PROTOCOL,
    DATA,
    (("--council",), {"metavar": "NAME", "help": "whose records these are; by default the protocol's area"}),
    (("--out",), {"metavar": "FILE", "help": "the packet to write, to be read before it is sent"}),
    OVERWRITE,
)
_POOL: tuple[Argument, ...] = (
    (("files",), {"metavar": "FILE", "nargs": "+",
                  "help": "the protocol and the councils' packets; or the result.json of each of several councils, "
                          "whose designs may differ"}),
    OUT,
    OVERWRITE,
    (("--despite",), {"metavar": "REASON", "default": "", "help": "go on although not ready; printed everywhere"}),
)


def _packet(args: Namespace, _say: Progress) -> Reply:
    from hubeval.data.backends import elsewhere
    from hubeval.federation import packet
    from hubeval.protocol import read_protocol
    from hubeval.release.refusals import refusals

    protocol = read_protocol(args.protocol)
    if args.council is not None:
        protocol = replace(protocol, area=args.council)
    data = elsewhere(protocol, args.data or None) or args.data or (
        Path(protocol.folder) / protocol.data.file if protocol.data.file else "")
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
    with refusals(protocol):
        made = packet(protocol, data)
    where = _written(made, args)
    return Reply(value=made.to_dict, text=lambda: "\n".join(made.lines()) + where)


def _written(made: Packet, args: Namespace) -> str:
    """The packet in its file and noted in the ledger beside it, and where it is, in words."""
    from hubeval.federation.sent import cells_of, require_apart, sent_beside
    from hubeval.release.ledger import read_ledger, write_ledger

    noted = made.threshold > 1  # open data of authorities are nobody's
    if not args.out:
        if args.json and noted:
            found = "a packet that is printed is not noted, so that no later one could be held against it"
            raise BadInput([Problem("--json", found, "a packet of records on people in a file", "Add --out FILE.")])
        return ""
    text = files.to_json(made.to_dict()) + "\n"
    if not noted:
        path = write_file(args.out, text, overwrite=args.overwrite)
        return f"\n\nWritten: {path}. Read it, then send it to whoever pools."
    beside = sent_beside(args.out)
    ledger = read_ledger(beside)
    require_apart(made, ledger)
    path = write_file(args.out, text, overwrite=args.overwrite)
    cells = cells_of(made)
    if not any(dict(entry.cells) == cells for entry in ledger.entries):
        write_ledger(ledger.added(date.today().isoformat(), made.profile, cells), beside)  # noqa: DTZ011 - a calendar day
    said = f"Keep {beside.name} beside it: later packets are held against it"
    return f"\n\nWritten: {path}. Read it, then send it to whoever pools. {said}."


def _pool(args: Namespace, say: Progress) -> Reply:
    ready_to_write(args)
    if args.files[0].casefold().endswith(".json"):
        return _results(args, say)
    return _packets(args, say)


def _results(args: Namespace, say: Progress) -> Reply:
    """Released results of unlike designs."""
    from hubeval.economics.evidence import require_result, standing
    from hubeval.federation import synthesise
    from hubeval.release.pages import release_synthesis
    from hubeval.report.synthesis import write_synthesis

    if args.despite:
        found = "it does not apply to results, which say so themselves where a gate was shut"
        raise BadInput([Problem("--despite", found, "with a protocol and packets", "Leave it out.")])

    def read(path: Path) -> dict[str, Any]:
        raw = files.read_json(path, "result")
        if isinstance(raw, dict) and str(raw.get("schema", "")).startswith("hubeval-packet/"):
            cure = "hubeval pool PROTOCOL PACKET ..."
            raise BadInput([Problem("result", "it is a packet, and no protocol stands before it", "results", cure)])
        require_result(raw)
        apart.extend([path.as_posix()] if standing(path)[1] else [])
        return dict(raw)

    apart: list[str] = []
    results = read_all(args.files, read)
    say("Pooling the councils' results")
    released = release_synthesis(synthesise(results, apart=len(apart)))
    where = ""
    if args.out:
        say("Drawing the page")
        written = write_synthesis(released, args.out, overwrite=args.overwrite)
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {written[0]})"
    return Reply(value=released.content.to_dict, text=lambda: "\n".join(released.content.lines()) + where)


def _packets(args: Namespace, say: Progress) -> Reply:
    from hubeval.federation import pool, read_packet
    from hubeval.protocol import read_protocol
    from hubeval.registry import note_run
    from hubeval.release import release
    from hubeval.release.ledger import Ledger, ledger_of, read_ledger, with_release, write_ledger
    from hubeval.report.text import summary

    path, *rest = args.files
    if not rest:
        raise BadInput([Problem("files", "a protocol and no packet", "two packets or more", "Name the packets too.")])
    protocol = read_protocol(path)
    packets = read_all(rest, read_packet)
    ledger = read_ledger(ledger_of(args.out)) if args.out else Ledger()
    released, _ = release(pool(protocol, packets, despite=args.despite, progress=say), ledger=ledger)
    note_run(protocol, released.content["provenance"]["made_on"])
    where = ""
    if args.out:
        from hubeval.report import write_outputs

        say("Drawing the report")
        written = write_outputs(released, args.out, overwrite=args.overwrite)
        report = next(path for path in written if path.name == "report.html")
        where = f"\n\nWritten: {len(written)} files in {args.out} (open {report})"
        write_ledger(with_release(ledger, released.content), ledger_of(args.out))
    return Reply(value=lambda: released.content, text=lambda: summary(released) + where)


PACKET = Verb(
    name="packet", says="Make one council's packet: sums that stand for its records.", arguments=_PACKET, run=_packet
)
POOL = Verb(
    name="pool", says="Evaluate many councils together: from their packets, or from results of unlike designs.",
    arguments=_POOL, run=_pool,
)  # fmt: skip
