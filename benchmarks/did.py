"""Group-time effects, two-way fixed effects, wild bootstrap: ours against peers and against a lean floor.

Run: ``python benchmarks/did.py [--units 100000] [--peer-python PATH]``. Times are processor seconds of one
thread on the same data, without start-up, best of three. Peers (csdid, pyfixest) are timed in the Python named
by ``--peer-python``, an environment of their own; they are left out where it is not given. Read the ratios.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from hubeval.engine.few_clusters import wild
from hubeval.engine.logit import logit
from hubeval.methods.did import group_time, two_way, two_way_large

PERIODS = 10
KEYS = {"outcome": "y", "unit": "unit", "time": "time", "start": "start"}

PEERS = """
import json, sys, time
import pandas as pd
data = pd.read_csv(sys.argv[1])
found = {}
def timed(name, run):
    try:
        best = 1e9
        for _ in range(2):
            begin = time.process_time(); run(); best = min(best, time.process_time() - begin)
        found[name] = best
    except Exception as problem:
        found[name] = repr(problem)[:200]
def csdid():
    from csdid.att_gt import ATTgt
    ATTgt(yname="y", gname="g", idname="unit", tname="time", xformla="y ~ x1 + x2", data=data).fit(est_method="dr", bstrap=False)
def pyfixest():
    import pyfixest as pf
    pf.feols("y ~ d | unit + time", data, vcov={"CRV1": "unit"})
timed("csdid, group-time DR with covariates", csdid)
timed("pyfixest, two-way", pyfixest)
print("RESULT" + json.dumps(found))
"""


def panel(units: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(units, 2))
    start = rng.choice([np.inf, 4, 5, 6, 7, 8], size=units, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    t = np.arange(PERIODS)
    y = rng.normal(size=(units, 1)) + 0.1 * t + 0.1 * x[:, :1] * t + (t >= start[:, None]) + rng.normal(size=(units, PERIODS))
    return pd.DataFrame({"unit": np.repeat(np.arange(units), PERIODS), "time": np.tile(t, units),
                         "start": np.repeat(start, PERIODS), "x1": np.repeat(x[:, 0], PERIODS),
                         "x2": np.repeat(x[:, 1], PERIODS), "y": y.ravel()})


def write_large(where: Path, units: int) -> None:
    """A panel of 10 periods written by DuckDB itself, so that no row passes through this process."""
    duckdb.sql(
        f"COPY (SELECT u AS unit, t AS time, s AS start, (hash(u * 100 + t) % 1000003) / 333334.0 + coalesce(t >= s, false)::INT AS y FROM "
        f"(SELECT u, CASE u % 10 WHEN 1 THEN 4 WHEN 2 THEN 5 WHEN 3 THEN 6 WHEN 4 THEN 7 END::DOUBLE AS s FROM "
        f"range({units}) r(u)), range(10) q(t)) TO '{where}' (FORMAT parquet)")


LARGE_PEER = """
import sys, time
import pandas as pd, pyfixest as pf
begin, wall = time.process_time(), time.perf_counter()
data = pd.read_parquet(sys.argv[1])
data["d"] = (data["time"] >= data["start"]).astype(float)
fit = pf.feols("y ~ d | unit + time", data, vcov={"CRV1": "unit"})
print(f"pyfixest on the same 10,000,000 rows: {time.process_time() - begin:.1f} s processor, "
      f"{time.perf_counter() - wall:.1f} s wall; {fit.coef().iloc[0]:.12f} ({fit.se().iloc[0]:.12f})")
"""


def best(run, times=3):
    seconds = []
    for _ in range(times):
        begin = time.process_time()
        run()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def floor(data: pd.DataFrame) -> None:
    """The leanest way to the same estimates and errors we know, no checks: columns to matrices, one score a cohort."""
    units = len(data) // PERIODS
    y = np.ascontiguousarray(data["y"].to_numpy().reshape(units, PERIODS).T)
    start = data["start"].to_numpy()[::PERIODS]
    x = np.column_stack([np.ones(units), data["x1"].to_numpy()[::PERIODS], data["x2"].to_numpy()[::PERIODS]])
    never = np.isinf(start)
    for g in (4, 5, 6, 7, 8):
        rows = np.flatnonzero(never | (start == g))
        d = (start[rows] == g).astype(float)
        xs, n = x[rows], len(rows)
        fit = logit(d, xs)
        p = fit.probability
        base = [t - 1 if t < g else g - 1 for t in range(1, PERIODS)]
        change = y[1:, rows] - y[base][:, rows]
        w0 = 1 - d
        inverse = np.linalg.inv((xs * w0[:, None]).T @ xs / n)
        rest = change - ((change * w0) @ xs @ inverse / n) @ xs.T
        wc = w0 * p / (1 - p)
        mt, mc = d.mean(), wc.mean()
        at, ac = rest @ d / n / mt, rest @ wc / n / mc
        reach = w0 * (xs @ (inverse @ (d @ xs / n / mt - wc @ xs / n / mc)))
        psi = rest * (d / mt - wc / mc - reach) - np.outer(at, d / mt) + np.outer(ac, wc / mc)
        moment = ((rest - ac[:, None]) * wc) @ xs / n / mc
        psi -= (d - p) * ((moment @ fit.bread * n) @ xs.T)
        np.sqrt(np.einsum("kn,kn->k", psi, psi)) / n


def wild_data() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    g, t = 150, 40
    unit, time_ = np.repeat(np.arange(g), t), np.tile(np.arange(t), g)

    def within(v):
        means = np.column_stack([np.bincount(unit, c) / t for c in v.reshape(len(v), -1).T])
        return (v.reshape(len(v), -1) - means[unit]).reshape(v.shape)

    d = ((unit < 12) & (time_ >= 20)).astype(float)
    return within(d), within(rng.normal(size=g * t)), within(np.eye(t)[time_][:, 1:]), unit


def peers(data: pd.DataFrame, python: str) -> dict[str, float | str]:
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "panel.csv"
        given = data.assign(g=data["start"].replace(np.inf, 0), d=(data["time"] >= data["start"]).astype(int), time=data["time"])
        given = given.assign(g=np.where(given["g"] > 0, given["g"] + 1, 0), time=given["time"] + 1).drop(columns="start")
        given.to_csv(where, index=False)
        done = subprocess.run([python, "-c", PEERS, str(where)], capture_output=True, text=True, check=False, timeout=500)
    line = next((row for row in done.stdout.splitlines() if row.startswith("RESULT")), None)
    return json.loads(line[6:]) if line else {"peers": done.stderr.strip()[-200:]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--peer-python", default="")
    asked = parser.parse_args()
    data = panel(asked.units)
    print(f"{asked.units:,} units x {PERIODS} periods")
    ours = best(lambda: group_time(data, **KEYS, covariates=("x1", "x2")))
    lean = best(lambda: floor(data))
    print(f"group-time DR with covariates: {ours:.3f} s; lean floor without checks {lean:.3f} s; ratio {ours / lean:.2f}")
    tw = best(lambda: two_way(data, **KEYS))
    print(f"two-way fixed effects, clustered errors: {tw:.3f} s")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "panel.parquet"
        write_large(where, 1_000_000)
        for event in (False, True):
            begin, spent = time.perf_counter(), time.process_time()
            row = two_way_large(where, **KEYS, event=event).to_frame().iloc[0]
            name = "event study" if event else "two-way"
            print(f"{name} on 10,000,000 rows from grouped sums: {time.process_time() - spent:.1f} s processor, "
                  f"{time.perf_counter() - begin:.1f} s wall; {row['estimate']:.12f} ({row['std_error']:.12f})")
        if asked.peer_python:
            done = subprocess.run([asked.peer_python, "-c", LARGE_PEER, str(where)], capture_output=True, text=True,
                                  check=False, timeout=900)
            print(done.stdout.strip() or done.stderr.strip()[-200:])
    arrays = wild_data()
    print(f"9,999 wild cluster draws, 150 x 40, with interval: {best(lambda: wild(*arrays)):.3f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
    if asked.peer_python:
        for name, seconds in peers(data, asked.peer_python).items():
            if isinstance(seconds, str):
                print(f"{name}: {seconds}")
            else:
                print(f"{name}: {seconds:.2f} s, {seconds / (ours if 'group' in name else tw):.0f} times ours")


if __name__ == "__main__":
    main()
