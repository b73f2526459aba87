"""Packets pooled equal the records pooled; what does not fit is named; and no record is in a packet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.sums import rows_like, sums_of
from hubeval.errors import BadInput, NotReady
from hubeval.evaluation import evaluate
from hubeval.federation import packet, pool, read_packet
from hubeval.federation.packet import definition
from hubeval.folders import slugs
from hubeval.profile import Profile, read_profile
from hubeval.protocol import Caution, DataSource, DidDesign, Outcome, Protocol, read_protocol
from hubeval.readiness import assess
from hubeval.synthetic.councils import COUNCILS

Y = Outcome(column="y", label="Y", unit="points", direction="lower is better")
BASE = Protocol(
    area="Pooled", question="?", registered=date(2026, 1, 1), outcomes=(Y,), country="Nowhere",
    design=DidDesign(unit="u", time="t", start="s", gaps="drop"), data=DataSource(units="family"),
)  # fmt: skip


def records(seed, councils=4, n=42, periods=7):
    rng = np.random.default_rng(seed)
    rows = []
    for c in range(councils):
        for i in range(n):
            start = ("", "2013", "2015")[i % 3]
            level, noise = rng.normal(50, 5), rng.normal(0, 2, periods)
            for t in range(periods):
                year = str(2010 + t)
                rows.append((f"c{c}", f"c{c}u{i}", year, start, level + 0.3 * t + noise[t] - 2 * bool(start and year >= start)))
    return pd.DataFrame(rows, columns=["council", "u", "t", "s", "y"])


def packets_of(protocol, frame):
    return [packet(replace(protocol, area=name), part.drop(columns="council")) for name, part in frame.groupby("council")]


@pytest.fixture(scope="module")
def ready(root):
    return assess(replace(read_profile(root / "designs/councils/illustrative-profile.toml"), area="Pooled"))


@pytest.mark.parametrize("shape", [(20, 3), (4, 9), (1, 5), (2, 2)])
def test_made_rows_have_the_same_sums(shape):
    rows = np.random.default_rng(5).normal(10, 3, size=shape)
    want, got = sums_of(rows), sums_of(rows_like(sums_of(rows)))
    assert got.n == want.n
    np.testing.assert_allclose(got.mean, want.mean, rtol=1e-13)
    np.testing.assert_allclose(got.cross, want.cross, atol=1e-10)


@pytest.mark.parametrize("estimator", ["auto", "two-way", "sun-abraham"])
@pytest.mark.parametrize("cluster", [None, "council"])
def test_the_pooled_estimates_are_those_of_the_records(ready, estimator, cluster):
    frame = records(1, councils=9 if cluster else 6, n=60 if cluster else 42)
    gaps = "drop" if estimator == "auto" else "pairs"
    design = replace(BASE.design, estimator=estimator, cluster=cluster, inference="cluster", gaps=gaps)
    protocol = replace(BASE, design=design)
    if cluster is None:
        frame_in = frame.drop(columns="council")
        sent = packets_of(protocol, frame)
    else:
        frame_in = frame
        sent = [packet(replace(protocol, area=name), part) for name, part in frame.groupby("council")]
    pooled, whole = pool(protocol, sent, ready), evaluate(protocol, frame_in, ready)
    assert len(pooled.estimates) == len(whole.estimates)
    for one, other in zip(pooled.estimates, whole.estimates, strict=True):
        assert (one.term, one.outcome, one.n_treated, one.n_clusters) == (other.term, other.outcome, other.n_treated, other.n_clusters)
        assert one.estimate == pytest.approx(other.estimate, abs=1e-12)
        assert one.std_error == pytest.approx(other.std_error, abs=1e-10)


def test_readings_that_sums_decide_are_those_of_the_records(ready):
    frame = records(2, n=42)
    pooled, whole = pool(BASE, packets_of(BASE, frame), ready), evaluate(BASE, frame.drop(columns="council"), ready)
    read = {item.name: item.reading for item in (*whole.diagnostics, *whole.probes)}
    shared = [item for item in (*pooled.diagnostics, *pooled.probes) if item.name in read]
    assert len(shared) >= 4
    assert [item.reading for item in shared] == [read[item.name] for item in shared]
    assert "choice of comparison units" in {item.what for item in pooled.not_computed}
    assert not {item.name for item in (*pooled.diagnostics, *pooled.probes)} & {"choice of comparison units"}


def test_the_gate_is_that_of_an_evaluation(ready):
    sent = packets_of(BASE, records(9))
    with pytest.raises(BadInput, match="the same area in both"):
        pool(replace(BASE, area="Elsewhere"), sent, ready)
    shut = assess(Profile(area="Pooled"))
    with pytest.raises(NotReady):
        pool(BASE, sent, shut)
    assert "told to" in pool(BASE, sent, shut, despite="told to").provenance.despite


def test_each_council_is_left_out_in_turn(ready):
    frame = records(3)
    (said,) = [d for d in pool(BASE, packets_of(BASE, frame), ready).diagnostics if d.name == "each council left out"]
    numbers = []
    for name in frame.council.unique():
        rest = frame[frame.council != name].drop(columns="council")
        numbers.append(evaluate(BASE, rest, ready).headline_terms[0].estimate)
    assert said.statistic == pytest.approx(max(numbers) - min(numbers), abs=1e-9)
    assert said.status == "pass"


def test_no_record_is_in_a_packet(tmp_path):
    frame = records(4)
    frame.loc[frame.u == "c0u0", "y"] += 1000.123456  # one extreme family
    text = json.dumps(packets_of(BASE, frame)[0].to_dict())
    assert "c0u" not in text
    for value in frame.y[frame.council == "c0"]:
        assert repr(float(value)) not in text


def test_a_group_too_small_is_refused_and_nothing_written(tmp_path, root, capsys):
    frame = records(5, councils=1, n=24)
    frame.loc[frame.u.isin(["c0u0", "c0u3"]), "s"] = "2014"
    frame.drop(columns="council").to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(BadInput, match="fewer units than may be shown"):
        packet(BASE, frame.drop(columns="council"))
    assert packet(replace(BASE, data=DataSource(units="authority")), frame.drop(columns="council")).groups


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: replace(p, definition="0" * 64), "another protocol"),
        (lambda p: replace(p, council="c1"), "stands twice"),
        (lambda p: replace(p, periods=(*p.periods[:-1], "2099")), "periods"),
    ],
)
def test_packets_that_do_not_fit_are_named(ready, change, said):
    sent = packets_of(BASE, records(6))
    with pytest.raises(BadInput) as refused:
        pool(BASE, [change(sent[0]), *sent[1:]], ready)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        {"design": replace(BASE.design, covariates=("y",))},
        {"design": replace(BASE.design, weights="y")},
        {"design": replace(BASE.design, unit=None, cluster="u")},
        {"outcomes": (replace(Y, scale="log"),)},
    ],
)
def test_what_sums_do_not_hold_is_refused(change):
    with pytest.raises(BadInput):
        packet(replace(BASE, **change), records(7).drop(columns="council"))


def test_units_with_a_missing_value_are_left_out_where_that_is_declared():
    frame = records(7).drop(columns="council")
    frame["y"] = frame["y"].astype(object)
    frame.loc[3, "y"] = ""
    assert packet(BASE, frame).incomplete is None  # too few to be counted
    assert packet(replace(BASE, data=DataSource(units="authority")), frame).incomplete == 1
    with pytest.raises(BadInput, match="missing value"):
        packet(replace(BASE, design=replace(BASE.design, gaps="pairs")), frame)


def test_the_definition_is_of_what_must_agree():
    assert definition(BASE) == definition(replace(BASE, area="X", profile="other.toml", data=DataSource(file="x.csv")))
    for change in (
        {"design": replace(BASE.design, anticipation=1)},
        {"outcomes": (replace(Y, unit="%"),)},
        {"cautions": (Caution(kind="shock", label="F", first="2012", handling="drop the periods"),)},
        {"country": "England"},
    ):
        assert definition(BASE) != definition(replace(BASE, **change))


def test_where_starts_must_be_permuted_pooling_is_refused(ready):
    frame = records(8, councils=2, n=12)
    frame.loc[frame.s == "2015", "s"] = ""
    frame.loc[(frame.s == "2013") & ~frame.u.isin(["c0u1", "c1u1"]), "s"] = ""
    protocol = replace(BASE, data=DataSource(units="authority"))
    with pytest.raises(BadInput, match="permuted"):
        pool(protocol, packets_of(protocol, frame), ready)


@pytest.mark.parametrize("text", ["{}", "[]", '{"schema": "hubeval-packet/1"}', '{"schema": "hubeval-packet/1", "groups": 3}', "not json"])
def test_a_file_that_is_no_packet_is_one_line(tmp_path, text):
    (tmp_path / "p.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput):
        read_packet(tmp_path / "p.json")


def test_the_shipped_design_end_to_end(root, tmp_path, capsys):
    protocol = read_protocol(root / "designs/councils/protocol.toml")
    sent, frames = [], []
    for name, slug in zip(COUNCILS, slugs(list(COUNCILS)), strict=True):
        data = root / f"synthetic_data/councils/{slug}.csv"
        path = tmp_path / f"{slug}.json"
        assert main(["packet", str(root / "designs/councils/protocol.toml"), "--council", name, "--data", str(data), "--out", str(path)]) == 0
        sent.append(read_packet(path))
        frames.append(pd.read_csv(data, dtype=str, keep_default_na=False))
    pooled, whole = pool(protocol, sent), evaluate(protocol, pd.concat(frames, ignore_index=True))
    for one, other in zip(pooled.estimates, whole.estimates, strict=True):
        assert one.estimate == pytest.approx(other.estimate, abs=1e-12)
        assert one.std_error == pytest.approx(other.std_error, abs=1e-10)
    assert pooled.headline_terms[0].conf_low < -3 < pooled.headline_terms[0].conf_high
    capsys.readouterr()
