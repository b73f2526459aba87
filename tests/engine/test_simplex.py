"""The simplex solver: optimal by an independent criterion, indifferent to order and units, the same without numba."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.engine import simplex
from hubeval.engine.simplex import simplex_fit, simplex_fits


def problem(seed, t=6, n=7):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(t, n)), rng.normal(size=t) * 0.5


def best_by_enumeration(a, b, ridge=0.0):
    """The optimum from every support in turn: equality-constrained least squares, feasible ones compared."""
    best = np.inf
    n = a.shape[1]
    for size in range(1, n + 1):
        for chosen in combinations(range(n), size):
            p = a[:, chosen] - b[:, None]
            system = np.block([[p.T @ p + ridge * np.eye(size), np.ones((size, 1))], [np.ones((1, size)), np.zeros((1, 1))]])
            w = np.linalg.lstsq(system, np.r_[np.zeros(size), 1.0], rcond=None)[0][:size]
            if (w >= -1e-12).all() and abs(w.sum() - 1) < 1e-9:
                best = min(best, float((p @ w) @ (p @ w) + ridge * w @ w))
    return best


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_optimum_equals_that_of_every_support_tried(seed, ridge):
    a, b = problem(seed)
    fit = simplex_fit(a, b, ridge=ridge)
    assert fit.objective[0] == pytest.approx(best_by_enumeration(a, b, ridge), rel=1e-9, abs=1e-12)
    assert fit.certified
    assert fit.weights.min() >= 0
    assert fit.weights.sum() == pytest.approx(1, abs=1e-14)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(2, 30), st.sampled_from([0.0, 1e-8, 0.5]))
def test_gap_certifies_and_conditions_of_optimality_hold(seed, t, n, ridge):
    a, b = problem(seed, t, n)
    fit = simplex_fit(a, b, ridge=ridge)
    w, p = fit.weights[0], a - b[:, None]
    rise = p.T @ (p @ w) + ridge * w
    scale = (p**2).sum(axis=0).mean()
    assert fit.objective[0] - rise.min() <= 1e-9 * scale
    assert fit.certified
    assert np.ptp(rise[w > 0]) <= 1e-8 * scale  # level on the support


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_weights_do_not_depend_on_order_level_or_unit(seed):
    a, b = problem(seed, 12, 8)
    order = np.random.default_rng(seed + 1).permutation(8)
    w = simplex_fit(a, b).weights[0]
    np.testing.assert_allclose(simplex_fit(a[:, order], b).weights[0], w[order], atol=1e-9)
    np.testing.assert_allclose(simplex_fit(a * 1e5, b * 1e5).weights[0], w, atol=1e-9)
    lift = np.linspace(0, 50, 12)
    np.testing.assert_allclose(simplex_fit(a + lift[:, None], b + lift).weights[0], w, atol=1e-9)


def test_target_inside_the_hull_is_met_exactly():
    a, _ = problem(3, 5, 20)
    b = a @ np.full(20, 1 / 20)
    fit = simplex_fit(a, b)
    assert fit.objective[0] < 1e-20
    assert fit.certified


def test_copies_of_the_target_and_of_donors_do_no_harm():
    a, b = problem(5, 8, 4)
    twice = np.column_stack([a, a])
    assert simplex_fit(twice, b).objective[0] == pytest.approx(simplex_fit(a, b).objective[0], rel=1e-10)
    own = simplex_fit(np.column_stack([a, b]), b)
    assert own.weights[0].tolist() == [0, 0, 0, 0, 1]


def test_each_target_uses_only_what_it_may():
    a, _ = problem(8, 10, 6)
    allowed = ~np.eye(6, dtype=bool)
    allowed[:, 2] = False
    fits = simplex_fits(a, a, allowed)
    assert (fits.weights[~allowed] == 0).all()
    alone = simplex_fit(a[:, [0, 3, 4, 5]], a[:, 1])
    np.testing.assert_allclose(fits.weights[1, [0, 3, 4, 5]], alone.weights[0], atol=1e-12)


def without_numba():
    """The solver as it is where numba is not installed."""
    hidden = {name: sys.modules.get(name) for name in ("numba", "hubeval.engine.compiled")}
    try:
        sys.modules["numba"] = None
        del sys.modules["hubeval.engine.compiled"]
        spec = importlib.util.spec_from_file_location("plain_simplex", simplex.__file__)
        module = importlib.util.module_from_spec(spec)
        sys.modules["plain_simplex"] = module
        spec.loader.exec_module(module)
        return module
    finally:
        for name, was in hidden.items():
            if was is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = was


@pytest.mark.parametrize(("t", "n", "ridge"), [(12, 20, 0.0), (40, 25, 0.0), (15, 20, 2.0), (5, 20, 0.0)])
def test_plain_path_equals_the_compiled_one(t, n, ridge):
    plain = without_numba()
    assert not hasattr(plain._solve_all, "signatures")
    rng = np.random.default_rng(t)
    y = rng.normal(size=(t, 3)) @ rng.normal(size=(3, n)) + 0.3 * rng.normal(size=(t, n))
    everyone = ~np.eye(n, dtype=bool)
    ours, theirs = simplex_fits(y, y, everyone, ridge=ridge), plain.simplex_fits(y, y, everyone, ridge=ridge)
    np.testing.assert_allclose(theirs.objective, ours.objective, rtol=1e-10, atol=1e-18)
    if ridge > 0 or t > 10:  # the optimum is unique
        np.testing.assert_allclose(theirs.weights, ours.weights, atol=1e-8)


def test_same_bits_whatever_the_number_of_threads():
    code = (
        "import hashlib, numpy as np; from hubeval.engine.simplex import simplex_fits;"
        "r = np.random.default_rng(1); y = r.normal(size=(120, 5)) @ r.normal(size=(5, 90)) + r.normal(size=(120, 90));"
        "print(hashlib.sha256(simplex_fits(y, y, ~np.eye(90, dtype=bool)).weights.tobytes()).hexdigest())"
    )
    seen = set()
    for threads in ("1", "2", "4"):
        env = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)
        import os

        done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1
