"""Against R's rdrobust and RDHonest on the drawn cut-off (`tests/reference/make/rdd.R`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubeval.methods.rdd import Bandwidths, cut_at, honest_jump, jump
from hubeval.methods.rdd.checks.density import density_at
from hubeval.methods.rdd.inference.honest import critical_value
from hubeval.methods.rdd.inference.randomisation import in_window
from hubeval.methods.rdd.inference.windows import balance, grown, nested

R = json.loads((Path(__file__).parent / "drawn.json").read_text(encoding="utf-8"))
KERNELS = {"uniform": "uniform", "epanechnikov": "epanechnikov", "clusters_two": "uniform", "steps_covariates": "epanechnikov"}
BANDWIDTHS = {"two": "msetwo", "clusters_two": "msetwo", "coverage": "cerrd", "fixed": Bandwidths(h=(0.3, 0.3), b=(0.45, 0.45))}


def case(drawn, name):
    """The cut that a stored configuration is of."""
    d = drawn("cutoff")
    words = name.split("_")
    column = next((c for c in ("steps", "twenty") if c in words), "score")
    return cut_at(
        d[column].to_numpy(), d["y"].to_numpy(), taken=d["taken"].to_numpy(float) if "fuzzy" in words else None,
        covariates=d[["z1", "z2"]].to_numpy(float) if {"covariates", "both"} & set(words) else None,
        cluster=d["cluster"].to_numpy() if {"clusters", "both"} & set(words) else None)


@pytest.mark.parametrize("name", R["robust"])
def test_robust_intervals_and_bandwidths_equal_rdrobust(drawn, name):
    stored = R["robust"][name]
    chosen = BANDWIDTHS.get(name, "mserd")
    if name == "fuzzy_sharp_bandwidth":  # a bandwidth for the outcome alone, which is not offered: given, not chosen
        chosen = Bandwidths(h=tuple(stored["h"]), b=tuple(stored["b"]))
    made = jump(case(drawn, name), kernel=KERNELS.get(name, "triangular"), bandwidths=chosen)
    for ours in ("conventional", "corrected", "se_conventional", "se_robust", "low", "high"):
        assert getattr(made, ours) == pytest.approx(stored[ours], rel=1e-8), ours
    assert made.p_value == pytest.approx(stored["p"], rel=1e-7)
    assert made.bandwidths.h == pytest.approx(stored["h"], rel=1e-8)
    assert made.bandwidths.b == pytest.approx(stored["b"], rel=1e-8)
    assert [list(made.n_h), list(made.n_b)] == [stored["n_h"], stored["n_b"]]


@pytest.mark.parametrize("name", R["honest"])
def test_honest_intervals_equal_rdhonest(drawn, name):
    stored = R["honest"][name]
    kernel = KERNELS.get(name, "triangular")
    thumb = name in {"plain", "steps", "twenty"}  # RDHonest's own rule for the bound
    given = {"fixed": 0.3, "steps_fixed": 0.3, "twenty_fixed": 0.55, "clusters": 0.3,
             "clusters_auto": stored["h"]}  # its choice for clusters counts how alike they are; ours does not
    made = honest_jump(case(drawn, name), bound=None if thumb else stored["m"], h=given.get(name), kernel=kernel)
    for ours, theirs in (("estimate", "estimate"), ("std_error", "se"), ("bias", "bias"), ("low", "low"),
                         ("high", "high"), ("critical", "cv"), ("bound", "m"), ("h", "h"), ("p_value", "p")):
        assert getattr(made, ours) == pytest.approx(stored[theirs], rel=1e-6), ours


def test_critical_values_equal_rdhonest():
    for bias, stored in zip(R["critical"]["b"], R["critical"]["cv"], strict=True):
        assert critical_value(bias) == pytest.approx(stored, rel=1e-9)


@pytest.mark.parametrize(("name", "window"), [("narrow", 0.1), ("wide", 0.2)])
def test_means_in_a_window_equal_rdlocrand(drawn, name, window):
    stored = R["local"][name]
    made = in_window(case(drawn, name), window, seed=1)
    assert made.estimate == pytest.approx(stored["statistic"], rel=1e-9)
    assert made.p_normal == pytest.approx(stored["normal"], rel=1e-6)
    assert list(made.n_h) == stored["n"]
    assert made.p_value == pytest.approx(stored["p"], abs=0.002)  # both permute


COVARIATES = {"one": ["z1"], "taken": ["z1", "z2", "taken"]}


@pytest.mark.parametrize("name", R["windows"])
def test_windows_and_their_balance_equal_rdwinselect(drawn, name):
    stored, d = R["windows"][name], drawn("cutoff")
    columns = COVARIATES.get(name, ["z1", "z2"])
    cut = cut_at(d["steps" if name == "steps" else "score"].to_numpy(), d["y"].to_numpy(),
                 covariates=d[columns].to_numpy(float))
    theirs = [row for row in zip(stored["width"], stored["n"], stored["p"], strict=True) if row[0] > 0]  # 0: one side only
    widths = nested(cut, most=len(theirs))
    assert widths == pytest.approx([width for width, _, _ in theirs], rel=1e-9)
    for width, n, p in theirs[:8]:
        made = balance(cut, width, seed=1)
        assert list(made.n) == n
        if name == "permuted":
            assert made.least == pytest.approx(p, abs=0.04)  # both permute
        else:
            assert min(made.p_normal) == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize("name", ["smooth", "steps"])
def test_the_window_chosen_is_rdwinselects(drawn, name):
    d = drawn("cutoff")
    windows = grown(cut_at(d["steps" if name == "steps" else "score"].to_numpy(), d["y"].to_numpy(),
                           covariates=d[["z1", "z2"]].to_numpy(float)), seed=1)
    assert windows[-1].least < 0.15
    assert windows[-2].width == pytest.approx(R["windows"][name]["window"][1], rel=1e-9)


@pytest.mark.parametrize("name", R["density"])
def test_densities_equal_rddensity_at_its_bandwidths(drawn, name):
    stored = R["density"][name]
    made = density_at(case(drawn, name), h=tuple(stored["h"]), kernel=KERNELS.get(name, "triangular"))
    for ours, theirs in (("below", "left"), ("above", "right"), ("se_below", "se_left"), ("se_above", "se_right"),
                         ("statistic", "t"), ("p_value", "p")):
        assert getattr(made, ours) == pytest.approx(stored[theirs], rel=1e-8), ours
