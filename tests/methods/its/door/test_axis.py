"""Periods as written: every style to the same positions."""

from __future__ import annotations

import pandas as pd
import pytest

from hubeval.methods.its.door.axis import Axis, axis_of

STYLES = {
    "iso months": ["2020-01", "2020-02", "2020-03", "2020-04"],
    "dates": ["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"],
    "month ends": ["31/01/2020", "29/02/2020", "31/03/2020", "30/04/2020"],
    "names": ["Jan 2020", "Feb 2020", "Mar 2020", "April 2020"],
    "stamps": list(pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"])),
    "periods": list(pd.period_range("2020-01", periods=4, freq="M")),
}


@pytest.mark.parametrize("values", STYLES.values(), ids=STYLES)
def test_months_in_every_style(values):
    axis, position = axis_of(values)
    assert (axis.unit, axis.cycle, axis.season) == ("month", 12, (0, 1, 2, 3))
    assert position.tolist() == [0, 1, 2, 3]
    for same in ("2020-03", "15/03/2020", "March 2020", pd.Timestamp("2020-03-20"), values[2]):
        assert axis.find(same) == 2
    assert axis.find("2021-03") is None


@pytest.mark.parametrize(
    ("values", "unit", "cycle"),
    [(["2019 Q4", "2020 Q1", "2020 Q2"], "quarter", 4), (["2019-10-01", "2020-01-01", "2020-04-01"], "quarter", 4),
     (["2018/19", "2019/20", "2020/21"], "financial year", 0), ([2018, 2019, 2020], "year", 0), ([1, 2, 3], "period", 0),
     ([1.0, 2.0, 3.0], "period", 0), (["2020-01-06", "2020-01-13", "2020-01-20"], "day", 0)])
def test_other_frequencies(values, unit, cycle):
    axis, position = axis_of(values)
    assert isinstance(axis, Axis)
    assert (axis.unit, axis.cycle) == (unit, cycle)
    assert position.tolist() == [0, 1, 2]


def test_rows_in_any_order():
    axis, position = axis_of(["2020-03", "2020-01", "2020-02"])
    assert axis.labels == ("2020-01", "2020-02", "2020-03")
    assert position.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("values", "said"),
    [(["2020-01", "2020-02", "2020-05"], "2 missing months: 2020-03, 2020-04"), ([1, 2, 4], "1 missing period: 3"),
     (["2020-01-01", "2020-01-08", "2020-01-19"], "not evenly spaced"), (["2020-01", "2020 Q2"], "several kinds"),
     (["2020-01", None], "no time")])
def test_problems_are_named(values, said):
    assert said in axis_of(values).found
