"""What every matched sample must satisfy, applied after every call in these tests."""

from __future__ import annotations

import numpy as np

from hubeval.methods.matching import match
from hubeval.methods.matching.door.options import PAIRING, WEIGHTING


def assert_good_match(made, frame, before):
    """No design may break one of these, whatever it was asked."""
    request, study, links = made.request, made.study, made.links
    assert frame.equals(before), "the caller's frame was changed"
    weights = made.weights
    assert weights.index.equals(frame.index)
    assert np.isfinite(weights.to_numpy()).all()
    assert (weights >= 0).all()
    assert (links.weights[~made.usable] == 0).all(), "a record outside the support got a weight"
    used = links.weights > 0
    for group in (study.treated, ~study.treated):
        assert np.isclose(links.weights[group & used].mean(), 1), "weights must average 1 in each group"
    one, two = links.treated, links.comparison
    assert study.treated[one].all()
    assert not study.treated[two].any()
    if request.method in WEIGHTING:
        assert one.size == 0
        return made
    focal = one if request.estimand != "ATC" else two
    other = two if request.estimand != "ATC" else one
    assert len(set(zip(one.tolist(), two.tolist(), strict=True))) == one.size, "the same pair twice"
    if request.method in {"nearest", "optimal", "genetic"} and not request.replace:
        assert np.unique(other).size == other.size, "a record used twice without replacement"
    if request.method in (*PAIRING, "genetic"):
        assert (study.block[one] == study.block[two]).all(), "a pair crosses an exact cell"
        _check_calipers(made, one, two)
        for name in request.options.antiexact:
            values = frame[name].to_numpy()[study.rows]
            assert (values[one] != values[two]).all()
        if request.options.most is None and request.method != "full":
            assert np.bincount(focal).max() <= request.ratio
        assert set(np.flatnonzero(used)) == set(one) | set(two)
    if (links.stratum >= 0).any():
        _check_strata(made)
    return made


def _check_calipers(made, one, two):
    request, study = made.request, made.study
    for name, width in request.calipers.items():
        if name == "distance" and request.in_space:
            assert (made.links.distance <= width).all(), "caliper on the distance broken"
            continue
        if name == "distance":
            value = made.score.value if request.options.link == "score" else np.log(made.score.value / (1 - made.score.value))
        elif name in {"score", "logit"}:
            value = made.score.value if name == "score" else np.log(made.score.value / (1 - made.score.value))
        else:
            value = study.frame[name].to_numpy(dtype=float)[study.rows]
        unit = value.std(ddof=1) if request.caliper_scale == "sd" else 1.0
        assert (np.abs(value[one] - value[two]) <= width * unit + 1e-9).all(), f"caliper on {name} broken"


def _check_strata(made):
    """Weights recomputed from the strata alone, by hand."""
    study, stratum = made.study, made.links.stratum
    want = np.zeros(study.n)
    sets = [study.terms[stratum == k] for k in np.unique(stratum[stratum >= 0])]
    cells = made.request.method in {"exact", "coarsened", "subclass"} or all((one == one[0]).all() for one in sets)
    heads = study.weights if cells and study.weights is not None else np.ones(study.n)  # near sets count by heads
    for k in np.unique(stratum[stratum >= 0]):
        inside = stratum == k
        n1, n0 = heads[inside & study.treated].sum(), heads[inside & ~study.treated].sum()
        assert n1 > 0
        assert n0 > 0
        target = {"ATT": n1, "ATC": n0, "ATE": n1 + n0}[made.request.estimand]
        want[inside & study.treated] = target / n1
        want[inside & ~study.treated] = target / n0
    for group in (study.treated, ~study.treated):
        some = group & (want > 0)
        want[some] /= want[some].mean()
    np.testing.assert_allclose(made.links.weights, want, atol=1e-10)


def good_match(frame, **asked):
    """`match`, checked."""
    return assert_good_match(match(frame, **asked), frame, frame.copy(deep=True))
