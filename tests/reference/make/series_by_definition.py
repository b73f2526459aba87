"""Small-sample answers for a series, by definition: dense covariance matrices, numerical derivatives, adaptive roots.

Nothing here is shared with hubeval. The Kenward-Roger covariance and degrees of freedom follow Kenward & Roger (1997, Biometrics
53, 983-997) with the expected information of the restricted likelihood; the integrated answer is the mixture of Student t
distributions over a first-order autocorrelation whose prior density is (1 - r)**-0.5 (1 + r)**0.5.

Run ``python tests/reference/make/series_by_definition.py`` after `draw.py`; it writes ``tests/reference/its/drawn_definition.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import t as student

HERE = Path(__file__).resolve().parent.parent


def dense(r, n):
    """Correlations of a stationary AR(1), (n, n)."""
    return r ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))


def restricted(r, y, x):
    """Log restricted likelihood up to a constant, coefficients, residual variance and their covariance's bread."""
    n, k = x.shape
    inverse = np.linalg.inv(dense(r, n))
    bread = np.linalg.inv(x.T @ inverse @ x)
    coef = bread @ x.T @ inverse @ y
    rest = y - x @ coef
    s2 = rest @ inverse @ rest / (n - k)
    log = 0.5 * np.linalg.slogdet(inverse)[1] + 0.5 * np.linalg.slogdet(bread)[1] - 0.5 * (n - k) * np.log(s2)
    return log, coef, s2, bread


def kenward_roger(y, x, c):
    """Estimate, model error, adjusted error and degrees of freedom of one contrast."""
    n, _ = x.shape
    grid = np.linspace(-0.95, 0.98, 200)
    best = grid[np.argmax([restricted(r, y, x)[0] for r in grid])]
    r = minimize_scalar(lambda r: -restricted(r, y, x)[0], bounds=(best - 0.011, min(best + 0.011, 0.9999)), method="bounded",
                        options={"xatol": 1e-12}).x
    _, coef, s2, bread = restricted(r, y, x)
    gap = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    corr = dense(r, n)
    power = np.where(gap > 0, gap * np.abs(r) ** np.maximum(gap - 1, 0) * np.sign(r) ** np.maximum(gap - 1, 0), 0)
    curve = np.where(gap > 1, gap * (gap - 1) * np.abs(r) ** np.maximum(gap - 2, 0) * np.sign(r) ** np.maximum(gap - 2, 0), 0)
    first, second = [corr, s2 * power], [[0 * corr, power], [power, s2 * curve]]
    inverse = np.linalg.inv(s2 * corr)
    phi = s2 * bread
    out = inverse - inverse @ x @ phi @ x.T @ inverse
    information = np.array([[0.5 * np.trace(out @ a @ out @ b) for b in first] for a in first])
    w = np.linalg.inv(information)
    p = [-x.T @ inverse @ a @ inverse @ x for a in first]
    total = sum(w[i, j] * (x.T @ inverse @ first[i] @ inverse @ first[j] @ inverse @ x - p[i] @ phi @ p[j]
                           - 0.25 * x.T @ inverse @ second[i][j] @ inverse @ x) for i in range(2) for j in range(2))
    adjusted = phi + 2 * phi @ total @ phi
    slope = np.array([-c @ phi @ q @ phi @ c for q in p])
    return {"est": c @ coef, "se_reml": np.sqrt(c @ phi @ c), "se_kr": np.sqrt(c @ adjusted @ c),
            "df": 2 * (c @ phi @ c) ** 2 / (slope @ w @ slope), "rho_reml": r}


def integrated(y, x, c, nodes=1500):
    """Mean, 95% limits and two-sided probability of one contrast, and the mean autocorrelation."""
    n, k = x.shape
    angle = (np.arange(nodes) + 0.5) * np.pi / nodes
    r = np.cos(angle)
    made = [restricted(v, y, x) for v in r]
    log = np.array([m[0] for m in made]) - 0.5 * np.log1p(-r) + 0.5 * np.log1p(r) + np.log(np.sin(angle))
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    centre = np.array([c @ m[1] for m in made])
    scale = np.sqrt([m[2] * (c @ m[3] @ c) for m in made])

    def below(v):
        return weight @ student.cdf((v - centre) / scale, n - k)

    mean, wide = weight @ centre, 60 * scale.max()
    low, high = (brentq(lambda v, q=q: below(v) - q, mean - wide, mean + wide, xtol=1e-13) for q in (0.025, 0.975))
    tail = below(0.0)
    return {"mean": mean, "lo": low, "hi": high, "p_two": 2 * min(tail, 1 - tail), "rho_mean": weight @ r}


def designs():
    """Outcome and columns of each design, from the drawn files."""
    ban, belts = (pd.read_csv(HERE / "data" / f"{name}.csv") for name in ("ban", "belts"))
    smoke = pd.read_csv(HERE / "data" / "donors.csv").query("state == 'S03'").sort_values("year")
    waves = [f(2 * np.pi * j * ban.month / 12) for j in (1, 2) for f in (np.sin, np.cos)]
    t, year = belts.time.to_numpy(float), smoke.year.to_numpy(float) - 1989
    months = [(belts.month == m).to_numpy(float) for m in range(2, 13)]
    return {
        "harmonics": (np.log(ban.aces / ban.stdpop).to_numpy(), np.column_stack([np.ones(59), ban.time, ban.smokban, *waves])),
        "slope": (np.log(belts.drivers).to_numpy(), np.column_stack([np.ones(192), t, belts.law, np.maximum(t - 170, 0)])),
        "months": (np.log(belts.drivers).to_numpy(), np.column_stack([np.ones(192), t, belts.law, *months])),
        "short": (smoke.packs.to_numpy(), np.column_stack([np.ones(31), year, year >= 0, np.maximum(year, 0)]).astype(float))}


ASKED = {"harmonics": {"level": {2: 1}}, "slope": {"level": {2: 1}, "slope": {3: 1}}, "months": {"level": {2: 1}},
         "short": {"level": {2: 1}, "slope": {3: 1}, "last": {2: 1, 3: 11}, "average": {2: 1, 3: 5.5}}}


def main():
    """Write both sets of numbers."""
    out = {"versions": {"numpy": np.__version__, "scipy": scipy.__version__}, "kenward_roger": {}, "integrated": {}}
    for name, (y, x) in designs().items():
        for kind, made in (("kenward_roger", kenward_roger), ("integrated", integrated)):
            for key, contrast in ASKED[name].items():
                c = np.zeros(x.shape[1])
                c[list(contrast)] = list(contrast.values())
                out[kind][f"{name}_{key}"] = {"contrast": {str(j): v for j, v in contrast.items()},
                                              **{k: float(v) for k, v in made(y, x, c).items()}}
    (HERE / "its" / "drawn_definition.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
