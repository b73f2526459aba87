"""Repeated cross-sections with errors by area: cover, size of a placebo outcome and of the pre-trend test."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign
from hubeval.synthetic.survey import repeated_survey

DESIGN = DidDesign(cluster="area", time="year", start="hub_opened", covariates=("lone_parent", "youngest_age"))


def fitted(made, outcome):
    frame = made.frame.assign(hub_opened=made.frame["hub_opened"].replace("", np.nan).astype(float))
    panel = read_panel(frame, outcome=outcome, unit=None, time="year", start="hub_opened", cluster="area",
                       covariates=DESIGN.covariates)
    return headline(panel, settled(DESIGN, panel, seed=1))


@pytest.mark.parametrize("draws", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_sixteen_areas_of_42(draws):
    """Bands are three Monte Carlo standard errors about [.03, .07]."""
    missed, false, apart = [], [], []
    for seed in range(draws):
        made = repeated_survey(n_areas=42, n_treated=16, seed=seed)
        stress = fitted(made, "stress")
        missed.append(not stress.overall.conf_low < made.truth.att_stress < stress.overall.conf_high)
        apart.append(stress.pretrend.statistic < 0.05)
        false.append(fitted(made, "library_visits").overall.p_value < 0.05)
    slack = 3 * np.sqrt(0.05 * 0.95 / draws)
    for rate in map(np.mean, (missed, false, apart)):
        assert 0.03 - slack <= rate <= 0.07 + slack
