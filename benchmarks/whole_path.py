"""Whole commands from outside: processor time and peak memory of `check` and `evaluate`, beside reading the file.

Run: ``python benchmarks/whole_path.py [--rows 1000000]``. Each command is a process of its own on one thread, from start-up to
the last file written: the better of two runs where one takes less than five seconds, else one. So is the peer: pandas reading the
same file and, for panels, linearmodels' two-way fixed effects on it (one number, one clustered error: no checks, no figures, no
report). Read the ratios; seconds are this machine's. What was measured goes into ``benchmarks/measured/whole_path.json`` and from
there into docs/speed.md; ``--page`` writes that table again without measuring. Without numba: put a folder with a file ``numba.py`` that
holds ``raise ImportError`` first in PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "benchmarks" / "measured"
PAGE = ROOT / "docs" / "speed.md"
SHORT = 5.0  # seconds below which a run is done twice
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
    """The better of two runs; one where it is long."""
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)])
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": path}
    found: list[Used] = []
    while len(found) < 2 and not (found and found[0].seconds > SHORT):
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
    ready(folder)


def ready(folder: Path) -> None:
    """The profile of a place that is ready."""
    lines = (ROOT / "designs/essex-style/illustrative-profile.toml").read_text(encoding="utf-8").splitlines()
    renamed = ['area = "A made-up place"' if line.startswith("area =") else line for line in lines]
    (folder / "profile.toml").write_text("\n".join(renamed) + "\n", encoding="utf-8")


def series(folder: Path, kind: str, others: int) -> None:
    """One area's 60 quarters beside as many others' that move with four common factors, and its protocol."""
    rng, n = np.random.default_rng(20261122), 60
    y = 50 + rng.normal(size=(n, 4)).cumsum(0) @ rng.normal(size=(4, others + 1)) + rng.normal(size=(n, others + 1))
    areas = [f"A{i}" for i in range(others + 1)]
    quarters = [f"{2005 + t // 4}Q{t % 4 + 1}" for t in range(n)]
    frame = pd.DataFrame({"area": np.repeat(areas, n), "quarter": np.tile(quarters, others + 1), "rate0": y.T.ravel().round(3)})
    frame.to_csv(folder / "panel.csv", index=False)
    head, _ = PROTOCOL.format(units="authority").split("[design]")
    beside = "donors" if kind == "synth" else "control"
    design = f'[design]\nkind = "{kind}"\nunit = "area"\ntime = "quarter"\ntreated = "A0"\nstart = "2017Q1"\n{beside} = {areas[1:]}\n'
    (folder / "protocol.toml").write_text(head + design + OUTCOME.format(column="rate0", label="Rate 0", role="primary"))
    ready(folder)


def families(folder: Path, count: int) -> None:
    """The families of the shipped example drawn again with a little noise, its protocol and its profile."""
    rng, style = np.random.default_rng(1), ROOT / "synthetic_data/families-style"
    frame = pd.read_csv(style / "families.csv")
    frame = frame.iloc[rng.integers(0, len(frame), count)].reset_index(drop=True)
    frame["family"] = np.char.add("F", np.arange(count).astype(str))
    for name in ("prior_need", "need_score"):
        frame[name] = (frame[name] + rng.normal(0, 0.5, count)).round(1)
    frame.to_csv(folder / "panel.csv", index=False)
    text = (ROOT / "designs/families-style/protocol.toml").read_text(encoding="utf-8")
    (folder / "protocol.toml").write_text(text.replace("../../synthetic_data/families-style/families.csv", "panel.csv"))
    profile = (ROOT / "designs/families-style/illustrative-profile.toml").read_bytes()
    (folder / "illustrative-profile.toml").write_bytes(profile)


# what, how its folder is made, the verb, whether linearmodels is a peer, and the target where it is in seconds
WORK = (
    ("`evaluate`, difference-in-differences, 150 areas x 40 periods, three outcomes",
     lambda at: panel(at, 150, 40, 3, "authority"), "evaluate", True, "2.0 s"),
    ("`evaluate`, difference-in-differences, 10,000 x 10", lambda at: panel(at, 10_000, 10, 1, "person"), "evaluate", True, ""),
    ("`evaluate`, difference-in-differences, 100,000 x 10",
     lambda at: panel(at, 100_000, 10, 1, "person"), "evaluate", True, "6 s, 600 MB"),
    ("`check`, {rows:,} rows", None, "check", False, "2.5 times reading"),
    ("`evaluate`, matched families, 3,000, three outcomes", lambda at: families(at, 3_000), "evaluate", False, "5 s"),
    ("`evaluate`, matched families, 30,000, three outcomes", lambda at: families(at, 30_000), "evaluate", False, "12 s"),
    ("`evaluate`, interrupted time series, 150 controls", lambda at: series(at, "its", 150), "evaluate", False, "2 s"),
    ("`evaluate`, synthetic control, 150 donors", lambda at: series(at, "synth", 150), "evaluate", False, "2.5 s"),
)


def measure(rows: int, words: tuple[str, ...]) -> list[dict[str, object]]:
    """The work whose label holds one of these words, each piece in a folder of its own."""
    hubeval, found = [sys.executable, "-m", "hubeval"], []
    for label, make, verb, peer, want in WORK:
        if not any(word in label for word in words):
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (make or (lambda at: panel(at, rows // 10, 10, 1, "person")))(folder)
            more = ["--out", "out", "--overwrite"] if verb == "evaluate" else []
            ours = used([*hubeval, verb, "protocol.toml", *more], folder)
            if verb == "evaluate" and not (folder / "out" / "result.json").exists():
                raise RuntimeError(f"{label}: nothing was written")
            read = used([sys.executable, "-c", READ, "panel.csv"], folder)
            beside = used([sys.executable, "-c", PEER, "panel.csv"], folder).seconds if peer else None
        found.append({"work": label.format(rows=rows), "want": want, "seconds": round(ours.seconds, 2), "mb": round(ours.megabytes),
                      "reading": round(read.seconds, 2), "reading_mb": round(read.megabytes),
                      "linearmodels": None if beside is None else round(beside, 2)})
        print(found[-1], file=sys.stderr, flush=True)
    return found


def table(measured: dict[str, object]) -> str:
    """The table of the page."""
    lines = ["| work | wanted | s | MB | reading the file by pandas, s | two-way by linearmodels, s |", "|---|---|---|---|---|---|"]
    for row in measured["work"]:
        peer = "" if row["linearmodels"] is None else f"{row['linearmodels']:.1f}"
        lines.append(f"| {row['work'].replace(' x ', ' × ')} | {row['want']} | {row['seconds']:.1f} | {row['mb']:,} | "
                     f"{row['reading']:.1f} | {peer} |")
    with_numba = "with" if measured["numba"] else "without"
    said = (f"Of each: starting hubeval alone, {measured['start']:.2f} s. Measured on {measured['made']} by Python "
            f"{measured['python']} {with_numba} numba, one run, on a shared machine.")
    wanted = [row for row in measured["work"] if row["want"].split(",")[0].endswith(" s")]
    missed = sum(row["seconds"] > float(row["want"].split(" s")[0]) for row in wanted)
    lines += ["", f"{said} Of {len(wanted)} wanted times, {missed} were missed."]
    return "\n".join(lines)


def written(page: str, name: str, made: str) -> str:
    """A page with what stands between the two marks of this name replaced."""
    begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
    head, rest = page.split(begin, 1)
    return head + begin + made + end + rest.split(end, 1)[1]


def main() -> None:
    """Measure, keep what was measured, and write the page's table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the largest file, which is only checked")
    parser.add_argument("--only", nargs="+", default=[""], help="measure only the work whose label holds one of these words")
    parser.add_argument("--page", action="store_true", help="write the page's table from what was measured before")
    asked = parser.parse_args()
    where = MEASURED / "whole_path.json"
    if not asked.page:
        start = used([sys.executable, "-m", "hubeval", "--help"], ROOT).seconds
        numba = subprocess.run([sys.executable, "-c", "import numba"], capture_output=True, check=False).returncode == 0
        found = {"made": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "numba": numba, "start": round(start, 2),
                 "work": measure(asked.rows, tuple(asked.only))}
        MEASURED.mkdir(exist_ok=True)
        where.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    page, made = PAGE.read_text(encoding="utf-8"), table(json.loads(where.read_text(encoding="utf-8")))
    PAGE.write_text(written(page, "whole commands", made), encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
