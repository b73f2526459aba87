"""Family-wise error of Romano and Wolf's step-down as `evaluate` gives it, where no outcome moved or only some did.

`pytest -m slow tests/recovery/readings/test_family_wise.py -s` prints the shares that docs/deliverables.md quotes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.methods.did.door.panel import Panel
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.did.inference.joint import joint
from hubeval.methods.matching.inference.headline import in_full
from hubeval.methods.matching.inference.headline import settled as sample_of
from hubeval.methods.matching.inference.joint import joint as joint_of_records
from hubeval.methods.readings.several import WOLF, families, several, together
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign, MatchingDesign, Outcome

from . import worlds

COLUMNS = ("a", "b", "c", "d", "e")
OUTCOMES = tuple(
    Outcome(column=c, label=c.upper(), unit="points", role="secondary" if i else "primary")
    for i, c in enumerate(COLUMNS)
)
SHARED = 0.7  # of every outcome's variance, in common
T = 6


def panels(rng, n, k, moved=()):
    """One panel an outcome on the same units; half of all errors in common; `moved` outcomes by two."""
    common, start = rng.normal(size=(n, T)), np.where(np.arange(n) < k, 3.0, np.inf)
    made = []
    for column in COLUMNS:
        y = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * rng.normal(size=(n, T))
        y += 2.0 * (column in moved) * (np.arange(T) >= start[:, None])
        made.append(Panel(
            units=np.arange(n), periods=np.arange(T), clock=np.arange(T, dtype=float), unit=np.repeat(np.arange(n), T),
            time=np.tile(np.arange(T), n), y=y.ravel(), x=np.empty((n * T, 0)), start=start,
            first=np.where(np.isinf(start), T, start).astype(np.intp), cluster=np.arange(n), balanced=True,
            outcome=column,
        ))  # fmt: skip
    return made


def did_table(rng, n, k, inference="auto", moved=()):
    """The table of several outcomes by the functions that the room calls."""
    fits = []
    for outcome, panel in zip(OUTCOMES, panels(rng, n, k, moved), strict=True):
        design = DidDesign(unit="u", time="t", start="s", estimator="group-time", window=(1, 0), inference=inference)
        fit = headline(panel, settled(design, panel, seed=1))
        fits.append((panel, replace(fit, overall=replace(fit.overall, outcome=outcome.label))))
    return several(OUTCOMES, [fit.overall for _, fit in fits], joint(fits, seed=1))[0]


def records(rng, n=240, moved=()):
    x = rng.normal(size=(n, 2))
    z = rng.random(n) < 1 / (1 + np.exp(1 - 0.7 * x[:, 0]))
    common = rng.normal(size=n)
    frame = pd.DataFrame({"id": np.arange(n), "z": z.astype(int), "x0": x[:, 0], "x1": x[:, 1]})
    for column in COLUMNS:
        noise = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * rng.normal(size=n)
        frame[column] = x[:, 0] + noise + 2.0 * (column in moved) * z
    return frame


MATCHED = MatchingDesign(unit="id", treated="z", covariates=("x0", "x1"), caliper=0.2, estimator="regression")


def matching_table(rng, design=MATCHED, moved=()):
    sample = sample_of(design, records(rng, moved=moved))
    made = [in_full(sample, design, o.column, seed=1, label=(o.label, o.unit)) for o in OUTCOMES]
    null = joint_of_records([sample], [o.label for o in OUTCOMES], [means for _, means in made], seed=1)
    return several(OUTCOMES, [one for one, _ in made], null)[0]


def called(table, true=(), column=WOLF):
    at = table.columns.index(column)
    return any(row[at] is not None and row[at] <= 0.05 for row in table.rows if row[0].lower() not in true)


def shares(make, draws, true=()):
    """How often any outcome that did not move is called clear: alone, by Holm, by Romano and Wolf."""
    tables = [make(np.random.default_rng([20261128, seed])) for seed in range(draws)]
    return tuple(np.mean([called(t, true, column) for t in tables]) for column in ("p", "adjusted p (Holm)", WOLF))


def band(draws):
    return 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


CELLS = {
    "did, 10 of 24 units, errors": lambda rng: did_table(rng, 24, 10, "welch"),
    "did, 4 of 16 units, permuted": lambda rng: did_table(rng, 16, 4),
    "did, 12 of 40 units, rule": lambda rng: did_table(rng, 40, 12),
    "matching, regression": matching_table,
    "matching, weights": lambda rng: matching_table(
        rng, replace(MATCHED, method="inverse-probability", caliper=None, estimator="difference")
    ),
    "matching, doubly robust": lambda rng: matching_table(rng, replace(MATCHED, estimator="doubly-robust")),
}
DRAWS = {"matching, doubly robust": 320, "matching, weights": 300, "matching, regression": 300}


@pytest.mark.parametrize(("cell", "draws"), [("did, 4 of 16 units, permuted", 30), ("matching, regression", 20)])
def test_where_nothing_moved_few_studies_call_any_outcome_clear(cell, draws):
    alone, holm, wolf = shares(CELLS[cell], draws)
    assert wolf <= band(draws)
    assert alone > holm
    assert wolf >= holm - 1e-9  # never less than Holm finds, up to what was drawn


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_family_wise_error(cell):
    draws = DRAWS.get(cell, 500)
    alone, holm, wolf = shares(CELLS[cell], draws)
    print(f"{cell}: alone {alone:.3f}, Holm {holm:.3f}, Romano-Wolf {wolf:.3f} of {draws}")  # noqa: T201
    assert wolf <= band(draws)


@pytest.mark.slow
def test_where_some_moved_the_others_are_called_clear_as_seldom():
    alone, holm, wolf = shares(lambda rng: did_table(rng, 40, 12, moved=("a", "b")), 500, true=("a", "b"))
    print(f"did, two of five moved: alone {alone:.3f}, Holm {holm:.3f}, Romano-Wolf {wolf:.3f} of 500")  # noqa: T201
    assert wolf <= band(500)


def test_the_rooms_hand_over_what_their_own_numbers_are_made_of():
    """The table of a whole answer, as `evaluate` builds it, for both inferences of did and for matching."""
    rng = np.random.default_rng(5)
    frame = worlds.panel(rng, n=12, k=4, periods=6, starts=(3,)).rename(columns={"y": "a"})
    frame["b"] = frame.a + rng.normal(size=len(frame))
    two = OUTCOMES[:2]
    base = replace(worlds.PROTOCOL, outcomes=two)
    asked = [
        (base, frame),
        (replace(base, design=replace(base.design, inference="welch")), frame),
        (replace(base, design=replace(MATCHED, estimator="doubly-robust")), records(rng)),
    ]
    for protocol, rows in asked:
        answer = room_for(protocol.design.kind).answer(protocol, bind(protocol, rows), lambda _line: None)
        table = together(protocol, answer).tables[-1]
        assert list(families(two)) == [""]
        assert table.columns[-1] == WOLF
        assert all(row[3] <= row[-1] <= 1 for row in table.rows)
