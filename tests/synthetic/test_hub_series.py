"""The generator does what its truth says."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.synthetic.its import hub_series


def test_counts_average_to_the_ratio_over_many_seeds():
    ratios = []
    for seed in range(40):
        made = hub_series(seed=seed)
        frame = made.frame.assign(after=made.frame.month >= made.truth.start)
        rate = frame.groupby(["area", "after"]).contacts.sum() / frame.groupby(["area", "after"]).children.sum()
        change = rate.xs(True, level="after") / rate.xs(False, level="after")
        ratios.append(change[made.truth.treated] / np.exp(np.log(change.drop(made.truth.treated)).mean()))
    error = np.std(ratios, ddof=1) / np.sqrt(40)
    assert np.mean(ratios) == pytest.approx(made.truth.ratio, abs=3.5 * error)


def test_same_seed_same_bytes():
    assert hub_series().frame.equals(hub_series().frame)
    assert not hub_series().frame.equals(hub_series(seed=1).frame)
