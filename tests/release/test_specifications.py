"""Specifications a few persons apart do not both leave: not in the table, nor the figure, nor by where a gap would be."""

from __future__ import annotations

from hubeval import files
from hubeval.data.behind import Behind
from hubeval.methods.readings.multiverse import read_specifications
from hubeval.release.marks import figure, table
from hubeval.release.profiles import release_profile
from hubeval.release.rules import rules_for
from hubeval.release.specifications import close_specifications
from hubeval.result import Estimate


def spec(label, value, treated, others):
    one = Estimate(term="ATT", estimand="", outcome="Need", unit="points", estimate=value, conf_low=value - 1,
                   conf_high=value + 1, inference="", n_treated=treated, n_comparison=others)  # fmt: skip
    return label, {"caliper": label}, one


ROWS = [spec("registered", -2.0, 100, 300), spec("S1", -3.0, 98, 300), spec("S2", -1.0, 80, 300),
        spec("S3", -1.5, 100, 303), spec("S4", -2.5, 100, 300), spec("S5", -4.0, 4, 300)]  # fmt: skip


def left(kind):
    curve, (grid, _), _ = read_specifications(ROWS, len(ROWS))
    behind = Behind(kind=kind, n_units=400, waves={"treated": 100}, declared=True)
    rules = rules_for(behind, release_profile("ons"), ("Need",), ("need",))
    close_specifications(rules, [files.plain(grid)])
    return table(files.plain(grid), rules), figure(files.plain(curve), rules)


def test_of_persons_only_those_far_enough_apart_stand_and_none_of_few():
    grid, curve = left("person")
    assert [row[0] for row in grid["rows"]] == ["registered", "S2", "S4"]
    assert sorted(y for one in curve["series"] for y in one["y"] if y is not None) == [-2.5, -2.0, -1.0]
    assert [label for _, label in curve["ticks"] if label in {"S1", "S3", "S5"}] == []
    assert "between them and another that is shown" in curve["text"]


def test_of_areas_all_stand():
    grid, curve = left("authority")
    assert len(grid["rows"]) == len(ROWS)
    assert sum(y is not None for one in curve["series"] for y in one["y"]) == len(ROWS)
