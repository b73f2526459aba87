"""How long the release gate takes on the shipped results, by the strictest rules where they are of people. Run: python benchmarks/release.py."""

from __future__ import annotations

import time
from pathlib import Path

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release

ROOT = Path(__file__).resolve().parent.parent
DESIGNS = ("hub-series", "essex-style", "families-style", "cut-off-style")


def main() -> None:
    for name in DESIGNS:
        evaluation = evaluate(read_protocol(ROOT / "designs" / name / "protocol.toml"), despite="timed")
        start = time.process_time()
        released, log = release(evaluation)
        spent = time.process_time() - start
        print(f"{name}: {spent:.2f} s of processor time, {len(log)} decisions, {released.content['release']['profile']} (asked: under 1)")


if __name__ == "__main__":
    main()
