"""The figure of mean paths: its number is the raw change, and where the estimate is another one it says why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import read_panel
from hubeval.methods.did.figures import trends
from hubeval.methods.did.inference.fitted import labelled
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign


def drawn(*, staggered, estimator):
    rng = np.random.default_rng(1)
    starts = np.repeat([3, 3, 5 if staggered else 3, 5 if staggered else 3, *[np.nan] * 5], 8)
    unit, time = np.repeat(np.arange(9), 8), np.tile(np.arange(8), 9)
    y = 20 + unit + time - 2.0 * (time >= starts) + rng.normal(size=72)
    frame = pd.DataFrame({"u": unit, "t": time, "s": starts, "y": y})
    panel = read_panel(frame, outcome="y", unit="u", time="t", start="s")
    plan = settled(DidDesign(unit="u", time="t", start="s", estimator=estimator), panel)
    overall = labelled(headline(panel, plan), "visits", "visits").overall
    return trends(panel, [str(2010 + t) for t in range(8)], overall, by_cohort=estimator == "group-time")


@pytest.mark.parametrize(("estimator", "why"), [
    ("group-time", "sets each cohort beside its own last period before the start"),
    ("imputation", "takes out each unit's and each period's own level"),
])
def test_another_number_than_the_estimate_says_why(estimator, why):
    figure = drawn(staggered=True, estimator=estimator)
    assert "in plain means the treated fell by" in figure.title
    assert why in figure.text


def test_where_they_are_one_number_nothing_is_explained():
    figure = drawn(staggered=False, estimator="two-way")
    assert "in plain means the treated fell by" in figure.title
    assert "another number" not in figure.text
