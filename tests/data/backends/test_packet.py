"""A packet of open data is made where its table is; one of records on people only from the records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.federation import packet
from hubeval.protocol import DataSource
from tests.conftest import module_at

panels = module_at("tests/data/backends/panels.py")
BASE, records, with_design = panels.BASE, panels.records, panels.with_design
pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")
OPEN = replace(with_design(BASE, gaps="drop"), data=DataSource(units="authority"))


def test_a_packet_of_open_data_holds_the_sums_of_the_records(tmp_path):
    frame = records()
    frame.loc[3, "y"] = None
    where = tmp_path / "panel.parquet"
    frame.to_parquet(where)
    ours, theirs = packet(OPEN, f"duckdb:{where}"), packet(OPEN, frame)
    assert (ours.incomplete, ours.periods, ours.definition, ours.columns) == (theirs.incomplete, theirs.periods, theirs.definition, theirs.columns)
    assert theirs.incomplete == 1
    assert [(g.start, g.cluster, g.sums.n) for g in ours.groups] == [(g.start, g.cluster, g.sums.n) for g in theirs.groups]
    for one, other in zip(ours.groups, theirs.groups, strict=True):
        assert one.sums.mean == pytest.approx(other.sums.mean, rel=1e-12)
        assert one.sums.cross == pytest.approx(other.sums.cross, rel=1e-9, abs=1e-9)


def test_of_people_a_table_that_tells_sums_only_is_refused(root, tmp_path, capsys):
    records().to_parquet(tmp_path / "panel.parquet")
    with pytest.raises(BadInput, match="tells sums only"):
        packet(replace(BASE, data=DataSource(units="family")), f"duckdb:{tmp_path / 'panel.parquet'}")
    text = (root / "designs/councils/protocol.toml").read_text(encoding="utf-8").replace('units = "family"', 'units = "family"\nsource = "duckdb:ashby.csv"')
    (tmp_path / "ashby.csv").write_bytes((root / "synthetic_data/councils/ashby.csv").read_bytes())
    (tmp_path / "protocol.toml").write_text(text, encoding="utf-8")
    (tmp_path / "illustrative-profile.toml").write_bytes((root / "designs/councils/illustrative-profile.toml").read_bytes())
    assert main(["packet", str(tmp_path / "protocol.toml"), "--out", str(tmp_path / "packet.json")]) == 2
    assert "tells sums only" in capsys.readouterr().err
    assert not (tmp_path / "packet.json").exists()
