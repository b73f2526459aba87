"""How long readiness takes: the eleven shipped profiles in a fresh process, and a portfolio of 150. Run: python benchmarks/readiness_portfolio.py."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from hubeval.profile import read_profile
from hubeval.readiness import assess
from hubeval.release.pages import release_portfolio
from hubeval.report.portfolio import write_portfolio

ROOT = Path(__file__).resolve().parent.parent
FRESH = (
    "import sys, time; from hubeval.profile import read_profile; from hubeval.readiness import assess, grid; "
    "grid([assess(read_profile(path)) for path in sys.argv[1:]]); print(time.process_time())"
)


def main() -> None:
    paths = sorted((ROOT / "designs").glob("*/profile.toml"))
    fresh = subprocess.run([sys.executable, "-c", FRESH, *map(str, paths)], capture_output=True, text=True, check=True)
    print(f"{len(paths)} areas, fresh process: {float(fresh.stdout):.2f} s of processor time (asked: under 0.5)")
    profiles = [read_profile(path) for path in paths]
    many = [replace(profiles[n % len(profiles)], area=f"Area {n}") for n in range(150)]
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        write_portfolio(release_portfolio([assess(profile) for profile in many]), folder)
        print(f"150 areas, portfolio: {time.process_time() - start:.2f} s of processor time (asked: under 2)")


if __name__ == "__main__":
    main()
