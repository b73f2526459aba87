"""Interrupted time series at scale, against statsmodels in the same run. Prints processor seconds and ratios.

Run: python benchmarks/its.py [series]
R's nlme::gls with corAR1 took 3.6 ms of processor time a fit at 48 points where it was measured (nlme 3.1-162, R 4.2.2,
2026-11-28: 60 series in one process, best of three); it is not run here.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm

from hubeval.methods import its
from hubeval.methods.its.checks.placebo_starts import placebo_dates

N, AT = 48, 24


def made(count, seed=1):
    draw = np.random.default_rng(seed)
    e = np.zeros((N, count))
    e[0] = draw.normal(size=count) / np.sqrt(1 - 0.4**2)
    for t in range(1, N):
        e[t] = 0.4 * e[t - 1] + draw.normal(size=count)
    months = pd.period_range("2018-01", periods=N, freq="M").astype(str)
    return pd.DataFrame({"site": np.repeat(np.arange(count), N), "month": np.tile(months, count), "y": e.T.ravel()})


def spent(work, times=3):
    found = []
    for _ in range(times):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def peers(frame, most=30):
    t = np.arange(N, dtype=float)
    x = np.column_stack([np.ones(N), t - AT, t >= AT, np.maximum(t - AT, 0)])
    series = frame.y.to_numpy().reshape(-1, N)[:most]

    def sarimax():
        for y in series:
            sm.tsa.SARIMAX(y, exog=x, order=(1, 0, 0)).fit(disp=0)

    def glsar():
        for y in series:
            sm.GLSAR(y, x, rho=1).iterative_fit(3)

    def hac():
        for y in series:
            sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": 1})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {work.__name__: spent(work, 1) / most for work in (sarimax, glsar, hac)}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    frame = made(count)
    ask = {"by": "site", "outcome": "y", "time": "month", "start": "2020-01"}
    small = frame[frame.site < 300]
    its.segmented_many(small, **ask)  # compile before the clock starts
    other = peers(frame)
    print("statsmodels, ms a series: " + ", ".join(f"{name} {1e3 * value:.2f}" for name, value in other.items()))
    for label, more in (
        ("Kenward-Roger", {"inference": "kenward-roger"}),
        ("integrated AR(1)", {"errors": "ar1"}),
        ("integrated AR(2), the default", {}),
    ):
        seconds = spent(lambda more=more: its.segmented_many(frame, **ask, **more), 2)
        ratios = ", ".join(f"{name} {value * count / seconds:,.0f}x" for name, value in other.items())
        print(f"{label}: {count:,} series in {seconds:.3f} s; faster than {ratios}; gls at 3.6 ms {0.0036 * count / seconds:,.0f}x")
    one = frame[frame.site == 0]
    ask.pop("by")
    fit = its.segmented(one, **ask)
    print(f"one series: {1e3 * spent(lambda: its.segmented(one, **ask).to_frame()):.1f} ms")
    print(f"placebo dates of one series: {1e3 * spent(lambda: placebo_dates(fit)):.1f} ms")
    print(f"diagnostics of one series: {1e3 * spent(fit.diagnostics):.1f} ms")


if __name__ == "__main__":
    main()
