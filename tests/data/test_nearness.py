"""Exposure by distance: shares by hand, openings and closings, and what is refused in one line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.nearness import exposure_table, nearness
from hubeval.errors import BadInput

AREAS = pd.DataFrame({"area": ["a", "b", "c", "d"], "authority": ["X", "X", "X", "Y"], "easting": [400000, 402000, 404000, 430000],
                      "northing": [300000] * 4, "under_fives": [50, 30, 20, 10]})
SITES = pd.DataFrame({"site": ["one", "two"], "easting": [400000, 404500], "northing": [300000, 300000],
                      "opened": ["2024Q2", "15/08/2024"], "closed": ["", "2025Q1"]})
SPAN = {"first": "2024Q1", "last": "2025Q1"}


def shares(frame, unit, column):
    return frame[frame.iloc[:, 0] == unit][column].tolist()


def test_shares_are_those_worked_out_by_hand():
    frame, said = exposure_table(AREAS, SITES, **SPAN, unit="authority")
    # c is 4 km from the first site; the second opens 500 m from it in 2024Q3 and closes in 2025Q1
    assert shares(frame, "X", "share_near") == [0.0, 0.8, 1.0, 1.0, 0.8]
    assert shares(frame, "X", "share_ring") == [0.0, 0.2, 0.0, 0.0, 0.2]
    assert shares(frame, "Y", "share_near") == [0.0] * 5
    assert frame["period"].tolist()[:5] == ["2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1"]
    assert "within 2.5 km" in said[1]


def test_an_area_of_its_own_is_near_or_not():
    frame, _ = exposure_table(AREAS, SITES, **SPAN)
    assert set(frame["share_near"]) <= {0.0, 1.0}


def test_it_is_the_distance_to_the_nearest_of_all_open_sites():
    rng = np.random.default_rng(1)
    places, sites = rng.uniform(0, 30_000, (200, 2)), rng.uniform(0, 30_000, (40, 2))
    opened, closed, unit, w = rng.integers(0, 6, 40), rng.integers(6, 12, 40), rng.integers(0, 7, 200), rng.uniform(1, 9, 200)
    made = nearness(places, sites, opened, closed, n_periods=10, unit=unit, weights=w, radii=(2_000.0, 4_000.0))
    far = np.hypot(*(places[:, None, :] - sites[None, :, :]).transpose(2, 0, 1))
    for t in range(10):
        is_open = (opened <= t) & (closed > t)
        away = np.where(is_open, far, np.inf).min(axis=1)
        assert made.near[:, t] == pytest.approx(np.bincount(unit, w * (away <= 2_000), 7) / np.bincount(unit, w, 7))
        inside = (away > 2_000) & (away <= 4_000)
        assert made.ring[:, t] == pytest.approx(np.bincount(unit, w * inside, 7) / np.bincount(unit, w, 7))


@pytest.mark.parametrize(("areas", "sites", "more", "words"), [
    (AREAS.assign(easting=-1.2, northing=52.1), SITES, {}, "look like degrees"),
    (AREAS.drop(columns="under_fives"), SITES, {}, "no column 'under_fives'"),
    (AREAS, SITES.assign(opened=["2024Q2", "soon"]), {}, "1 row without a quarter"),
    (AREAS, SITES.assign(opened=["2024Q2", "2024"]), {}, "1 row without a quarter"),
    (AREAS, SITES.assign(closed=["2024Q1", ""]), {}, "1 site closed before opening"),
    (AREAS.assign(under_fives=[50, 30, 20, 0]), SITES, {"unit": "authority"}, "1 unit with none at all"),
    (AREAS, SITES, {"first": "2025Q1"}, "two periods of one kind"),
    (AREAS, SITES, {"radii": (5_000.0, 2_500.0)}, "0 < near < ring"),
])  # fmt: skip
def test_what_cannot_be_measured_is_one_line(areas, sites, more, words):
    with pytest.raises(BadInput, match=words) as error:
        exposure_table(areas, sites, **(SPAN | more))
    assert len(str(error.value).splitlines()) == 1


def test_the_verb_writes_the_table(tmp_path, capsys):
    AREAS.to_csv(tmp_path / "areas.csv", index=False)
    SITES.to_csv(tmp_path / "sites.csv", index=False)
    argv = ["exposure", str(tmp_path / "areas.csv"), "--sites", str(tmp_path / "sites.csv"), "--first", "2024Q1", "--last",
            "2025Q1", "--unit", "authority", "--out", str(tmp_path / "exposure.csv")]
    assert main(argv) == 0
    assert "Written" in capsys.readouterr().out
    made = pd.read_csv(tmp_path / "exposure.csv")
    assert made["share_near"].tolist()[:5] == [0.0, 0.8, 1.0, 1.0, 0.8]
