"""Series of areas that stay in an engine say what they say in memory, word for word; records do not come out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from hubeval.checking import check
from hubeval.data.backends import Elsewhere
from hubeval.data.taken import taken
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.profile import read_profile
from hubeval.protocol import DataSource, read_protocol
from hubeval.readiness import assess

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")
SERIES = {"hub-series": "protocol.toml", "single-authority": "protocol.toml"}


def held(frame):
    own = duckdb.connect()
    own.register("frame", frame)
    own.execute("CREATE TABLE series AS SELECT * FROM frame ORDER BY random()")
    return Elsewhere(connection=own, table="series")


@pytest.mark.parametrize("design", SERIES)
def test_a_series_says_there_what_it_says_in_memory(root, design):
    folder = root / "designs" / design
    protocol = read_protocol(folder / SERIES[design])
    where = folder / protocol.data.file
    ready = assess(read_profile(folder / "illustrative-profile.toml"))
    ours, theirs = evaluate(protocol, f"duckdb:{where}", ready), evaluate(protocol, where, ready)
    assert ours.headline == theirs.headline
    assert [(e.term, e.estimate, e.std_error, e.conf_low, e.p_value) for e in ours.estimates] == [
        (e.term, e.estimate, e.std_error, e.conf_low, e.p_value) for e in theirs.estimates]
    assert [(d.name, d.reading) for d in (*ours.diagnostics, *ours.probes)] == [(d.name, d.reading) for d in (*theirs.diagnostics, *theirs.probes)]
    assert ours.not_computed == theirs.not_computed
    assert ours.sample.flow == theirs.sample.flow


@pytest.fixture(scope="module")
def series(root):
    folder = root / "designs/hub-series"
    protocol = read_protocol(folder / "protocol.toml")
    return protocol, pd.read_csv(folder / protocol.data.file)


def test_a_typed_table_in_any_order_gives_the_check_of_memory(series):
    protocol, frame = series
    frame = frame.assign(month=pd.to_datetime(frame["month"] + "-01").dt.date)
    ours, theirs = check(protocol, held(frame)), check(protocol, frame)
    assert [d.reading for d in ours.diagnostics] == [d.reading for d in theirs.diagnostics]
    assert [f.quote for f in ours.facts] == [f.quote for f in theirs.facts]


def test_columns_that_the_protocol_does_not_name_do_not_leave(series):
    protocol, frame = series
    source, _ = taken(protocol, held(frame.assign(note="private")))
    assert "note" not in source.frame


@pytest.mark.parametrize(
    ("spoil", "changes", "line"),
    [
        (lambda f: pd.concat([f, f[:5]]), {}, "5 row(s) repeat a unit and period"),
        (lambda f: pd.concat([f.assign(area=f["area"] + str(i)) for i in range(50)]), {}, "at most 20,000 leave DuckDB"),
        (lambda f: f, {"data": DataSource(units="family")}, "a series of each would be its record"),
        (lambda f: f[:0], {}, "no rows"),
        (lambda f: f.drop(columns="contacts"), {}, "no column 'contacts'"),
        (lambda f: f.assign(contacts=f["contacts"].astype(str).where(f.index != 3, "..")), {}, "1 cell(s) hold a suppression mark"),
        (lambda f: f.assign(contacts="1,234"), {}, "cell(s) hold text where a number should be"),
        (lambda f: f[f["area"] != "Brindleford"], {}, "no unit"),
    ],
)  # fmt: skip
def test_what_a_series_is_not_is_one_clear_line(series, spoil, changes, line):
    protocol, frame = series
    with pytest.raises(BadInput) as refused:
        taken(replace(protocol, **changes), held(spoil(frame).reset_index(drop=True)))
    assert line in str(refused.value)
    assert "first in data row" not in str(refused.value)
