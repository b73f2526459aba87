"""Three shapes that hubs and departments really hold, turned into the tidy frames that a protocol names columns of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from hubeval.data.columns import Columns
from hubeval.data.periods import Period, parse
from hubeval.data.source import read_source
from hubeval.errors import Door, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCALES = ("ASQ-3", "CPRS-SF", "GAD-7", "HLE", "KPCS", "MORS-SF", "PHQ-9", "PSS", "SWEMWBS")
"""Instruments in the family-hub management-information return; other columns with a pre and a post are read too."""

_BEFORE = ("pre", "before", "baseline", "start", "initial", "first")
_AFTER = ("post", "after", "followup", "end", "final", "last")
_QUARTERS = {f"financial year q{q}": f" Q{q}" for q in (1, 2, 3, 4)}
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")


def explore_education_statistics(
    data: str | Path | pd.DataFrame, *, indicators: Sequence[str], where: Mapping[str, str] | None = None,
    level: str = "Local authority",
) -> pd.DataFrame:
    """One row a local authority and period from a file of the department's Explore Education Statistics.

    Suppression marks (``c x z k u low ~ - ..``) are left as they stand, so that the protocol declares
    them (``[data] missing_marks``) and they are counted, not lost.

    Parameters
    ----------
    data : path or DataFrame
        With ``time_period``, ``time_identifier``, ``geographic_level``, ``new_la_code`` and ``la_name``.
    indicators : sequence of str
        The number columns to keep.
    where : mapping of str to str, optional
        Filters: column to the value wanted, such as ``{"gender": "Total"}``.
    level : str
        The ``geographic_level`` to keep.

    Returns
    -------
    DataFrame
        Columns ``la_code``, ``la_name``, ``period`` and the indicators, in that order, all text.

    Raises
    ------
    BadInput
        Columns or filter values that are not there; periods that are no single period; an authority and
        period that stands in more than one row, with the columns that would tell the rows apart.

    Examples
    --------
    >>> frame = pd.DataFrame({"time_period": ["201819", "202122"], "time_identifier": ["Academic year"] * 2,
    ...     "geographic_level": ["Local authority"] * 2, "new_la_code": ["E06000001"] * 2,
    ...     "la_name": ["Hartlepool"] * 2, "gld": ["71.8", "c"]})
    >>> explore_education_statistics(frame, indicators=["gld"]).to_numpy().tolist()
    [['E06000001', 'Hartlepool', '2018/19', '71.8'], ['E06000001', 'Hartlepool', '2021/22', 'c']]
    """
    door = Door()
    columns = Columns(read_source(data).frame, door)
    filters = dict(where or {})
    needed = ("time_period", "time_identifier", "geographic_level", "new_la_code", "la_name")
    for argument, names in (("data", needed), ("indicators", indicators), ("where", filters)):
        for name in names:
            columns.present(argument, name)
    door.close()
    text = pd.DataFrame({str(name): columns.text(str(name)) for name in columns.frame.columns})
    kept = _filtered(text, {"geographic_level": level, **filters}, door)
    periods = _time_periods(kept, door)
    door.close()
    out = pd.DataFrame({"la_code": kept["new_la_code"], "la_name": kept["la_name"], "period": periods})
    out[list(indicators)] = kept[list(indicators)]
    _once(out, kept, set(indicators) | set(needed) | set(filters), door)
    door.close()
    return out.sort_values(["la_code", "period"], kind="stable").reset_index(drop=True)


def area_by_period(
    data: str | Path | pd.DataFrame, *, unit: str, value: str, keep: Sequence[str] = (), sheet: str = ""
) -> pd.DataFrame:
    """One row an area and period from a spreadsheet with areas down the side and periods along the top.

    Parameters
    ----------
    data : path or DataFrame
    unit : str
        The column of areas.
    value : str
        What to call the column of cell values.
    keep : sequence of str
        Further columns to carry along. Every other column must be headed by a period.
    sheet : str
        Of a workbook.

    Returns
    -------
    DataFrame
        Columns `unit`, `keep`, ``period`` and `value`, as written; a blank cell stays blank.

    Raises
    ------
    BadInput
        No such column, headings that are neither kept nor periods, mixed or repeated periods, an area
        that is blank or stands twice.

    Examples
    --------
    >>> wide = pd.DataFrame({"council": ["A", "B"], "2013/14": ["1", "3"], "2014/15": ["2", "c"]})
    >>> area_by_period(wide, unit="council", value="rate").to_numpy().tolist()
    [['A', '2013/14', '1'], ['A', '2014/15', '2'], ['B', '2013/14', '3'], ['B', '2014/15', 'c']]
    """
    door = Door()
    columns = Columns(read_source(data, sheet=sheet).frame, door)
    for argument, name in (("unit", unit), *(("keep", k) for k in keep)):
        columns.present(argument, name)
    door.close()
    headed = [str(name) for name in columns.frame.columns if name not in {unit, *keep}]
    periods = _headings(headed, door)
    areas = columns.text(unit)
    _areas_once(areas, unit, door)
    if value in {unit, "period", *keep}:
        door.refuse("value", f"{value!r} is the name of another column", "a new name", "Choose another.")
    door.close()
    carried = {k: columns.text(k) for k in keep}
    parts = [
        pd.DataFrame({unit: areas, **carried, "period": str(period), value: columns.text(name)})
        for name, period in zip(headed, periods, strict=True)
    ]
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def management_information(
    data: str | Path | pd.DataFrame, *, user: str, keep: Sequence[str] = (), sheet: str = ""
) -> pd.DataFrame:
    """One row a user and instrument from the family-hub management-information shape: pre and post scores.

    The result is for describing who was reached and how scores moved. It holds hub users only, so it
    supports no quasi-experiment by itself: `hubeval.data.checks.check` says so of such data.

    Parameters
    ----------
    data : path or DataFrame
        One row a user, with columns such as ``SWEMWBS pre`` and ``SWEMWBS post``.
    user : str
        The column of user ids.
    keep : sequence of str
        Columns to carry along (ethnicity, sex, IDACI decile).
    sheet : str
        Of a workbook.

    Returns
    -------
    DataFrame
        Columns `user`, `keep`, ``instrument``, ``pre``, ``post``; blank scores are missing. Users with
        neither score on an instrument have no row for it.

    Raises
    ------
    BadInput
        No pair of pre and post columns, ids that are blank or repeated, text where scores should be.

    Examples
    --------
    >>> users = pd.DataFrame({"id": ["1", "2"], "SWEMWBS pre": ["19", ""], "SWEMWBS post": ["22.5", ""]})
    >>> management_information(users, user="id").to_numpy().tolist()
    [['1', 'SWEMWBS', 19.0, 22.5]]
    """
    door = Door()
    columns = Columns(read_source(data, sheet=sheet).frame, door)
    for argument, name in (("user", user), *(("keep", k) for k in keep)):
        columns.present(argument, name)
    door.close()
    pairs = score_pairs([str(name) for name in columns.frame.columns if name not in {user, *keep}])
    if not pairs:
        door.refuse("data", "no pair of columns holds a score before and after", "columns such as 'GAD-7 pre' and "
                    "'GAD-7 post'", "Name them so.")
    ids = columns.text(user)
    _areas_once(ids, user, door, name_them=False)
    kept = {k: columns.text(k) for k in keep}
    parts = [
        pd.DataFrame({user: ids, **kept, "instrument": name, "pre": columns.numbers(a), "post": columns.numbers(b)})
        for name, (a, b) in pairs.items()
    ]
    door.close()
    out = pd.concat(parts)
    return out[out["pre"].notna() | out["post"].notna()].reset_index(drop=True)


def looks_like_management_information(columns: Sequence[str]) -> bool:
    """Whether these columns hold scores of users before and after on an instrument of the return.

    Examples
    --------
    >>> looks_like_management_information(["id", "GAD7_pre", "GAD7_post", "IDACI decile"])
    True
    >>> looks_like_management_information(["la", "year", "rate"])
    False
    """
    known = {_plain(scale) for scale in SCALES}
    return any(_plain(name) in known for name in score_pairs(columns))


def score_pairs(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Instruments with both a score before and a score after, and the columns that hold them.

    Examples
    --------
    >>> score_pairs(["id", "Pre GAD-7", "Post GAD-7", "PSS pre"])
    {'GAD-7': ('Pre GAD-7', 'Post GAD-7')}
    """
    sides: tuple[dict[str, str], dict[str, str]] = ({}, {})
    shown: dict[str, str] = {}
    for column in columns:
        for side, words in zip(sides, (_BEFORE, _AFTER), strict=True):
            stem = _without(column, words)
            if stem:
                shown.setdefault(_plain(stem), _official(stem))
                side.setdefault(_plain(stem), column)
    return {shown[key]: (sides[0][key], sides[1][key]) for key in sides[0] if key in sides[1]}


def _without(column: str, words: Sequence[str]) -> str:
    """The column's name without a word of time, or nothing where it has none."""
    pattern = rf"(?<![a-z])(?:{'|'.join(words)})(?:[ _-]?(?:score|total))?(?![a-z])"
    stem, n = re.subn(pattern, " ", column.replace("follow-up", "followup").replace("follow up", "followup"),
                      flags=re.IGNORECASE)
    return " ".join(re.sub(r"[_()\[\]]", " ", stem).split()).strip(" -:") if n else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold().replace("score", ""))


def _official(stem: str) -> str:
    known = {_plain(scale): scale for scale in SCALES}
    return known.get(_plain(stem), stem)


def _filtered(text: pd.DataFrame, filters: Mapping[str, str], door: Door) -> pd.DataFrame:
    for name, wanted in filters.items():
        values = sorted(text[name].unique())
        if wanted not in values:
            door.choice("level" if name == "geographic_level" else f"where[{name!r}]", wanted, values)
            return text.iloc[:0]
        text = text[text[name] == wanted]
    if text.empty:
        door.refuse("where", "no row meets all filters together", "at least one", "Loosen them.")
    return text


def _time_periods(kept: pd.DataFrame, door: Door) -> pd.Series:
    """Each row's period, from what the department writes in two columns."""
    pairs = kept[["time_period", "time_identifier"]].drop_duplicates()
    known = {(p, i): _department_period(p, i) for p, i in pairs.itertuples(index=False)}
    bad = sorted({f"{p} ({i})" for (p, i), period in known.items() if period is None})
    if bad:
        door.refuse("time_period", f"not single periods: {listed(bad, 4)}",
                    "years, financial or academic years, quarters and months", "Leave those rows out.")
    kinds = sorted({period.frequency for period in known.values() if period})
    if len(kinds) > 1:
        door.refuse("time_period", f"holds {listed(kinds)} together", "one kind of period",
                    "Keep one 'time_identifier' with where = {...}.")
    written = [str(known[p, i]) for p, i in kept[["time_period", "time_identifier"]].itertuples(index=False)]
    return pd.Series(written, index=kept.index, dtype=object)


def _department_period(period: str, identifier: str) -> Period | None:
    kind = identifier.strip().casefold()
    if kind in {"academic year", "financial year", "calendar year", "reporting year", "tax year"}:
        return parse(period)
    if kind in _QUARTERS:
        return parse(f"{period[:4]}/{period[4:]}{_QUARTERS[kind]}")
    if kind.startswith("calendar year q"):
        return parse(f"{period}Q{kind[-1]}")
    return parse(f"{kind} {period}") if kind in _MONTHS else None


def _once(out: pd.DataFrame, kept: pd.DataFrame, spoken_for: set[str], door: Door) -> None:
    """Every authority and period in one row, or the columns that would tell its rows apart."""
    repeated = out.duplicated(["la_code", "period"], keep=False)
    if not repeated.any():
        return
    rows = kept[repeated]
    groups = rows.groupby([rows["new_la_code"], rows["time_period"]])
    others = [name for name in kept.columns if name not in spoken_for]
    telling = [name for name in others if bool((groups[name].agg("min") != groups[name].agg("max")).any())]
    cure = f"Choose one value of {listed(telling)} with where = {{...}}." if telling else "Remove the repeats."
    door.refuse("data", f"{int(out.duplicated(['la_code', 'period']).sum())} row(s) repeat an authority and period",
                "one row for each", cure)


def _headings(headed: list[str], door: Door) -> list[Period]:
    known = {name: parse(name) for name in headed}
    bad = [name for name, period in known.items() if period is None]
    if bad or not headed:
        found = f"headings that are no periods: {listed(bad)}" if bad else "no column is headed by a period"
        door.refuse("data", found, "years, 2013/14, 2019Q4, 2019-04, Apr 2019",
                    "Name them under keep to carry them, or take them out.")
        return []
    periods = [period for period in known.values() if period]
    kinds = sorted({period.frequency for period in periods})
    if len(kinds) > 1:
        door.refuse("data", f"headings mix {listed(kinds)} periods", "one kind", "Keep one.")
    if len(set(periods)) < len(periods):
        door.refuse("data", "two headings name the same period", "each once", "Remove one.")
    return periods


def _areas_once(areas: pd.Series, column: str, door: Door, *, name_them: bool = True) -> None:
    if blank := int((areas == "").sum()):
        door.refuse(column, f"{blank} row(s) are blank", "an id in every row", "Fill them in or remove the rows.")
    twice = sorted(set(areas[areas.duplicated() & (areas != "")]))
    if twice:
        names = f" ({listed(twice, 3)})" if name_them else ""
        door.refuse(column, f"{len(twice)} id(s) stand in more than one row{names}", "one row each", "Keep one each.")
