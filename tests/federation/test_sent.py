"""What a packet tells of a few: sums that rest on them, and a second packet less the first."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.federation import packet
from hubeval.protocol import DataSource, DidDesign, Outcome, Protocol
from hubeval.release.audit import check_folder
from hubeval.release.ledger import Ledger, ledger_of, read_ledger, write_ledger

HEAD = 'area = "Ashby"\nquestion = "?"\nregistered = 2026-01-01\ncountry = "Nowhere"\nprofile = "profile.toml"\n'
DESIGN = '[design]\nkind = "did"\nunit = "u"\ntime = "t"\nstart = "s"\ngaps = "drop"\n'
OUTCOME = '[[outcomes]]\ncolumn = "{0}"\nlabel = "{0}"\nunit = "points"\nrole = "primary"\n'


def families(n=40, periods=6, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        [(f"F-{i:03d}", str(2010 + t), "2013" if i % 2 else "", round(rng.normal(50, 5), 4), round(rng.normal(9, 2), 4))
         for i in range(n) for t in range(periods)],
        columns=["u", "t", "s", "y", "z"],
    )  # fmt: skip


def sent(folder, frame, *, name="one.json", outcomes=("y",), units="family", more=(), extra=""):
    """Make a packet of a frame in a folder; the exit status."""
    folder.mkdir(exist_ok=True)
    roles = [OUTCOME.format(one).replace("primary", "primary" if i == 0 else "secondary") for i, one in enumerate(outcomes)]
    data = f'[data]\nfile = "d.csv"\nunits = "{units}"\n'
    (folder / "protocol.toml").write_text(HEAD + data + DESIGN + extra + "".join(roles), "utf-8")
    frame.to_csv(folder / "d.csv", index=False)
    out = ("--out", str(folder / name)) if name else ()
    return main(["packet", str(folder / "protocol.toml"), *out, *more])


def the_row_of_one(first, second):
    """What an outsider takes off two packets: the sums of a group in one less those in the other."""
    one, two = (json.loads(path.read_text("utf-8"))["groups"] for path in (first, second))
    gaps = [np.array(b["mean"]) * b["n"] - np.array(a["mean"]) * a["n"] for a, b in zip(one, two, strict=True)]
    return next(gap for gap, a, b in zip(gaps, one, two, strict=True) if a["n"] != b["n"])


def test_apart_two_packets_give_one_family_s_row(tmp_path):
    """The attack itself, where nobody holds the second against the first."""
    frame = families()
    assert sent(tmp_path / "a", frame[frame.u != "F-000"]) == 0
    assert sent(tmp_path / "b", frame) == 0
    np.testing.assert_allclose(
        the_row_of_one(tmp_path / "a/one.json", tmp_path / "b/one.json"), frame.y[frame.u == "F-000"], atol=1e-9
    )


def one_value(frame):
    made = frame.copy()
    made.loc[3, "y"] += 1.0
    return made


def swapped(frame):
    """The values of two families in one period, exchanged: sums and squares stay."""
    made = frame.copy()
    made.loc[[0, 12], "y"] = frame.loc[[12, 0], "y"].to_numpy()
    return made


@pytest.mark.parametrize("change", [
    lambda f: f[f.u != "F-000"], lambda f: f[~f.u.isin(["F-000", "F-001"])], one_value, swapped,
    lambda f: f.assign(s=f.s.where(f.u != "F-001", "")), lambda f: f.assign(s=f.s.replace("2013", "2014")),
    lambda f: f[f.t != "2010"].pipe(one_value),
], ids=["one less", "one less a side", "one value", "swapped", "moved", "other start", "fewer periods"])  # fmt: skip
def test_a_second_packet_a_few_families_apart_is_refused(tmp_path, capsys, change):
    frame = families()
    assert sent(tmp_path, frame) == 0
    for name in ("two.json", "one.json"):
        assert sent(tmp_path, change(frame), name=name, more=["--overwrite"]) == 2
        said = capsys.readouterr().err
        assert "F-0" not in said
        assert "the packet of" in said
    assert not (tmp_path / "two.json").exists()
    assert sent(tmp_path, frame, name="two.json") == 0  # the same again
    assert (tmp_path / "one.json").read_text("utf-8") == (tmp_path / "two.json").read_text("utf-8")


def test_a_later_packet_may_say_more_of_the_same_families(tmp_path):
    frame = families()
    assert sent(tmp_path, frame[frame.t != "2015"]) == 0
    assert sent(tmp_path, frame, name="longer.json") == 0
    assert sent(tmp_path, frame, name="wider.json", outcomes=("z", "y")) == 0
    assert sent(tmp_path, frame[frame.u != "F-000"], name="fewer.json", outcomes=("z",)) == 2


def test_other_outcomes_of_numbers_that_differ_by_a_few_are_refused(tmp_path, capsys):
    frame = families(n=80)
    assert sent(tmp_path, frame) == 0
    assert sent(tmp_path, frame[frame.u != "F-000"], name="z.json", outcomes=("z",)) == 2
    assert "numbers of units" in capsys.readouterr().err
    assert sent(tmp_path, frame[frame.u < "F-060"], name="z.json", outcomes=("z",)) == 0


def test_an_edited_ledger_is_refused_and_nothing_written(tmp_path, capsys):
    assert sent(tmp_path, families()) == 0
    ledger = tmp_path / "packets.ledger"
    ledger.write_text(ledger.read_text("utf-8").replace('"profile": "strictest"', '"profile": "ons"'), "utf-8")
    assert sent(tmp_path, families(), name="two.json") == 2
    assert "chain is broken" in capsys.readouterr().err
    assert not (tmp_path / "two.json").exists()


def test_open_data_of_authorities_are_held_against_nothing(tmp_path):
    frame = families()
    assert sent(tmp_path, frame, units="authority") == 0
    assert sent(tmp_path, frame[frame.u != "F-000"], units="authority", name="two.json") == 0
    assert not (tmp_path / "packets.ledger").exists()


def test_a_packet_of_people_is_not_printed_where_nobody_would_note_it(tmp_path, capsys):
    assert sent(tmp_path, families(), name="", more=["--json"]) == 2
    printed = capsys.readouterr()
    assert "cross" not in printed.out + printed.err
    assert "Add --out FILE." in printed.out


BASE = Protocol(
    area="A", question="?", registered=date(2026, 1, 1), country="Nowhere", data=DataSource(units="family"),
    outcomes=(Outcome(column="y", label="Y", unit="points"),), design=DidDesign(unit="u", time="t", start="s", gaps="drop"),
)  # fmt: skip


def events(few, *, periods=6):
    """A two-valued outcome: so many of one group have it, in the third period alone."""
    made = families(n=60, periods=periods)
    made["y"] = [int(int(u[2:]) % 4 < 2) for u in made.u]
    at = (made.t == "2012") & (made.s == "")
    made.loc[at, "y"] = 0
    made.loc[made.index[at][:few], "y"] = 1
    return made


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (families().assign(y=lambda f: f.y.where((f.u != "F-000") | (f.t != "2012"), 98765.4321)), "nearly all"),
        (events(3), "differ from a value"),
        (events(29), "differ from a value"),
        (events(30), "same value"),
        (events(11), "some pair"),
    ],
    ids=["one extreme", "three with it", "one without it", "all with it", "few with both"],
)  # fmt: skip
def test_sums_that_give_the_values_of_a_few_away_are_refused(frame, said):
    with pytest.raises(BadInput, match=said) as refused:
        packet(BASE, frame)
    assert "98765" not in str(refused.value)
    assert packet(replace(BASE, data=DataSource(units="authority")), frame).groups


def test_a_few_left_out_are_not_counted():
    frame = families()
    frame["y"] = frame.y.astype(object)
    frame.loc[3, "y"] = ""
    made = packet(BASE, frame)
    assert made.incomplete is None
    assert made.to_dict()["incomplete"] is None
    assert "Left out: fewer than 10 unit(s) with a missing value." in made.lines()
    assert packet(BASE, families()).incomplete == 0


def test_a_pooled_result_is_held_against_earlier_ones_too(tmp_path):
    """Counts that differ by one from those of an earlier pooled result are withheld, as by `evaluate`."""
    for council in range(2):
        name = ["--council", f"Council {council}"]
        assert sent(tmp_path, families(n=60, seed=council), name=f"{council}.json", more=name, extra='inference = "cluster"\n') == 0
    (tmp_path / "profile.toml").write_text('area = "Ashby"\nillustrative = true\naccess = true\nsites = 20\n', "utf-8")
    protocol = tmp_path / "protocol.toml"
    protocol.write_text(protocol.read_text("utf-8").replace('"family"', '"family"\nrelease = "ons"'), "utf-8")
    before = Ledger().added("2026-01-02", "ons", {"sample: n_units": 121, "sample: n_treated": 59})
    write_ledger(before, ledger_of(tmp_path / "out"))
    packets = [str(tmp_path / f"{council}.json") for council in range(2)]
    assert main(["pool", str(protocol), *packets, "--despite", "a test", "--out", str(tmp_path / "out")]) == 0
    sample = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["sample"]
    assert (sample["n_units"], sample["n_treated"]) == (None, None)
    assert len(read_ledger(ledger_of(tmp_path / "out")).entries) == 2
    assert check_folder(tmp_path / "out").clear, str(check_folder(tmp_path / "out"))
