"""Several sites by protocol: pooled where they agree, said to differ where they do, and refused where it cannot be asked."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.checks import check_table
from hubeval.data.source import read_source
from hubeval.errors import BadInput
from hubeval.headline import write_headline
from hubeval.methods.room import room_for
from hubeval.protocol import read_protocol

MONTHS = pd.period_range("2014-01", periods=60, freq="M").astype(str)
STARTS = {"North": 24, "South": 27, "East": 30, "West": 33, "Mid": 36}
PROTOCOL = """
area = "Testshire"
question = "Did visits change where hubs opened?"
registered = 2026-01-01
[design]
kind = "its"
time = "month"
start = "{start}"
unit = "site"
impact = "level"
{more}
sites = {{ {sites} }}
[[outcomes]]
column = "visits"
label = "Visits"
unit = "visits a month"
direction = "higher is better"
[[outcomes]]
column = "other"
label = "Other visits"
unit = "visits a month"
role = "placebo"
"""


def protocol(tmp_path, starts=STARTS, start="2016-01", more=""):
    sites = ", ".join(f'{name} = "{MONTHS[at]}"' for name, at in starts.items())
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL.format(sites=sites, start=start, more=more))
    return read_protocol(path)


def frame(seed=1, effect=(5.0,) * 5, shared=0.0, counts=False):
    draw = np.random.default_rng(seed)
    t, common = np.arange(60), draw.normal(size=60)
    parts = []
    for (name, at), size in zip(STARTS.items(), effect, strict=True):
        noise = np.sqrt(1 - shared) * draw.normal(size=60) + np.sqrt(shared) * common
        visits = draw.poisson(20 * np.exp(size * (t >= at))) if counts else 50 + 0.1 * t + size * (t >= at) + noise
        other = draw.poisson(20, 60) if counts else 20 + draw.normal(size=60)
        parts.append(pd.DataFrame({"month": MONTHS, "site": name, "visits": visits, "other": other}))
    return pd.concat(parts, ignore_index=True)


def answered(tmp_path, data, **kw):
    made = protocol(tmp_path, **kw)
    return made, room_for("its").answer(made, bind(made, data), lambda _line: None)


def said(answer, name):
    return next((d for d in (*answer.diagnostics, *answer.probes) if d.name == name), None)


def test_sites_with_one_effect_are_pooled_over_the_span_all_were_followed_for(tmp_path):
    made, answer = answered(tmp_path, frame())
    head = answer.headline_terms[0]
    assert head.conf_low < 5 < head.conf_high
    assert head.conf_high - head.conf_low < 1.5
    assert "the first 24 months after each start" in head.estimand
    assert head.n_treated == 5
    assert head.n_comparison == 0
    assert said(answer, "differences between sites").status == "pass"
    assert said(answer, "sites that move together").status == "pass"
    assert said(answer, "leave one site out").status == "pass"
    assert said(answer, "placebo starts").status == "pass"
    assert said(answer, "placebo outcomes").status == "pass"
    assert {e.term for e in answer.estimates} >= {"one effect for all sites", "effect at North", "effect at Mid"}
    (table,) = [t for t in answer.tables if t.name == "sites-visits"]
    assert [row[:2] for row in table.rows][:2] == [("North", "2016-01"), ("South", "2016-04")]
    assert sum(row[5] for row in table.rows) == pytest.approx(1)
    assert "5" in write_headline(made, answer).text
    assert "power" in {n.what for n in answer.not_computed}


def test_sites_that_differ_are_said_to_and_a_further_one_may_go_either_way(tmp_path):
    _, answer = answered(tmp_path, frame(effect=(9.0, 1.0, -4.0, 6.0, 2.0)))
    check = said(answer, "differences between sites")
    assert check.status == "caution"
    assert "may well go the other way" in check.reading
    head, common = (next(e for e in answer.estimates if e.term == t) for t in
                    ("average effect over sites", "one effect for all sites"))
    assert head.conf_high - head.conf_low > 3 * (common.conf_high - common.conf_low)


def test_sites_that_share_their_noise_are_named_and_the_interval_is_wider(tmp_path):
    _, answer = answered(tmp_path, frame(shared=0.6))
    check = said(answer, "sites that move together")
    assert check.status == "caution"
    assert "is 1." in check.reading


def test_counts_are_pooled_as_ratios_and_read_in_per_cent(tmp_path):
    _, answer = answered(tmp_path, frame(effect=(-0.7,) * 5, counts=True), more='family = "poisson"')
    head = answer.headline_terms[0]
    assert head.unit.endswith("[log scale]")
    assert head.conf_low < -0.7 < head.conf_high
    (figure,) = [f for f in answer.figures if f.name == "sites-visits"]
    assert figure.y_label == "% change"
    assert -60 < figure.series[1].y[0] < -40


def test_the_order_of_rows_and_of_sites_does_not_move_the_number(tmp_path):
    data = frame(effect=(9.0, 1.0, -4.0, 6.0, 2.0))
    one = answered(tmp_path, data)[1].headline_terms[0]
    turned = dict(reversed(STARTS.items()))
    two = answered(tmp_path, data.sample(frac=1, random_state=1), starts=turned)[1].headline_terms[0]
    assert (two.estimate, two.conf_low) == pytest.approx((one.estimate, one.conf_low))


@pytest.mark.parametrize(("changes", "said_of"), [
    ({"start": "2016-02"}, "not the earliest start"),
    ({"starts": {"North": 24, "South": 27}}, "2 site"),
    ({"starts": {**STARTS, "Moon": 30}}, "no unit 'Moon'"),
    ({"starts": {**STARTS, "North": 57}, "start": "2016-04"}, "periods before and 3 after"),
    ({"more": 'treated = "North"'}, "design.treated"),
    ({"more": 'control = ["North"]'}, "design.control"),
    ({"more": 'end = "2017-01"'}, "design.end"),
])
def test_what_cannot_be_asked_of_sites_is_refused(tmp_path, changes, said_of):
    with pytest.raises(BadInput, match=said_of):
        answered(tmp_path, frame(), **changes)


def test_a_start_outside_the_data_and_a_hole_are_refused_with_the_site_named(tmp_path):
    made = tmp_path / "p.toml"
    text = PROTOCOL.format(sites='North = "2016-01", South = "2031-01", East = "2016-02"', start="2016-01", more="")
    made.write_text(text)
    with pytest.raises(BadInput, match="1 of 3 starts"):
        bind(read_protocol(made), frame())
    data = frame()
    data.loc[(data.site == "West") & (data.month == "2015-03"), "visits"] = np.nan
    with pytest.raises(BadInput, match="West"):
        answered(tmp_path, data)


def test_the_checks_know_each_site_s_start(tmp_path):
    made = protocol(tmp_path)
    data = frame()
    found = check_table(made, read_source(data), bind(made, data), today=date(2026, 11, 28))
    words = " ".join(d.reading for d in found.diagnostics)
    assert "5 sites, each set against its own past" in words
    assert "5 wave" in words


def test_power_and_the_cross_check_say_why_there_is_none(tmp_path):
    made, answer = answered(tmp_path, frame())
    table = bind(made, frame())
    found = room_for("its").detect(made, table, draws=100, seed=1)
    assert found.power is None
    assert found.missing[0].what == "power"
    assert room_for("its").cross_check(made, table, answer.headline_terms[0]).what == "cross-check"
