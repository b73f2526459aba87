"""Twenty made-up worlds: root mean squared error and coverage of the headline beside commoner ways, as a table.

    python benchmarks/matching_board.py [draws a world] [records]
    python benchmarks/matching_board.py --harder [draws] [records]

The worlds are those of tests/recovery/matching/board.py. Twenty draws of 1,000 records take some minutes of one core. `--harder`
is the one world that the headline is known to be weak in, with its bends left unsaid and told.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np

WHERE = Path(__file__).parents[1] / "tests/recovery/matching/board.py"


def load():
    """The board, which lies beside its tests."""
    spec = importlib.util.spec_from_file_location("board", WHERE)
    module = sys.modules["board"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(draws=20, n=1000):
    board = load()
    rows = board.run(range(len(board.WORLDS)), range(draws), n=n)
    print(f"{len(board.WORLDS)} worlds x {draws} draws of {n:,} records")
    print(board.table(rows).to_string(index=False, na_rep="not given", float_format="{:.3f}".format))
    wide = rows.assign(covered=rows.covered.astype(float)).groupby(["world", "estimator"]).agg(
        bias=("error", "mean"), coverage=("covered", "mean"))
    print("\nThe headline, world by world")
    print(wide.xs(next(iter(board.ESTIMATORS)), level="estimator").to_string(float_format="{:.3f}".format))
    for number, world in enumerate(board.WORLDS):
        print(number, world)


def weak_spot(draws=200, n=1000):
    board = load()
    for told in (False, True):
        error, size, covered = np.array([board.harder(seed, n, told) for seed in range(draws)], dtype=float).T
        print(f"{n:,} records x {draws} draws, bends {'told' if told else 'unsaid'}: bias {error.mean():+.3f}, mean standard error "
              f"{size.mean():.3f}, ratio {error.mean() / size.mean():+.2f}, coverage {covered.mean():.3f}", flush=True)


if __name__ == "__main__":
    numbers = [int(word.replace(",", "")) for word in sys.argv[1:] if word != "--harder"]
    (weak_spot if "--harder" in sys.argv else main)(*numbers)
