"""Outcomes on the scale that a protocol declares: logarithms and log-odds, made here from the raw column."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.protocol import ItsDesign
from hubeval.scale import is_log, of_share, on_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.errors import Door
    from hubeval.protocol import Outcome, Protocol

CURE = (
    "Adding a constant is no cure: the answer hangs on it. Leave 'scale' out; or, for counts, use kind = 'its' with "
    "family = 'poisson'; or leave out the units that have them, and say so."
)


def refuse_values(protocol: Protocol, frame: pd.DataFrame, door: Door) -> None:
    """Refuse values that have no logarithm, or no log-odds."""
    for outcome in protocol.outcomes:
        if outcome.scale == "level":
            continue
        most = _most(outcome)
        for name in _columns(outcome, protocol):
            values = frame[name].dropna()
            if bad := int((~((values > 0) & (values < most))).sum()):
                where = "0 or below" if np.isinf(most) else f"at or beyond 0 or {most:g}"
                wanted = "numbers above 0" if np.isinf(most) else f"numbers between 0 and {most:g}"
                door.refuse(
                    f"outcomes ({outcome.column})", f"scale = {outcome.scale!r}, and {bad} value(s) of {name!r} are "
                    f"{where}", wanted, CURE)


def by_hand(outcome: Outcome, values: pd.Series) -> bool:
    """Whether an outcome is a logarithm that was made before it came here: by what it is called, or by its values.

    Values are held to be logarithms where nearly all of them are those of numbers with two decimals at most, and few
    are such numbers themselves.

    Examples
    --------
    >>> from hubeval.protocol import Outcome
    >>> rate, named = (Outcome(column=name, label="Referrals", unit="per 10,000") for name in ("rate", "ln_rate"))
    >>> raw = pd.Series([41.2, 38.5, 60.1, 22.4, 35.0, 18.3, 77.7, 52.9, 44.1, 29.6])
    >>> by_hand(rate, raw), by_hand(rate, np.log(raw)), by_hand(named, raw)
    (False, True, True)
    """
    said = f"{outcome.column} {outcome.label} {outcome.unit}"
    if is_log(said) or re.match(r"(log|ln)_?(?!in|istic|ged?_?in)[a-z]{3,}$", outcome.column.casefold()):
        return True
    known = values.dropna().to_numpy(dtype=float)
    if len(known) < 10 or np.abs(known).max() > 25:
        return False
    return not _short(known) and any(_short(base**known) for base in (np.e, 10.0, 2.0))


def _short(values: NDArray[np.float64]) -> bool:
    """Whether nearly all of these are numbers with two decimals at most, as far as six digits can tell."""
    cents = values * 100
    slack = np.maximum(1e-6, np.abs(cents) * 1e-6)
    near = np.abs(cents - np.round(cents)) <= slack
    return bool((slack < 0.05).mean() > 0.9 and near[slack < 0.05].mean() > 0.95)


def measured(protocol: Protocol, table: Table) -> tuple[Protocol, Table]:
    """The protocol and the table as methods are given them: outcomes on their scale, in units that say so.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from hubeval.data.table import Table
    >>> from hubeval.protocol import DidDesign, Outcome, Protocol
    >>> declared = Protocol(area="A", question="?", registered=date(2026, 1, 1),
    ...     design=DidDesign(unit="u", time="t", start="s"),
    ...     outcomes=(Outcome(column="y", label="Y", unit="visits", scale="log"),))
    >>> given, logs = measured(declared, Table(frame=pd.DataFrame({"y": [1.0, 10.0]})))
    >>> given.primary.unit, logs.frame["y"].round(2).tolist()
    ('visits [log scale]', [0.0, 2.3])
    """
    outcomes = tuple(replace(o, unit=_unit(o, table.frame[o.column])) for o in protocol.outcomes)
    if outcomes == protocol.outcomes:
        return protocol, table
    made = {
        name: _taken(table.frame[name], outcome)
        for outcome in protocol.outcomes if outcome.scale != "level" for name in _columns(outcome, protocol)
    }
    return replace(protocol, outcomes=outcomes), replace(table, frame=table.frame.assign(**made))


def _unit(outcome: Outcome, values: pd.Series) -> str:
    """The unit of the numbers that methods are given; logarithms brought along are never read in the measure's own."""
    if outcome.scale == "level" and not is_log(outcome.unit) and by_hand(outcome, values):
        return "log points"
    return on_scale(outcome.unit, outcome.scale)


def _columns(outcome: Outcome, protocol: Protocol) -> tuple[str, ...]:
    """The outcome's own column, what it was before, and comparison series that are columns."""
    design = protocol.design
    others = design.control if isinstance(design, ItsDesign) and not design.unit else ()
    return (outcome.column, *((outcome.baseline,) if outcome.baseline else ()), *others)


def _most(outcome: Outcome) -> float:
    return np.inf if outcome.scale == "log" else (of_share(outcome.unit) or (0.0, 1.0))[1]


def _taken(values: pd.Series, outcome: Outcome) -> pd.Series:
    raw = values.to_numpy(dtype=float)
    made = np.log(raw) if outcome.scale == "log" else np.log(raw / (_most(outcome) - raw))
    return pd.Series(made, index=values.index)
