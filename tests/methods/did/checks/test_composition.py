"""Whether the people asked changed: each sentence in the case where it is true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import read_panel
from hubeval.methods.did.checks.composition import composition, shifts
from hubeval.methods.did.inference.headline import settled
from hubeval.protocol import DidDesign, read_protocol
from hubeval.result import NotComputed
from hubeval.synthetic.survey import repeated_survey

DESIGN = DidDesign(time="year", start="hub_opened", cluster="area", covariates=("lone_parent", "youngest_age"))


def asked(drift=0.0, design=DESIGN, people=(12, 22), change=None):
    frame = repeated_survey(drift=drift, people=people, seed=5).frame
    frame = frame.assign(hub_opened=pd.to_numeric(frame["hub_opened"]))
    frame = frame if change is None else change(frame)
    panel = read_panel(frame, outcome="stress", unit=design.unit, time="year", start="hub_opened", cluster="area",
                       covariates=design.covariates)
    return panel, settled(design, panel)


def test_a_moved_mix_is_a_caution_and_names_what_moved():
    found = composition(*asked(drift=0.3))
    assert found.status == "caution"
    assert "lone_parent by 0." in found.reading
    assert "youngest_age" not in found.reading
    assert "treated-before" in found.reading


def test_held_it_is_no_part_of_the_number():
    found = composition(*asked(drift=0.3, design=replace(DESIGN, mix="pooled")))
    assert found.status == "information"
    assert "no part of it" in found.reading
    assert "would weight" not in found.reading


def test_unmoved_it_says_how_far_it_may_have():
    small = composition(*asked(people=(2, 4)))
    assert small.status == "information"
    assert "can go unseen" in small.reading
    large = composition(*asked(people=(90, 91)))
    assert large.status == "pass"
    assert "can go unseen" not in large.reading


def test_a_level_of_text_is_named_by_its_column():
    def kinds(frame):
        return frame.assign(lone_parent=np.where(frame["lone_parent"] == 1, "Z", "A"))

    found = composition(*asked(drift=0.3, change=kinds))
    assert "lone_parent by" in found.reading
    assert "=Z" not in found.reading


def test_levels_of_text_are_counted_as_levels_and_their_sign_is_of_a_share():
    def kinds(frame):
        return frame.assign(lone_parent=np.select([frame["lone_parent"] == 1, frame["youngest_age"] > 2], ["Z", "B"], "A"))

    found = composition(*asked(drift=0.3, change=kinds))
    assert "the share of one level of lone_parent by" in found.reading
    assert "3 covariates or levels of one" in found.reading
    assert "levels" not in composition(*asked(drift=0.3)).reading


def test_the_shift_is_the_headlines_own_number_of_the_covariate():
    panel, plan = asked(drift=0.3)
    first = shifts(panel, plan)[0]
    x = panel.x[:, 0]
    assert first.size == pytest.approx(first.moved.estimate / x[~panel.treated].std())
    assert first.moved.inference.split(" (")[0] == "cluster-robust by area"


def test_what_cannot_be_seen_is_said():
    bare = composition(*asked(design=replace(DESIGN, covariates=())))
    assert isinstance(bare, NotComputed)
    assert "names nothing" in bare.reason
    same = composition(*asked(change=lambda f: f.assign(lone_parent=1.0, youngest_age=2.0)))
    assert "no covariate varies" in same.reason


@pytest.mark.parametrize(("old", "new", "said"), [
    ('cluster = "area"', 'unit = "area"', "follows the same units"),
    ('covariates = ["lone_parent", "youngest_age"]', "", "no design.covariates"),
    ('control = "never"', 'adjustment = "reg"', "does not read it"),
])  # fmt: skip
def test_a_protocol_whose_mix_means_nothing_is_refused(root, tmp_path, old, new, said):
    text = (root / "designs" / "repeated-survey" / "protocol.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "protocol.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_protocol(tmp_path / "protocol.toml")
