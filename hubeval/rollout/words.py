"""A roll-out in words: what is printed, and what a note for members says."""

from __future__ import annotations

from csv import writer
from io import StringIO
from typing import TYPE_CHECKING

from hubeval.rollout.lots import RECIPE, lot
from hubeval.rollout.orders import blocks
from hubeval.rollout.reading import earliest
from hubeval.wording import amount, counted

if TYPE_CHECKING:
    from hubeval.rollout.answer import Order, Rollout
    from hubeval.rollout.declared import RolloutCase

NAMES = {
    "lottery": "by lot",
    "stratified": "by lot within strata",
    "stepped": "by lot, in even steps",
    "need": "by need, by lot within thirds of need",
}


def detectable(order: Order) -> str:
    """The smallest effect that an order would find, or why it is not said.

    Examples
    --------
    >>> from hubeval.rollout.answer import Order
    >>> detectable(Order(kind="need", refused="no need is declared for the sites"))
    'cannot be analysed: no need is declared for the sites'
    """
    if order.refused:
        return f"cannot be analysed: {order.refused}"
    found = order.power
    if order.missing or found is None or found.smallest_detectable is None:
        return f"not computed: {order.missing.reason if order.missing else 'no power'}"
    size = amount(found.smallest_detectable, found.unit)
    said = f"smallest {found.word} found {found.target:.0%} of the time: {size}"
    alarms = found.false_alarms
    return said if alarms is None else f"{said}; with no effect, one is found in {alarms:.0%} of draws"


def cost(order: Order) -> str:
    """What an order costs in waiting."""
    if order.waiting is None:
        return "no order"
    found = order.waiting
    more = found.site_months - found.least
    total = counted(found.site_months, "site-month")
    said = f"{total} of waiting, {found.mean:.1f} months a site, at most {found.longest}"
    if more:
        said += f"; {counted(more, 'site-month')} more than the quickest order"
    if found.neediest is not None and found.others is not None:
        most, rest = f"{found.neediest:.1f} months on average", f"{found.others:.1f}"
        said += f"; the third of greatest need waits {most}, the others {rest}"
    return said


def lines(found: Rollout) -> tuple[str, ...]:
    """The roll-out as it is printed."""
    case = found.case
    shape = f"{counted(len(case.sites), 'site')}, {counted(len(case.waves.openings), 'wave')}, seed {case.seed}"
    out = [f"Roll-out: {case.area}, {shape}", ""]
    for order in found.orders:
        mark = " (chosen)" if order.kind == case.chosen else ""
        out.append(f"  {NAMES[order.kind]}{mark}: {detectable(order)}.")
        if order.waves:
            out.append(f"    {cost(order)}.")
            opened = zip(case.waves.openings, order.sizes, strict=True)
            out.append("    " + ", ".join(f"{when}: {size}" for when, size in opened) + " sites.")
        out += [f"    {line}" for line in evenness(order)]
    return (*out, "", *(f"  {note}" for note in (*found.notes, caution(found), recipe(found))))


def evenness(order: Order) -> tuple[str, ...]:
    """How alike the waves are in what is known before, one line each."""
    return tuple(
        f"{one.what}: a wave's mean is at most {one.distance:.2f} standard deviations from that of all sites"
        + ("" if one.worse is None else f"; {one.worse:.0%} of other draws are less even")
        for one in order.balance)


def caution(found: Rollout) -> str:
    """What the chosen order's number would rest on."""
    last = found.case.waves.openings[max(found.chosen.waves)] if found.chosen.waves else found.case.waves.openings[-1]
    ends = f"From {last} every site is open: nothing after that has a comparison, so lasting effects are not shown."
    if found.case.chosen == "need":
        return ("Sites of greater need go first, so waves differ before they open: the comparison rests on their "
                f"moving alike but for the hubs, which lots would not need. {ends}")
    bound = len({i for i, first in enumerate(earliest(found.case)) if first} | set(_named(found.case)))
    who = counted(bound, "site")
    save = f", save for the {who} for which a date, a pair or a first place had a say" if bound else ""
    return f"The turn is by lot, so sites that open early and late differ by chance alone{save}. {ends}"


def _named(case: RolloutCase) -> list[int]:
    """Positions of sites that a pair or a first place names."""
    names = {*case.first, *(name for table in case.together for name in table.sites)}
    return [i for i, site in enumerate(case.sites) if site.id in names]


def recipe(found: Rollout) -> str:
    """How anybody can draw the order again."""
    return f"To draw it again: seed {found.case.seed}, draw 0. {RECIPE}"


def order_csv(found: Rollout) -> str:
    """The chosen order as a table to join to the panel: site, wave, opening, and who opens with whom."""
    case, text = found.case, StringIO()
    block = {site: number for number, one in enumerate(blocks(case)) for site in one.sites}
    table = writer(text, lineterminator="\n")
    table.writerow([case.history.unit if case.history else "site", "wave", "opens", "opens_with", "lot"])
    for i, (site, wave) in enumerate(zip(case.sites, found.chosen.waves, strict=True)):
        drawn = lot(case.seed, case.chosen, 0, site.id)
        table.writerow([site.id, wave + 1, case.waves.openings[wave], block[i], drawn])
    return text.getvalue()


def by_wave(case: RolloutCase, order: Order) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each opening with the sites that open then."""
    return tuple(
        (when, tuple(site.id for site, wave in zip(case.sites, order.waves, strict=True) if wave == number))
        for number, when in enumerate(case.waves.openings)) if order.waves else ()


def in_short(found: Rollout) -> str:
    """The chosen order in one paragraph that an elected member can read."""
    order, case = found.chosen, found.case
    if order.refused:
        return f"The order {NAMES[order.kind]} {detectable(order)}."
    waves = sum(size > 0 for size in order.sizes)
    who = f"{counted(len(case.sites), 'site')} open in {counted(waves, 'wave')}, {NAMES[order.kind]}"
    power = order.power
    if power is None or power.smallest_detectable is None:
        return f"{who}. How small an effect this could find is {detectable(order)}."
    size, worth = amount(power.smallest_detectable, power.unit), power.smallest_worthwhile
    said = (f"{who}. A {power.word} of {size} or more in {power.outcome} would be found {power.target:.0%} of the time "
            "or more often; a smaller one may well be missed.")
    if worth is not None:
        enough = "is large enough to be found" if worth >= power.smallest_detectable else "may well be missed"
        said += f" The smallest change declared worthwhile, {amount(worth, power.unit)}, {enough}."
    return said
