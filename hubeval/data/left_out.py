"""Whole areas: those that a caution leaves out, and those that are said to have been mended over a boundary change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hubeval.data.areas import area_key, side_by_side
from hubeval.data.calendar import calendar, keys_of, known
from hubeval.data.totals import is_total
from hubeval.errors import listed
from hubeval.protocol import RECORDS, DidDesign, ItsDesign
from hubeval.result import FlowStep

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding
    from hubeval.data.calendar import Event
    from hubeval.protocol import Caution

LEAVE = "leave out these areas"
MENDED = "mended in the data"


def settle_areas(binding: Binding, frame: pd.DataFrame, flow: list[FlowStep]) -> pd.DataFrame:
    """The frame without the areas that cautions leave out; what is said to be mended and is not is refused."""
    leaving = binding.who is not None and any(caution.handling == LEAVE for caution in binding.protocol.cautions)
    here = {area_key(name) for name in frame[binding.who].unique()} if leaving else set()
    for caution in binding.protocol.cautions:
        if caution.handling == MENDED:
            refuse_unmended(binding, frame, caution)
        if caution.handling == LEAVE:
            frame = without_areas(binding, frame, caution, flow, here=here)
    refuse_totals(binding, frame)
    return frame


def refuse_totals(binding: Binding, frame: pd.DataFrame) -> None:
    """Refuse totals among places: the treated are in them, so they are no comparison, and they are no place to treat.

    A series that the design itself names is what it is named to be, and data of which half the units or more are
    totals are about those. Persons and families are left alone: an id may be any word.
    """
    who, design = binding.who, binding.protocol.design
    if who is None or binding.protocol.data.units in {"person", "family"}:
        return
    units = [str(name) for name in frame[who].unique()]
    named = {getattr(design, "treated", None), *getattr(design, "donors", ())}
    named |= set(design.control) if isinstance(design, ItsDesign) else set()
    totals = [name for name in units if is_total(name)]
    wrong = [name for name in totals if name not in named]
    if not wrong or len(totals) * 2 >= len(units):
        return
    areas = ", ".join(json.dumps(name, ensure_ascii=False) for name in wrong)
    binding.door.refuse(
        "design.unit", f"{listed(wrong, 4)} among the {len(units)} units of {who!r}: totals of places, in which the "
        "treated may be", "places", "Take them out of the file, or leave them out by declaration:\n[[cautions]]\n"
        f'kind = "boundary change"\nlabel = "totals"\nfirst = "{_first(binding, frame)}"\nhandling = "{LEAVE}"\n'
        f"areas = [{areas}]")


def _first(binding: Binding, frame: pd.DataFrame) -> str:
    """The first period as the data write it."""
    time = getattr(binding.protocol.design, "time", "")
    return str(binding.columns.text(time).loc[frame.index].iloc[0]) if len(frame) else ""


def without_areas(
    binding: Binding, frame: pd.DataFrame, caution: Caution, flow: list[FlowStep], *, here: set[str]
) -> pd.DataFrame:
    """The frame without the areas that a caution leaves out, counted and named; refused where that cannot be done.

    `here` holds the areas of the data as they came: what an earlier caution left out is no slip.
    """
    where = f"cautions ({caution.label})"
    if binding.who is None:
        binding.door.refuse(where, f"handling is {LEAVE!r}, and these data are one series", "another handling",
                            "Drop the periods, or model it.")
        return frame
    entry = _event(binding, caution)
    keys = {area_key(name) for name in caution.areas} or (keys_of(entry) if entry else set())
    names = frame[binding.who]
    struck = names.map(area_key).isin(keys)
    absent = sorted(name for name in caution.areas if area_key(name) not in here)
    if absent or not here & keys:
        found = f"no unit {absent[0]!r} in {binding.who!r}" if absent else "none of its areas is a unit of these data"
        binding.door.refuse(f"{where}: areas", found, "units of the data", "Check the spelling, or drop the caution.")
        return frame
    gone = sorted(names[struck].unique())
    design = binding.protocol.design
    if not isinstance(design, (DidDesign, *RECORDS)):
        named = {design.treated, *(design.control if isinstance(design, ItsDesign) else design.donors)}
        if both := [name for name in gone if name in named]:
            binding.door.refuse(where, f"{listed(both)} would be left out, and the design names it", "other areas",
                                "Take a comparison out of the design; the treated unit cannot be left out.")
            return frame
    kept = frame[~struck]
    flow.append(FlowStep(label=f"Without the areas of {caution.label}", n_rows=binding.rows(kept),
                         n_units=binding.units(kept), note=f"{listed(gone, 12)} left out, as declared"))
    return kept


def refuse_unmended(binding: Binding, frame: pd.DataFrame, caution: Caution) -> None:
    """Refuse what is said to be mended while old and new areas (or codes) both stand in the data."""
    entry, who = _event(binding, caution), binding.who
    if entry is None or entry.kind != "boundary change" or who is None:
        return
    known_rows = frame[frame[binding.protocol.primary.column].notna()]
    for said in side_by_side(entry.areas, entry.gone, calendar().codes, known_rows[who].unique()):
        binding.door.refuse(
            f"cautions ({caution.label})", f"handling is {MENDED!r}, and {said}", "one area throughout, old or new",
            f"Add them up into one area, or say handling = {LEAVE!r}.")


def _event(binding: Binding, caution: Caution) -> Event | None:
    return next((e for e in known(binding.protocol).events if caution.event and e.id == caution.event), None)
