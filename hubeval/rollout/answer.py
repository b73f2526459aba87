"""What a roll-out comes to: its orders, each with what it could find, what it costs, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval import files
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.result import NotComputed
from hubeval.rollout.declared import KINDS
from hubeval.rollout.history import LEAST_BEFORE, laid_over, read_past, span
from hubeval.rollout.orders import blocks, draw, strata
from hubeval.rollout.protocols import protocol_of
from hubeval.rollout.reading import check, openings
from hubeval.rollout.spread import balance, months_waited, waiting
from hubeval.shown import Shown
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.detectable import Power
    from hubeval.protocol import Protocol
    from hubeval.rollout.declared import Kind, RolloutCase
    from hubeval.rollout.history import Past
    from hubeval.rollout.spread import Balance, Waiting

    Whole = NDArray[np.intp]

SCHEMA = "hubeval-rollout/1"
DRAWS = 100  # data sets that power is worked out from: its error is then 4 percentage points at 80%


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of openings.

    Attributes
    ----------
    kind : {"lottery", "stratified", "stepped", "need"}
    waves : tuple of int
        The wave of each site, from 0, as the sites are listed; empty where the order could not be drawn.
    sizes : tuple of int
        Sites in each wave.
    compared : int
        Periods from the first opening in which some site has opened and some has not.
    balance : tuple of Balance
    waiting : Waiting or None
    protocol : Protocol or None
        None where the order is refused.
    power : Power or None
    refused : str
        Why it cannot be analysed; empty where it can.
    missing : NotComputed or None
        Why no smallest detectable effect is given.
    """

    kind: Kind
    waves: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    compared: int = 0
    balance: tuple[Balance, ...] = ()
    waiting: Waiting | None = None
    protocol: Protocol | None = None
    power: Power | None = None
    refused: str = ""
    missing: NotComputed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout(Shown):
    """The orders of a roll-out. `chosen` is the one that the protocol and the note are for."""

    case: RolloutCase
    orders: tuple[Order, ...]
    notes: tuple[str, ...] = ()
    dated: str = ""

    @property
    def chosen(self) -> Order:
        """The order that was asked for."""
        return next(order for order in self.orders if order.kind == self.case.chosen)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values; the history's rows are not in it."""
        orders = [files.plain(replace(order, power=None)) | {"power": order.power.to_dict() if order.power else None}
                  for order in self.orders]
        case = {key: value for key, value in files.plain(self.case).items() if key not in {"folder", "sha256"}}
        return {"schema": SCHEMA, "dated": self.dated, "case": case, "case_sha256": self.case.sha256,
                "chosen": self.case.chosen, "orders": orders, "notes": list(self.notes)}


def rollout(
    case: RolloutCase, *, progress: Callable[[str], None] | None = None, today: date | None = None
) -> Rollout:
    """Draw the orders of a roll-out and say of each what it could find and what it costs.

    Parameters
    ----------
    case : RolloutCase
        From `read_rollout`.
    progress : function of str, optional
    today : date, optional
        The day written into the protocol.

    Raises
    ------
    BadInput
        The case is not whole, no order meets its constraints, or the history cannot be read.

    Examples
    --------
    >>> from hubeval.rollout.declared import RolloutCase, Site, Waves
    >>> sites = tuple(Site(id=f"site {i}", ready="2026Q3") for i in range(12))
    >>> waves = Waves(openings=("2026Q3", "2027Q1", "2027Q3"), capacity=4)
    >>> found = rollout(RolloutCase(area="X", question="?", sites=sites, waves=waves, chosen="lottery"))
    >>> found.chosen.sizes, found.chosen.missing.reason
    ((4, 4, 4), 'no [history] is given: the outcome of these sites before they open')
    >>> found.orders[1].refused
    'there is no stratum and no need to spread over the waves'
    """
    check(case)
    say = progress or (lambda _line: None)
    day = today or date.today()  # noqa: DTZ011 - a calendar day
    say("Reading the outcome's history")
    past, made = read_past(case), blocks(case)
    say("Drawing the orders")
    drawn = {kind: [draw(case, kind, made, i) for i in range(max(1, case.candidates // len(KINDS)))]
             for kind in KINDS if not _undrawn(case, kind)}
    least = min(int(months_waited(case, orders[0]).sum()) for orders in drawn.values())
    found = []
    for kind in KINDS:
        if kind not in drawn:
            found.append(Order(kind=kind, refused=_undrawn(case, kind)))
            continue
        say(f"Asking what the {kind} order could find")
        found.append(_order(case, kind, drawn[kind], past, least, day))
    return Rollout(case=case, orders=tuple(found), notes=_notes(past), dated=day.isoformat())


def _undrawn(case: RolloutCase, kind: Kind) -> str:
    """Why there is no order of this kind; empty where there is."""
    if kind == "need" and case.sites[0].need is None:
        return "no need is declared for the sites"
    if kind == "stratified" and not strata(case):
        return "there is no stratum and no need to spread over the waves"
    return ""


def _order(case: RolloutCase, kind: Kind, drawn: list[Whole], past: Past | None, least: int, day: date) -> Order:
    """One order with everything said of it."""
    waves = drawn[0]
    block = _block(case)
    sizes = np.bincount(waves, minlength=len(case.waves.openings))
    protocol = protocol_of(case, day)
    order = Order(kind=kind, waves=tuple(waves.tolist()), sizes=tuple(sizes.tolist()), compared=span(case, waves) - 1,
                  balance=balance(case, past, waves, drawn[1:]), waiting=waiting(case, waves, least), protocol=protocol)
    if why := _not_analysed(case, waves):
        return replace(order, protocol=None, refused=why)
    return _powered(order, case, past, waves, block)


def _block(case: RolloutCase) -> Whole:
    out = np.empty(len(case.sites), dtype=np.intp)
    for number, block in enumerate(blocks(case)):
        out[list(block.sites)] = number
    return out


def _not_analysed(case: RolloutCase, waves: Whole) -> str:
    """Why the order leaves nothing to compare; empty where it does."""
    used, opened = sorted(set(waves.tolist())), openings(case)
    if len(used) < 2:
        return f"all sites open in {opened[used[0]]}: none is left to compare them with"
    apart = span(case, waves) - 1
    if apart <= case.lag:
        return (f"an effect could show {counted(case.lag, 'period')} after opening, and the last sites open "
                f"{counted(apart, 'period')} after the first: none is left to compare with")
    return ""


def _powered(order: Order, case: RolloutCase, past: Past | None, waves: Whole, block: Whole) -> Order:
    """The smallest effect that the order's own protocol would find in its history, by the path of `hubeval power`."""
    what = "smallest detectable effect"
    if past is None:
        return replace(order, missing=NotComputed(
            what=what, reason="no [history] is given: the outcome of these sites before they open"))
    need = span(case, waves) + LEAST_BEFORE
    if len(past.periods) < need:
        reason = f"the history has {len(past.periods)} periods, and this order needs {need} to be laid over it"
        return replace(order, missing=NotComputed(what=what, reason=reason))
    assert order.protocol is not None
    try:
        found = power(order.protocol, laid_over(past, case, waves, block), seed=case.seed,
                      settings=Settings(draws=DRAWS, curve_draws=0))
    except BadInput as error:
        return replace(order, protocol=None, refused="; ".join(
            f"{problem.argument}: {problem.found}" for problem in error.problems))
    if found.smallest_detectable is None:
        why = found.not_computed[0].reason if found.not_computed else "no size is found"
        if found.floor_binds:
            why = f"the test gives no p-value below {found.floor:.2g}: more sites or waves are needed"
        if found.floor_binds or found.points:
            return replace(order, protocol=None, power=found, refused=f"no effect would be found: {why}")
        return replace(order, power=found, missing=NotComputed(what=what, reason=why))
    return replace(order, power=found)


def _notes(past: Past | None) -> tuple[str, ...]:
    if past is None:
        return ()
    when = f"{past.periods[0]} to {past.periods[-1]}"
    said = [("What could be found is worked out as if the roll-out had been held at the end of the history "
             f"({when}): if outcomes come to vary more, less is found.")]
    if past.left_out:
        said.append(f"{past.left_out:,} rows of the history are of sites that the file does not name: left out.")
    return tuple(said)
