"""Coverage and width of 95% intervals on series whose truth is known. Run as a script for the whole study.

    python tests/recovery/its/study.py [draws]

Level change, slope change, the effect 12 periods on, on average and in the last period, break in the middle, true effect zero (the
analysis is invariant to it). "width" is the mean width over that of the interval with the true error
covariance known.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import toeplitz
from scipy.signal import lfilter
from scipy.stats import t as student

from hubeval.engine.integrated import AR2, error_grid, posterior
from hubeval.methods import its
from hubeval.methods.its.estimators.error_models import orthonormal

TERMS = ("level", "slope", "effect at 12", "average", "last")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """ARMA(2, 1) errors with unit innovations: `phi`, `theta`; `n` periods, break in the middle."""

    n: int
    phi: tuple[float, float]
    theta: float = 0.0

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Errors, (n, count), from the stationary distribution (300 periods thrown away)."""
        e = np.random.default_rng(seed).normal(size=(self.n + 300, count))
        return lfilter([1, self.theta], [1, -self.phi[0], -self.phi[1]], e, axis=0)[300:]

    def covariance(self) -> np.ndarray:
        impulse = np.zeros(self.n + 600)
        impulse[0] = 1
        psi = lfilter([1, self.theta], [1, -self.phi[0], -self.phi[1]], impulse)
        return toeplitz([psi[: len(psi) - lag] @ psi[lag:] for lag in range(self.n)])

    def design(self) -> tuple[np.ndarray, np.ndarray]:
        t = np.arange(self.n) - self.n // 2.0
        x = np.column_stack([np.ones(self.n), t, t >= 0, np.maximum(t, 0)])
        ahead = min(12, self.n - self.n // 2 - 1)
        after = np.arange(self.n - self.n // 2)
        rows = [[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, ahead], [0, 0, 1, after.mean()], [0, 0, 1, after.max()]]
        return x, np.array(rows, dtype=float)


AR1_WORLDS = [World(n=n, phi=(rho, 0.0)) for n in (24, 36, 48, 100) for rho in (0.0, 0.2, 0.4, 0.6, 0.8)]
HARD_WORLDS = [
    World(n=n, phi=phi, theta=theta)
    for n in (36, 48, 100)
    for phi, theta in (((0.2, 0.4), 0.0), ((0.5, 0.3), 0.0), ((0.8, 0.0), -0.4))
]


def integrated(world: World, count: int, seed: int = 20261122) -> dict[str, tuple[float, float]]:
    """Coverage and relative width of the default's intervals, by term."""
    y = world.draw(count, seed)
    x, contrasts = world.design()
    q, basis = orthonormal(x)
    known = _known(world, y, x, contrasts)
    hit, width = np.zeros(len(TERMS)), np.zeros(len(TERMS))
    for begin in range(0, count, 500):
        post = posterior(np.ascontiguousarray(y[:, begin : begin + 500]), q, error_grid(world.n, AR2))
        for j, c in enumerate(contrasts @ basis):
            found = post.summary(c)
            hit[j] += ((found.low < 0) & (found.high > 0)).sum()
            width[j] += (found.high - found.low).sum()
    return {term: (hit[j] / count, width[j] / count / known[j]) for j, term in enumerate(TERMS)}


def _known(world: World, y: np.ndarray, x: np.ndarray, contrasts: np.ndarray) -> np.ndarray:
    """Mean width of the t interval with the error correlation known."""
    root = np.linalg.cholesky(world.covariance())
    xw, yw = np.linalg.solve(root, x), np.linalg.solve(root, y)
    spread = np.linalg.inv(xw.T @ xw)
    df = world.n - 4
    s = np.sqrt(((yw - xw @ (spread @ (xw.T @ yw))) ** 2).sum(axis=0) / df).mean()
    return 2 * student.ppf(0.975, df) * s * np.sqrt(np.einsum("mi,ij,mj->m", contrasts, spread, contrasts))


def counts(n: int, mean: float, rho: float, count: int, *, sd: float = 0.15, seed: int = 20261122, inference="integrated"):
    """Coverage of the log rate ratio of a level change: counts around an AR(1) log mean."""
    draw = np.random.default_rng(seed)
    hit = 0
    start = its.Interruption(at=n // 2, impact="level")
    for _ in range(count):
        e = lfilter([1], [1, -rho], draw.normal(size=n + 200))[200:] * sd * np.sqrt(1 - rho**2)
        frame = pd.DataFrame({"t": np.arange(n), "y": draw.poisson(mean * np.exp(e))})
        errors = {"least-squares": "independent"}.get(inference, "ar")
        row = its.segmented(frame, outcome="y", time="t", start=start, family="poisson", inference=inference, errors=errors)
        found = row.to_frame().iloc[0]
        hit += found.conf_low < 0 < found.conf_high
    return hit / count


def causalpy_type(world: World, count: int, seed: int = 20261122) -> float:
    """Average effect by a trend fitted before the start; interval from the scatter of the differences after it."""
    y, at = world.draw(count, seed), world.n // 2
    t = np.arange(world.n, dtype=float)
    x = np.column_stack([np.ones(world.n), t])
    b = np.linalg.lstsq(x[:at], y[:at], rcond=None)[0]
    impact = y[at:] - x[at:] @ b
    reach = 1.96 * impact.std(axis=0, ddof=1) / np.sqrt(world.n - at)
    return float((np.abs(impact.mean(axis=0)) < reach).mean())


def causalimpact_type(world: World, count: int, seed: int = 20261122) -> float:
    """Average effect by a local level model fitted before the start (maximum likelihood)."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y, at = world.draw(count, seed), world.n // 2
    hit = 0
    for one in y.T:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = UnobservedComponents(one[:at], level="llevel").fit(disp=0)
        level, m = fit.params[1], world.n - at
        start = float(fit.predicted_state_cov[0, 0, -1])
        variance = start + level * (m - 1) * (2 * m - 1) / (6 * m) + fit.params[0] / m
        hit += abs(one[at:].mean() - fit.forecast(m).mean()) < 1.96 * np.sqrt(variance)
    return hit / count


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for worlds in (AR1_WORLDS, HARD_WORLDS):
        for world in worlds:
            cells = " | ".join(f"{c:.3f} {w:.2f}" for c, w in integrated(world, many).values())
            sys.stdout.write(f"| {world.n} | {world.phi} {world.theta:g} | {cells} |\n")
    for world in (World(n=48, phi=(rho, 0.0)) for rho in (0.0, 0.4)):
        popular = causalpy_type(world, many), causalimpact_type(world, many // 10)
        sys.stdout.write(f"| average effect | {world} | {popular[0]:.3f} | {popular[1]:.3f} |\n")
    for n in (24, 48):
        for mean in (5, 30, 200):
            for rho in (0.0, 0.4, 0.7):
                found = [counts(n, mean, rho, many // 4, inference=i) for i in ("integrated", "least-squares")]
                sys.stdout.write(f"| counts | {n} | {mean} | {rho} | {found[0]:.3f} | {found[1]:.3f} |\n")


if __name__ == "__main__":
    main()
