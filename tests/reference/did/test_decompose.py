"""Goodman-Bacon's decomposition against bacondecomp, and the coefficient it must add up to."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.checks.trends.decompose import decompose

REFERENCE = json.loads((Path(__file__).parent / "other_packages.json").read_text(encoding="utf-8"))


def _castle(shared):
    frame = pd.read_csv(shared("reference/did/data/castle.csv"), usecols=["sid", "year", "post", "l_homicide"])
    begins = frame[frame["post"] == 1].groupby("sid")["year"].min()
    return frame.assign(start=frame["sid"].map(begins)), {"outcome": "l_homicide", "unit": "sid", "time": "year", "start": "start"}


def _mpdta(shared):
    frame = pd.read_csv(shared("reference/did/data/mpdta.csv"))
    return frame.assign(start=frame["first.treat"].replace(0, np.nan)), {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "start"}


@pytest.mark.parametrize(("key", "load"), [("bacon_castle", _castle), ("bacon_mpdta", _mpdta)])
def test_every_comparison_equals_bacondecomp(shared, key, load):
    frame, columns = load(shared)
    parts = decompose(frame, **columns)
    theirs = pd.DataFrame(REFERENCE[key]["table"]).sort_values(["treated", "untreated"])
    ours = parts.to_frame().replace({"untreated": {np.inf: 99999}}).sort_values(["treated", "untreated"])
    np.testing.assert_array_equal(ours[["treated", "untreated"]], theirs[["treated", "untreated"]])
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(ours["weight"], theirs["weight"], atol=1e-8)
    np.testing.assert_allclose(parts.two_way, REFERENCE[key]["wavg"], atol=1e-8)
    np.testing.assert_allclose(parts.weight @ parts.estimate, parts.two_way, atol=1e-12)
    names = {"treated against never treated": "Treated vs Untreated", "earlier against later treated": "Earlier vs Later Treated",
             "later against earlier treated": "Later vs Earlier Treated"}
    assert [names[kind] for kind in ours["kind"]] == list(theirs["type"])


def test_summary_equals_bacondecomp(shared):
    frame, columns = _castle(shared)
    summary = decompose(frame, **columns).summary().set_index("kind")
    for name, theirs in (("treated against never treated", "Treated vs Untreated"),
                         ("earlier against later treated", "Earlier vs Later Treated"),
                         ("later against earlier treated", "Later vs Earlier Treated")):
        stored = REFERENCE["bacon_castle"]["bytype2"][theirs]
        np.testing.assert_allclose(summary.loc[name, ["weight", "estimate"]].to_numpy(float), [stored["weight"], stored["est"]], atol=1e-8)
