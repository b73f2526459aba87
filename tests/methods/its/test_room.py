"""The door for protocols: what a reader is shown, in what order, and what the comparison makes visible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.headline import write_headline
from hubeval.methods.room import room_for
from hubeval.protocol import read_protocol

PROTOCOL = """
area = "Testshire"
question = "Did visits change after the hub opened?"
registered = 2026-01-01
[design]
kind = "its"
time = "month"
start = "2017-01"
{design}
[[outcomes]]
column = "visits"
label = "Visits"
unit = "visits a month"
direction = "higher is better"
smallest_worthwhile = 5
[[outcomes]]
column = "other"
label = "Other visits"
unit = "visits a month"
role = "placebo"
{more}
"""


def frame(n=48, seed=21):
    draw = np.random.default_rng(seed)
    t = np.arange(n)
    areas = []
    for j, name in enumerate(["Home", "A", "B", "C", "D", "E"]):
        visits = 40 + 2 * j + 0.1 * t + 6 * (t >= 24) + 7 * (t >= 24) * (j == 0) + draw.normal(size=n) * 1.5
        areas.append(pd.DataFrame({"month": pd.period_range("2015-01", periods=n, freq="M").astype(str), "area": name,
                                   "visits": visits, "other": 20 + draw.normal(size=n)}))
    return pd.concat(areas, ignore_index=True)


def answered(tmp_path, design="", more="", data=None):
    path = tmp_path / "protocol.toml"
    path.write_text(PROTOCOL.format(design=design, more=more))
    protocol = read_protocol(path)
    said = []
    table = bind(protocol, frame() if data is None else data)
    return protocol, room_for("its").answer(protocol, table, said.append), said


UNITS = 'unit = "area"\ntreated = "Home"\n'


def test_controlled_answer_is_whole(tmp_path):
    protocol, answer, said = answered(tmp_path, UNITS + 'control = ["A", "B", "C", "D", "E"]')
    effect = answer.headline_terms[0]
    assert effect.conf_low < 7 < effect.conf_high
    assert answer.diagnostics[0].name == "Smallest detectable change"
    assert answer.tables[0].name == "terms"
    assert said[0].startswith("working out the smallest change")
    names = {figure.name for figure in answer.figures}
    assert {"series", "comparison", "series-alone", "placebo-dates", "permutation", "residuals"} <= names
    probes = {probe.name: probe for probe in answer.probes}
    assert "ranks 1 of 6 (p 0.167" in probes["permutation rank"].reading
    assert probes["placebo outcomes"].status == "pass"
    assert len(next(table for table in answer.tables if table.name == "comparisons").rows) == 2 + 5 + 5
    assert "visits a month higher" in write_headline(protocol, answer).text
    files.to_json(answer)  # refuses NaN
    for figure in answer.figures:
        for line in figure.series:
            assert len(line.x) == len(line.y)
            assert len(line.low) in (0, len(line.x))


def test_an_effect_that_the_comparison_removes_is_said(tmp_path):
    data = frame()
    data = data[data.area != "Home"]
    data.loc[data.area == "A", "area"] = "Home"
    _, alone, _ = answered(tmp_path, UNITS, data=data)
    assert alone.headline_terms[0].conf_low > 0
    assert "nothing to compare it with" in " ".join(alone.limits)
    protocol, beside, _ = answered(tmp_path, UNITS + 'control = ["B", "C", "D"]', data=data)
    assert beside.headline_terms[0].conf_low < 0 < beside.headline_terms[0].conf_high
    reading = next(p for p in beside.probes if p.name == "With and without the comparison")
    assert reading.status == "caution"
    assert "does not stand once the comparison is set beside it" in reading.reading
    assert "Alone, the average effect would be" in write_headline(protocol, beside).text


def test_comparison_columns_need_no_unit(tmp_path):
    wide = frame().pivot_table(index="month", columns="area", values="visits").reset_index()
    wide = wide.rename(columns={"Home": "visits"}).assign(other=frame().other[:48].to_numpy())
    _, answer, _ = answered(tmp_path, 'control = ["A", "B"]', data=wide)
    assert answer.sample.n_comparison == 2
    with pytest.raises(BadInput, match="no column 'Z'"):
        answered(tmp_path, 'control = ["Z"]', data=wide)


def test_dropped_periods_keep_the_index_whole(tmp_path):
    caution = '[[cautions]]\nkind = "shock"\nlabel = "Flood"\nfirst = "2016-03"\nlast = "2016-05"\nhandling = "drop the periods"'
    data = frame()
    data.loc[(data.month >= "2016-03") & (data.month <= "2016-05"), ["visits", "other"]] += 400
    _, answer, _ = answered(tmp_path, UNITS, caution, data)
    assert answer.headline_terms[0].n_observations == 45
    assert "say nothing about the effect" in next(d for d in answer.diagnostics if d.name == "declared shock: Flood").reading
    assert abs(answer.headline_terms[0].estimate - 13) < 4
    modelled = caution.replace("drop the periods", "model it")
    _, other, _ = answered(tmp_path, UNITS, modelled, data)
    assert "Flood" in [row[0] for row in next(t for t in other.tables if t.name == "terms").rows]
    _, mended, _ = answered(tmp_path, UNITS, caution.replace("drop the periods", "mended in the data"))
    assert "put right" in next(d for d in mended.diagnostics if d.name == "declared shock: Flood").reading
    with pytest.raises(BadInput, match="no comparison series"):
        answered(tmp_path, UNITS, caution.replace("drop the periods", "shared with the comparison"), data)


def test_undeclared_gaps_are_refused_by_name(tmp_path):
    data = frame()
    with pytest.raises(BadInput, match="1 missing month: 2015-08"):
        answered(tmp_path, UNITS, data=data[data.month != "2015-08"])


def test_a_change_under_way_before_the_start_is_found(tmp_path):
    data = frame()
    draw = np.random.default_rng(1)
    # contacts begin to fall ten months before the hub opens, and go on falling
    fall = np.clip(np.arange(48) - 12, 0, 20)
    data.loc[data.area == "Home", "visits"] = 80 - 2 * fall + draw.normal(size=48)
    _, answer, _ = answered(tmp_path, UNITS, data=data)
    placebo = next(p for p in answer.probes if p.name == "placebo starts")
    assert placebo.status in {"caution", "fail"}
    assert "before the start show a change" in placebo.reading or "already under way" in placebo.reading


def test_a_downstream_outcome_is_held_against_the_primary(tmp_path):
    more = '[[outcomes]]\ncolumn = "plans"\nlabel = "Plans"\nunit = "plans a month"\nrole = "downstream"'
    data = frame()
    draw = np.random.default_rng(6)
    follows = data.assign(plans=data.visits / 4 + draw.normal(size=len(data)) * 0.2)
    still = data.assign(plans=10 + draw.normal(size=len(data)))
    for table, status in ((follows, "pass"), (still, "caution")):
        _, answer, _ = answered(tmp_path, UNITS, more, table)
        found = next(p for p in answer.probes if p.name == "downstream outcomes")
        assert found.status == status


def test_too_short_a_series_says_so_and_gives_no_interval(tmp_path):
    data = frame(n=29)
    _, answer, _ = answered(tmp_path, UNITS, data=data)
    assert answer.headline_terms[0].conf_low is None
    assert any("below 6 a side" in item.reason for item in answer.not_computed)


def test_options_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(BadInput, match="exposure"):
        answered(tmp_path, UNITS + 'exposure = "other"')


def test_a_service_that_ended_is_read_from_the_protocol_with_more_than_one_start(tmp_path):
    data = frame(n=72)
    home = data.area == "Home"
    data.loc[home & (data.month > "2019-06"), "visits"] -= 13
    ended = UNITS + 'impact = "level"\nend = "2019-06"\n'
    _, made, _ = answered(tmp_path, ended, data=data)
    assert "Return after the end" in {d.name for d in made.diagnostics}
    assert abs(made.headline_terms[0].estimate - 13) < 3
    _, twice, _ = answered(tmp_path, ended + 'more_starts = ["2018-01"]\n', data=data)
    assert {"level change at 2017-01", "level change at 2018-01"} <= {e.term for e in twice.estimates}
    with pytest.raises(BadInput, match="end"):
        answered(tmp_path, ended + 'more_starts = ["2019-09"]\n', data=data)
