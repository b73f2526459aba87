"""The error of weighted imputation, by definition, with dense matrices (Borusyak, Jaravel & Spiess 2024, equations 6, 8 and 10).

R's didimputation 0.5.0 weights the design twice when it makes the weights of this error, so that they no longer return its own
estimate; the number here does (the script stops if not). Nothing is shared with hubeval.

Run ``python tests/reference/make/did_by_definition.py`` after `draw.py`; it writes ``tests/reference/did/drawn_definition.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent.parent


def main():
    """Write the number."""
    frame = pd.read_csv(HERE / "data" / "staggered.csv").query("start != 2004")
    y, w = frame.y.to_numpy(), frame.weight.to_numpy()
    units, years = pd.factorize(frame.area)[0], frame.year.to_numpy() - 2003
    z = np.zeros((len(y), units.max() + 5))
    z[np.arange(len(y)), units] = 1
    for t in range(1, 5):
        z[years == t, units.max() + t] = 1
    treated = ((frame.start > 0) & (frame.year >= frame.start)).to_numpy()
    share = w[treated] / w[treated].sum()
    z0, w0 = z[~treated], w[~treated]
    v = np.empty(len(y))
    v[treated] = share
    v[~treated] = -w0 * (z0 @ np.linalg.solve(z0.T @ (w0[:, None] * z0), z[treated].T @ share))
    gap = y - z @ np.linalg.solve(z0.T @ (w0[:, None] * z0), z0.T @ (w0 * y[~treated]))
    estimate = share @ gap[treated]
    if abs(v @ y - estimate) > 1e-10:
        message = "the weights do not return the estimate"
        raise RuntimeError(message)
    rest = gap.copy()
    for _, rows in frame.assign(at=np.arange(len(y)))[treated].groupby(["start", "year"])["at"]:
        rest[rows] -= (v[rows] ** 2 @ gap[rows]) / (v[rows] ** 2).sum()
    error = np.sqrt((np.bincount(units, v * rest) ** 2).sum())
    out = {"versions": {"numpy": np.__version__}, "imputation_weighted": {"estimate": estimate, "std.error": error}}
    (HERE / "did" / "drawn_definition.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
