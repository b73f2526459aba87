"""Series too short for an interval: every figure is still drawn, and nothing but points is shown."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.data.bind import bind
from hubeval.headline import write_headline
from hubeval.methods.room import room_for
from hubeval.protocol import read_protocol
from hubeval.report.drawing import draw_svg

PROTOCOL = """
area = "Testshire"
question = "Did visits change after the hub opened?"
registered = 2026-01-01
[design]
kind = "its"
time = "month"
start = "{start}"
{design}
[[outcomes]]
column = "visits"
label = "Visits"
unit = "visits a month"
[[outcomes]]
column = "other"
label = "Other visits"
unit = "visits a month"
role = "placebo"
[[outcomes]]
column = "later"
label = "Plans"
unit = "plans a month"
role = "downstream"
"""
CONTROL = 'unit = "area"\ntreated = "Home"\ncontrol = ["A", "B", "C", "D"]\n'


def answered(tmp_path, before, after, design, seed=5):
    draw = np.random.default_rng([seed, before, after])
    months = pd.period_range("2015-01", periods=before + after, freq="M").astype(str)
    names = ["Home", "A", "B", "C", "D"] if "control" in design else ["Home"]
    rows = [pd.DataFrame({"month": months, "area": name, **{c: draw.poisson(30, len(months))
                                                            for c in ("visits", "other", "later")}}) for name in names]
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL.format(start=months[before], design=design))
    protocol = read_protocol(path)
    return protocol, room_for("its").answer(protocol, bind(protocol, pd.concat(rows)), lambda said: None)


@pytest.mark.parametrize(("before", "after", "design"), [
    (3, 3, CONTROL), (5, 4, ""), (3, 14, 'family = "negative-binomial"\n' + CONTROL), (18, 3, 'family = "poisson"\n'),
    (18, 5, CONTROL), (4, 4, 'family = "poisson"\n' + CONTROL),
])
def test_a_short_series_is_drawn_and_told_without_an_interval(tmp_path, before, after, design):
    protocol, answer = answered(tmp_path, before, after, design)
    assert all(one.conf_low is None and one.p_value is None for one in answer.estimates)
    assert any(one.what == "intervals and p-values" for one in answer.not_computed)
    assert "no interval" in write_headline(protocol, answer).text
    files.to_json(answer)  # refuses NaN
    figures = json.loads(files.to_json(answer.figures))
    assert not any(line["style"] == "band" for figure in figures for line in figure["series"])
    assert all(draw_svg(figure).startswith("<svg") for figure in figures[:1])


@pytest.mark.parametrize(("before", "after"), [(6, 6), (7, 6), (10, 4)])
def test_with_two_periods_more_than_terms_nothing_is_not_a_number(tmp_path, before, after):
    season = 'seasonality = "3 harmonics"\n'
    _, answer = answered(tmp_path, before, after, season + CONTROL)
    files.to_json(answer)
    assert all(probe.statistic is None or np.isfinite(probe.statistic) for probe in (*answer.diagnostics, *answer.probes))
