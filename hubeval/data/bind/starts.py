"""Starts as positions among the periods of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.bind.times import DAY_NUMBERS, ask_the_year, day_first, day_numbers
from hubeval.data.columns import NO, YES
from hubeval.data.periods import Period, parse
from hubeval.errors import listed
from hubeval.protocol import DidDesign, ItsDesign, SynthDesign
from hubeval.result import FlowStep

if TYPE_CHECKING:
    from hubeval.data.bind.binding import Binding
    from hubeval.data.clock import Clock


NEVER = frozenset({"", "inf", "never"})
ZERO = frozenset({"0", "0.0"})  # R's did writes never treated so; no period here is called 0
# words that people write where a unit has no start: some mean never, some that nobody knows, and only they can say
UNCLEAR = frozenset({
    *("no hub", "none", "n/a", "na", "nan", "null", "no", "not applicable", "not open", "not opened", "not yet"),
    *("unknown", "not known", "n/k", "n.k.", "?", "<na>", "tbc", "tbd", "tba", "to be confirmed", "planned", "pending"),
    *("not a hub", "missing", "–", "—", "-", "..", ":", "x", "z", "[x]", "[z]", "untreated", "control", "comparison"),
    *("never opened", "never treated"),
})  # fmt: skip


def zero_starts(binding: Binding, frame: pd.DataFrame) -> FlowStep | None:
    """Say how many units' start is written as 0, and that it is read as never treated."""
    design = binding.protocol.design
    if not isinstance(design, DidDesign) or design.by_amount:
        return None
    zero = binding.columns.text(design.start).loc[frame.index].isin(ZERO)
    if not zero.any():
        return None
    n = binding.units(frame.loc[zero])
    return FlowStep(label="Start written as 0", n_rows=binding.rows(frame), n_units=binding.units(frame),
                    note=f"{n} {'unit' if n == 1 else 'units'}: read as never treated, as R's did does")


def starts(binding: Binding, frame: pd.DataFrame, clock: Clock, first: Period, last: Period) -> int | None:
    """The design's one start as a position; None where each unit has its own, which go into `frame`."""
    design = binding.protocol.design
    if isinstance(design, DidDesign) and design.by_amount:
        _first_exposed(binding, frame, design, first)
        return None
    if isinstance(design, DidDesign):
        _unit_starts(binding, frame, design, clock, (first, last))
        return None
    assert isinstance(design, (ItsDesign, SynthDesign))
    start = clock.place(design.start)
    if start is None:
        if not ask_the_year(binding, "design.start", clock, [design.start], str(first)):
            binding.door.refuse(
                "design.start",
                f"{design.start!r} cannot be placed on the {first.frequency} periods of the data",
                f"a period like {first}",
                "Write the first treated period.",
            )
        return None
    if not first.ordinal < start.ordinal <= last.ordinal:
        binding.door.refuse(
            "design.start",
            f"{start} is {'after the last' if start > last else 'not after the first'} period",
            f"{first} to {last}",
            "Correct the start, or bring data that reach it.",
        )
    if isinstance(design, ItsDesign) and design.sites:
        _site_starts(binding, clock, design, start, (first, last))
    return start.ordinal - first.ordinal


def _site_starts(
    binding: Binding, clock: Clock, design: ItsDesign, earliest: Period, span: tuple[Period, Period]
) -> None:
    """Refuse sites whose start lies outside the data, or a `start` that is not the earliest of theirs."""
    first, last = span
    placed = {name: clock.place(text) for name, text in design.sites.items()}
    inside = [at for at in placed.values() if at is not None and first.ordinal < at.ordinal <= last.ordinal]
    if len(inside) < len(placed):
        found = f"{len(placed) - len(inside)} of {len(placed)} starts are not periods of the data after the first"
        binding.door.refuse("design.sites", found, f"{first} to {last}", "Write each site's first treated period.")
    elif min(at.ordinal for at in inside) != earliest.ordinal:
        binding.door.refuse("design.start", f"{earliest} is not the earliest start of the sites",
                            str(min(inside, key=lambda at: at.ordinal)), "Write the earliest of design.sites.")


def _first_exposed(binding: Binding, frame: pd.DataFrame, design: DidDesign, first: Period) -> None:
    """The first period with any exposure as each unit's start; of a service that comes and goes, the first change."""
    amount = frame[design.exposure]
    if below := int((amount < 0).sum()):
        binding.door.refuse("design.exposure", f"{below} value(s) of {design.exposure!r} are below 0", "amounts from 0",
                            "Write 0 for none.")
    if not (amount > 0).any():
        found = f"{design.exposure!r} is nowhere above 0"
        binding.door.refuse("design.exposure", found, "some exposure", "Check the column.")
    since = amount > 0
    if design.estimator == "switching":  # some have it from the beginning: what starts is a change
        ordered = frame.sort_values(design.time, kind="stable")
        early = amount.reindex(ordered.index).groupby(ordered[design.starter]).transform("first")
        since = amount.notna() & (amount != early.reindex(amount.index))
    at = frame[design.time].where(since).groupby(frame[design.starter]).transform("min")
    frame[design.start] = (at - first.ordinal).astype(float)


def _unit_starts(
    binding: Binding, frame: pd.DataFrame, design: DidDesign, clock: Clock, span: tuple[Period, Period]
) -> None:
    """The start column as positions; blank, 0, inf, 'never' and the words declared mean never treated."""
    first, last = span
    if absent := binding.source.absent.get(design.start):
        found = f"{absent} cell(s) of {design.start!r} are declared missing in the file, and blank means never treated"
        cure = "Where that means never treated, recode them to 0. Where it means not known, leave those units out."
        binding.door.refuse("design.start", found, "a start, or 0 for never, in every row", cure)
    written = binding.columns.text(design.start).loc[frame.index]
    words = {str(word).casefold() for word in binding.protocol.data.never_marks}
    kinds = [str(kind) for kind in written.unique()]
    wanted = [kind for kind in kinds if kind.casefold() not in NEVER | ZERO | words]
    placed = {kind: clock.place(kind) for kind in wanted}
    bad = [kind for kind, period in placed.items() if period is None]
    if bad:
        _refuse_starts(binding, frame, written, clock, (bad, str(first)))
        return
    if day_first(wanted):
        binding.columns.said[design.start] = f"column {design.start!r}: dates such as 01/04/2019 are read day first"
    position = {kind: float(period.ordinal - first.ordinal) for kind, period in placed.items() if period}
    row, known = pd.factorize(written)
    frame[design.start] = np.array([position.get(kind, np.nan) for kind in known], dtype=float)[row]
    per_unit = frame.groupby(design.starter)[design.start].nunique(dropna=False)
    if mixed := sorted(per_unit.index[per_unit > 1]):
        binding.door.refuse(
            "design.start",
            f"{len(mixed)} unit(s) have more than one start ({listed(mixed, 3)})",
            "one start a unit, the same in each of its rows",
            "Correct the column.",
        )
    late = frame[frame[design.start] > last.ordinal - first.ordinal]
    beyond = sorted(late[design.starter].unique())
    if beyond:
        binding.door.refuse(
            "design.start",
            f"{binding.units(late)} unit(s) start after the last period {last} ({listed(beyond, 3)})",
            f"starts up to {last}; blank = not treated in these data",
            "Bring data that reach it, or blank their start"
            + (f" and leave out their last {design.anticipation} period(s), in which they may already act."
               if design.anticipation else "."),
        )


def _refuse_starts(
    binding: Binding, frame: pd.DataFrame, written: pd.Series, clock: Clock, what: tuple[list[str], str]
) -> None:
    """Say of each kind of start that cannot be placed how many units have it, and what to do."""
    bad, example = what
    design = binding.protocol.design
    assert isinstance(design, DidDesign)
    allowed = f"periods like {example}; blank = never treated"

    def refuse(kinds: list[str], found: str, cure: str) -> None:
        rows = written.isin(kinds)
        units = binding.units(frame.loc[rows])
        said = f"{binding.rows(written[rows])} row(s), {units} unit(s), of {design.start!r} {found}"
        binding.door.refuse("design.start", said, allowed, cure)

    unclear = [kind for kind in bad if kind.casefold() in UNCLEAR]
    flags = [kind for kind in bad if kind.casefold() in {"1", "1.0"} | YES]
    if flags and {str(kind).casefold() for kind in written.unique()} <= {"1", "1.0", "0", "0.0", ""} | YES | NO:
        refuse(flags, "say that a unit is treated, and not since when", "Write in every row of a unit the first period "
               "in which it was treated; leave it blank for units that never were.")
        return
    if unclear:
        shown = ", ".join(f'"{kind}"' for kind in sorted(unclear))
        refuse(unclear, f"hold {shown}", f"Where that means never treated, declare: [data] never_marks = [{shown}], or "
               "blank those cells. Where it means not known, find the date or leave those units out.")
    others = [kind for kind in bad if kind not in unclear]
    if ask_the_year(binding, "design.start", clock, others, example):
        others = [kind for kind in others if not clock.unsaid(kind)]
    coarse = [kind for kind in others if parse(kind) is not None]
    cure = DAY_NUMBERS if day_numbers(others) else "Write the first treated period of each unit."
    refuse_each = ((coarse, f"are dated more coarsely than the data ({clock.frequency} periods)",
                    "Date the starts at least that finely."),
                   ([kind for kind in others if kind not in coarse], "cannot be read as a period", cure))  # fmt: skip
    for kinds, found, cure in refuse_each:
        if kinds:
            refuse(kinds, found, cure)
