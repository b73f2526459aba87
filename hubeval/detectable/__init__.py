"""How small an effect a protocol could find in its own data, beside how small an effect would matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.data.bind import bind
from hubeval.data.clock import placed
from hubeval.data.names import quiet, secret_names
from hubeval.detectable import formula, others, panels
from hubeval.detectable.figures import power_figures
from hubeval.detectable.planning import planning_tables
from hubeval.detectable.values import PUBLISHED, CurvePoint, Point, Power, Published
from hubeval.errors import Door
from hubeval.methods.readings.detectable import stated
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign, SynthDesign
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.protocol import Protocol

    Progress = Callable[[str], None]

__all__ = ["PUBLISHED", "CurvePoint", "Point", "Power", "Published", "Settings", "formula", "planning_tables", "power"]

@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How power is asked for.

    Parameters
    ----------
    level, target : float
        Two-sided level and the power aimed at.
    draws : int
        Assignments simulated.
    curve_draws : int
        Assignments for each point of the curves over units and periods; 0 leaves the curves out.
    effects : tuple of float
        Effects to give the power of, as sizes in the outcome's unit; by default parts and multiples of the
        smallest detectable one.
    """

    level: float = 0.05
    target: float = 0.8
    draws: int = 1_000
    curve_draws: int = 300
    effects: tuple[float, ...] = ()


def power(
    protocol: Protocol, data: str | Path | pd.DataFrame, *, settings: Settings | None = None, seed: int | None = None,
    progress: Progress | None = None, today: date | None = None,
) -> Power:
    """The smallest effect that a protocol could find in its own data, and the power against others.

    No effect is shown. For difference-in-differences the starts are given out anew over the units of the
    protocol's own panel, with the estimated effect taken out, and the protocol's own estimator and
    inference are applied to each (`hubeval.detectable.assignments` says why that costs two matrix products).
    For one series see `hubeval.detectable.series`; for one treated unit or matched records `hubeval.detectable.others`.

    Parameters
    ----------
    protocol : Protocol
    data : path or DataFrame
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
    _check(asked)
    say = progress or (lambda _line: None)
    say("Reading and checking the data")
    table = bind(protocol, data)
    protocol = placed(protocol, table.clock)
    used = protocol.seed if seed is None else seed
    design = protocol.design
    detect = room_for(design.kind).detect
    with quiet(secret_names(protocol, table.frame)):
        if detect is not None:
            say("Drawing data like these, and asking the headline of each")
            drawn = detect(protocol, table, level=asked.level, draws=asked.draws, seed=used)
            answer = _answer(drawn, protocol, asked, used)
        elif isinstance(design, DidDesign):
            answer = _panel(protocol, table, asked, used, say)
        elif isinstance(design, SynthDesign):
            answer = others.donor_power(protocol, table, asked.level, asked.target)
        else:
            answer = others.record_power(protocol, table, asked.level, asked.target)
    outcome = protocol.primary
    worth = outcome.smallest_worthwhile
    if "power_at_worthwhile" not in answer and worth is not None and answer.get("points"):
        answer["power_at_worthwhile"] = _between(answer["points"], worth)
    made = Power(
        area=protocol.area, design=design.gate, outcome=outcome.label, unit=outcome.unit, measure=outcome.measure,
        smallest_worthwhile=worth,
        level=asked.level, target=asked.target, dated=(today or date.today()).isoformat(),  # noqa: DTZ011
        source=f"hubeval power of the protocol's data (sha256 {table.sha256[:12]})", **answer,
    )
    return power_figures(made)


def _check(asked: Settings) -> None:
    door = Door()
    for name in ("level", "target"):
        if not 0 < getattr(asked, name) < 1:
            door.refuse(name, f"found {getattr(asked, name):g}", "a number between 0 and 1", "Write 0.05 for 5%.")
    if asked.draws < 100:
        door.refuse("draws", f"found {asked.draws}", "100 or more", "Use 1,000.")
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
    effects = asked.effects or tuple(size * m for m in others.MULTIPLES if size * m <= reach)
    worth = protocol.primary.smallest_worthwhile
    return {
        **shared, "smallest_detectable": made.size, "word": made.word,
        "power_at_worthwhile": None if worth is None or worth > reach else power(made.sign * worth),
        "false_alarms": power(0.0),
        "points": tuple(_point(power(made.sign * e), e, found.draws) for e in effects),
        "notes": (*found.notes, *((made.note,) if made.note else ())),
        "not_computed": (*found.missing, *(() if made.size is not None else (_no_size(found, asked, made.word),))),
        "draws": found.draws, "seed": seed if found.draws else None,
    }


def _point(power: float, effect: float, draws: int) -> Point:
    return Point(effect=effect, power=power, std_error=float(np.sqrt(power * (1 - power) / draws)) if draws else None)


def _no_size(found: Detection, asked: Settings, word: str) -> NotComputed:
    if found.floor is not None and found.floor > asked.level:
        reason = f"the test gives no p-value below {found.floor:.2g}: more units are needed"
    else:
        reason = f"no {word} reaches power {asked.target:.0%}, however large"
    return NotComputed(what="smallest detectable effect", reason=reason)


def _panel(protocol: Protocol, table: Table, asked: Settings, seed: int, say: Progress) -> dict[str, Any]:
    """Simulated power of a difference-in-differences."""
    say("Reassigning the starts")
    study, notes, missing = panels.study_of(protocol, table, asked.level, seed)
    if study is None:
        return {"smallest_detectable": None, "notes": notes, "not_computed": missing, "method": "Not worked out.",
                "inference": "none"}
    found = study.rejections(asked.draws)
    size = study.smallest(found, asked.target)
    spread = float(np.std(found.own))
    effects = asked.effects or tuple((size or 3 * spread) * m for m in others.MULTIPLES)
    drawn = len(found.own)
    at = [found.power(study.sign * effect) for effect in effects]
    errors = [float(np.sqrt(p * (1 - p) / drawn)) for p in at]
    worth = protocol.primary.smallest_worthwhile
    if size is None:
        missing = (*missing, _why_none(study.floor, asked, study.inference))
    curves = {}
    if asked.curve_draws and size is not None:
        curves["units"] = panels.by_units(study, asked.target, asked.curve_draws, say)
        curves["periods"] = panels.by_periods(study, protocol, table, asked.target, asked.curve_draws, say)
    treated = study.panel.sizes[np.isfinite(study.panel.starts)]
    before = study.panel.y[np.isfinite(study.panel.starts[study.panel.cohort])][:, : int(study.panel.starts[0])]
    return {
        "smallest_detectable": size,
        "baseline": float(before.mean()) if before.size else None,
        "power_at_worthwhile": None if worth is None else found.power(study.sign * worth),
        "false_alarms": found.power(0.0),
        "floor": study.floor,
        "n_units": len(study.panel.cohort), "n_treated": int(treated.sum()), "n_periods": study.panel.y.shape[1],
        "points": tuple(Point(effect=e, power=p, std_error=s) for e, p, s in zip(effects, at, errors, strict=True)),
        "notes": notes, "not_computed": missing, "draws": drawn, "seed": seed,
        "method": f"{study.estimator} on the protocol's own panel, the estimated effect taken out and the starts given "
        f"out anew {drawn:,} times; effects are constant from the start on.",
        "inference": panels.WORDS[study.inference], **curves,
    }


def _why_none(floor: float, asked: Settings, inference: str) -> NotComputed:
    if inference == "permutation" and floor > asked.level:
        reason = f"a permutation of these starts gives no p-value below {floor:.2g}: more units are needed"
    else:
        reason = f"no effect reaches power {asked.target:.0%}"
    return NotComputed(what="smallest detectable effect", reason=reason)


def _between(points: Sequence[Point], effect: float) -> float | None:
    """Power at an effect between two points; None beyond them on the low side, 1 beyond the high one."""
    sizes, powers = [p.effect for p in points], [p.power for p in points]
    if effect > sizes[-1]:
        return None if powers[-1] < 0.99 else powers[-1]
    return float(np.interp(effect, [0.0, *sizes], [0.05, *powers]))
