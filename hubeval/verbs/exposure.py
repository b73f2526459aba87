"""`hubeval exposure`: how much of each place has an open site near it, period by period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.verbs.verb import OVERWRITE, Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = (
    (("areas",), {"metavar": "AREAS", "help": "small areas: area, easting, northing, under_fives"}),
    (("--sites",), {"metavar": "FILE", "required": True, "help": "sites: site, easting, northing, opened; closed"}),
    (("--first",), {"metavar": "PERIOD", "required": True, "help": "first period wanted, such as 2022Q1"}),
    (("--last",), {"metavar": "PERIOD", "required": True, "help": "last period wanted"}),
    (("--unit",), {"default": "area", "metavar": "COLUMN", "help": "whose shares: a column of AREAS; by default area"}),
    (("--near",), {"type": float, "default": 2_500.0, "metavar": "METRES", "help": "how near is near: 2500"}),
    (("--ring",), {"type": float, "default": 5_000.0, "metavar": "METRES", "help": "where the ring ends: 5000"}),
    (("--out",), {"metavar": "FILE", "help": "write the table here, as .csv"}),
    OVERWRITE,
)


def _exposure(args: Namespace, say: Progress) -> Reply:
    from hubeval.data.nearness import exposure_table
    from hubeval.errors import BadInput, Problem
    from hubeval.folders import write_file

    if args.overwrite and not args.out:
        raise BadInput([Problem("--overwrite", "nothing is written without --out", "", "Leave it out.")])
    if args.out and not str(args.out).lower().endswith(".csv"):
        raise BadInput([Problem("--out", f"{args.out} is no .csv file", "a name that ends in .csv", "Change it.")])
    say("Measuring distances")
    frame, understood = exposure_table(args.areas, args.sites, first=args.first, last=args.last, unit=args.unit,
                                       radii=(args.near, args.ring))
    found: dict[str, Any] = {"rows": len(frame), "columns": list(frame.columns), "understood": list(understood)}
    if args.out:
        rows = [",".join(frame.columns), *(",".join(map(_cell, row)) for row in frame.itertuples(index=False))]
        found["written"] = str(write_file(args.out, "\n".join(rows) + "\n", overwrite=args.overwrite))
    last = f"Written: {found['written']}" if args.out else "Nothing written; add --out exposure.csv."
    return Reply(value=lambda: found, text=lambda: "\n".join([f"{len(frame)} rows", *understood, last]))


def _cell(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if {",", '"', "\n"} & set(text) else text


EXPOSURE = Verb(
    name="exposure", says="Work out the share of each place's under-fives that live near an open site, by period.",
    arguments=_ARGUMENTS, run=_exposure,
)
