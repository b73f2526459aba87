"""Effects by cohort, by time since the start and overall are sums of one another: none of few can be solved for."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

PERIODS = 8


def cohorts(sizes, never=30, seed=3):
    """A panel of children with cohorts of these sizes, a start apart."""
    rng = np.random.default_rng(seed)
    rows, i = [], 0
    for start, size in [*sizes.items(), (None, never)]:
        for _ in range(size):
            level = rng.normal(50, 4)
            ys = level + rng.normal(0, 3, PERIODS)
            rows += [
                (f"CH-{i:03d}", 2010 + t, "" if start is None else 2010 + start, round(y, 4)) for t, y in enumerate(ys)
            ]
            i += 1
    return pd.DataFrame(rows, columns=["unit", "t", "g", "y"])


def averages(content, sizes, cells):
    """The weights on the cells of every average that is shown: overall, by time since the start, and their plain mean."""
    by_event = {e: [1.0 * (t - g == e) * sizes[g] for g, t in cells] for e in range(-PERIODS, PERIODS)}
    for estimate in content["estimates"]:
        if estimate["term"] == "ATT":
            yield [1.0 * (t >= g) * sizes[g] for g, t in cells]
        elif estimate["term"].startswith("event time "):
            yield by_event[int(float(estimate["term"].rsplit(" ", 1)[1]))]
    if any(figure["name"].startswith("honest") for figure in content["figures"]):
        yield sum(np.array(row) / max(sum(row), 1) for event, row in by_event.items() if event >= 0)


def singles(content):
    """The cells that are shown themselves, in figures and in tables."""
    for figure in content["figures"]:
        for one in figure["series"] if figure["name"].startswith("cohorts") else ():
            start = int(one["label"].split()[-1]) - 2010
            yield from ((start, int(x) + 1) for x, y in zip(one["x"], one["y"], strict=True) if y is not None)
    for table in content["tables"]:
        if table["name"].startswith("group-time"):
            yield from ((int(row[0]) - 2010, int(row[1]) - 2010) for row in table["rows"])


def solved(content, sizes):
    """Cells of cohorts that the equations in a released result pin down, by linear algebra."""
    cells = [(g, t) for g in sizes for t in range(PERIODS)]
    shown = [[1.0 * (cell == one) for cell in cells] for one in singles(content)]
    known = [np.zeros(len(cells)), *averages(content, sizes, cells), *shown]
    _, lengths, right = np.linalg.svd(np.array(known))
    kernel = right[np.sum(lengths > 1e-9) :]
    return [cell for i, cell in enumerate(cells) if np.abs(kernel[:, i]).max(initial=0) < 1e-9]


@pytest.mark.parametrize("sizes", [
    {3: 1, 4: 19}, {4: 19, 5: 1}, {2: 1, 4: 9, 5: 12}, {3: 4, 4: 5, 6: 30}, {3: 12, 4: 15}, {2: 2, 3: 2, 4: 2, 5: 30},
], ids=str)  # fmt: skip
def test_no_effect_on_few_children_can_be_solved_for(tmp_path, sizes):
    protocol = read_protocol(worlds.written(tmp_path, "did", cohorts(sizes), units="person", release="ons"))
    content = release(evaluate(protocol, despite="a test"))[0].content
    found = solved(content, sizes)
    small = {g for g, n in sizes.items() if n < 10}
    assert not [cell for cell in found if cell[0] in small], found
    if not small:
        assert found, "where no cohort is small, its effects are shown"
    assert any(estimate["term"] == "ATT" for estimate in content["estimates"])


@pytest.mark.slow
def test_no_effect_on_few_children_can_be_solved_for_in_many_roll_outs(tmp_path):
    rng = np.random.default_rng(8)
    for draw in range(60):
        starts = sorted(rng.choice(np.arange(2, PERIODS - 1), size=rng.integers(2, 5), replace=False).tolist())
        sizes = {start: int(rng.choice([1, 2, 5, 9, 12, 20])) for start in starts}
        frame = cohorts(sizes, seed=draw)
        protocol = read_protocol(worlds.written(tmp_path / str(draw), "did", frame, units="person", release="ons"))
        content = release(evaluate(protocol, despite="a test"))[0].content
        assert not [cell for cell in solved(content, sizes) if sizes[cell[0]] < 10], sizes
