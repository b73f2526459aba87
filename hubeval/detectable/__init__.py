"""How small an effect a protocol could find in its own data, beside how small an effect would matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.data.clock import placed
from hubeval.data.names import quiet, secret_names
from hubeval.data.scales import measured
from hubeval.data.taken import taken
from hubeval.detectable import formula, panels
from hubeval.detectable.figures import power_figures
from hubeval.detectable.planning import planning_tables
from hubeval.detectable.values import PUBLISHED, CurvePoint, Point, Power, Published
from hubeval.errors import Door
from hubeval.methods.readings.detectable import stated
from hubeval.methods.readings.measure import detected
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign
from hubeval.result import NotComputed
from hubeval.scale import change_unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from hubeval.data.backends import Elsewhere
    from hubeval.engine.detection import Detection
    from hubeval.protocol import Protocol

    Progress = Callable[[str], None]

__all__ = ["PUBLISHED", "CurvePoint", "Point", "Power", "Published", "Settings", "formula", "planning_tables", "power"]

MULTIPLES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
LEVEL = 0.05  # two-sided; that of every headline

ALL = 1e6  # times an effect of the right order: what is not found then is never found
_MOST_DRAWS = 100_000  # beyond, nothing is learnt and nobody can wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How power is asked for.

    Parameters
    ----------
    level, target : float
        Two-sided level, 0.05 as for every headline, and the power aimed at.
    draws : int
        Data sets drawn, at most: a room draws fewer where each is dear to fit, and says how many.
    curve_draws : int
        Data sets for each point of the curves over units and periods; 0 leaves the curves out.
    effects : tuple of float
        Effects to give the power of, as sizes in the outcome's unit; by default parts and multiples of the
        smallest detectable one.
    """

    level: float = LEVEL
    target: float = 0.8
    draws: int = 1_000
    curve_draws: int = 100
    effects: tuple[float, ...] = ()


def power(
    protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere, *, settings: Settings | None = None,
    seed: int | None = None, progress: Progress | None = None, today: date | None = None,
) -> Power:
    """The smallest effect that a protocol could find in its own data, and the power against others.

    No effect is shown. Data like the protocol's own are drawn without one, and each set is given to the estimator and
    the inference that `evaluate` would use on this protocol: power is the share in which it finds an effect put in.
    Each method says in its answer how data are drawn, and what a formula leaves out where one is used.

    Parameters
    ----------
    protocol : Protocol
    data : path, DataFrame or Elsewhere
    settings : Settings, optional
    seed : int, optional
        By default the protocol's.
    progress : function of str, optional
        Called with a line as long work moves on.
    today : date, optional
        The day written into the result.

    Raises
    ------
    BadInput
        The data cannot be read with this protocol, or a setting is out of range.

    Examples
    --------
    >>> from hubeval.protocol import Outcome, Protocol
    >>> from hubeval.synthetic import staggered_panel
    >>> made = staggered_panel(n_areas=30, n_treated=8, n_quarters=20, waves=(10,))
    >>> protocol = Protocol(area="Example", question="Did it work?", registered=date(2026, 1, 1),
    ...     outcomes=(Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000"),),
    ...     design=DidDesign(unit="area", time="quarter", start="hub_opened"))
    >>> found = power(protocol, made.frame, settings=Settings(draws=200, curve_draws=0))
    >>> 1 < found.smallest_detectable < 5, found.floor < 0.001
    (True, True)
    """
    asked = settings or Settings()
    _check(asked, seed)
    say = progress or (lambda _line: None)
    say("Reading and checking the data")
    _, table = taken(protocol, data)
    protocol, table = measured(placed(protocol, table.clock), table)
    used = protocol.seed if seed is None else seed
    design, outcome = protocol.design, protocol.primary
    with quiet(lambda: secret_names(protocol, table.frame)):
        say("Drawing data like these, and asking the headline of each")
        drawn = detected(room_for(design.kind).detect(protocol, table, draws=asked.draws, seed=used), outcome.unit)
        answer = _answer(drawn, protocol, asked, used)
        curved = isinstance(design, DidDesign) and not design.exposure and asked.curve_draws
        if curved and answer["smallest_detectable"] is not None:
            sign = stated(drawn, protocol.primary.direction, asked.target).sign
            drawn_too = panels.curves(protocol, table, target=asked.target, sign=sign, draws=asked.curve_draws,
                                      seed=used, say=say)
            answer |= {name: _as_headline(curve, answer) for name, curve in drawn_too.items()}
    made = Power(
        area=protocol.area, design=design.gate, outcome=outcome.label, unit=change_unit(outcome.unit),
        measure=outcome.measure, smallest_worthwhile=outcome.smallest_worthwhile,
        level=asked.level, target=asked.target, dated=(today or date.today()).isoformat(),  # noqa: DTZ011
        source=f"hubeval power of the protocol's data (sha256 {table.sha256[:12]})", **answer,
    )
    return power_figures(made)


def _check(asked: Settings, seed: int | None) -> None:
    door = Door()
    if seed is not None and seed < 0:
        door.refuse("seed", f"found {seed}", "a whole number from 0", "Leave the sign out.")
    if asked.level != LEVEL:
        door.refuse("level", f"found {asked.level:g}", f"{LEVEL:g}", "Power is that of the headline's 95% interval.")
    if not 0 < asked.target < 1:
        door.refuse("target", f"found {asked.target:g}", "a number between 0 and 1", "Write 0.8 for 80%.")
    if not 100 <= asked.draws <= _MOST_DRAWS:
        door.refuse("draws", f"found {asked.draws}", f"100 to {_MOST_DRAWS:,}", "Use 1,000.")
    if asked.curve_draws and asked.curve_draws < 100:
        door.refuse("curve_draws", f"found {asked.curve_draws}", "0, or 100 or more", "Use 300.")
    if any(effect <= 0 for effect in asked.effects):
        door.refuse("effects", "one is not above 0", "sizes, without sign", "'direction' says which way is better.")
    door.close()


def _answer(found: Detection, protocol: Protocol, asked: Settings, seed: int) -> dict[str, Any]:
    """What a room's own headline would find, as the fields of a `Power`."""
    shape = {"n_units": found.n_units, "n_treated": found.n_treated, "n_periods": found.n_periods}
    shared = {"baseline": found.level, "baseline_low": found.level_low, "floor": found.floor, "method": found.method,
              "inference": found.inference, **shape}
    if found.power is None:
        return {**shared, "smallest_detectable": None, "notes": found.notes, "not_computed": found.missing}
    power = found.power
    made = stated(found, protocol.primary.direction, asked.target)
    reach = abs(found.least if made.sign < 0 else found.most)
    size = made.size or min(found.scale, reach)
    effects = asked.effects or tuple(size * m for m in MULTIPLES if size * m <= reach)
    worth = protocol.primary.smallest_worthwhile
    if made.size is None and power(made.sign * min(ALL * found.scale, reach)) == 0:  # no test: no table of noughts
        why = _no_size(found, asked, made.word)
        return {**shared, "smallest_detectable": None, "word": made.word, "notes": found.notes,
                "not_computed": (*found.missing, why)}
    return {
        **shared, "smallest_detectable": made.size, "word": made.word,
        "power_at_worthwhile": None if worth is None or worth > reach else power(made.sign * worth),
        "false_alarms": power(0.0),
        "points": tuple(_point(power(made.sign * e), e, found.draws) for e in effects),
        "notes": (*found.notes, *((made.note,) if made.note else ())),
        "not_computed": (*found.missing, *(() if made.size is not None else (_no_size(found, asked, made.word),))),
        "draws": found.draws, "seed": seed if found.draws else None,
    }


def _as_headline(curve: tuple[CurvePoint, ...], answer: dict[str, Any]) -> tuple[CurvePoint, ...]:
    """A curve whose point at the data's own size is the headline's: one design has one number."""
    own = {name: answer[name] for name in ("n_units", "n_treated", "n_periods")}
    size = answer["smallest_detectable"]
    return tuple(replace(point, smallest_detectable=size) if own == {name: getattr(point, name) for name in own}
                 else point for point in curve)


def _point(power: float, effect: float, draws: int) -> Point:
    return Point(effect=effect, power=power, std_error=float(np.sqrt(power * (1 - power) / draws)) if draws else None)


def _no_size(found: Detection, asked: Settings, word: str) -> NotComputed:
    if found.floor is not None and found.floor > asked.level:
        reason = f"the test gives no p-value below {found.floor:.2g}: more units are needed"
    elif found.inference.startswith("none"):
        reason = f"the headline has no test here ({found.inference.split(', as for')[0].removeprefix('none: ')})"
    else:
        reason = f"no {word} reaches power {asked.target:.0%}, however large"
    return NotComputed(what="smallest detectable effect", reason=reason)
