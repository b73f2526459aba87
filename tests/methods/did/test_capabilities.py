"""The table of what each estimator takes says what the code does."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import did
from hubeval.methods.did.capabilities import TABLE, capabilities

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}
EXTRA = {"stacked": {"window": (-1, 1)}, "triple": {"eligible": "young"}, "dose": {"exposure": "share"}}


def panel(seed=0):
    rng = np.random.default_rng(seed)
    area, year, young = (a.ravel() for a in np.meshgrid(np.arange(18), np.arange(2010, 2016), [0, 1], indexing="ij"))
    opened = np.array([2012.0, 2014.0, np.nan])[area % 3]
    frame = pd.DataFrame({"la": area, "year": year, "young": young, "opened": opened, "share": (area // 3 + 1) / 6.0,
                          "fixed": (area * 7 % 5) / 5.0, "open": (year >= opened).astype(int)})
    return frame.assign(rate=rng.normal(size=len(frame)), moving=rng.normal(size=len(frame)))


def call(line, frame, **options):
    names = {**NAMES, **EXTRA.get(line.name, {}), **options}
    if line.name != "triple":
        frame = frame[frame["young"] == 1]
    if line.name == "switching":
        names = {k: v for k, v in names.items() if k != "start"} | {"treated": "open"}
    return getattr(did, line.name)(frame, **names)


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.name)
def test_options_are_those_of_the_signature(line):
    known = inspect.signature(getattr(did, line.name)).parameters
    for option in ("weights", "cluster", "anticipation", "control"):
        assert getattr(line, option) == (option in known), option
    assert (line.covariates != "no") == ("covariates" in known)


@pytest.mark.parametrize("line", [t for t in TABLE if t.name in {"sun_abraham", "imputation", "two_stage", "stacked", "extended"}],
                         ids=lambda line: line.name)
def test_covariates_that_do_not_apply_are_said_or_refused(line):
    frame = panel()
    if line.covariates == "fixed":
        with pytest.raises(BadInput, match="vary over time"):
            call(line, frame, covariates=["moving"])
        plain, with_x = call(line, frame), call(line, frame, covariates=["fixed"])
        assert not np.allclose(plain.estimate, with_x.estimate)
        return
    plain, with_x = call(line, frame), call(line, frame, covariates=["moving"])
    assert not np.allclose(plain.estimate, with_x.estimate)
    useless = call(line, frame, covariates=["fixed"])
    np.testing.assert_allclose(useless.estimate, plain.estimate, atol=1e-9)
    assert any("fixed" in missing.what for missing in useless.not_computed)


@pytest.mark.parametrize("line", [t for t in TABLE if t.name not in {"switching", "triple", "dose", "two_way", "event_study"}],
                         ids=lambda line: line.name)
def test_repeated_cross_sections_are_taken_or_refused(line):
    options = {"effects": "cohort"} if line.name == "extended" else {}
    if line.cross_sections:
        call(line, panel(), unit=None, **options)
    else:
        with pytest.raises(BadInput, match="unit"):
            call(line, panel(), unit=None)


@pytest.mark.parametrize("line", [t for t in TABLE if t.unbalanced], ids=lambda line: line.name)
def test_unbalanced_panels_are_taken(line):
    call(line, panel().drop(index=[3, 40, 100, 101]))


@pytest.mark.parametrize("line", [t for t in TABLE if t.name not in {"two_way", "triple", "dose", "group_time"}], ids=lambda line: line.name)
def test_honest_bounds_are_to_be_had_where_the_table_says(line):
    options = {"control": "never"} if line.name == "extended" else {"placebos": 1} if line.name == "switching" else {}
    options |= {"second": "event"} if line.name == "two_stage" else {"window": (-2, 1)} if line.name == "stacked" else {}
    found = call(line, panel(), **options)
    event = found.aggregate("event") if hasattr(found, "aggregate") else found
    if line.pretrends:
        assert did.honest(event).limit.size
    elif line.name != "two_stage":  # whose effects before the start are in-sample residuals: no reference, so not listed
        with pytest.raises(BadInput):
            did.honest(event)


def test_the_table_prints():
    assert len(capabilities()) == len(TABLE)
