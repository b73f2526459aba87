"""What the learners miss, in smooth and in rough worlds: who is widened, and what the interval covers with it and without.

    python tests/recovery/matching/missed.py board|rough [continuous|binary|counts|everyone|clusters] [records] [draws or recipes] [from]

Draws the headline in worlds of board.py (all twenty, draws from 9000) or rough.py (recipes from 400, one draw each), and keeps the line
under its name in missed.json, which docs/matching.md quotes. The threshold was settled on draws 8000 to 8005 of the board and recipes
330 to 399; how clusters are counted on draws 9000 to 9005, so that their lines are of
draws from 9100 and recipes from 500. Clusters are sixteen places that move the outcome; everyone is the effect over all records, not over
the treated.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from hubeval.methods.matching import effect, match
from hubeval.methods.matching.effects.unlearned import MARK

HERE = Path(__file__).parent


def load(name):
    """A set of worlds beside this file."""
    spec = importlib.util.spec_from_file_location(f"missed_{name}", HERE / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def board(worlds, number, seed, n):
    """Covariates, chance of treatment, outcome without it, own effect, and the generator for the rest."""
    centre, scale, level, _ = worlds._fixed(number)
    rng = np.random.default_rng([seed, number, 7])
    x = worlds._covariates(rng, n)
    drive, base, own = worlds._parts(worlds.WORLDS[number], (worlds._indices(x, number) - centre) / scale)
    return x, expit(level + drive), base, own, rng


def rough(worlds, number, seed, n):
    """The same of a rough world."""
    rng = np.random.default_rng([seed, number, 11])
    x, recipe, fixed = worlds._covariates(rng, n), worlds._recipe(number), worlds._fixed(number)
    part = {k: np.clip((worlds._value(x, recipe[k]) - fixed[k][0]) / fixed[k][1], -3, 3) for k in recipe}
    base = 2 * (0.8 * part["shared"] + 0.6 * part["outcome"])
    return x, expit(-0.8 + 0.8 * part["shared"] + 0.5 * part["treatment"]), base, 1 + 0.5 * part["effect"], rng


def one(worlds, made, kind, n):
    """Whether the interval holds the truth, whether it would without what is missed, and how many times wider the error is."""
    x, chance, base, own, rng = made
    t = rng.random(n) < chance
    if kind == "binary":
        without, treated = expit(0.8 * base), expit(0.8 * base + 0.4 * own)
        y = (rng.random(n) < np.where(t, treated, without)).astype(float)
    elif kind == "counts":
        without, treated = np.exp(0.3 * base + 0.5), np.exp(0.3 * base + 0.5 + 0.15 * own)
        y = rng.poisson(np.where(t, treated, without)).astype(float)
    else:
        without, treated = base, base + own
        y = np.where(t, treated, without) + rng.normal(size=n)
    frame, more = pd.DataFrame(x, columns=worlds.NAMES).assign(t=t.astype(float), y=y), {}
    if kind == "clusters":
        place = rng.integers(0, 16, n)
        frame, more = frame.assign(y=frame.y + 0.4 * rng.normal(size=16)[place], g=place), {"cluster": "g"}
    estimand = "ATE" if kind == "everyone" else "ATT"
    truth = float((treated - without).mean() if kind == "everyone" else (treated - without)[t].mean())
    sample = match(frame, treated="t", covariates=worlds.NAMES, method="inverse-probability", estimand=estimand, **more)
    (found,) = effect(sample, outcome="y", seed=1)
    times = float(found.inference.split("the error is ")[1].split()[0]) if MARK in found.inference else 1.0
    off, reach = abs(found.estimate - truth), (found.conf_high - found.conf_low) / 2
    return off <= reach, off <= reach / times, times


def summed(rows):
    """One line of the table."""
    held, without, times = np.array(rows, dtype=float).T
    line = {"coverage": held.mean(), "without": without.mean(), "seen": (times > 1).mean(), "times": times.mean()}
    return {"samples": len(rows), **{name: round(float(value), 3) for name, value in line.items()}}


def main(which, kind="continuous", n=1000, count=None, first=None):
    """Draw, and keep the line; `first` names another draw or recipe to begin with."""
    worlds, path = load(which), HERE / "missed.json"
    draw = {"board": board, "rough": rough}[which]
    places = [(w, (first or 9000) + s) for s in range(count or 3) for w in range(20)] if which == "board" else [
        (w, 79) for w in range(first or 400, (first or 400) + (count or 30))]
    line = summed([one(worlds, draw(worlds, w, seed, n), kind, n) for w, seed in places])
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[f"{which} {kind}{f' (from {first})' if first else ''} {n}"] = line
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
