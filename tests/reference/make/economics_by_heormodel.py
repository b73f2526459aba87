"""Ladder, acceptability and value of information by heormodel (MIT), on drawn options: a second witness beside BCEA and dampack.

Its own environment: ``python -m venv own && own/bin/pip install heormodel==0.7.4``, then
``own/bin/python tests/reference/make/economics_by_heormodel.py``; it writes ``tests/reference/economics/drawn.json``.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent.parent
DRAWS, NAMES = 200, ["no programme", "hub", "hub and visits", "visits", "drop-in"]
WORTH = [0.0, 200.0, 500.0, 800.0, 1000.0, 1500.0, 2500.0, 5000.0]


def main():
    """Write the numbers, with the draws that they were made from."""
    from heormodel.cea import ceac, icer_table
    from heormodel.models import Outcomes
    from heormodel.voi import evpi

    rng = np.random.default_rng(20261128)
    cost = np.column_stack([np.zeros(DRAWS), *(rng.gamma(40, each, DRAWS) for each in (1000, 2200, 1500, 900))]).round(2)
    effect = np.column_stack([np.zeros(DRAWS), *(rng.normal(each, 15, DRAWS) for each in (45, 60, 40, 20))]).round(4)
    options = Outcomes.from_wide(pd.DataFrame(cost, columns=NAMES), pd.DataFrame(effect, columns=NAMES))
    curve, most = ceac(options, WORTH), evpi(options, WORTH)
    many_cost = rng.uniform(1, 100, 30).round(2)
    many_effect = (8 * np.sqrt(many_cost) + rng.normal(0, 6, 30)).round(4)
    table = icer_table(pd.DataFrame({"cost": many_cost, "effect": many_effect}, index=[f"option {i}" for i in range(30)]))
    made = {
        "versions": {name: version(name) for name in ("heormodel", "numpy", "pandas")},
        "options": NAMES, "worth": WORTH, "cost": cost.tolist(), "effect": effect.tolist(),
        "best": curve[NAMES].to_numpy().tolist(), "information": [float(most[each]) for each in WORTH],
        "ladder": [
            {"option": name, "cost": row.cost, "effect": row.effect, "status": row.status,
             "ratio": None if np.isnan(row.icer) else row.icer}
            for name, row in table.iterrows()
        ],
    }  # fmt: skip
    (HERE / "economics" / "drawn.json").write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
