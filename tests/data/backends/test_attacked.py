"""Columns of every type and tables of every kind: what memory says of the same file, or one clear line."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hubeval.checking import check
from hubeval.data.taken import taken
from hubeval.errors import BadInput
from hubeval.methods.room import room_for
from hubeval.protocol import Caution
from tests.conftest import module_at

panels = module_at("tests/data/backends/panels.py")
BASE, Y, records, with_design = panels.BASE, panels.Y, panels.records, panels.with_design
duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def engine():
    own = duckdb.connect()
    own.register("frame", records(n=90))
    own.execute("CREATE TABLE r AS SELECT * FROM frame")
    return own


def said(protocol, data):
    """The estimate and error, or the refusals without the places of rows and the names of units."""
    try:
        _, table = taken(protocol, data)
    except BadInput as refused:
        return [re.sub(r", first in data rows? \d+( and \d+)?| \((names not said|c\d+)[^)]*\)", "", str(p)) for p in refused.problems]
    found = room_for("did").head(protocol, table)
    return [found.estimate, found.std_error]


def both(engine, folder, select, protocol=BASE):
    where = folder / "one.parquet"
    engine.execute(f"COPY ({select}) TO '{where}'")
    return said(protocol, f"duckdb:{where}"), said(protocol, where)


ALIKE = {
    "days, and starts as years": "SELECT u, make_date(t::int, 1, 1) AS t, s, y FROM r",
    "days and hours with a zone": "SELECT u, make_timestamp(t::int, 1, 1, 0, 0, 0)::timestamptz AS t, make_date(TRY_CAST(s AS int), 1, 1)::timestamptz AS s, y FROM r",
    "years with a point": "SELECT u, CASE WHEN u < 'c3' THEN t || '.0' ELSE t END AS t, s, y FROM r",
    "never in two words": "SELECT u, t, CASE WHEN s = '' AND t = '2012' THEN 'Never' ELSE s END AS s, y FROM r",
    "a start in two spellings": "SELECT u, t, CASE WHEN s = '2013' AND t = '2012' THEN '2013.0' ELSE s END AS s, y FROM r",
    "tabs about numbers": "SELECT u || chr(9) AS u, t, s, chr(9) || y::varchar || chr(10) AS y FROM r",
    "a minus sign as printed": "SELECT u, t, s, CASE WHEN u = 'c1' THEN '−' || y::varchar ELSE y::varchar END AS y FROM r",
    "text of more than a thousand kinds": "SELECT u || i AS u, t, s, (y + i)::varchar || '%' AS y FROM r, range(3) AS a(i)",
    "marks and text": "SELECT u, t, s, CASE WHEN u < 'c3' THEN '..' WHEN u < 'c5' THEN u ELSE y::varchar END AS y FROM r",
    "ids beyond 2**53": "SELECT substr(u, 2)::bigint + 9007199254740993 AS u, t, s, y FROM r",
    "ids as UUID": "SELECT md5(u)::uuid AS u, t, s, y FROM r",
    "decimals": "SELECT u, t::decimal(10, 2) AS t, TRY_CAST(s AS decimal(10, 2)) AS s, y::decimal(18, 4) AS y FROM r",
    "yes and no": "SELECT u, t, s, y > 50 AS y FROM r",
    "other cases of names": 'SELECT u AS "U", t, s, y FROM r',
    "a start before the first period": "SELECT u, t, CASE s WHEN '2013' THEN '1999' ELSE s END AS s, y FROM r",
    "whole numbers, and no start": "SELECT substr(u, 2)::int AS u, t::smallint AS t, TRY_CAST(s AS int) AS s, y FROM r",
    "whole numbers, and a start of 0": "SELECT substr(u, 2)::int AS u, t::bigint AS t, coalesce(TRY_CAST(s AS int), 0) AS s, y FROM r",
    "a whole start that is blank in some rows": "SELECT u, t, CASE WHEN t > '2012' THEN TRY_CAST(s AS int) END AS s, y FROM r WHERE s <> '2015'",
    "an id that is blank": "SELECT CASE WHEN u <> 'c1' THEN substr(u, 2)::int END AS u, t, s, y FROM r",
    "one period": "SELECT * FROM r WHERE t = '2012'",
    "another unit's rows again": "SELECT * FROM r UNION ALL SELECT u, t, s, y + 1, area FROM r WHERE u = 'c1'",
}  # fmt: skip


@pytest.mark.parametrize("what", ALIKE)
def test_a_table_says_there_what_it_says_in_memory(engine, tmp_path, what):
    ours, theirs = both(engine, tmp_path, ALIKE[what])
    assert ours == (pytest.approx(theirs, abs=1e-9) if isinstance(theirs[0], float) else theirs)


def test_names_that_are_words_of_sql_or_ours_are_only_names(engine, tmp_path):
    for names in (("select", "from", "group", "order"), ('a"b', "it's", "x;--", "y z"), ("records", "units", "z0", "written"), ("t", "u", "y0", "s")):
        protocol = replace(with_design(BASE, unit=names[0], time=names[1], start=names[2]), outcomes=(replace(Y, column=names[3]),))
        kept = ", ".join(f'{old} AS "{new.replace(chr(34), chr(34) * 2)}"' for old, new in zip("utsy", names, strict=True))
        ours, theirs = both(engine, tmp_path, f"SELECT {kept} FROM r", protocol)
        assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("select", "line"),
    [
        ("SELECT u, t::blob AS t, s, y FROM r", "'t' holds neither"),
        ("SELECT u, t, s, [y] AS y FROM r", "'y' holds neither"),
        ("SELECT u, t, s, CASE WHEN u = 'c1' THEN 1e99 ELSE y END AS y FROM r", "sums lose it"),
        ("SELECT u, t, s, CASE WHEN y > 50 THEN 'Yes' ELSE 'no' END AS y FROM r", "630 cell(s) hold yes and no"),
        ("SELECT u, t, s, CASE WHEN u = 'c1' THEN '1,234' ELSE y::varchar END AS y FROM r", "7 cell(s) hold numbers with thousands marks"),
        ("SELECT * FROM r WHERE false", "no rows"),
    ],
)  # fmt: skip
def test_what_sums_cannot_hold_is_one_clear_line(engine, tmp_path, select, line):
    (found,), _ = both(engine, tmp_path, select)
    assert line in found


RANGED = {
    "a code": ("%", lambda f: f.y.where(f.index % 90 != 3, 999.0)),
    "codes below nought": ("points", lambda f: f.y.where(f.index % 90 != 3, -8.0).where(f.index % 95 != 3, -9.0)),
    "percentages beyond": ("% of children", lambda f: f.y * 2 - 10),
    "shares that are called per cent": ("%", lambda f: f.y / 100),
    "two values": ("%", lambda f: (f.y > 50) * 1.0),
    "counts below nought": ("referrals", lambda f: f.y - 48.25),
    "nothing": ("points", lambda f: f.y),
}


@pytest.mark.parametrize("what", RANGED)
def test_values_that_cannot_be_and_codes_are_raised_there_too(engine, tmp_path, what):
    unit, values = RANGED[what]
    frame = records(n=90)
    frame["y"] = values(frame)
    frame.to_parquet(tmp_path / "one.parquet")
    protocol = replace(BASE, outcomes=(replace(Y, unit=unit, smallest_worthwhile=60.0),))
    ours, theirs = (check(protocol, source) for source in (f"duckdb:{tmp_path / 'one.parquet'}", frame))
    kept = {"range", "codes for no value", "worthwhile"}
    raised = [[(d.name, d.reading, d.status) for d in each.diagnostics if d.name in kept] for each in (ours, theirs)]
    assert raised[0] == raised[1]
    assert raised[0]
    assert any("codes for no value, were looked at" in note.reason for note in ours.notes)


def test_where_periods_are_dropped_their_values_are_not_looked_at(tmp_path):
    frame = records(n=90)
    frame.loc[frame["t"] == "2012", "y"] = 999.0
    frame.to_parquet(tmp_path / "one.parquet")
    dropped = Caution(kind="shock", label="F", first="2012", last="2012", handling="drop the periods")
    found = check(replace(BASE, cautions=(dropped,)), f"duckdb:{tmp_path / 'one.parquet'}")
    assert not [d for d in found.diagnostics if d.name == "codes for no value"]
    assert any("codes for no value, were not looked at" in note.reason for note in found.notes)


def test_an_empty_file_among_others_is_not_passed_over(tmp_path):
    records(n=90).to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "b.csv").write_bytes(b"")
    with pytest.raises(BadInput, match=r"b\.csv holds nothing"):
        taken(BASE, f"duckdb:{tmp_path}/*.csv")
