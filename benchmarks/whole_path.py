"""Whole commands from outside: processor time and peak memory of `check` and `evaluate`, beside reading the file.

Run: ``python benchmarks/whole_path.py [--rows 1000000]``. Each command is a process of its own on one thread, from
start-up to the last file written, best of two; so is the peer: pandas reading the same file and, for panels, linearmodels' two-way
fixed effects on it (one number, one clustered error: no checks, no figures, no report). Read the ratios; seconds are this machine's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
READ = "import sys, pandas; pandas.read_csv(sys.argv[1])"
PEER = """
import sys
import pandas as pd
from linearmodels.panel import PanelOLS
data = pd.read_csv(sys.argv[1])
data["treated"] = ((data.opened > 0) & (data.year >= data.opened)).astype(float)
for outcome in [name for name in data if name.startswith("rate")]:
    frame = data.set_index(["area", "year"])
    PanelOLS(frame[outcome], frame[["treated"]], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True)
"""
PROTOCOL = """
area = "A made-up place"
question = "Did hubs move the rate?"
registered = 2026-11-22
country = "Nowhere"
profile = "profile.toml"
[data]
file = "panel.csv"
units = "{units}"
[design]
kind = "did"
unit = "area"
time = "year"
start = "opened"
control = "never"
"""
OUTCOME = """
[[outcomes]]
column = "{column}"
label = "{label}"
unit = "points"
direction = "lower is better"
role = "{role}"
smallest_worthwhile = 1
source = "made"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a process used: processor seconds, and megabytes at its peak."""

    seconds: float
    megabytes: float


def used(argv: list[str], folder: Path) -> Used:
    """The better of two runs."""
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    found = []
    for _ in range(2):
        done = subprocess.Popen(argv, env={**os.environ, **threads}, **quiet)
        _, status, rest = os.wait4(done.pid, 0)
        if os.waitstatus_to_exitcode(status) not in {0, 1}:
            raise RuntimeError(f"{argv} ended with {os.waitstatus_to_exitcode(status)}")
        found.append(Used(seconds=rest.ru_utime + rest.ru_stime, megabytes=rest.ru_maxrss / 1024))
    return min(found, key=lambda one: one.seconds)


def panel(folder: Path, units: int, periods: int, outcomes: int, kind: str) -> None:
    """A panel with two waves of starts, its protocol and the profile of a place that is ready."""
    rng = np.random.default_rng(1)
    who, when = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    begin = np.where(np.arange(units) % 3 == 0, 0, 1980 + periods // 2 + np.arange(units) % 2)[who]
    level = rng.normal(50, 5, units)[who] + 0.3 * when - 2.0 * ((begin > 0) & (1980 + when >= begin))
    frame = pd.DataFrame({"area": np.char.add("U", who.astype(str)), "year": 1980 + when, "opened": begin})
    names = [f"rate{j}" for j in range(outcomes)]
    for name in names:
        frame[name] = (level + 3 * rng.normal(size=len(level))).round(3)
    frame.to_csv(folder / "panel.csv", index=False)
    roles = ["primary", "downstream", "placebo"]
    made = [OUTCOME.format(column=c, label=f"Rate {j}", role=roles[j]) for j, c in enumerate(names)]
    (folder / "protocol.toml").write_text(PROTOCOL.format(units=kind) + "".join(made))
    ready = (ROOT / "designs/essex-style/illustrative-profile.toml").read_text(encoding="utf-8").splitlines()
    renamed = ['area = "A made-up place"' if line.startswith("area =") else line for line in ready]
    (folder / "profile.toml").write_text("\n".join(renamed) + "\n", encoding="utf-8")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the largest file, which is only checked")
    rows = parser.parse_args().rows
    hubeval = [sys.executable, "-m", "hubeval"]
    work = [
        ("evaluate, 150 areas x 40 periods, three outcomes", (150, 40, 3, "authority"), "evaluate"),
        ("evaluate, 10,000 x 10", (10_000, 10, 1, "person"), "evaluate"),
        (f"check, {rows:,} rows", (rows // 10, 10, 1, "person"), "check"),
    ]
    print("| work | hubeval, s | MB | reading the file by pandas, s | MB | two-way by linearmodels, s | hubeval / reading |")
    print("|---|---|---|---|---|---|---|")
    for label, (units, periods, outcomes, kind), verb in work:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            panel(folder, units, periods, outcomes, kind)
            more = ["--out", "out", "--overwrite"] if verb == "evaluate" else []
            ours = used([*hubeval, verb, "protocol.toml", *more], folder)
            read = used([sys.executable, "-c", READ, "panel.csv"], folder)
            peer = f"{used([sys.executable, '-c', PEER, 'panel.csv'], folder).seconds:.1f}" if verb == "evaluate" else ""
            print(f"| {label} | {ours.seconds:.1f} | {ours.megabytes:.0f} | {read.seconds:.1f} | {read.megabytes:.0f} | "
                  f"{peer} | {ours.seconds / read.seconds:.1f} |", flush=True)
    start = used([*hubeval, "--help"], ROOT)
    print(f"\nOf each: starting hubeval alone takes {start.seconds:.2f} s.")


if __name__ == "__main__":
    main()
