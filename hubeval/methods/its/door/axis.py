"""The time axis: periods as written, turned into whole numbers without gaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.data.periods import Period, coarsen, parse
from hubeval.errors import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.data.periods import Frequency


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An unbroken run of periods.

    Attributes
    ----------
    labels : tuple of str
        Each period as written in the data, in order of time.
    season : tuple of int
        Month (0-11) or quarter (0-3) of the year of each period; empty when there is none.
    cycle : int
        12, 4, or 0.
    unit : str
        "month", "quarter", "year", "financial year", "day", or "period" for plain whole numbers.
    first, step : int
        Ordinal of the first period, and ordinals between periods.
    """

    labels: tuple[str, ...]
    season: tuple[int, ...] = ()
    cycle: int = 0
    unit: str = "period"
    first: int = 0
    step: int = 1

    def find(self, period: Any) -> int | None:
        """Position of `period`, written as in the data or in another way that means the same; None if outside."""
        text = _text(period)
        if text in self.labels:
            return self.labels.index(text)
        if self.unit == "period":
            ordinal = int(text) if re.fullmatch(r"-?\d+", text) else None
        else:
            ordinal = _as(parse(text), self.unit)
        if ordinal is None:
            return None
        position, rest = divmod(ordinal - self.first, self.step)
        return position if rest == 0 and 0 <= position < len(self.labels) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisProblem:
    """Why a time column is not an unbroken run, in the words of the door."""

    found: str
    allowed: str
    cure: str


def axis_of(values: Sequence[Any]) -> tuple[Axis, NDArray[np.intp]] | AxisProblem:
    """The axis of a column and each row's position on it, or what is wrong with the column.

    Examples
    --------
    >>> axis, position = axis_of(["01/02/2020", "01/03/2020", "01/01/2020"])
    >>> axis.labels, axis.unit, position.tolist()
    (('01/01/2020', '01/02/2020', '01/03/2020'), 'month', [1, 2, 0])
    >>> axis_of(["2020-01", "2020-02", "2020-04"]).found
    '1 missing month: 2020-03'
    """
    texts = [_text(value) for value in values]
    if any(text in {"", "nan", "NaT", "None", "<NA>"} for text in texts):
        return AxisProblem(
            found="some rows have no time", allowed="a period in every row", cure="Fill or remove those rows."
        )
    read = _read(texts)
    if isinstance(read, AxisProblem):
        return read
    unit, ordinals = read
    written = dict(zip(reversed(ordinals), reversed(texts), strict=True))
    unique = sorted(written)
    repeated = sorted({o for o in ordinals if ordinals.count(o) > 1}) if len(unique) < len(ordinals) else []
    if repeated:
        return AxisProblem(
            found=f"{unit}s that appear more than once: {listed(written[o] for o in repeated)}",
            allowed="each period once",
            cure="Keep one row a period, or name 'unit' and 'treated'.",
        )
    step = int(np.diff(unique).min()) if len(unique) > 1 else 1
    problem = _gaps(unique, unit, step)
    if problem is not None:
        return problem
    season, cycle = _season(unique, unit, step)
    labels = tuple(written[o] for o in unique)
    axis = Axis(labels=labels, season=season, cycle=cycle, unit=unit, first=unique[0], step=step)
    return axis, np.array([(o - unique[0]) // step for o in ordinals], dtype=np.intp)


def _gaps(unique: list[int], unit: str, step: int) -> AxisProblem | None:
    """Periods that are absent between the first and the last."""
    missing = sorted(set(range(unique[0], unique[-1], step)) - set(unique))
    if any((o - unique[0]) % step for o in unique) or len(missing) > 3 * len(unique):
        return AxisProblem(
            found="periods are not evenly spaced",
            allowed="the same step throughout",
            cure="Add up to months or quarters first.",
        )
    if not missing:
        return None
    names = listed(str(o) if unit == "period" else Period(unit, o) for o in missing)  # type: ignore[arg-type]
    return AxisProblem(
        found=f"{len(missing)} missing {unit}{'' if len(missing) == 1 else 's'}: {names}",
        allowed="no gaps",
        cure="Add those rows (0 if nothing happened); a period without a number can be declared a Shock.",
    )


def _season(ordinals: list[int], unit: str, step: int) -> tuple[tuple[int, ...], int]:
    if unit == "month" and step == 1:
        return tuple(o % 12 for o in ordinals), 12
    if unit == "quarter" and step == 1:
        return tuple(o % 4 for o in ordinals), 4
    return (), 0


def _text(value: Any) -> str:
    """A period as text: dates in ISO form, floats that are whole without their point."""
    if isinstance(value, (pd.Timestamp, datetime, date, np.datetime64)):
        return str(pd.Timestamp(value).date())
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _read(texts: Sequence[str]) -> tuple[str, list[int]] | AxisProblem:
    """Unit and ordinals of a whole column; plain whole numbers where they are not years."""
    parsed = [parse(text) for text in texts]
    periods = [period for period in parsed if period is not None]
    kinds = sorted({period.frequency for period in periods})
    if len(periods) == len(texts) and len(kinds) == 1:
        return _months(periods) if kinds == ["day"] else (kinds[0], [p.ordinal for p in periods])
    if all(re.fullmatch(r"-?\d+", text) for text in texts):
        return "period", [int(text) for text in texts]
    mixed = f"periods of several kinds: {listed(kinds)}" if len(periods) == len(texts) else "not periods it can read"
    return AxisProblem(
        found=mixed,
        allowed="2024-04, 01/04/2024 (day first), Apr 2024, 2024 Q2, 2024/25, 2024, or whole numbers",
        cure="Write every period in one of these ways.",
    )


def _months(days: list[Period]) -> tuple[str, list[int]]:
    """Days that each fall in a month of their own stand for months, or quarters when evenly so far apart."""
    months = [_as(day, "month") or 0 for day in days]
    if len(set(months)) < len({day.ordinal for day in days}):
        return "day", [day.ordinal for day in days]
    gaps = np.diff(sorted(set(months)))
    if len(gaps) and bool(np.all(gaps % 12 == 0)):
        return "year", [month // 12 for month in months]
    if len(gaps) and bool(np.all(gaps % 3 == 0)):
        return "quarter", [month // 3 for month in months]
    return "month", months


def _as(period: Period | None, frequency: Frequency | str) -> int | None:
    """Ordinal of a period at a coarser frequency."""
    coarse = coarsen(period, frequency) if period is not None else None  # type: ignore[arg-type]
    return None if coarse is None else coarse.ordinal
