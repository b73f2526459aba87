"""Goodman-Bacon's decomposition against bacondecomp, and the coefficient it must add up to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.checks.trends.decompose import decompose

HERE = Path(__file__).parent
REFERENCE = {file: json.loads((HERE / f"{file}.json").read_text(encoding="utf-8")) for file in ("drawn_regressions", "other_packages")}


def _laws(get):
    columns = {"outcome": "y", "unit": "state", "time": "year", "start": "start"}
    return get("drawn")("laws"), columns, REFERENCE["drawn_regressions"]["bacon_laws"]


def _staggered(get):
    columns = {"outcome": "y", "unit": "area", "time": "year", "start": "start"}
    return get("drawn")("staggered"), columns, REFERENCE["drawn_regressions"]["bacon_staggered"]


def _castle(get):
    shared = get("shared")
    frame = pd.read_csv(shared("reference/did/data/castle.csv"), usecols=["sid", "year", "post", "l_homicide"])
    begins = frame[frame["post"] == 1].groupby("sid")["year"].min()
    return frame.assign(start=frame["sid"].map(begins)), {"outcome": "l_homicide", "unit": "sid", "time": "year", "start": "start"}, REFERENCE["other_packages"]["bacon_castle"]


def _mpdta(get):
    shared = get("shared")
    frame = pd.read_csv(shared("reference/did/data/mpdta.csv"))
    return frame.assign(start=frame["first.treat"].replace(0, np.nan)), {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "start"}, REFERENCE["other_packages"]["bacon_mpdta"]


@pytest.mark.parametrize("load", [
    _laws, _staggered, pytest.param(_castle, marks=pytest.mark.second_witness),
    pytest.param(_mpdta, marks=pytest.mark.second_witness)])
def test_every_comparison_equals_bacondecomp(request, load):
    frame, columns, stored = load(request.getfixturevalue)
    parts = decompose(frame, **columns)
    theirs = pd.DataFrame(stored["table"]).sort_values(["treated", "untreated"])
    ours = parts.to_frame().replace({"untreated": {np.inf: 99999}}).sort_values(["treated", "untreated"])
    np.testing.assert_array_equal(ours[["treated", "untreated"]], theirs[["treated", "untreated"]])
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(ours["weight"], theirs["weight"], atol=1e-8)
    np.testing.assert_allclose(parts.two_way, stored["wavg"], atol=1e-8)
    np.testing.assert_allclose(parts.weight @ parts.estimate, parts.two_way, atol=1e-12)
    names = {"treated against never treated": "Treated vs Untreated", "earlier against later treated": "Earlier vs Later Treated",
             "later against earlier treated": "Later vs Earlier Treated"}
    assert [names[kind] for kind in ours["kind"]] == list(theirs["type"])


@pytest.mark.parametrize("load", [_laws, pytest.param(_castle, marks=pytest.mark.second_witness)])
def test_summary_equals_bacondecomp(request, load):
    frame, columns, stored = load(request.getfixturevalue)
    kinds = stored["bytype2"]
    summary = decompose(frame, **columns).summary().set_index("kind")
    for name, theirs in (("treated against never treated", "Treated vs Untreated"),
                         ("earlier against later treated", "Earlier vs Later Treated"),
                         ("later against earlier treated", "Later vs Earlier Treated")):
        wanted = [kinds[theirs]["weight"], kinds[theirs]["est"]]
        np.testing.assert_allclose(summary.loc[name, ["weight", "estimate"]].to_numpy(float), wanted, atol=1e-8)
