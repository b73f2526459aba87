"""What a panel or a series says of itself: periods, starts, units, gaps, comparison, jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.data import thresholds as cut
from hubeval.data.areas import area_key
from hubeval.data.breaks import shared_jumps
from hubeval.data.calendar import calendar
from hubeval.data.findings import worse
from hubeval.data.grid import Grid, grid
from hubeval.data.periods import parse
from hubeval.errors import listed
from hubeval.protocol import DidDesign, ItsDesign, SynthDesign
from hubeval.wording import brief, counted, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.data.calendar import Crossing
    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol
    from hubeval.result import Status

    Floats = NDArray[np.float64]


SOUND = ("mended in the data", "leave out these areas")  # after which a break is in the data no more
CLOSING = 2  # a level this low closes designs, and says something of this design's data only


def check_panel(
    protocol: Protocol, table: Table, starts: Sequence[str], crossed: tuple[Crossing, ...], found: Findings
) -> None:
    """Put every question to a panel or series that its data can answer.

    Parameters
    ----------
    starts : sequence of str
        The starts as the file writes them, for how finely they are dated.
    crossed : tuple of Crossing
        Calendar events inside the window.
    """
    g = grid(protocol, table)
    if isinstance(protocol.design, DidDesign) and not protocol.design.unit:
        found.say("repeated cross-sections", "Is anyone followed over time?", "information",
                  f"Nobody is: {len(table.frame)} rows, each a person asked once. The checks below read the means of "
                  f"{len(g.units)} areas ({protocol.design.starter}). Whether the same kind of people answer every "
                  f"time {_known_of(protocol.design)}")
    _periods(protocol, g, crossed, found)
    _starts(protocol, g, starts, found)
    _units(protocol, g, found)
    _gaps(g, table.lacking, found)
    _comparison(protocol, g, found)
    _level(g, found)
    if not table.made:  # both look at single units
        _areas(g, found)
        _jumps(protocol, g, found)
    _shocks(protocol, g, crossed, found)


def _known_of(design: DidDesign) -> str:
    """How far the data can show that the same kind of people answer."""
    if design.covariates:
        return "is asked of the covariates declared (composition), and can be seen of nothing else."
    return "is not something these data can show: no design.covariates are named."


def period_level(n: int, frequency: str) -> int:
    """Level of DS2 for so many comparable periods before the start.

    Examples
    --------
    >>> [period_level(n, "year") for n in (0, 2, 9, 10)], [period_level(n, "month") for n in (3, 12, 24)]
    ([1, 2, 3, 4], [2, 3, 4])
    """
    steps = (1, 12, 24) if frequency == "month" else (1, 3, 10)
    return 1 + sum(n >= step for step in steps)


def unit_levels(treated: int, comparison: int) -> tuple[int, int]:
    """Levels of CA5 that these numbers of units leave open.

    Examples
    --------
    >>> unit_levels(1, 3), unit_levels(3, 22), unit_levels(6, 9), unit_levels(25, 50), unit_levels(3, 10)
    ((1, 1), (2, 2), (3, 3), (4, 4), (1, 2))
    """
    if min(treated, comparison) >= 20:
        return 4, 4
    if min(treated, comparison) >= 6:
        return 3, 3
    if treated >= 1 and comparison >= 20:
        return 2, 2
    return (1, 2) if treated > 1 and comparison > 1 else (1, 1)


def _periods(protocol: Protocol, g: Grid, crossed: tuple[Crossing, ...], found: Findings) -> None:
    """Periods before and after the start, and how many of those before are on one definition."""
    seen = g.used & (np.isfinite(g.y).mean(axis=0) >= 0.5)
    before = int(seen[: g.quiet].sum())
    after = int(seen[g.first :].sum())
    since = _last_break(protocol, g, crossed)
    comparable = int(seen[since : g.quiet].sum())
    shared = not isinstance(protocol.design, ItsDesign) or bool(protocol.design.control)
    low, high = period_level(comparable, g.frequency), period_level(before, g.frequency)
    if g.first == len(g.periods):  # without a start there is no "before" to count
        found.say("periods", "Are there enough periods before and after the start?", "fail",
                  f"{counted(before, g.frequency)} with data, and no start among them: nothing can be said of before "
                  "and after.", statistic=float(before), threshold=_floor(protocol))
        return
    quote = f"{counted(before, g.frequency)} with data before the first start ({g.periods[g.first]})"
    if g.quiet < g.first:
        quote += f" and the {counted(g.first - g.quiet, 'period')} before it in which it may already act"
    if comparable < before:
        quote += f", {comparable} of them since the last change of definition ({g.periods[since]})"
    # declaring a break does not lengthen the series: on fewer than two periods of one definition no path can be seen
    unusable = comparable < min(before, 2)
    low, high = (1, 1) if unusable else (low, high if shared else low)
    found.fact("DS2", low, high, quote)
    floor = _floor(protocol)
    status: Status = "pass"
    if isinstance(protocol.design, ItsDesign):
        status = "fail" if min(comparable, after) < floor.value else worse("pass")
        if status == "pass" and before + after < 2 * cut.ITS_SHORT.value:
            status = "caution"
    elif comparable < floor.value:
        status = "fail" if comparable == 0 or unusable else "caution"
    found.say("periods", "Are there enough periods before and after the start?", status,
              f"{quote}; {after} from it on.", statistic=float(comparable), threshold=floor)


def _floor(protocol: Protocol) -> cut.Threshold:
    """The fewest comparable periods before the start that the design can be read with."""
    if isinstance(protocol.design, ItsDesign):
        return cut.ITS_POINTS
    return cut.SCM_PRE if isinstance(protocol.design, SynthDesign) else cut.DID_PRE


def _last_break(protocol: Protocol, g: Grid, crossed: tuple[Crossing, ...]) -> int:
    """Position from which the outcome has been on one definition up to the start."""
    at = [c.first for c in protocol.cautions if c.kind == "measure break" and c.handling not in SOUND]
    at += [c.first for c in crossed if c.event.kind == "measure break" and not c.event.last and not c.declared]
    places = [g.periods.index(label) for label in map(_as_label, at) if label in g.periods]
    return max((p for p in places if p < g.quiet), default=0)


def _as_label(text: str) -> str:
    period = parse(text)
    return str(period) if period else text


def _starts(protocol: Protocol, g: Grid, starts: Sequence[str], found: Findings) -> None:
    """How finely the starts are dated."""
    dated = [period.frequency for text in set(starts) if (period := parse(text)) is not None]
    if not dated:
        found.say("starts", "Is the start dated?", "fail", "No unit has a start inside the data.")
        return
    coarse = min(set(dated), key=["year", "financial year", "quarter", "month", "day"].index)
    n = int(g.treated.sum())
    quote = f"{counted(n, 'unit')} with a start dated to the {coarse}"
    fine = coarse in {"month", "day"}
    if n > 1:  # a start of its own for each unit: dated per site, as finely as the file tells
        low, high = (4, 4) if fine else (3, 4) if coarse == "quarter" else (2, 4)
    else:
        phased = fine and getattr(protocol.design, "transition", None) is not None
        low, high = (3, 4) if phased else (2, 4) if fine or coarse == "quarter" else (2, 2)
    found.fact("CA3", low, high, quote, "whether the phase-in is described cannot be read from data")
    waves = sorted({g.periods[int(s)] for s in g.start[g.treated] if 0 <= s < len(g.periods)})
    early = int((g.start[g.treated] <= g.anticipation).sum())
    acting = "start, or may already act," if g.anticipation else "start"
    always = f" Units that {acting} at or before the first period: {early}; they have no 'before'." if early else ""
    found.say("starts", "Is the start dated?", "caution" if early else "pass",
              f"{quote}, in {counted(len(waves), 'wave')}: {listed(waves)}.{always}")


def _units(protocol: Protocol, g: Grid, found: Findings) -> None:
    """How many units carry the contrast, and what a permutation test over them could ever show."""
    design = protocol.design
    if isinstance(design, ItsDesign) and design.sites:
        found.say("units", "How many units carry the contrast?", "information",
                  f"{len(g.units)} sites, each set against its own past: an event that reached many of them at their "
                  "starts cannot be told from the effect.", statistic=float(len(g.units)))
        return
    if isinstance(design, ItsDesign) and not design.control:
        found.say("units", "How many units carry the contrast?", "information",
                  "One series and no comparison: a concurrent event cannot be told from the effect (EPOC 2021).")
        return
    if isinstance(design, DidDesign) and design.everybody:
        found.say("units", "How many units carry the contrast?", "information",
                  f"{counted(int(g.treated.sum()), 'unit')} with a dose and {int((~g.treated).sum())} without: those "
                  "with hardly any are the comparison, and evaluate refuses where no dose comes near nought.")
        return
    treated = int((g.treated & g.usable).sum())
    never = others = int((~g.treated & g.usable).sum())
    if isinstance(design, DidDesign) and design.control == "not-yet":
        others = max(others, int((g.usable & (g.start > g.first)).sum()))
    low, high = unit_levels(treated, others)
    found.fact("CA5", low, high, f"{treated} treated and {others} comparison units in the data",
               own=high <= CLOSING)
    floor = g.floor if treated and others else 1.0
    status: Status = "pass"
    if isinstance(design, ItsDesign):
        status = "information"  # its errors come from the series; ranks among so few only stand beside
    elif floor > cut.LEVEL.value or (treated <= 1 and others <= 1):
        status = "fail"
    elif min(treated, never) < cut.FEW_TREATED.value:
        status = "caution"
    reading = f"{treated} treated and {others} comparison units; the smallest p-value a permutation of them can give is"
    left = int((~g.usable).sum())
    why = "seen in one period only, or not both before they may be treated and after it"
    out = f" Not counted: {left} {why}." if left else ""
    found.say("units", "How many units carry the contrast?", status, f"{reading} {brief(floor, 2)}.{out}",
              statistic=float(treated), threshold=cut.FEW_TREATED)


def _gaps(g: Grid, lacking: tuple[int, int], found: Findings) -> None:
    """Cells of the unit-by-period grid without a number."""
    y = g.y[:, g.used]
    units, cells = len(g.units) + lacking[0], y.size + lacking[0] * y.shape[1]
    gaps = float(((~np.isfinite(y)).sum() + lacking[1]) / cells)
    whole = int(np.isfinite(y).all(axis=1).sum())
    quote = f"{gaps:.1%} of unit-periods hold no number; {whole} of {units} units are complete"
    if gaps > cut.GAPS_LARGE.value:
        low, high, status = 1, 2, "fail"
    elif gaps > cut.GAPS_SMALL.value:
        low, high, status = 2, 3, "caution"
    else:
        low, high, status = 3, 4, "pass"
    found.fact("DS4", low, high, quote, f"small: up to {cut.GAPS_SMALL}; large: above {cut.GAPS_LARGE}")
    found.say("gaps", "Are the data complete enough?", status, f"{quote}; nothing is filled in.",  # type: ignore[arg-type]
              statistic=gaps, threshold=cut.GAPS_SMALL)


def _comparison(protocol: Protocol, g: Grid, found: Findings) -> None:
    """Whether there is a comparison, and whether it resembled the treated units before the start."""
    others = ~g.treated
    if isinstance(protocol.design, DidDesign) and protocol.design.everybody:
        return
    if not others.any():
        alone = isinstance(protocol.design, ItsDesign) or len(g.units) == 1
        not_yet = isinstance(protocol.design, DidDesign) and protocol.design.control == "not-yet"
        if not not_yet or alone:
            found.fact("CA1", 1, 2, "no comparison unit in the data", own=True)
            found.say("comparison", "Is there a comparison?", "information" if alone else "fail",
                      "No unit in the data is untreated throughout.")
        return
    pre = g.y[:, : max(g.quiet, 1)]
    known = np.isfinite(pre).sum(axis=1) >= 2
    a, b = _means(pre[known & g.treated]), _means(pre[known & others])
    if len(a) == 0 or len(b) < 2:
        found.say("comparison", "Is there a comparison?", "caution", "Too few pre-period values to compare the groups.")
        return
    variances = [float(np.var(side, ddof=1)) for side in (a, b) if len(side) > 1]
    spread = float(np.sqrt(np.mean(variances)))
    gap = float(abs(a.mean() - b.mean()) / spread) if spread > 0 else 0.0
    apart = _drifting(pre, known & g.treated, known & others)
    similar = gap <= cut.BALANCE_POOR.value and not apart
    n = int(others.sum())
    quote = f"{n} comparison units with the same outcome; before the start they differ by {gap:.2f} SD"
    quote += ", and were moving apart" if apart else ""
    found.fact("CA1", 3 if similar else 2, 3 if apart else 4, quote)
    found.say("comparison", "Did the comparison resemble the treated units before the start?",
              "pass" if similar else "caution",
              f"{quote}. Levels may differ where only changes are compared; diverging paths may not.",
              statistic=gap, threshold=cut.BALANCE_POOR)


def _means(rows: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanmean(rows, axis=1)) if rows.size else np.empty(0)


def _drifting(pre: Floats, treated: NDArray[np.bool_], others: NDArray[np.bool_]) -> bool:
    """Whether the groups' pre-period slopes differ by more than 2.5 standard errors (three units a side at least)."""
    if min(int(treated.sum()), int(others.sum())) < 3 or pre.shape[1] < 3:
        return False
    slopes = [_slopes(pre[rows]) for rows in (treated, others)]
    error = float(np.sqrt(sum(np.var(s, ddof=1) / len(s) for s in slopes)))
    return bool(error > 0 and abs(slopes[0].mean() - slopes[1].mean()) > 2.5 * error)


def _slopes(rows: Floats) -> Floats:
    known = np.isfinite(rows)
    t = np.where(known, np.arange(rows.shape[1], dtype=float), np.nan)
    t = t - np.nanmean(t, axis=1)[:, None]
    y = np.where(known, rows, 0.0)
    t = np.where(known, t, 0.0)
    return np.asarray((t * y).sum(axis=1) / np.maximum((t**2).sum(axis=1), 1e-12))


def _level(g: Grid, found: Findings) -> None:
    """Whether the outcome differs between units at all."""
    known = np.isfinite(g.y)
    if len(g.units) > 1:
        low, high = np.where(known, g.y, np.inf).min(axis=0), np.where(known, g.y, -np.inf).max(axis=0)
        if bool((low >= high)[known.sum(axis=0) > 1].all()):
            found.fact("TO4", 1, 1, "the outcome is the same for every unit in every period")
            found.say("level of the outcome", "Is the outcome measured where exposure varies?", "fail",
                      "The outcome is the same for every unit in every period: it is not measured at their level.")


def _areas(g: Grid, found: Findings) -> None:
    """One council under two codes, and units that come or go inside the window."""
    here = {area_key(name) for name in g.units}
    for entry in calendar().recoded:
        if {area_key(code) for code in entry.codes} <= here:
            found.say("codes", "Is each council one unit?", "caution",
                      f"{entry.area} stands under two codes ({', '.join(entry.codes)}): give its rows one code.")
    known = np.isfinite(g.y[:, g.used])
    if known.shape[1] < 2 or len(g.units) < 2:
        return
    late, gone = ~known[:, 0] & known.any(axis=1), ~known[:, -1] & known.any(axis=1)
    moved = late | gone
    if moved.any():
        names = [name for name, is_moved in zip(g.units, moved, strict=True) if is_moved]
        found.say("boundaries", "Are the units the same throughout?", "caution",
                  f"{counted(int(late.sum()), 'unit')} without a first value and {int(gone.sum())} without a last one "
                  f"({listed(names, 4)}): a new boundary or code looks like that.", statistic=float(moved.sum()))


def _jumps(protocol: Protocol, g: Grid, found: Findings) -> None:
    """Jumps that the units share, beside what the protocol declares."""
    jumps = shared_jumps(g.y, frequency=g.frequency)
    declared = {_as_label(text) for c in protocol.cautions for text in (c.first, c.last) if text}
    mended = {_as_label(c.first) for c in protocol.cautions if c.handling == "mended in the data"}
    for jump in jumps:
        label = g.periods[jump.position]
        near = {g.periods[p] for p in range(max(0, jump.position - 1), min(len(g.periods), jump.position + 2))}
        known, again = bool(near & declared), bool(near & mended)
        kind = "stays" if jump.lasting else "passes"
        said = "a caution is declared there." if known else "none is declared there: a change of counting, or a shock?"
        said = "what happened there is said to be mended in the data, and this does not look mended." if again else said
        who = f"{jump.share:.0%} of units move the same way" if len(g.units) > 1 else "the series moves"
        status: Status = "information" if known and not again else "caution"
        found.say("shared jump", "Does the series jump for every unit at once?", status,
                  f"In {label} {who}, by {signed(jump.size, protocol.primary.unit)}; the jump {kind}; {said}",
                  statistic=jump.unusual)
    if not jumps:
        found.say("shared jump", "Does the series jump for every unit at once?", "pass",
                  "No jump that most units share was seen; one that comes in slowly would not be.")


def _shocks(protocol: Protocol, g: Grid, crossed: tuple[Crossing, ...], found: Findings) -> None:
    """Shocks inside the window, and whether a comparison shares them."""
    shocks = [(c.event.label, c.first) for c in crossed if c.event.kind == "shock"]
    shocks += [(c.label, _as_label(c.first)) for c in protocol.cautions if c.kind == "shock" and not c.event]
    if not shocks:
        return
    alone = bool(g.treated.all())
    names = listed([label for label, _ in shocks], 3)
    at_start = any(label in g.periods and abs(g.periods.index(label) - g.first) <= 1 for _, label in shocks)
    if alone:
        level = 1 if at_start else 2
        found.fact("ST3", level, level, f"shock inside the window and no comparison series: {names}")
    else:
        found.fact("ST3", 3, 3, f"shock inside the window, shared with comparison units: {names}")
    found.say("shocks", "Are shocks in the window separable?", "fail" if alone else "information",
              f"Inside the window: {names}; " + ("no comparison series shares it." if alone else
              "comparison units went through it too, so period effects absorb what hit both alike."))
