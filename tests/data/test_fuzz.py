"""Whatever a file or a frame holds, the answer is a table or a refusal in words: never a traceback, never a warning."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.data.importers import area_by_period, explore_education_statistics, management_information
from hubeval.data.source import read_source
from hubeval.errors import BadInput
from hubeval.protocol import ItsDesign, MatchingDesign, SynthDesign

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELL = st.one_of(
    st.sampled_from(["", "c", "x", "-", "..", "NA", "1", "2.5", "-3", "1e400", "12%", "1,234", "A", "B", "2014", "2015", "2016",
                     "201415", "2014/15", "2016Q1", "01/02/2016", "never", "inf", "nan", "0", "é", "\u2212 5", "=1+1"]),
    st.text(max_size=6),
)
DESIGNS = (None, ItsDesign(time="year", start="2015", unit="la", treated="A"), ItsDesign(time="year", start="2015"),
           SynthDesign(unit="la", time="year", treated="A", start="2015"),
           MatchingDesign(unit="la", treated="opened", covariates=("year",)))


def answered(call, *args):
    """What came back, or None after a refusal that says something."""
    try:
        return call(*args)
    except BadInput as error:
        words = str(error).strip()
    assert words
    return None


@pytest.mark.parametrize("design", DESIGNS)
@QUIET
@given(rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), min_size=1, max_size=12))
def test_any_cells(protocol, design, rows):
    frame = pd.DataFrame(rows, columns=["la", "year", "opened", "rate"])
    one = protocol(marks=("c",)) if design is None else protocol(marks=("c",), design=design)
    table = answered(bind, one, frame)
    if table is not None:
        assert len(table.frame) <= len(frame)
        check(one, frame)


@QUIET
@given(data=st.binary(max_size=300))
def test_any_bytes(tmp_path, data):
    path = tmp_path / "any.csv"
    path.write_bytes(data)
    answered(read_source, path)


@QUIET
@given(text=st.text(alphabet='ab,;\t|"\n\r 1é', max_size=60))
def test_any_separators_and_quotes(tmp_path, text):
    path = tmp_path / "any.csv"
    path.write_text(text, encoding="utf-8", newline="")
    answered(read_source, path)


STRANGE = {
    "categories": pd.Categorical(["A", "B", "A"]),
    "dates": pd.to_datetime(["2016-01-01", None, "2016-03-01"]),
    "zoned": pd.to_datetime(["2016-01-01", None, "2016-03-01"]).tz_localize("Europe/London"),
    "days": [dt.date(2016, 1, 1), None, dt.date(2016, 2, 1)],
    "spans": pd.to_timedelta([1, 2, 3], unit="D"),
    "periods": pd.PeriodIndex(["2016-01", "2016-02", "2016-03"], freq="M"),
    "complex": [1j, 2j, 3j],
    "lists": [[1], [2], None],
    "bools": pd.array([True, None, False], dtype="boolean"),
    "integers": pd.array([1, None, 3], dtype="Int64"),
    "strings": pd.array(["x", None, "y"], dtype="string"),
    "sparse": pd.arrays.SparseArray([0.0, 1.0, np.nan]),
    "huge": [10**30, 1, 2],
    "bytes": [b"a", b"b", b"c"],
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("where", ["la", "year", "opened", "rate"])
def test_columns_of_any_kind(protocol, kind, where):
    frame = pd.DataFrame({"la": ["A", "A", "B"], "year": ["2014", "2015", "2014"], "opened": "", "rate": [1.0, 2.0, 3.0]})
    frame[where] = STRANGE[kind]
    before = frame.copy(deep=True)
    answered(bind, protocol(), frame)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "frame",
    [pd.DataFrame(), pd.DataFrame({"la": []}), pd.DataFrame([[1, 2], [3, 4]]), pd.DataFrame({("a", "b"): [1], ("a", "c"): [2]}),
     pd.DataFrame([[1, 2]], columns=["rate", "rate"]), pd.DataFrame({"la": ["A"]}, index=pd.MultiIndex.from_tuples([(1, 2)]))],
)
def test_frames_of_any_shape_are_refused_in_words(protocol, said, frame):
    assert said(bind, protocol(), frame)


@QUIET
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), headed=st.lists(CELL, min_size=3, max_size=3, unique=True))
def test_importers_of_anything(rows, headed):
    frame = pd.DataFrame(rows, columns=headed)
    calls = (
        lambda: area_by_period(frame, unit=headed[0], value="value"),
        lambda: management_information(frame, user=headed[0]),
        lambda: explore_education_statistics(frame, indicators=[headed[1]]),
        lambda: explore_education_statistics(
            frame.set_axis(["time_period", "la_name", "v"], axis=1).assign(
                time_identifier="Academic year", geographic_level="Local authority", new_la_code="E1"),
            indicators=["v"]),
    )
    for call in calls:
        answered(call)
