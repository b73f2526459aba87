"""A table that stays where it is: folders and Arrow tables give the frame's numbers, and nothing unsound gets through."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.data.embedded import opened
from hubeval.errors import BadInput
from hubeval.methods.did.estimators.large import two_way_large

pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
KEYS = {"outcome": "y", "unit": "la", "time": "t", "start": "s"}


@pytest.fixture
def panel():
    n, t = 30, 5
    frame = pd.DataFrame({"la": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n)})
    s = frame["la"].map(lambda u: 2.0 + u % 2 if u < 12 else np.nan)
    return frame.assign(s=s, y=np.random.default_rng(2).normal(size=n * t))


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_a_folder_and_an_arrow_table_give_the_frames_numbers(tmp_path, panel, kind):
    source = tmp_path / "it's a folder"
    source.mkdir()
    for at, part in enumerate((panel[:70], panel[70:])):
        where = source / f"{at}.{kind}"
        if kind == "parquet":
            part.to_parquet(where)
        elif kind == "csv":
            part.to_csv(where, index=False)
    ours = two_way_large(pa.Table.from_pandas(panel) if kind == "arrow" else source, **KEYS)
    theirs = two_way_large(panel, **KEYS)
    np.testing.assert_allclose(ours.estimate, theirs.estimate, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=1e-9)


def test_sql_in_a_columns_name_is_inert(panel):
    name = 'y"; DROP VIEW given; --'
    found = two_way_large(panel.rename(columns={"y": name}), **{**KEYS, "outcome": name})
    assert found.estimate[0] == pytest.approx(two_way_large(panel, **KEYS).estimate[0], rel=1e-12)


@pytest.mark.parametrize("column", ["y", "t", "s"])
def test_text_among_numbers_is_counted_and_not_shown(panel, column):
    cells = panel[column].astype(object)
    cells[3] = "secret"
    with pytest.raises(BadInput, match="1 cells that are no numbers") as caught:
        two_way_large(panel.assign(**{column: cells.map(lambda v: None if pd.isna(v) else str(v))}), **KEYS)
    assert "secret" not in str(caught.value)


def test_text_that_comes_late_in_a_file_is_not_shown(tmp_path):
    where = tmp_path / "late.csv"
    where.write_text("la,t,s,y\n" + "1,1,,1.5\n" * 400_000 + "1,1,,secret\n")
    with pytest.raises(BadInput) as caught:
        two_way_large(where, **KEYS)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused(panel, value):
    y = panel["y"].to_numpy().copy()
    y[4] = value
    table = pa.Table.from_pandas(panel.drop(columns="y")).append_column("y", pa.array(y, from_pandas=False))
    with pytest.raises(BadInput, match="1 rows hold a blank or no finite number"):
        two_way_large(table, **KEYS)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, panel):
    where = tmp_path / "panel.csv"
    panel.to_csv(where, index=False)
    reading = opened(where)
    engine = reading.__enter__()
    engine.execute("SELECT count(*) FROM given").fetchall()
    panel[:-1].to_csv(where, index=False)
    with pytest.raises(BadInput, match="changed while it was read"):
        reading.__exit__(None, None, None)


def test_what_is_no_table_is_refused_in_one_line(tmp_path):
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(BadInput, match="could not read it"), opened(tmp_path / "bad.parquet"):
        pass
    (tmp_path / "also.csv").write_text("a\n1\n")
    with pytest.raises(BadInput, match="both kinds"), opened(tmp_path):
        pass
    with pytest.raises(BadInput, match="no file"), opened(tmp_path / "absent"):
        pass
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no such table"), opened(tmp_path / "empty"):
        pass
