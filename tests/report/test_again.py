"""A whole folder twice: the same bytes, with a multiverse, subgroups, several outcomes and a funder's template."""

from __future__ import annotations

import numpy as np

from hubeval.cli import main
from tests.conftest import ROOT
from tests.recovery.readings import worlds

from .office.test_template import funder

MORE = """
[multiverse]
control = ["not-yet"]

[[subgroups]]
column = "kind"
label = "Kind of area"
"""


def test_a_run_again_gives_the_same_folder_to_the_byte(tmp_path):
    frame = worlds.panel(np.random.default_rng(4), n=24, k=10, periods=6, starts=(3,)).rename(
        columns={"unit": "area", "year": "quarter", "start": "hub_opened", "y": "referrals_per_10k"}
    )
    rng = np.random.default_rng(5)
    frame["quarter"] = [f"2014Q{1 + t}" if t < 4 else f"2015Q{t - 3}" for t in frame.quarter.astype(int) - 2000]
    frame["hub_opened"] = np.where(frame.hub_opened.notna(), "2014Q4", "")
    frame["kind"] = np.where(frame.area.rank(method="dense") % 2, "town", "country")
    for name in ("plans_per_10k", "dental_per_10k"):
        frame[name] = frame.referrals_per_10k + rng.normal(size=len(frame))
    frame.to_csv(tmp_path / "panel.csv", index=False)
    own = ROOT / "designs/essex-style"
    text = (own / "protocol.toml").read_text("utf-8").partition("[[cautions]]")[0]
    text = text.replace("../../synthetic_data/essex-style/panel.csv", "panel.csv").replace('"downstream"', '"secondary"')
    (tmp_path / "protocol.toml").write_text(text + MORE, encoding="utf-8")
    (tmp_path / "illustrative-profile.toml").write_bytes((own / "illustrative-profile.toml").read_bytes())
    template = funder(tmp_path / "funder.docx")
    folders = []
    for name in ("one", "two"):
        out = tmp_path / name
        asked = ["evaluate", str(tmp_path / "protocol.toml"), "--out", str(out), "--template", str(template)]
        assert main([*asked, "--despite", "a test"]) == 0
        folders.append({path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()})
    assert len(folders[0]) > 20
    assert any(path.stem == "multiverse" for path in folders[0])
    assert list(folders[0]) == list(folders[1])
    assert [path for path in folders[0] if folders[0][path] != folders[1][path]] == []
