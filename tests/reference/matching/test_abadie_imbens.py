"""Abadie–Imbens variances against R's Matching 4.10, which keeps every tied match."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching.effects.abadie_imbens import local_variance, matching_variance


@pytest.fixture(scope="module")
def witnesses(drawn, numbers, request):
    """Records of a witness and what R found on them."""

    @cache
    def read(witness):
        if witness == "drawn":
            return drawn("training"), numbers("matching/drawn.json")
        published = request.getfixturevalue("shared")("reference/matching/data/lalonde_matchit.csv")
        return pd.read_csv(published), numbers("matching/lalonde_matchit472.json")

    return read


def spaces(frame, score):
    x = np.column_stack([frame.age, frame.educ, frame.race == "hispan", frame.race == "white", frame.married, frame.nodegree,
                         frame.re74, frame.re75]).astype(float)
    return {"ps": (score / score.std(ddof=1))[:, None], "inv": x / x.std(axis=0, ddof=1),
            "mah": x @ np.linalg.cholesky(np.linalg.inv(np.cov(x.T)))}


def tied_links(z, focal, other, m):
    one, two, share = [], [], []
    for i in np.flatnonzero(focal):
        j = np.flatnonzero(other)
        d = ((z[j] - z[i]) ** 2).sum(axis=1)
        near = j[d <= np.sort(d)[m - 1] + 1e-5]  # Matching's tolerance for ties
        one += [i] * near.size
        two += near.tolist()
        share += [1 / near.size] * near.size
    return np.array(one), np.array(two), np.array(share)


def tied_local(z, y, treated, j):
    made = np.empty(y.size)
    for group in (treated, ~treated):
        members = np.flatnonzero(group)
        for i in members:
            rest = members[members != i]
            d = ((z[rest] - z[i]) ** 2).sum(axis=1)
            made[i] = np.var(np.r_[y[i], y[rest[d <= np.sort(d)[j - 1] + 1e-5]]], ddof=1)
    return made


@pytest.mark.parametrize("witness", ["drawn", pytest.param("lalonde", marks=pytest.mark.second_witness)])
@pytest.mark.parametrize("space", ["ps", "mah", "inv"])
@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("estimand", ["ATT", "ATC"])
def test_variance(witnesses, witness, space, m, estimand):
    records, stored = witnesses(witness)
    z = spaces(records, np.asarray(stored["score"]))[space]
    y, treated = records.re78.to_numpy(), records.treat.to_numpy() == 1
    focal = treated if estimand == "ATT" else ~treated
    one, two, share = tied_links(z, focal, ~focal, m)
    sign = 1 if estimand == "ATT" else -1
    tau, _, _ = matching_variance(y, one, two, share, np.zeros(y.size))
    flat = float((share * (y[one] - y[two] - tau) ** 2).sum() / focal.sum() / 2)
    for kind, local in (("vc0", np.full(y.size, flat)), ("vc2", tied_local(z, y, treated, 2))):
        theirs = stored["abadie_imbens"][f"{estimand}_{m}_{space}_nobc_{kind}"]
        tau, variance, _ = matching_variance(y, one, two, share, local)
        assert sign * tau == pytest.approx(theirs["est"], rel=1e-9)
        assert np.sqrt(variance) == pytest.approx(theirs["se"], rel=1e-9)


def test_local_variance_is_that_of_the_nearest_records():
    rng = np.random.default_rng(1)
    z, y, treated = rng.normal(size=(60, 2)), rng.normal(size=60), rng.random(60) < 0.4
    np.testing.assert_allclose(local_variance(y, z, treated, neighbours=2), tied_local(z, y, treated, 2))
