"""Options thrown together at random: each is refused in words, or keeps every promise; nothing in between."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect
from hubeval.methods.matching.door.options import ESTIMANDS, READ_BY

DRAWN = {
    "distance": ["logit", "logit", "ridge", "cbps", "mahalanobis", "robust-mahalanobis", "scaled-euclidean"], "ratio": [1, 1, 2],
    "replace": [False, False, True], "caliper": [None, 0.3, {"logit": 0.3}, {"score": 0.2, "need": 1.0}], "caliper_scale": ["sd", "sd", "raw"],
    "order": ["largest", "largest", "smallest", "closest", "farthest", "random", "data"], "exact": [(), (), ("area",), ("area", "lone")]}
EXTRA = [{}, {}, {"link": "logit"}, {"discard": "both"}, {"antiexact": "lone"}, {"missing": "indicator"}, {"trim": (0.05, 0.9)},
         {"missing": "indicator", "discard": "treated"}, {"fewest": 1, "most": 3}, {"one_to_one": True}, {"bins": {"need": 3}}]


@pytest.fixture(scope="module")
def frame():
    """Numbers huge and tiny, labels, categories, yes and no, gaps, weights and places."""
    rng = np.random.default_rng(0)
    n = 240
    need = rng.normal(size=n)
    area = pd.Categorical(rng.choice(["n", "s", "e"], n))
    hub = rng.random(n) < 1 / (1 + np.exp(1.1 - 0.8 * need - 0.3 * (area == "n")))
    made = pd.DataFrame({
        "hub": hub.astype(int), "need": need, "age": rng.uniform(0, 5, n), "area": area, "lone": rng.random(n) < 0.4,
        "tenure": rng.choice(["own", "rent", "social"], n).astype(object), "money": 1e12 * rng.lognormal(size=n), "tiny": 1e-9 * rng.normal(size=n),
        "y": 2 * hub + need + rng.normal(size=n), "w": rng.uniform(0.5, 2, n), "place": rng.integers(0, 14, n)}, index=[f"r{i}" for i in range(n)])
    made.loc[made.index[rng.choice(n, 15, replace=False)], "age"] = np.nan
    made.loc[made.index[rng.choice(n, 10, replace=False)], "tenure"] = None
    made.loc[made.index[rng.choice(n, 8, replace=False)], "y"] = np.nan
    return made


def asked(rng):
    """Three in four draws leave options that the method does not read at their defaults."""
    method = str(rng.choice(list(ESTIMANDS)))
    draw = {name: values[rng.integers(len(values))] for name, values in DRAWN.items()}
    if rng.random() < 0.75:
        draw = {name: value for name, value in draw.items() if method in READ_BY[name]}
    estimand = str(rng.choice(ESTIMANDS[method] if rng.random() < 0.9 else ("ATT", "ATC", "ATE", "ATO")))
    covariates = {"exact": ["area", "lone"], "coarsened": ["need", "area"]}.get(method, ["need", "age", "area", "lone", "tenure", "money", "tiny"])
    side = {"weights": "w" if rng.random() < 0.3 else None, "cluster": "place" if rng.random() < 0.3 else None}
    return {"method": method, "estimand": estimand, "covariates": covariates, "seed": 3, "options": Options(**EXTRA[rng.integers(len(EXTRA))]), **draw, **side}


@pytest.mark.parametrize("seed", range(8))
def test_refused_or_sound(good_match, frame, seed):
    rng, kept, said = np.random.default_rng(seed), 0, []
    for _ in range(60):
        ask = asked(rng)
        try:
            made = good_match(frame, treated="hub", **ask)
        except BadInput as refusal:
            said += [str(problem) for problem in refusal.problems]
            continue
        kept += 1
        _counted(made, frame)
        _balanced(made, frame)
        _estimated(made, frame)
    assert kept >= 10
    assert all("\n" not in line and len(line) < 300 for line in said)


def _counted(made, frame):
    """Everybody is somewhere: dropped at the door, used, unmatched or outside support."""
    said = sum(int(step.note.split()[0]) for step in made.study.flow[1:])
    assert said == len(frame) - made.study.n
    lines = made.sample.set_index("sample")
    for name, on in (("treated", 1), ("comparison", 0)):
        group = (frame.hub == on).to_numpy()[made.study.rows]
        assert lines.loc[["matched", "unmatched", "outside support"], name].sum() == group.sum() == lines.loc["all", name]
        w = made.weights[(frame.hub == on) & (made.weights > 0)]
        assert lines.loc["matched, effective", name] == pytest.approx(w.sum() ** 2 / (w**2).sum())


def _balanced(made, frame):
    table = made.balance().set_index("term")
    assert table[["smd_before", "smd_after", "mean_treated_after", "mean_comparison_after", "ks_before", "ks_after"]].notna().all(axis=None)
    assert table[["ks_before", "ks_after"]].max(axis=None) <= 1 + 1e-9
    if "need" not in table.index:
        return
    rows, on, w = made.study.rows, frame.hub == 1, made.weights
    kept, weight = frame.iloc[rows], frame.w.iloc[rows] if made.study.weights is not None else pd.Series(1.0, index=frame.index[rows])

    def spread(side):
        x, v = kept.need[kept.hub == side], weight[kept.hub == side]
        return (v * (x - np.average(x, weights=v)) ** 2).sum() / (v.sum() - (v**2).sum() / v.sum())

    over = {"ATT": spread(1), "ATC": spread(0)}.get(made.request.estimand, (spread(1) + spread(0)) / 2)
    gap = np.average(frame.need[on], weights=w[on]) - np.average(frame.need[~on], weights=w[~on])
    assert table.smd_after["need"] == pytest.approx(gap / np.sqrt(over), abs=1e-9)


def _estimated(made, frame):
    filled = frame.y.fillna(0.0)
    on, w = frame.hub == 1, made.weights
    (plain,) = effect(made, outcome=filled, estimator="difference")
    assert plain.estimate == pytest.approx(np.average(filled[on], weights=w[on]) - np.average(filled[~on], weights=w[~on]))
    for estimator in ("difference", "regression", "g-computation"):
        (found,) = effect(made, outcome="y", estimator=estimator)
        assert found.conf_low < found.estimate < found.conf_high
        lost = int((frame.y.isna() & (w > 0)).sum())
        assert (f"{lost} matched records without the outcome left out" in found.inference) == (lost > 0)
