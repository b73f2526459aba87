"""The door of the panel: what is refused, what is counted, and that the frame is left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import read_panel, start_from_treated

KEYS = {"outcome": "y", "unit": "la", "time": "year", "start": "opened"}


def frame(n_units: int = 6, first: int = 2014, years: int = 5, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat([f"E{j:02d}" for j in range(n_units)], years)
    year = np.tile(np.arange(first, first + years), n_units)
    opened = np.repeat([first + 2.0, first + 3.0] + [np.nan] * (n_units - 2), years)
    return pd.DataFrame({"la": unit, "year": year, "opened": opened, "y": rng.normal(size=n_units * years),
                         "pop": 1 + rng.random(n_units * years), "region": np.where(unit < "E03", "N", "S")})


def dates(years: pd.Series) -> pd.Series:
    return pd.to_datetime(pd.Series([None if np.isnan(v) else f"{int(v)}-01-01" for v in years], index=years.index))


def refused(data: pd.DataFrame, **changes: object) -> str:
    with pytest.raises(BadInput) as caught:
        read_panel(data, **{**KEYS, **changes})
    return str(caught.value)


def test_codes_do_not_depend_on_row_order_and_the_frame_is_left_alone():
    data = frame()
    before = data.copy(deep=True)
    panel = read_panel(data, **KEYS, cluster="region", weights="pop")
    shuffled = read_panel(data.sample(frac=1, random_state=3), **KEYS, cluster="region", weights="pop")
    pd.testing.assert_frame_equal(data, before)
    order = np.argsort(shuffled.units)
    back = shuffled.matrix(shuffled.y)[order]
    assert np.array_equal(panel.matrix(panel.y), back)
    assert np.array_equal(panel.start, shuffled.start[order])
    assert panel.balanced
    assert panel.n_clusters == 2
    assert panel.cohorts.tolist() == [2, 3]
    assert panel.treated.sum() == 3 + 2


def test_blanks_are_left_out_and_counted():
    data = frame()
    data.loc[[3, 11], "y"] = np.nan
    panel = read_panel(data, **KEYS)
    assert not panel.balanced
    assert [step.n_rows for step in panel.flow] == [30, 28]


def test_always_treated_are_left_out_and_counted_unless_asked_for():
    data = frame()
    data.loc[data.la == "E05", "opened"] = 2014
    panel = read_panel(data, **KEYS)
    assert panel.n_units == 5
    assert "1 units left out" in panel.flow[-1].note
    assert read_panel(data, **KEYS, anticipation=-1).n_units == 6
    assert read_panel(data, **KEYS, anticipation=2).n_units == 4


def test_a_gap_in_the_calendar_still_counts_in_event_time():
    data = frame()
    panel = read_panel(data[data.year != 2017], **KEYS)
    assert panel.clock.tolist() == [2014, 2015, 2016, 2018]
    assert panel.first[:2].tolist() == [2, 3]
    assert panel.event[(panel.unit == 1) & (panel.time == 3)].tolist() == [1.0]


def test_text_and_dated_periods_with_starts_in_the_same_words():
    data = frame()
    text = data.assign(year=data.year.astype(str) + "-Q1",
                       opened=[None if np.isnan(v) else f"{int(v)}-Q1" for v in data.opened])
    dated = data.assign(year=pd.to_datetime(data.year.astype(str)), opened=dates(data.opened))
    for other in (text, dated):
        panel = read_panel(other, **KEYS)
        assert panel.first.tolist() == [2, 3, 5, 5, 5, 5]
        assert panel.clock.tolist() == [0, 1, 2, 3, 4]


def test_starts_after_the_window_are_said():
    data = frame()
    data.loc[data.la == "E04", "opened"] = 2030
    panel = read_panel(data, **KEYS)
    assert panel.cautions[0].statistic == 1
    assert not panel.ever[4]
    dated = data.assign(year=pd.to_datetime(data.year.astype(str)), opened=dates(data.opened))
    assert read_panel(dated, **KEYS).cautions[0].statistic == 1


def test_repeated_cross_sections_have_a_unit_for_every_row():
    data = frame()
    panel = read_panel(data, **{**KEYS, "unit": None}, cluster="la")
    assert panel.repeated
    assert panel.n_units == 30
    assert panel.n_clusters == 6


def test_a_covariate_that_changes_after_the_start_is_warned_of():
    data = frame()
    assert read_panel(data, **KEYS, covariates=("pop",)).cautions[0].status == "caution"
    panel = read_panel(data, **KEYS, covariates=("region",))
    assert panel.covariates == ("region=S",)
    assert panel.cautions == ()


@pytest.mark.parametrize("change", [
    lambda d: d.assign(opened=d.opened.fillna(0)),
    lambda d: d.assign(opened=d.opened.fillna(0), la=d.la.str[1:].astype(int)),  # a full grid of numbers
    lambda d: d.assign(opened=d.opened.fillna(0).astype(int).astype(str)),
    lambda d: d.assign(opened=d.opened.fillna(0).astype(int).astype(str), year=d.year.astype(str)),
])
def test_a_start_of_zero_is_never_treated_as_in_r_and_is_said(change):
    data = frame()
    plain, zero = read_panel(data, **KEYS), read_panel(change(data), **KEYS)
    assert zero.ever.tolist() == plain.ever.tolist()
    assert zero.first.tolist() == plain.first.tolist()
    assert "read as never treated" in zero.flow[-1].note
    assert "start written as 0" not in {step.label for step in plain.flow}


def test_zero_is_a_period_where_periods_begin_there():
    data = frame().assign(year=lambda d: d.year - 2016, opened=lambda d: d.opened - 2016)
    assert data.opened.min() == 0
    assert read_panel(data, **KEYS).ever.sum() == frame().groupby("la").opened.first().notna().sum()


@pytest.mark.parametrize(("change", "says"), [
    (lambda d: d.rename(columns={"opened": "opend"}), "Did you mean 'opend'?"),
    (lambda d: d.iloc[:0], "has no rows"),
    (lambda d: pd.concat([d, d.iloc[[4]]]), "1 unit-periods have two rows or more, in units E00"),
    (lambda d: d.assign(y=d.y.astype(object).where(d.index != 3, "c")), "1 rows hold text, with suppression marks c"),
    (lambda d: d.assign(y=d.y.where(d.index != 3, np.inf)), "1 rows are infinite"),
    (lambda d: d.assign(opened=d.opened.where(d.index != 1)), "changes within 1 units: E00"),
    (lambda d: d.assign(opened=d.opened + 0.5), "between two periods"),
    (lambda d: d.assign(opened=dates(d.opened)), "holds dates while time holds numbers"),
    (lambda d: d.assign(opened=np.nan), "no unit with usable rows starts treatment"),
    (lambda d: d.assign(opened=2030), "no unit with usable rows starts treatment"),
    (lambda d: d[d.year == 2014], "holds one period only"),
    (lambda d: d.assign(year=pd.to_datetime(d.year.astype(str)), opened=pd.Timestamp("2016-05-03")), "dates that begin no"),
    (lambda d: d.assign(la=d.la.where(d.index != 0)), "1 rows name no unit"),
    (lambda d: d.assign(year=d.year.where(d.index != 0)), "1 rows have no period"),
])
def test_bad_input_is_one_clear_line(change, says):
    assert says in refused(change(frame()))


def test_bad_weights_and_clusters():
    data = frame()
    assert "negative" in refused(data.assign(pop=-1.0), weights="pop")
    assert "changes within" in refused(data.assign(region=np.tile(["a", "b", "c", "d", "e"], 6)), cluster="region")
    assert "one cluster only" in refused(data.assign(region="x"), cluster="region")


def test_a_status_becomes_a_start_and_switching_off_is_refused_by_name():
    data = frame()
    status = data.assign(open=(data.year >= data.opened).astype(int))
    start = start_from_treated(status, unit="la", time="year", treated="open")
    assert start.fillna(0).tolist() == data.opened.fillna(0).tolist()
    status.loc[4, "open"] = 0
    with pytest.raises(BadInput, match=r"switches off again in 1 units: E00.*did\.switching"):
        start_from_treated(status, unit="la", time="year", treated="open")


def test_a_sorted_full_grid_of_numbers_is_read_as_any_other():
    data = frame(n_units=9).assign(la=lambda d: d.la.str[1:].astype(int) * 3 + 1)
    long = read_panel(data.sample(frac=1, random_state=2), **KEYS, weights="pop")
    order = np.argsort(long.units)
    short = read_panel(data, **KEYS, weights="pop")
    assert short.units.tolist() == long.units[order].tolist()
    assert np.array_equal(short.matrix(short.y), long.matrix(long.y)[order])
    assert np.array_equal(short.matrix(short.weights), long.matrix(long.weights)[order])
    assert np.array_equal(short.start, long.start[order])
    assert short.clock.tolist() == long.clock.tolist()
    assert short.balanced


@pytest.mark.parametrize(("change", "says"), [
    (lambda d: d.assign(opened=d.opened.where(d.index != 1)), "changes within 1 units"),
    (lambda d: d.assign(opened=np.nan), "no unit with usable rows"),
    (lambda d: d.assign(year=d.year.where(d.index != 4, 2014)), "two rows or more"),
])
def test_a_grid_of_numbers_is_refused_for_the_same_reasons(change, says):
    assert says in refused(change(frame().assign(la=lambda d: d.la.str[1:].astype(int))))
