"""A sites.toml from its file, every slip one line with its place and cure."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.data.periods import Period, coarsen, parse
from hubeval.errors import Door, did_you_mean, listed
from hubeval.protocol import Outcome
from hubeval.reading import Reader
from hubeval.rollout.conflicts import require_feasible
from hubeval.rollout.declared import KINDS, History, RolloutCase, Site, Together, Waves
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.data.periods import Frequency

MONTHS: dict[Frequency, int] = {"month": 1, "quarter": 3, "year": 12, "financial year": 12}
MOST_SITES, MOST_CANDIDATES = 20_000, 2_000


def read_rollout(path: str | Path) -> RolloutCase:
    """Read and check a sites.toml; every problem is reported at once.

    Raises
    ------
    BadInput
        Not TOML, unknown keys, sites without a ready date, or constraints that no order can meet: the smallest set
        of them that conflicts is named.
    """
    raw, text = files.read_toml(path, "sites"), files.read_text(path, "sites")
    reader = Reader(text, Door())
    parts: dict[str, Any] = {"sites": reader.many(Site, raw.pop("sites", None), "sites")}
    parts["together"] = reader.many(Together, raw.pop("together", None), "together")
    tables = {"waves": Waves, "outcome": Outcome, "history": History}
    for name, kind in tables.items():
        table = raw.pop(name, None)
        parts[name] = None if table is None else reader.one(kind, table, name)
        if name == "waves" and table is None:
            reader.door.refuse("waves", "is missing", "a [waves] table: openings and capacity", "Add it.")
    reader.door.close()
    where = {"folder": Path(path).parent.as_posix(), "sha256": files.sha256(text)}
    case: RolloutCase | None = reader.one(RolloutCase, raw, "", given={**parts, **where})
    reader.door.close()
    assert case is not None
    check(case)
    return case


def check(case: RolloutCase) -> None:
    """Refuse a roll-out that is not whole, and one that no order can meet.

    Raises
    ------
    BadInput
    """
    door = Door()
    _check_numbers(case, door)
    _check_sites(case, door)
    _check_names(case, door)
    _check_waves(case, door)
    _check_history(case, door)
    door.close()
    opened = openings(case)
    _check_ready(case, opened[0].frequency, door)
    door.close()
    require_feasible(case, earliest(case))


def openings(case: RolloutCase) -> tuple[Period, ...]:
    """The periods in which waves open."""
    return tuple(period for text in case.waves.openings if (period := parse(text)))


def ready(case: RolloutCase) -> tuple[Period, ...]:
    """The period in which each site could first open, as the openings write periods."""
    frequency = openings(case)[0].frequency
    found = [parse(site.ready) for site in case.sites]
    return tuple(made for period in found if period and (made := _as(period, frequency)))


def earliest(case: RolloutCase) -> tuple[int, ...]:
    """The first wave in which each site could open; the number of waves where none is late enough."""
    opened = openings(case)
    return tuple(next((w for w, one in enumerate(opened) if one.ordinal >= day.ordinal), len(opened))
                 for day in ready(case))


def _as(period: Period, frequency: Frequency) -> Period | None:
    return period if period.frequency == frequency else coarsen(period, frequency)


def _check_numbers(case: RolloutCase, door: Door) -> None:
    door.choice("chosen", case.chosen, KINDS)
    for name, value, low, high in (("seed", case.seed, 0, None), ("lag", case.lag, 0, 1_000),
                                   ("candidates", case.candidates, len(KINDS), MOST_CANDIDATES)):
        if value < low or (high is not None and value > high):
            allowed = f"{low:,} to {high:,}" if high is not None else f"a whole number from {low}"
            door.refuse(name, f"found {value:,}", allowed, "Correct it.")
    for site in case.sites:
        for name, number in (("need", site.need), ("under_fives", site.under_fives)):
            if number is not None and (not math.isfinite(number) or (name == "under_fives" and number < 0)):
                door.refuse(f"sites ({site.id}): {name}", "is not a number that counts something", "a number",
                            "Correct it.")


def _check_sites(case: RolloutCase, door: Door) -> None:
    names = [site.id for site in case.sites]
    twice = [name for name, number in Counter(names).items() if number > 1]
    if not 2 <= len(names) <= MOST_SITES:
        door.refuse("sites", f"found {counted(len(names), 'site')}", f"2 to {MOST_SITES:,} [[sites]] tables",
                    "An order is of several sites.")
    if twice or "" in names:
        door.refuse("sites.id", f"{listed(twice)} stand twice" if twice else "one is empty", "each site once",
                    "Correct it.")
    odd = [name for name in names if name[:1] in {"=", "+", "-", "@"} or name != name.strip() or "\n" in name]
    if odd:
        door.refuse("sites.id", f"{listed(odd)}: a spreadsheet would work it out, or not show it whole",
                    "a name that begins with a letter or a number, on one line", "Change it in both files.")
    bare = [site.id for site in case.sites if not site.ready.strip()]
    if bare:
        one = len(bare) == 1
        door.refuse("sites.ready", f"{counted(len(bare), 'site')} of {len(names)} {'has' if one else 'have'} no ready "
                    f"date: {listed(bare)}", 'the first period in which a site could open, such as "2026Q3"',
                    "Add one; where nothing stands in the way, write the first opening.")
    for name, values in (("need", [s.need for s in case.sites]), ("under_fives", [s.under_fives for s in case.sites]),
                         ("stratum", [s.stratum or None for s in case.sites])):
        gone = sum(value is None for value in values)
        if 0 < gone < len(values):
            found = f"{gone} of {len(values)} sites have none, and the others have one"
            door.refuse(f"sites.{name}", found, "one for every site, or for none", "Fill them in.")


def _check_names(case: RolloutCase, door: Door) -> None:
    """Sites that constraints name are sites of the file, each once in a list."""
    known = {site.id: None for site in case.sites}
    lists = [("first", case.first), *(("together.sites", one.sites) for one in case.together)]
    for argument, named in lists:
        for name in (name for name in named if name not in known):
            door.refuse(argument, f"no site {name!r}", "ids under [[sites]]", did_you_mean(name, known))
        if len(set(named)) < len(named):
            door.refuse(argument, "names one site twice", "each once", "Leave one out.")
    if any(len(one.sites) < 2 for one in case.together):
        door.refuse("together.sites", "names fewer than two", "two sites or more", "Leave the table out.")


def _check_waves(case: RolloutCase, door: Door) -> None:
    waves, found = case.waves, [parse(text) for text in case.waves.openings]
    unread = [text for text, period in zip(waves.openings, found, strict=True) if period is None]
    kinds = {period.frequency for period in found if period}
    if not found or unread or len(kinds) > 1 or not kinds <= set(MONTHS):
        said = f"{listed(unread)} name no period" if unread else "none, days, or of more than one kind"
        allowed = "months, quarters or years, all of one kind"
        door.refuse("waves.openings", said, allowed, 'Write "2026Q3" or "2026-09".')
    else:
        steps = [period.ordinal for period in found if period]
        if steps != sorted(set(steps)):
            door.refuse("waves.openings", "not one after another", "each later than the one before", "Order them.")
    if len(waves.places) != len(waves.openings):
        found_words = f"{len(waves.places)} numbers for {counted(len(waves.openings), 'opening')}"
        door.refuse("waves.capacity", found_words, "one number, or one for each opening", "Correct it.")
    if any(places < 0 for places in waves.places):
        door.refuse("waves.capacity", "a number below 0", "0 or more sites", "Correct it.")


def _check_history(case: RolloutCase, door: Door) -> None:
    if case.history and not case.outcome:
        door.refuse("outcome", "is missing, and there is a [history] of it", "an [outcome] table", "Declare it.")
    if case.outcome and case.outcome.baseline:
        door.refuse("outcome.baseline", "does not apply to sites followed over time", "", "Leave it out.")
    if case.outcome and case.outcome.role != "primary":
        door.refuse("outcome.role", f"found {case.outcome.role!r}", "primary: there is one", "Leave it out.")


def _check_ready(case: RolloutCase, frequency: Frequency, door: Door) -> None:
    bad = []
    for site in case.sites:
        period = parse(site.ready)
        if period is None or _as(period, frequency) is None:
            bad.append(site.id)
    if bad:
        door.refuse("sites.ready", f"{listed(bad)}: no {frequency}, and no day or month in one",
                    f"a period as the openings are written ({case.waves.openings[0]}), or a day", "Correct it.")
