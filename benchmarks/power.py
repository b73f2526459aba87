"""Simulated power of 150 units × 40 periods, 1,000 draws × 6 effects: the matrix products against the naive loop.

The naive loop makes every panel, permutes the starts and fits two-way fixed effects again for each; it is timed on a few
draws and scaled up. Run: ``python benchmarks/power.py``. Read the ratio, not the seconds.
"""

from __future__ import annotations

import time
from datetime import date

import numpy as np

from hubeval.detectable import Settings, power
from hubeval.detectable.assignments import Panel, two_way_weights
from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.synthetic import staggered_panel

UNITS, PERIODS, DRAWS, EFFECTS, PERMUTATIONS = 150, 40, 1_000, 6, 999


def protocol(inference: str, estimator: str) -> Protocol:
    return Protocol(
        area="Benchmark", question="How fast?", registered=date(2026, 11, 22),
        outcomes=(Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000", smallest_worthwhile=3),),
        design=DidDesign(unit="area", time="quarter", start="hub_opened", estimator=estimator, inference=inference),
    )


def naive_fit_seconds() -> float:
    """Processor seconds of one permuted refit, written as leanly as the loop allows."""
    rng = np.random.default_rng(1)
    y = rng.normal(size=(UNITS, PERIODS))
    cohort = np.repeat([0, 1, 2, 3], [10, 10, 10, UNITS - 30])
    panel = Panel(y=y, cohort=cohort, starts=np.array([20.0, 24.0, 28.0, np.inf]))
    exposure = panel.exposure
    begin = time.process_time()
    repeats = 300
    for _ in range(repeats):
        d = exposure[rng.permutation(cohort)]
        inside = d - d.mean(axis=1)[:, None] - d.mean(axis=0)[None, :] + d.mean()
        (inside * y).sum() / (inside * inside).sum()
    assert two_way_weights(panel).shape == (4, PERIODS)
    return (time.process_time() - begin) / repeats


def main() -> None:
    made = staggered_panel(n_areas=UNITS, n_treated=30, n_quarters=PERIODS, waves=(20, 24, 28)).frame
    made["referrals_per_10k"] = made["referrals_per_10k"].replace("c", "20")
    refit = naive_fit_seconds()
    naive = refit * DRAWS * EFFECTS * (PERMUTATIONS + 1)
    for estimator, inference in (("two-way", "permutation"), ("two-way", "cr2"), ("group-time", "permutation")):
        for curves in (0, 300):
            wall, used = time.perf_counter(), time.process_time()
            found = power(protocol(inference, estimator), made, settings=Settings(draws=DRAWS, curve_draws=curves))
            wall, used = time.perf_counter() - wall, time.process_time() - used
            print(f"{estimator:>10}, {inference:>11}, {'with' if curves else 'without'} curves: {used:6.2f} s processor, "
                  f"{wall:6.2f} s wall; smallest detectable {found.smallest_detectable:.2f}")
            if inference == "permutation" and not curves:
                print(f"{'':>10}  naive loop: {refit * 1e6:.0f} µs a refit × {DRAWS * EFFECTS * (PERMUTATIONS + 1):,} = "
                      f"{naive:,.0f} s; ratio {naive / used:,.0f}")


if __name__ == "__main__":
    main()
