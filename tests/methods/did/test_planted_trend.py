"""A trend of the treated planted in data without any effect must lead what is said, not follow it."""

from __future__ import annotations

import pandas as pd
import pytest

from hubeval.evaluation import evaluate
from hubeval.methods.did.estimators.joint_test import pretrend_reading
from hubeval.protocol import read_protocol
from hubeval.synthetic.panel import staggered_panel


@pytest.mark.parametrize(("p", "status"), [(0.2, "pass"), (0.03, "caution"), (0.004, "fail")])
def test_the_surer_the_earlier_difference_the_plainer_the_word(p, status):
    assert pretrend_reading(p, "permuted starts", 5).status == status


def test_a_planted_trend_leads_the_headline(root):
    frame = staggered_panel(n_areas=60, n_treated=21, effect=0.0, children=(3_000, 160_000)).frame
    position = frame["quarter"].map({q: i for i, q in enumerate(sorted(frame["quarter"].unique()))})
    rate = pd.to_numeric(frame["referrals_per_10k"], errors="coerce") - 0.8 * position * (frame["hub_opened"] != "")
    found = evaluate(read_protocol(root / "designs" / "essex-style" / "protocol.toml"),
                     frame.assign(referrals_per_10k=rate))
    assert found.headline_terms[0].conf_high < 0  # no effect is in the data: the number alone would mislead
    first, then = found.headline.split(". ", 1)
    assert first.endswith("failed")
    assert then.startswith("Read this with caution. The groups already moved apart before the start")
    said = [d for d in found.diagnostics if d.name == "Data: readiness"]  # left open by the data: a caution, no shut gate
    assert [d.status for d in said] == ["caution"]
    assert "Comparison (CA1)" in said[0].reading


def test_sound_data_leave_the_readiness_as_it_was(worked):
    sound = worked("essex-style/protocol.toml")
    assert not [d for d in sound.diagnostics if d.name == "Data: readiness"]
