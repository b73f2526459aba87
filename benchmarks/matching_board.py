"""Made-up worlds: root mean squared error and coverage of the headline beside commoner ways, as tables.

    python benchmarks/matching_board.py [draws a world] [records]
    python benchmarks/matching_board.py --rough [draws a world] [records]
    python benchmarks/matching_board.py --harder [draws] [records]

The twenty worlds are those of tests/recovery/matching/board.py, the ten of `--rough` those of rough.py beside it. Twenty draws of
1,000 records take half an hour of one core. `--harder` is one world whose kinks and products are strong, with its bends left
unsaid and told. The DoubleML package stands beside the others where it is installed.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd

WHERE = Path(__file__).parents[1] / "tests/recovery/matching"
FIRST = 1000  # draws before this one were in view when the headline was settled


def load(name):
    """A set of worlds, which lies beside its tests."""
    spec = importlib.util.spec_from_file_location(name, WHERE / f"{name}.py")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def groups(board):
    """Worlds by how bent they are."""
    words = {0.0: "straight", 0.5: "half bent", 1.0: "wholly bent"}
    return {word: [i for i, w in enumerate(board.WORLDS) if w.curved == share] for share, word in words.items()}


def main(draws=20, n=1000, *, rough=False):
    board = load("board")
    worlds, draw = (load("rough").WORLDS, load("rough").sample) if rough else (range(len(board.WORLDS)), board.sample)
    peers = list(board.PEERS) if importlib.util.find_spec("doubleml") else []
    names, rows = [*board.ESTIMATORS, *peers], []
    for seed in range(FIRST, FIRST + draws):  # draw by draw, so that a run cut short is still a run over all worlds
        rows.append(board.run(worlds, [seed], names, n, draw))
        print(f"draw {seed}", file=sys.stderr, flush=True)
    rows = pd.concat(rows, ignore_index=True)
    print(f"{len(worlds)} worlds x {draws} draws of {n:,} records")
    for word, part in {"all": list(worlds), **({} if rough else groups(board))}.items():
        print(f"\n{word}: {len(part)} worlds")
        made = board.table(rows[rows.world.isin(part)])
        print(made.to_string(index=False, na_rep="not given", float_format="{:.3f}".format))
    wide = rows.assign(covered=rows.covered.astype(float)).groupby(["world", "estimator"]).agg(
        bias=("error", "mean"), coverage=("covered", "mean"))
    print("\nThe headline, world by world")
    print(wide.xs(next(iter(board.ESTIMATORS)), level="estimator").to_string(float_format="{:.3f}".format))
    if not rough:
        for number, world in enumerate(board.WORLDS):
            print(number, world)


def weak_spot(draws=200, n=1000):
    board = load("board")
    for told in (False, True):
        error, size, covered = np.array([board.harder(seed, n, told) for seed in range(FIRST, FIRST + draws)], dtype=float).T
        print(f"{n:,} records x {draws} draws, bends {'told' if told else 'unsaid'}: bias {error.mean():+.3f}, mean standard error "
              f"{size.mean():.3f}, ratio {error.mean() / size.mean():+.2f}, coverage {covered.mean():.3f}", flush=True)


if __name__ == "__main__":
    numbers = [int(word.replace(",", "")) for word in sys.argv[1:] if not word.startswith("--")]
    if "--harder" in sys.argv:
        weak_spot(*numbers)
    else:
        main(*numbers, rough="--rough" in sys.argv)
