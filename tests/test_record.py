"""What the data settle, kept in the profile: graded, hashed, replaced by the next check, and read by the assessment."""

from __future__ import annotations

import pytest

from hubeval.cli import main
from hubeval.files import sha256
from hubeval.profile import Fact, read_profile
from hubeval.profile.record import record, recorded

FACT = Fact(criterion="DS2", low=4, high=4, kind="data", quote='12 "quarters"', source="check (sha256 ab)", dated="2026-11-28")


@pytest.fixture
def desk(root, tmp_path):
    example, data = root / "designs/single-authority", root / "synthetic_data/single-authority/panel.csv"
    text = (example / "protocol.toml").read_text("utf-8").replace("../../synthetic_data/single-authority/panel.csv", "panel.csv")
    (tmp_path / "protocol.toml").write_text(text, "utf-8")
    (tmp_path / "panel.csv").write_bytes(data.read_bytes())
    profile = (example / "illustrative-profile.toml").read_text("utf-8")
    (tmp_path / "profile.toml").write_text(profile, "utf-8")
    return tmp_path


def test_a_check_records_what_it_settles_and_its_second_run_replaces_it(desk, capsys):
    before = read_profile(desk / "profile.toml")
    for _ in range(2):
        assert main(["check", str(desk / "protocol.toml"), "--record", str(desk / "profile.toml")]) == 0
        assert "grade 4 (checked on data)" in capsys.readouterr().out
        after = read_profile(desk / "profile.toml")
        added = after.facts[len(before.facts):]
        assert after.facts[: len(before.facts)] == before.facts
        assert {fact.kind for fact in added} == {"data"}
        assert {fact.grade for fact in added} == {4}
        assert "DS2" in {fact.criterion for fact in added}
    assert len([f for f in after.facts if f.kind == "data" and f.criterion == "DS2"]) == 1
    assert f"sha256 {sha256(desk / 'panel.csv')}" in (desk / "profile.toml").read_text("utf-8")


def test_what_power_settles_is_recorded_beside_and_read_by_the_assessment(desk, capsys):
    main(["check", str(desk / "protocol.toml"), "--record", str(desk / "profile.toml")])
    argv = ["power", str(desk / "protocol.toml"), "--quick", "--draws", "100", "--record", str(desk / "profile.toml")]
    assert main(argv) == 0
    said = capsys.readouterr().out
    after = read_profile(desk / "profile.toml")
    assert {"DS2", "ST1"} <= {fact.criterion for fact in after.facts if fact.kind == "data"}
    assert "Recorded: 1 fact in" in said
    assert "ST1" in main_text(capsys, "assess", str(desk / "profile.toml"))


def main_text(capsys, *argv):
    main([*argv])
    return capsys.readouterr().out


def test_designs_have_blocks_of_their_own():
    both = recorded(recorded('area = "A"\n', [FACT], of="check of DiD", sha256=""), [FACT], of="check of ITS", sha256="")
    assert both.count("[[facts]]") == 2
    assert recorded(both, [], of="check of DiD", sha256="").count("[[facts]]") == 1


def test_what_cannot_be_recorded_is_refused_and_left(desk, tmp_path, capsys):
    (tmp_path / "other.toml").write_text('area = "Elsewhere"\n', "utf-8")
    (tmp_path / "inline.toml").write_text('area = "A"\nfacts = []\n', "utf-8")
    (tmp_path / "form.json").write_text('{"area": "A"}', "utf-8")
    for name, says in (("other.toml", "same area in both"), ("form.json", "profile in TOML"), ("absent.toml", "absent.toml")):
        assert main(["check", str(desk / "protocol.toml"), "--record", str(tmp_path / name)]) == 2
        assert says in capsys.readouterr().err
    assert (tmp_path / "other.toml").read_text("utf-8") == 'area = "Elsewhere"\n'
    with pytest.raises(Exception, match="takes no further facts"):
        record(tmp_path / "inline.toml", [FACT], of="check of DiD", sha256="", area="A")
    assert (tmp_path / "inline.toml").read_text("utf-8") == 'area = "A"\nfacts = []\n'
