"""A table in DuckDB gives the numbers, the readings and the refusals of the same records in memory; and keeps its rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from hubeval.checking import check
from hubeval.cli import main
from hubeval.data.backends import Elsewhere
from hubeval.data.backends.engines import MOST_ROWS
from hubeval.data.taken import taken
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.protocol import Caution, DataSource, read_protocol
from hubeval.registry import plan
from hubeval.release import release
from tests.conftest import module_at

panels = module_at("tests/data/backends/panels.py")
BASE, Y, records, same, with_design = panels.BASE, panels.Y, panels.records, panels.same, panels.with_design
duckdb = pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")


def stored(frame, folder, kind="parquet"):
    """The frame in two files of a folder."""
    folder.mkdir(exist_ok=True)
    for at, part in enumerate((frame[:500], frame[500:])):
        where = folder / f"part {at}.{kind}"
        part.to_parquet(where) if kind == "parquet" else part.to_csv(where, index=False)
    return f"{folder}/*.{kind}"


DESIGNS = [
    {},
    {"control": "not-yet"},
    {"base": "universal"},
    {"anticipation": 1},
    {"average": "units"},
    {"estimator": "two-way"},
    {"estimator": "two-way", "cluster": "area", "inference": "cluster"},
    {"estimator": "sun-abraham", "inference": "cluster"},
    {"estimator": "group-time", "cluster": "area", "inference": "cluster"},
]


# in memory read by permuting starts where units are few; by clusters where they are made up, or many
PERMUTED = {"pre-trend", "power of the pre-trend test", "honest bounds"}


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: " ".join(map(str, d.values())) or "auto")
def test_the_numbers_are_those_of_the_records_in_memory(ready, tmp_path, design):
    frame = records()
    if "cluster" in design:
        frame["s"] = frame["area"].str[1:].astype(int).mod(3).map({0: "", 1: "2013", 2: "2015"})
    protocol = with_design(BASE, **design)
    ours, theirs = evaluate(protocol, stored(frame, tmp_path / "d"), ready), evaluate(protocol, frame, ready)
    same(ours, theirs)
    assert ours.headline.split(".")[0] == theirs.headline.split(".")[0]
    mine, read = ({item.name: item.reading for item in (*each.diagnostics, *each.probes)} for each in (ours, theirs))
    assert {name for name in mine if mine[name] != read.get(name) and name != "Data: readiness"} <= PERMUTED
    assert "pre-trend" in mine
    assert ours.sample.flow == theirs.sample.flow
    assert ours.sample.n_units == theirs.sample.n_units


def test_of_many_units_the_headline_is_word_for_word_that_of_the_records(ready, tmp_path):
    frame = records(n=600, periods=6)
    ours, theirs = evaluate(BASE, stored(frame, tmp_path / "d"), ready), evaluate(BASE, frame, ready)
    same(ours, theirs)
    assert ours.headline == theirs.headline
    assert {one.what for one in ours.not_computed} - {one.what for one in theirs.not_computed} == {
        "Checks of single values and units", "variability of the treated", "choice of comparison units", "other scale"}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_release_gate_sees_what_stands_behind_the_records(ready, tmp_path, kind):
    frame = records(whole=True)
    frame["z"] = (frame.index % 11) + 40.0
    frame.loc[frame["u"] == "c1", "z"] = 1e6  # one family makes up its side of this outcome
    protocol = replace(BASE, outcomes=(Y, replace(Y, column="z", label="Z", role="secondary")))
    ours = evaluate(protocol, stored(frame, tmp_path / "d", kind), ready)
    theirs = evaluate(protocol, frame, ready)
    same(ours, theirs, close=1e-6)
    assert [k.sides[0].sum() for k in ours.behind.outcomes.values()] == pytest.approx(
        [k.sides[0].sum() for k in theirs.behind.outcomes.values()])
    assert [{e["outcome"] for e in release(each)[0].content["estimates"]} for each in (ours, theirs)] == [{"Y"}, {"Y"}]


def test_the_check_says_what_the_check_of_the_records_says_and_names_what_it_did_not_look_at(tmp_path):
    frame = records()
    ours, theirs = check(BASE, stored(frame, tmp_path / "d")), check(BASE, frame)
    assert [(f.criterion, f.low, f.high, f.quote) for f in ours.facts] == [(f.criterion, f.low, f.high, f.quote) for f in theirs.facts]
    read = {d.name: d.reading for d in theirs.diagnostics}
    assert all(d.reading == read[d.name] for d in ours.diagnostics)
    assert set(read) - {d.name for d in ours.diagnostics} == {"shared jump"}
    assert any("not looked at" in note.reason for note in ours.notes)
    assert not any("not looked at" in note.reason for note in theirs.notes)


def test_units_with_a_missing_value_are_left_out_where_that_is_declared(ready, tmp_path):
    frame = records().astype({"y": object})
    frame.loc[[3, 900], "y"] = "c"
    protocol = replace(with_design(BASE, gaps="drop"), data=DataSource(units="family", missing_marks=("c",)))
    where = stored(frame, tmp_path / "d", "csv")
    ours, theirs = evaluate(protocol, where, ready), evaluate(protocol, frame, ready)
    same(ours, theirs)
    gaps = [[d.reading for d in check(protocol, each).diagnostics if d.name == "gaps"] for each in (where, frame)]
    assert gaps[0] == gaps[1]
    assert any("2 unit(s)" in step.note and "c × 2" in step.note for step in ours.sample.flow)
    with pytest.raises(BadInput, match="would use the rest"):
        evaluate(replace(protocol, design=BASE.design), where, ready)


def spoilt(**changes):
    frame = records().astype(object)
    for column, (rows, value) in changes.items():
        frame.loc[rows, column] = value
    return frame


REFUSED = {
    "a mark": (spoilt(y=([3, 9], "..")), BASE),
    "text": (spoilt(y=([3], "abc")), BASE),
    "infinite": (spoilt(y=([3], "inf")), BASE),
    "huge": (spoilt(y=([3], "1e99")).assign(y=lambda f: f.y.where(f.index != 3, "9" * 120)), BASE),
    "a date that is none": (spoilt(t=([3, 4], "soon")), BASE),
    "a blank date": (spoilt(t=([3], "")), BASE),
    "a date beyond": (spoilt(t=([3], "1066")), BASE),
    "dates of two kinds": (spoilt(t=([3], "2013Q4")), BASE),
    "an unclear start": (spoilt(s=(slice(0, 6), "unknown")), BASE),
    "starts of two kinds in a unit": (spoilt(s=([0], "2014")), BASE),
    "a late start": (spoilt(s=(slice(7, 13), "2030")), BASE),
    "a flag": (records().assign(s=lambda f: f.s.map({"": "0", "2013": "1", "2015": "1"})), BASE),
    "nobody": (spoilt(u=([3, 4, 5], "")), BASE),
    "a repeat": (pd.concat([records(), records()[10:13]], ignore_index=True), BASE),
    "no column": (records().drop(columns="s"), BASE),
    "no outcome": (records().drop(columns="y"), BASE),
    "no number at all": (spoilt(y=(slice(None), "")), with_design(BASE, gaps="drop")),
    "one number": (spoilt(y=(slice(None), "5")), BASE),
    "no period left": (records(), replace(BASE, cautions=(
        Caution(kind="shock", label="F", first="2000", last="2030", handling="drop the periods"),))),
    "a caution that cannot be": (records(), replace(BASE, cautions=(
        Caution(kind="shock", label="F", first="2014", last="2012", handling="drop the periods"),))),
    "a year said twice": (records(), replace(BASE, data=DataSource(units="family", year="financial, named by its end"), country="Atlantis")),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_every_refusal_of_the_door_is_said_in_its_words(tmp_path, what):
    frame, protocol = REFUSED[what]
    where = stored(frame, tmp_path / "d", "csv")

    def said(data):
        try:
            taken(protocol, data)
        except BadInput as refused:
            return [re.sub(r", first in data rows? \d+( and \d+)?| \((names not said|c\d+)\)", "", str(p)) for p in refused.problems]
        return []

    assert said(where) == said(frame)


def test_periods_dropped_by_a_caution_and_starts_written_as_0_are_those_of_the_records(ready, tmp_path):
    frame = records().assign(s=lambda f: f.s.replace("", "0"))
    protocol = replace(BASE, cautions=(Caution(kind="shock", label="Flood", first="2012", last="2012", handling="drop the periods"),))
    ours, theirs = evaluate(protocol, stored(frame, tmp_path / "d"), ready), evaluate(protocol, frame, ready)
    same(ours, theirs)
    assert ours.sample.flow == theirs.sample.flow


@pytest.mark.parametrize("form", ["{}-04-01", "{}/%02d", "Apr {}"])
def test_periods_written_otherwise_are_placed_as_in_memory(ready, tmp_path, form):
    frame = records()
    for column in ("t", "s"):
        frame[column] = [form.replace("%02d", str(int(v) + 1)[2:]).format(v) if v else "" for v in frame[column]]
    same(evaluate(BASE, stored(frame, tmp_path / "d", "csv"), ready), evaluate(BASE, frame, ready))


def test_power_is_that_of_the_records_within_what_draws_can_tell(tmp_path):
    frame = records()
    asked = {"settings": Settings(draws=200, curve_draws=0)}
    ours, theirs = power(BASE, stored(frame, tmp_path / "d"), **asked), power(BASE, frame, **asked)
    assert ours.smallest_detectable == pytest.approx(theirs.smallest_detectable, rel=0.1)  # units stand in another order
    assert (ours.n_units, ours.n_treated) == (theirs.n_units, theirs.n_treated)


class Guarded:
    """A connection that hands out no more than may leave, and counts it."""

    most = 0

    def __init__(self, own):
        self.own = own

    def cursor(self):
        return Guarded(self.own.cursor())

    def execute(self, sql):
        return Guarded(self.own.execute(sql))

    def fetchmany(self, n):
        assert n <= MOST_ROWS + 1
        rows = self.own.fetchmany(n)
        Guarded.most = max(Guarded.most, len(rows))
        return rows

    def close(self):
        self.own.close()


Guarded.__module__ = "duckdb"  # held connections are known by their module


def test_no_row_leaves_the_engine(ready):
    own = duckdb.connect()
    own.register("frame", records())
    own.execute("CREATE TABLE panel AS SELECT * FROM frame")
    found = evaluate(BASE, Elsewhere(connection=Guarded(own), table="panel"), ready)
    assert 0 < Guarded.most < 60  # cells of period and start; there are 1,764 records
    assert not re.search(r"\bc\d+\b", json.dumps(found.to_dict()))
    own.execute("CREATE TABLE wide AS SELECT u, t, u AS s, y FROM panel")  # every unit's own start would be its records
    own.execute("INSERT INTO wide SELECT u || i, t, u || i, y FROM wide, range(20) AS r(i)")
    with pytest.raises(BadInput, match="rows stay in DuckDB"):
        taken(BASE, Elsewhere(connection=Guarded(own), table="wide"))


def test_sql_in_a_name_is_inert(ready, tmp_path):
    bad = 'y"; DROP TABLE panel; --'
    frame = records().rename(columns={"y": bad})
    store = tmp_path / "store.duckdb"
    own = duckdb.connect(str(store))
    own.register("frame", frame)
    own.execute("""CREATE TABLE "it's" AS SELECT * FROM frame""")
    own.close()
    protocol = replace(BASE, outcomes=(replace(Y, column=bad),), data=DataSource(units="family", never_marks=("') OR 1=1 --",)))
    found = evaluate(protocol, f"duckdb:{store}#it's", ready)
    same(found, evaluate(protocol, frame, ready))
    with pytest.raises(BadInput, match="CatalogException"):
        taken(protocol, f"duckdb:{store}#nowhere")


def test_a_table_that_changes_between_two_scans_is_refused(tmp_path, monkeypatch):
    where = stored(records(), tmp_path / "d")
    from hubeval.data.backends import summed

    asked_before = summed._units

    def late(*given):
        found = asked_before(*given)
        records(seed=2).to_parquet(tmp_path / "d" / "part 9.parquet")
        return found

    monkeypatch.setattr(summed, "_units", late)
    with pytest.raises(BadInput, match="changed while it was read"):
        taken(BASE, where)


def test_a_file_that_is_not_there_or_is_no_table_is_one_line(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")
    for text, said in [("duckdb:nowhere/*.parquet", "no file is named like"), ("duckdb:broken.parquet", "DuckDB could not"),
                       ("duckdb:gone.parquet", "no file"), ("duckdb:x.duckdb#t", "no file"),
                       ("duckdb:", "no file is named after"), ("duckdb: #t", "no file is named after")]:
        with pytest.raises(BadInput, match=said) as refused:
            taken(BASE, Elsewhere(source=text, folder=str(tmp_path)))
        assert len(refused.value.problems) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [({"inference": "wild"}, "single units"), ({"covariates": ("x",)}, "design.covariates"), ({"weights": "w"}, "design.weights"), ({"unit": None, "cluster": "area"}, "repeated")],
)
def test_what_sums_do_not_hold_is_refused(tmp_path, change, said):
    with pytest.raises(BadInput, match=said):
        taken(with_design(BASE, **change), stored(records().assign(x=1.0, w=1.0), tmp_path / "d"))


def test_by_protocol_from_the_command_line(root, tmp_path, capsys):
    text = (root / "designs/councils/protocol.toml").read_text(encoding="utf-8").replace('units = "family"', 'units = "family"\nsource = "duckdb:ashby/*.csv"')
    (tmp_path / "ashby").mkdir()
    (tmp_path / "ashby" / "1.csv").write_bytes((root / "synthetic_data/councils/ashby.csv").read_bytes())
    (tmp_path / "protocol.toml").write_text(text, encoding="utf-8")
    (tmp_path / "illustrative-profile.toml").write_bytes((root / "designs/councils/illustrative-profile.toml").read_bytes())
    out = {}
    for name, more in {"there": [], "here": ["--data", str(root / "synthetic_data/councils/ashby.csv")]}.items():
        assert main(["evaluate", str(tmp_path / "protocol.toml"), *more, "--out", str(tmp_path / name)]) == 0
        out[name] = json.loads((tmp_path / name / "result.json").read_text(encoding="utf-8"))
        assert main(["check", str(tmp_path / "protocol.toml"), *more]) in (0, 1)
    assert main(["assess", str(tmp_path / "illustrative-profile.toml"), "--checked", str(tmp_path / "protocol.toml")]) in (0, 1)
    assert any("duckdb:ashby" in line for line in plan._data(read_protocol(tmp_path / "protocol.toml")))
    capsys.readouterr()
    for one, other in zip(out["there"]["estimates"], out["here"]["estimates"], strict=True):
        assert one.keys() == other.keys()
        assert all(one[k] == (pytest.approx(other[k], abs=1e-9) if isinstance(other[k], float) else other[k]) for k in one)


@pytest.mark.parametrize("source", ["postgresql://me:secret@host/db#t", "postgresql://host/db?password=x#t", "oracle://host"])
def test_a_password_or_an_unknown_engine_in_a_protocol_is_refused(root, tmp_path, source):
    text = (root / "designs/councils/protocol.toml").read_text(encoding="utf-8").replace('units = "family"', f'units = "family"\nsource = "{source}"')
    (tmp_path / "protocol.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=r"data\.source") as refused:
        read_protocol(tmp_path / "protocol.toml")
    assert "secret" not in str(refused.value)
