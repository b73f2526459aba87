"""Matched difference-in-differences by protocol: a baseline is matched on, and the effect is on the change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.matching.room import ROOM
from hubeval.protocol import read_protocol
from hubeval.synthetic.families import families

SINCE = {"need_score": "prior_need"}


@pytest.fixture(scope="module")
def protocol(root):
    """The worked protocol with the need score's baseline declared, and taken out of the covariates."""
    read = read_protocol(root / "designs/families-style/protocol.toml")
    outcomes = tuple(replace(o, baseline=SINCE.get(o.column, "")) for o in read.outcomes)
    known = tuple(c for c in read.design.covariates if c != "prior_need")
    return replace(read, outcomes=outcomes, design=replace(read.design, covariates=known))


def answered(protocol, frame, **change):
    asked = replace(protocol, design=replace(protocol.design, **change))
    return ROOM.answer(asked, bind(asked, frame), lambda _line: None)


def test_the_known_effect_on_the_change_is_recovered(protocol):
    """The baseline is a value from before that hubs could not move, so the effect on the change is the effect itself."""
    made = families(n=2400, seed=11)
    before = made.frame.copy()
    answer = answered(protocol, made.frame)
    assert made.frame.equals(before)
    change, other = answer.headline_terms[0], answer.headline_terms[1]
    assert change.conf_low < made.truth.att_need < change.conf_high
    assert change.conf_high < 0
    assert change.estimand.endswith("on the change since 'prior_need'")
    assert "change" not in other.estimand
    raw = made.frame.need_score - made.frame.prior_need
    plain = raw[made.frame.hub == 1].mean() - raw[made.frame.hub == 0].mean()
    assert abs(change.estimate - made.truth.att_need) < abs(plain - made.truth.att_need)
    assert any("regression to the mean" in line for line in answer.limits)


def test_the_baseline_is_matched_on_and_differenced(protocol):
    """Entropy weights balance the baseline exactly, so the weighted change equals the weighted difference in levels."""
    frame = families(n=800, hubs=24, seed=5).frame
    design = {"method": "entropy", "caliper": None, "estimator": "difference"}
    made = answered(protocol, frame, **design)
    balance = next(t for t in made.tables if t.name == "balance")
    terms = [row[0] for row in balance.rows]
    assert "prior_need" in terms
    levels = replace(protocol, outcomes=tuple(replace(o, baseline="") for o in protocol.outcomes))
    plain = answered(levels, frame, covariates=(*protocol.design.covariates, "prior_need"), **design)
    assert made.headline_terms[0].estimate == pytest.approx(plain.headline_terms[0].estimate, abs=1e-6)
    assert made.headline_terms[2].estimate == pytest.approx(plain.headline_terms[2].estimate, abs=1e-9)


def test_shifting_both_times_alike_changes_nothing(protocol):
    frame = families(n=700, hubs=24, seed=5).frame
    moved = frame.assign(need_score=frame.need_score + 100, prior_need=frame.prior_need + 100)
    one, two = (answered(protocol, f, estimator="difference").headline_terms[0] for f in (frame, moved))
    assert one.estimate == pytest.approx(two.estimate, abs=1e-8)


def test_where_it_does_not_apply_it_is_refused(protocol):
    frame = families(n=700, hubs=24, seed=5).frame
    with pytest.raises(BadInput, match="'exact' with outcomes with a baseline"):
        answered(protocol, frame, method="exact", caliper=None)
    itself = replace(protocol, outcomes=tuple(replace(o, baseline="need_score") for o in protocol.outcomes[:1]))
    with pytest.raises(BadInput, match="has another part in the design"):
        answered(itself, frame)
    absent = replace(protocol, outcomes=tuple(replace(o, baseline="prior_ned") for o in protocol.outcomes[:1]))
    with pytest.raises(BadInput, match=r"outcomes\.baseline: .*prior_ned"):
        bind(absent, frame)


def test_other_designs_refuse_a_baseline(root, tmp_path):
    text = (root / "designs/castle-doctrine/protocol.toml").read_text(encoding="utf-8")
    path = tmp_path / "protocol.toml"
    path.write_text(text.replace("[[outcomes]]", '[[outcomes]]\nbaseline = "before"', 1), encoding="utf-8")
    with pytest.raises(BadInput, match="baseline does not apply to a design of kind 'did'"):
        read_protocol(path)
