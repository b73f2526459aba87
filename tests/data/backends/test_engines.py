"""PostgreSQL and Spark say what DuckDB and memory say; run with ``pytest -m engine tests/data/backends``."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hubeval.checking import check
from hubeval.data.backends import Elsewhere
from hubeval.data.backends.engines import translated
from hubeval.data.backends.queries import literal
from hubeval.data.taken import taken
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.protocol import DataSource, read_protocol
from tests.conftest import module_at

panels = module_at("tests/data/backends/panels.py")
BASE, Y, records, same, with_design = panels.BASE, panels.Y, panels.records, panels.same, panels.with_design
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
AWKWARD = 'y"; DROP TABLE panel; --'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of our own, on a socket in a folder of its own, and its address."""
    psycopg = pytest.importorskip("psycopg")
    if not BINARIES:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    home = tmp_path_factory.mktemp("postgres")
    as_user = []
    if os.geteuid() == 0:
        for path in (home, *list(home.parents)[:2]):
            path.chmod(0o755)
        shutil.chown(home, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    store, run = home / "store", BINARIES[-1]

    def call(*words):
        subprocess.run([*as_user, *map(str, words)], check=True, capture_output=True, timeout=120)

    call(run / "initdb", "-D", store, "-A", "trust", "-U", "postgres", "-E", "UTF8")
    call(run / "pg_ctl", "-D", store, "-w", "-l", home / "log", "-o", f"-k {home} -c listen_addresses=''", "start")
    address = f"postgresql:///postgres?host={home}&user=postgres"
    with psycopg.connect(address, autocommit=True) as own:
        frame = records(whole=True).rename(columns={"y": AWKWARD})
        frame["text"] = frame[AWKWARD].astype(str).where(frame.index != 3, "c")
        name = '"' + AWKWARD.replace('"', '""') + '"'
        own.execute("CREATE SCHEMA social")
        own.execute(f"CREATE TABLE social.panel (u text, t integer, s integer, {name} double precision, area text, text text)")
        with own.cursor() as cursor, cursor.copy("COPY social.panel FROM STDIN") as copy:
            for row in frame.itertuples(index=False):
                copy.write_row((row[0], int(row[1]), int(row[2]) if row[2] else None, *row[3:]))
        own.execute("CREATE ROLE stranger LOGIN")
    yield address, frame
    call(run / "pg_ctl", "-D", store, "-m", "fast", "stop")


@pytest.mark.engine
@pytest.mark.parametrize("design", [{}, {"estimator": "two-way"}, {"estimator": "group-time", "control": "not-yet"}], ids=str)
def test_postgresql_gives_the_numbers_of_memory(ready, server, design):
    address, frame = server
    protocol = replace(with_design(BASE, **design), outcomes=(replace(Y, column=AWKWARD),))
    ours = evaluate(protocol, f"{address}#social.panel", ready)
    theirs = evaluate(protocol, frame, ready)
    same(ours, theirs)
    assert ours.sample.flow == theirs.sample.flow


@pytest.fixture(scope="module")
def areas(root):
    """The series of a shipped design, its protocol, and what memory checks in them."""
    folder = root / "designs/single-authority"
    protocol = read_protocol(folder / "protocol.toml")
    frame = pd.read_csv(folder / protocol.data.file)
    return protocol, frame, check(protocol, frame)


def as_in_memory(found, memory):
    assert [(d.name, d.reading) for d in found.diagnostics] == [(d.name, d.reading) for d in memory.diagnostics]
    assert [f.quote for f in found.facts] == [f.quote for f in memory.facts]


@pytest.mark.engine
def test_postgresql_checks_series_and_values_as_memory_does(server, areas):
    psycopg = pytest.importorskip("psycopg")
    address, panel = server
    protocol, frame, memory = areas
    with psycopg.connect(address, autocommit=True) as own:
        columns = ", ".join(f'"{name}" {"double precision" if kind.kind in "fiu" else "text"}' for name, kind in frame.dtypes.items())
        own.execute(f"DROP TABLE IF EXISTS social.series; CREATE TABLE social.series ({columns})")
        with own.cursor() as cursor, cursor.copy("COPY social.series FROM STDIN") as copy:
            for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False):
                copy.write_row(row)
        name = '"' + AWKWARD.replace('"', '""') + '"'
        own.execute(f"CREATE TABLE social.wide AS SELECT u, t, s, {name} * 2 - 10 AS {name}, area FROM social.panel")
    as_in_memory(check(protocol, f"{address}#social.series"), memory)
    percent = replace(BASE, outcomes=(replace(Y, column=AWKWARD, unit="% of children"),))
    beyond = panel.assign(**{AWKWARD: panel[AWKWARD] * 2 - 10})
    assert ranges(check(percent, f"{address}#social.wide")) == ranges(check(percent, beyond)) != []


def ranges(found):
    return sorted(d.reading for d in found.diagnostics if d.name == "range")


@pytest.mark.engine
def test_postgresql_refuses_in_one_line(server):
    psycopg = pytest.importorskip("psycopg")
    address, _ = server
    protocol = replace(BASE, outcomes=(replace(Y, column="text"),))
    for source, said in [
        (f"{address}#social.panel", "suppression mark"),
        (f"{address}#social.gone", "UndefinedTable"),
        (f"{address.replace('user=postgres', 'user=stranger')}#social.panel", "InsufficientPrivilege"),
        ("postgresql://127.0.0.1:1/db#panel", "could not be reached"),
        (address, "no table is named"),
    ]:
        with pytest.raises(BadInput, match=said) as refused:
            taken(protocol, Elsewhere(source=source))
        assert len(refused.value.problems) == 1
    marked = replace(with_design(protocol, gaps="drop"), data=DataSource(units="family", missing_marks=("c",)))
    with psycopg.connect(address) as held:
        _, table = taken(marked, Elsewhere(connection=held, table="social.panel"))
        assert table.lacking == (1, 1)
        assert not held.closed
        assert held.execute("SELECT 1").fetchone() == (1,)  # a transaction is open now
        with pytest.raises(BadInput, match="inside a transaction"):
            taken(marked, Elsewhere(connection=held, table="social.panel"))


@pytest.mark.engine
def test_a_server_that_dies_is_one_line(server, monkeypatch):
    psycopg = pytest.importorskip("psycopg")
    from hubeval.data.backends import summed

    address, _ = server
    protocol, asked = replace(BASE, outcomes=(replace(Y, column=AWKWARD),)), summed._units

    def cut(*given):
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
        return asked(*given)

    monkeypatch.setattr(summed, "_units", cut)
    with pytest.raises(BadInput, match="run it again, nothing was changed"):
        taken(protocol, f"{address}#social.panel")


@pytest.mark.engine
@pytest.mark.filterwarnings("default")  # pyspark's own
@pytest.mark.parametrize("design", [{}, {"estimator": "two-way"}], ids=str)
def test_spark_gives_the_numbers_of_memory(ready, spark, design):
    frame = records(whole=True).rename(columns={"y": AWKWARD})
    spark.createDataFrame(frame).createOrReplaceTempView("panel")
    protocol = replace(with_design(BASE, **design), outcomes=(replace(Y, column=AWKWARD),))
    same(evaluate(protocol, Elsewhere(connection=spark, table="panel"), ready), evaluate(protocol, frame, ready))
    with pytest.raises(BadInput, match="Spark could not answer"):
        taken(protocol, Elsewhere(connection=spark, table="nowhere"))


@pytest.mark.engine
@pytest.mark.filterwarnings("default")  # pyspark's own
def test_spark_checks_series_and_values_as_memory_does(spark, areas):
    protocol, frame, memory = areas
    spark.createDataFrame(frame).createOrReplaceTempView("series")
    as_in_memory(check(protocol, Elsewhere(connection=spark, table="series")), memory)
    panel = records(whole=True).rename(columns={"y": AWKWARD})
    panel[AWKWARD] = panel[AWKWARD] * 2 - 10
    spark.createDataFrame(panel).createOrReplaceTempView("wide")
    percent = replace(BASE, outcomes=(replace(Y, column=AWKWARD, unit="% of children"),))
    assert ranges(check(percent, Elsewhere(connection=spark, table="wide"))) == ranges(check(percent, panel)) != []


@pytest.fixture(scope="module")
def spark():
    """A local Spark Connect server: needs the whole of pyspark and Java 17."""
    sql = pytest.importorskip("pyspark.sql")
    pytest.importorskip("grpc")
    session = sql.SparkSession.builder.remote("local[1]").getOrCreate()
    yield session
    session.stop()


def test_sql_is_translated_with_every_name_quoted():
    pytest.importorskip("sqlglot")
    sql = f"""SELECT median("a""b"), CAST("t" AS VARCHAR) FROM "s"."p" WHERE "c" = {literal("it's")} AND regexp_matches("t", '^[0-9]+\\.?$')"""
    assert translated(sql, "duckdb") == sql
    postgres, spark = translated(sql, "postgres"), translated(sql, "spark")
    assert 'PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY "a""b")' in postgres
    assert "'it''s'" in postgres
    assert '`a"b`' in spark
    assert '"a' not in spark.replace('`a"b`', "")
