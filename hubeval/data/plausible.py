"""What an honest reader asks of values and units before anything is estimated: whether they can be right."""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.scales import by_hand
from hubeval.data.totals import alike
from hubeval.errors import listed
from hubeval.protocol import RECORDS, DidDesign
from hubeval.scale import is_log, of_share
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Outcome, Protocol

POSSIBLE = "Are the values possible?"
_CODES = (
    *(999.0, 9999.0, 99999.0, 99.0, 888.0, 777.0, 88.0, 96.0, 97.0, 98.0, 996.0, 997.0, 998.0, 9996.0, 9997.0, 9998.0),
    *(float("9" * digits) for digits in range(6, 13)),
)
_NEGATIVE_CODES = (-9.0, -99.0, -999.0, -9999.0)
CODES = (*_CODES, *_NEGATIVE_CODES)
"""Numbers that people write for 'not known'."""
_SCALES = (10.0, 100.0, 1000.0)
_COUNTED = re.compile(
    r"\b(referrals?|plans?|children|cases|visits?|admissions?|contacts?|families|days|births|enquiries|number|count|people"
    r"|persons|pupils|babies|assessments?|attendances?|appointments?|incidents?|offences|deaths|placements?|calls|orders"
    r"|conceptions|users|sessions)\b"
    r"|\bper 1"
)
_SIGNED = re.compile(r"\b(points?|scores?|change|difference|net|log|index|balance|z|sd)\b|[£$€]")


def check_values(protocol: Protocol, table: Table, found: Findings) -> None:
    """Raise values that cannot be, codes that stand for no value, and a declared change that the values cannot make."""
    for outcome in protocol.outcomes:
        values = table.frame[outcome.column].dropna()
        if len(values):
            _range(outcome, values, None, found)
            _worthwhile(outcome, values, found)
    _log_by_hand(protocol, {o.column: table.frame[o.column].dropna() for o in protocol.outcomes}, found)
    design = protocol.design
    names = [o.column for o in protocol.outcomes] + list(getattr(design, "covariates", ()))
    for name in dict.fromkeys(names):
        if name in table.frame and pd.api.types.is_numeric_dtype(table.frame[name].dtype):
            _codes(name, table.frame[name].dropna(), None, found)
    weights = getattr(design, "weights", None)
    if weights and weights in table.frame and _years(table.frame[weights]):
        found.say("weights", "Are the weights weights?", "fail",
                  f"Every weight in {weights!r} is a whole number from 1900 to 2100: they look like years.")
    _repeated(protocol, table.frame, found)


def check_told(protocol: Protocol, table: Table, found: Findings) -> None:
    """The same questions of range and codes about values that stay elsewhere, by those that the engine told of them."""
    for outcome in protocol.outcomes:
        told = (table.behind or {})[outcome.label].told
        if told is not None:
            values, times = pd.Series(told[0]), pd.Series(told[1])
            _range(outcome, values, times, found)
            _worthwhile(outcome, values, found)
            _codes(outcome.column, values, times, found)
    none = pd.Series(dtype=float)  # a logarithm is known by its name alone there
    told_of = [o.column for o in protocol.outcomes if (table.behind or {})[o.label].told is not None]
    _log_by_hand(protocol, dict.fromkeys(told_of, none), found)


def _many(rows: pd.Series, times: pd.Series | None) -> int:
    """How many records these rows (true or false) are."""
    return int(rows.sum()) if times is None else int(times[rows].sum())


def check_units(protocol: Protocol, table: Table, found: Findings) -> None:
    """Raise units that are copies, units on another scale, and raw counts of unlike places."""
    design = protocol.design
    if isinstance(design, RECORDS):
        return
    who = design.starter if isinstance(design, DidDesign) else design.unit
    if not who or who not in table.frame:
        return
    units = [str(name) for name in table.frame[who].unique().tolist()]
    if same := alike(units):
        shown = listed([name for pair in same for name in pair], 6)
        found.say("names", "Is each unit written one way?", "fail",
                  f"{len(same)} unit(s) have names written in ways that differ only in case, spaces, marks or noughts "
                  f"before a number ({shown}): each way counts as a unit of its own. Write each unit one way.")
    for outcome in protocol.outcomes[:1]:
        wide = table.frame.pivot_table(index=who, columns=design.time, values=outcome.column, aggfunc="mean")
        _copies(wide, found)
        _rescaled(outcome, wide, table, found)
        _raw_counts(protocol, outcome, wide, found)


def _range(outcome: Outcome, values: pd.Series, times: pd.Series | None, found: Findings) -> None:
    allowed = of_share(outcome.unit)
    if allowed:
        outside = _many(~values.between(*allowed), times)
        what = "Percentages" if allowed[1] == 100 else "Shares"
        if outside:
            found.say("range", POSSIBLE, "fail", f"{what} of {outcome.label} lie outside {allowed[0]:g} to "
                      f"{allowed[1]:g} in {outside} row(s).", statistic=float(outside))
        elif allowed[1] == 100 and values.max() <= 1 and values.nunique() > 2:
            found.say("range", POSSIBLE, "caution",
                      f"{outcome.label} is said to be in per cent, and no value is above 1: they look like shares.")
    negative = _many(values < 0, times)
    unit = outcome.unit.casefold()
    if negative and not allowed and _COUNTED.search(unit) and not _SIGNED.search(unit):
        found.say("range", POSSIBLE, "fail", f"{outcome.label} is counted in {outcome.unit}, and {negative} row(s) are "
                  "below nought.", statistic=float(negative))


def _log_by_hand(protocol: Protocol, values: Mapping[str, pd.Series], found: Findings) -> None:
    """Raise logarithms made by hand: one that is to be taken again alone, the others in one sentence."""
    of = [one for one in protocol.outcomes if one.column in values]
    for outcome in of:
        if outcome.scale != "level" and is_log(outcome.column):
            found.say("scale", "On what scale is the outcome?", "fail",
                      f"{outcome.label} is to be estimated as {outcome.scale}, and its column is called "
                      f"{outcome.column!r}: a logarithm of a logarithm. Bring the measure itself, or leave 'scale' "
                      "out.")
    made = [one.label for one in of if one.scale == "level" and by_hand(one, values[one.column])]
    if len(made) == 1:
        found.say("scale", "On what scale is the outcome?", "caution",
                  f"{made[0]} looks like a logarithm made by hand: a change in it is none in the measure, so it "
                  "is told in log points and nothing is given in per cent. Bring the measure itself, with "
                  'scale = "log".')
    elif made:
        found.say("scale", "On what scale is the outcome?", "caution",
                  f"{listed(made, 6)} look like logarithms made by hand: a change in one is none in its measure, so "
                  "they are told in log points and nothing is given in per cent. Bring the measures themselves, with "
                  'scale = "log".')


def _worthwhile(outcome: Outcome, values: pd.Series, found: Findings) -> None:
    worth, spread = outcome.smallest_worthwhile, float(values.max() - values.min())
    if outcome.scale == "log":  # the worthwhile change is in per cent then, and so is the range
        spread = 100 * (float(values.max() / values.min()) - 1)
    elif outcome.scale == "log-odds":
        return
    if worth is not None and worth > spread > 0:
        found.say("worthwhile", "Is the smallest worthwhile change in the outcome's unit?", "caution",
                  f"The smallest worthwhile change of {outcome.label} ({brief(worth)}) is larger than the whole range "
                  f"of its values ({brief(spread)}): are they in one unit?", statistic=worth)


def _codes(name: str, values: pd.Series, times: pd.Series | None, found: Findings) -> None:
    """Numbers that stand far from all others and are what people write for 'not known'."""
    present = [code for code in CODES if bool((values == code).any())]
    present += [code for code in _few_negatives(values, times) if code not in present]
    rest = values[~values.isin(present)]
    if not present or rest.empty:
        return
    spread = max(float(rest.max() - rest.min()), 1e-12)
    odd = [c for c in present if (c < 0 <= rest.min()) or (c > 0 and c - rest.max() > spread)]
    if odd:
        n = _many(values.isin(odd), times)
        shown = ", ".join(f'"{code:.15g}"' for code in odd)
        found.say("codes for no value", POSSIBLE, "fail" if set(odd) & set(_NEGATIVE_CODES) else "caution",
                  f"{n} cell(s) of {name!r} hold {shown}, far from all others: where that means 'not known', "
                  f"declare [data] missing_marks = [{shown}].", statistic=float(n))


def _few_negatives(values: pd.Series, times: pd.Series | None = None) -> list[float]:
    """A few whole numbers below nought, each written more than once, where all else is nought or above.

    Examples
    --------
    >>> _few_negatives(pd.Series([50.1, 49.7, -8.0, 51.0, -8.0, 47.2, 48.0]))
    [-8.0]
    """
    below = values[values < 0]
    each = below * 0 + 1 if times is None else times[below.index]
    counts = each.groupby(below).sum()
    coded = 0 < len(counts) <= 6 and bool((counts > 1).all()) and bool((below % 1 == 0).all())
    return sorted(counts.index.tolist()) if coded and each.sum() < 0.3 * (
        len(values) if times is None else times.sum()) else []


def _years(values: pd.Series) -> bool:
    known = values.dropna()
    return bool(len(known) and known.between(1900, 2100).all() and (known % 1 == 0).all() and known.min() < known.max())


def _repeated(protocol: Protocol, frame: pd.DataFrame, found: Findings) -> None:
    """Every record two or three times over, under other ids."""
    design = protocol.design
    if not isinstance(design, RECORDS) and not (isinstance(design, DidDesign) and not design.unit):
        return
    rest = frame.drop(columns=[design.unit], errors="ignore") if design.unit else frame
    counts = rest.value_counts(dropna=False).to_numpy()
    times = gcd(*map(int, np.unique(counts))) if len(counts) else 1
    if times > 1 and len(counts) > 10:
        found.say("records twice", "Is each record there once?", "fail",
                  f"Every record stands {times} times with the same values: the file was joined to itself, or pasted "
                  "twice. Intervals would be too narrow.", statistic=float(times))


def _copies(wide: pd.DataFrame, found: Findings) -> None:
    whole = wide.dropna()
    if whole.shape[1] < 4 or len(whole) < 3:
        return
    twice = whole[whole.duplicated(keep=False)]
    varied = int((twice.nunique(axis=1) > 2).sum())  # the rest hardly move, as many a small place does
    if varied:
        found.say("copies", "Is each unit one place?", "caution",
                  f"{varied} units have the same values in every period as another: one place under two names?",
                  statistic=float(len(twice)))


def _rescaled(outcome: Outcome, wide: pd.DataFrame, table: Table, found: Findings) -> None:
    """A 10- or 100-fold step, at one period, in a good part of the units: another unit of measurement from then on."""
    levels = wide.where(wide > 0)
    if levels.shape[1] < 4 or len(levels) < 2:
        return
    before, after = levels.iloc[:, :-1].to_numpy(), levels.iloc[:, 1:].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log10(after / before)
    for scale in _SCALES:
        near = np.abs(np.abs(steps) - np.log10(scale)) < 0.12
        share = near.mean(axis=0)
        at = int(share.argmax())
        if share[at] >= 0.25:
            when = table.periods[int(levels.columns[at + 1])]
            found.say("unit of measurement", "Is the outcome in one unit throughout?", "fail",
                      f"In {when} {outcome.label} changes about {scale:g}-fold in {share[at]:.0%} of units: it seems "
                      "to be another unit of measurement, and no declared event explains that.", statistic=scale)
            return


def _raw_counts(protocol: Protocol, outcome: Outcome, wide: pd.DataFrame, found: Findings) -> None:
    """Counts of places of unlike size, compared by difference."""
    unit = outcome.unit.casefold()
    rate = bool(re.search(r"\bper\b|%|share|rate", unit))
    if getattr(protocol.design, "exposure", None) or rate or not _COUNTED.search(unit):
        return
    values = wide.to_numpy()
    known, means = values[np.isfinite(values)], wide.mean(axis=1).dropna().to_numpy()
    if len(means) < 4 or not len(known) or (known % 1 != 0).any() or known.min() < 0:
        return
    small, middle, large = np.quantile(means, (0.1, 0.5, 0.9))
    if middle > 5 and large >= 3 * small:
        found.say("raw counts", "Are the units comparable in size?", "caution",
                  f"{outcome.label} is a raw count, and the largest units count more than three times as many as the "
                  "smallest: equal paths in numbers cannot be expected of them. Use a rate.")
