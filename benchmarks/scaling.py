"""How processor time and memory grow: each kind of work at n, 2n, 4n and 8n, in a process of its own each.

Run: ``python benchmarks/scaling.py``. Prints the table of docs/speed.md and writes what was measured into
``benchmarks/measured/scaling.json``; ``--only two_way`` measures one kind of work again and keeps the others, ``--page`` writes the
table of that page again from that file, without measuring. Time is the
processor's, of one thread, without start-up and without the run before it that compiles; the exponent is the slope of its
logarithm from the second size to the last (the first is mostly overhead). Memory is what the work adds to the process at its peak.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from whole_path import MEASURED, PAGE, ROOT, written

DOUBLED = (1, 2, 4, 8)


def panel(units: int) -> pd.DataFrame:
    """A panel of 10 periods with two waves of starts and a covariate."""
    rng, t = np.random.default_rng(1), np.arange(10)
    start = np.where(np.arange(units) % 3 == 0, np.inf, 5 + np.arange(units) % 2)
    x = rng.normal(size=(units, 1))
    y = rng.normal(size=(units, 1)) + 0.1 * x * t + (t >= start[:, None]) + rng.normal(size=(units, 10))
    return pd.DataFrame({"unit": np.repeat(np.arange(units), 10), "time": np.tile(t, units), "y": y.ravel(),
                         "start": np.repeat(start, 10), "x": np.repeat(x, 10)})  # fmt: skip


KEYS = {"outcome": "y", "unit": "unit", "time": "time", "start": "start"}


def checking(n: int):
    from datetime import date

    from hubeval.checking import check
    from hubeval.protocol import DidDesign, Outcome, Protocol

    frame = panel(n // 10).assign(time=lambda f: f.time + 1990, start=lambda f: f.start.where(np.isinf(f.start), f.start + 1990))
    path = Path(os.environ["SCALING_FOLDER"]) / f"{n}.csv"
    frame.to_csv(path, index=False)
    protocol = Protocol(area="Made up", question="?", registered=date(2026, 1, 1), country="Nowhere",
                        outcomes=(Outcome(column="y", label="Y", unit="points"),),
                        design=DidDesign(unit="unit", time="time", start="start"))  # fmt: skip
    return lambda: check(protocol, path)


def group_time(n: int):
    from hubeval.methods import did

    frame = panel(n // 10)
    return lambda: did.group_time(frame, **KEYS, covariates=["x"]).aggregate()


def two_way(n: int):
    from hubeval.methods import did

    frame = panel(n // 10)
    return lambda: did.two_way(frame, **KEYS)


def many_series(n: int):
    from hubeval.methods import its

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"site": np.repeat(np.arange(n), 48), "y": rng.normal(size=n * 48),
                          "month": np.tile(pd.period_range("2018-01", periods=48, freq="M").astype(str), n)})  # fmt: skip
    return lambda: its.segmented_many(frame, by="site", outcome="y", time="month", start="2020-01")


def donors(n: int):
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.control import control_of

    rng = np.random.default_rng(20261122)
    y = 50 + rng.normal(size=(60, 4)).cumsum(axis=0) @ rng.normal(size=(4, n + 1)) + rng.normal(size=(60, n + 1))
    made = Panel(y=y, units=tuple(range(n + 1)), times=tuple(range(60)), treated=(0,), t0=48, x=y[:0])
    return lambda: control_of(made).estimates()


def matched(n: int):
    from hubeval.methods.matching import match

    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(n, 10)), columns=[f"x{j}" for j in range(10)])
    frame["treated"] = (rng.random(n) < 0.2 / (1 + np.exp(-frame.x0))).astype(int)
    return lambda: match(frame, treated="treated", covariates=[f"x{j}" for j in range(10)])


LINEAR = 1.25  # n log n is 1.08 at these sizes; the rest is room for caches, and for noise
WORK = {  # what, what n counts, the smallest n, the largest exponent allowed
    "checking": ("`check` of a panel in a CSV file", "rows", 50_000, LINEAR),
    "group_time": ("group-time, doubly robust, with a covariate", "rows", 100_000, LINEAR),
    "two_way": ("two-way fixed effects", "rows", 500_000, LINEAR),
    "many_series": ("interrupted time series, the default model", "series", 200, LINEAR),
    "donors": ("synthetic control with all placebos and intervals", "donors", 25, 2.0),
    "matched": ("nearest 1:1 match on a logit score", "records", 20_000, LINEAR),
}


def one(name: str, n: int) -> dict[str, float]:
    """Seconds and megabytes of one piece of work in this process."""
    globals()[name](min(n, WORK[name][2]))()  # compiles, imports
    work, before = globals()[name](n), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(2):
        begin = time.process_time()
        work()
        seconds.append(time.process_time() - begin)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"n": n, "seconds": round(min(seconds), 4), "megabytes": round(more / 1024, 1)}


def exponent(rows: list[dict[str, float]]) -> float:
    """The slope of log time on log n from the second size on."""
    used = rows[1:]
    return round(float(np.polyfit(np.log([r["n"] for r in used]), np.log([r["seconds"] for r in used]), 1)[0]), 2)


def measure(folder: str, names: list[str]) -> dict[str, object]:
    """The work of these names, each size in a process of its own."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "SCALING_FOLDER": folder}
    found: dict[str, list[dict[str, float]]] = {}
    for name in names:
        least, found[name] = WORK[name][2], []
        for times in DOUBLED:
            argv = [sys.executable, __file__, "--one", name, "--n", str(least * times)]
            done = subprocess.run(argv, env={**os.environ, **threads}, capture_output=True, text=True, check=True)
            found[name].append(json.loads(done.stdout.strip().splitlines()[-1]))
        print(name, found[name], exponent(found[name]), file=sys.stderr, flush=True)
    return {"made": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "numpy": np.__version__,
            "pandas": pd.__version__, "work": found}  # fmt: skip


def table(measured: dict[str, object]) -> str:
    """The table of the page."""
    lines = ["| work | n | processor s | MB added | grows as n to the |", "|---|---|---|---|---|"]
    for name, rows in measured["work"].items():
        label, what, _, _ = WORK[name]
        sizes = ", ".join(f"{r['n']:,}" for r in rows)
        seconds = ", ".join(f"{r['seconds']:.2g}" for r in rows)
        memory = ", ".join(f"{r['megabytes']:.0f}" for r in rows)
        lines.append(f"| {label} | {sizes} {what} | {seconds} | {memory} | {exponent(rows):.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--n", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=sorted(WORK), help="measure this again and keep the others")
    parser.add_argument("--page", action="store_true", help="write the page's table from what was measured before")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one, asked.n)))
        return
    where = MEASURED / "scaling.json"
    if not asked.page:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            MEASURED.mkdir(exist_ok=True)
            found = measure(folder, [asked.only] if asked.only else list(WORK))
        if asked.only:
            found["work"] = json.loads(where.read_text(encoding="utf-8"))["work"] | found["work"]
        where.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page, made = PAGE.read_text(encoding="utf-8"), table(json.loads(where.read_text(encoding="utf-8")))
    PAGE.write_text(written(page, "scaling", made), encoding="utf-8")


if __name__ == "__main__":
    main()
