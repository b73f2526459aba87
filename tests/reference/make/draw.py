"""Draw the data sets that the reference numbers are made on: seeded, small, and shaped like the ones people publish with.

Run ``python tests/reference/make/draw.py`` to write them again to ``tests/reference/data``. Nobody's records are in them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parent.parent / "data"


def staggered() -> pd.DataFrame:
    """500 areas in 20 regions over five years, three cohorts, a fixed covariate, unequal weights, some rows marked as gaps."""
    rng = np.random.default_rng(101)
    n, years = 500, np.arange(2003, 2008)
    lpop = rng.normal(3.3, 1.2, n).round(4)
    region = rng.integers(1, 21, n)
    taste = np.column_stack([0.2 * lpop, 0.1 * lpop, 0.25 * lpop, 0.9 + 0 * lpop])
    shares = np.exp(taste + np.log([0.05, 0.09, 0.2, 0.6]))
    start = np.array([rng.choice([2004, 2006, 2007, 0], p=row / row.sum()) for row in shares])
    level = 2.5 + lpop + rng.normal(0, 0.5, n) + 0.3 * rng.normal(size=21)[region]
    frame = pd.DataFrame({
        "area": np.repeat(np.arange(1, n + 1), 5), "region": np.repeat(region, 5), "year": np.tile(years, n),
        "start": np.repeat(start, 5), "lpop": np.repeat(lpop, 5),
        "weight": np.repeat(rng.gamma(4, 0.25, n).round(3) + 0.1, 5)})
    since = np.where(frame.start > 0, frame.year - frame.start, -1)
    shock = rng.normal(size=(21, 5))[frame.region, frame.year - 2003]
    effect = np.where(since >= 0, -0.03 - 0.03 * since + 0.01 * (frame.lpop - 3.3), 0)
    frame["y"] = (np.repeat(level, 5) + 0.02 * (frame.year - 2003) * (1 + 0.3 * frame.lpop) + effect + 0.03 * shock
                  + rng.normal(0, 0.14, 5 * n)).round(6)
    frame["kept"] = (rng.random(5 * n) > 0.06).astype(int)
    return frame


def cohorts() -> pd.DataFrame:
    """95 units over ten periods, nine cohorts of five and fifty never treated (start 10000), a covariate that moves."""
    rng = np.random.default_rng(102)
    frame = pd.DataFrame({"id": np.repeat(np.arange(1, 96), 10), "year": np.tile(np.arange(1, 11), 95)})
    frame["start"] = np.where(frame.id <= 45, 2 + (frame.id - 1) // 5, 10000)
    unit, period = rng.normal(0, 1, 96), rng.normal(0, 0.5, 11)
    frame["x1"] = (rng.normal(size=950) + 0.3 * unit[frame.id]).round(6)
    since = (frame.year - frame.start).to_numpy()
    frame["y"] = (frame.x1 + unit[frame.id] + period[frame.year] + np.where(since >= 0, since - 2.5, 0)
                  + rng.normal(0, 1, 950)).round(6)
    return frame


def laws() -> pd.DataFrame:
    """50 states over eleven years, a law that comes in five years and in 29 states not at all; populations as weights."""
    rng = np.random.default_rng(103)
    frame = pd.DataFrame({"state": np.repeat(np.arange(1, 51), 11), "year": np.tile(np.arange(2000, 2011), 50)})
    start = np.zeros(51, int)
    start[rng.choice(np.arange(1, 51), 21, replace=False)] = np.repeat([2005, 2006, 2007, 2008, 2009], [1, 13, 4, 2, 1])
    frame["start"] = start[frame.state]
    frame["post"] = ((frame.start > 0) & (frame.year >= frame.start)).astype(int)
    level = rng.normal(1.4, 0.5, 51)
    frame["y"] = (level[frame.state] + rng.normal(0, 0.05, 11)[frame.year - 2000] + 0.08 * frame.post
                  + rng.normal(0, 0.18, 550)).round(6)
    return frame


def clustered() -> pd.DataFrame:
    """200 units in 25 states over fifteen years, two cohorts of states, effects that grow at their own pace."""
    rng = np.random.default_rng(104)
    state = np.repeat(np.arange(1, 26), 8)
    start = np.where(state <= 8, 2006, np.where(state <= 16, 2010, 0))
    frame = pd.DataFrame({
        "unit": np.repeat(np.arange(1, 201), 15), "state": np.repeat(state, 15), "year": np.tile(np.arange(2000, 2015), 200),
        "start": np.repeat(start, 15)})
    since = np.where(frame.start > 0, frame.year - frame.start, -1)
    pace = np.where(frame.start == 2006, 0.25, 0.1)
    shock = rng.normal(0, 0.3, (26, 15))[frame.state, frame.year - 2000]
    frame["y"] = (rng.normal(0, 1, 201)[frame.unit] + 0.1 * (frame.year - 2000) + np.where(since >= 0, 1 + pace * since, 0)
                  + shock + rng.normal(0, 0.5, 3000)).round(6)
    return frame


def sections() -> pd.DataFrame:
    """600 rows of two cross-sections with four covariates that move both treatment and change, some effects in the tails."""
    rng = np.random.default_rng(105)
    n = 600
    x = rng.normal(size=(n, 4))
    treated = rng.random(n) < 1 / (1 + np.exp(0.4 - 0.5 * x[:, 0] + 0.4 * x[:, 1] - 0.2 * x[:, 2]))
    post = rng.random(n) < 0.5
    y = 2 + x @ [1, 0.5, 0.3, 0.2] + post * (1 + x @ [0.6, -0.4, 0.2, 0.1]) + 0.5 * treated + 0.3 * treated * post
    frame = pd.DataFrame(x.round(5), columns=["x1", "x2", "x3", "x4"])
    return frame.assign(d=treated.astype(int), post=post.astype(int), y=(y + rng.normal(0, 1, n)).round(6),
                        weight=rng.gamma(5, 0.2, n).round(3) + 0.1)


def stores() -> pd.DataFrame:
    """400 stores of two states before and after a change of the law in one; some were not reached in one wave."""
    rng = np.random.default_rng(106)
    law = (rng.random(400) < 0.8).astype(int)
    base = rng.gamma(6, 3.5, 400)
    before = base + rng.normal(0, 4, 400) + 2.5 * (1 - law)
    after = 0.8 * base + 4 + rng.normal(0, 4, 400) + 0.6 * law
    frame = pd.DataFrame({"law": law, "before": (4 * before).round() / 4, "after": (4 * after).round() / 4})
    return frame.assign(before=frame.before.mask(rng.random(400) < 0.03), after=frame.after.mask(rng.random(400) < 0.04))


def training() -> pd.DataFrame:
    """614 records of a job training study: few treated, a level rare among them, ties in every covariate, earnings often nil.

    Seeded so that partners which tie for the nearest are the same in every covariate: which of others is taken is arbitrary.
    """
    rng = np.random.default_rng(115)
    n, n1 = 614, 185
    treat = (np.arange(n) < n1).astype(int)
    age = np.clip(np.where(treat == 1, rng.gamma(13, 2, n), rng.gamma(6.5, 4.3, n)).round(), 16, 55).astype(int)
    educ = np.clip(rng.normal(10.3, np.where(treat == 1, 2.0, 2.8), n).round(), 0, 18).astype(int)
    race = np.where(treat == 1, rng.choice(["black", "hispan", "white"], n, p=[0.84, 0.06, 0.10]),
                    rng.choice(["black", "hispan", "white"], n, p=[0.22, 0.14, 0.64]))
    married = (rng.random(n) < np.where(treat == 1, 0.2, 0.5)).astype(int)
    nodegree = (rng.random(n) < 1 / (1 + np.exp(1.2 * (educ - 11.2)))).astype(int)
    idle = rng.random(n) < np.where(treat == 1, 0.68, 0.27)
    re74 = np.where(idle, 0, rng.gamma(1.3, np.where(treat == 1, 4500, 5600), n)).round(2)
    idle75 = rng.random(n) < np.where(idle, 0.8, 0.15)
    re75 = np.where(idle75, 0, 0.4 * re74 + rng.gamma(1.0, 1800, n)).round(2)
    earns = 3000 + 250 * educ + 0.35 * re74 + 0.3 * re75 + 900 * treat + rng.normal(0, 5500, n)
    twins = rng.choice(np.arange(n1, n), 40, replace=False)
    frame = pd.DataFrame({"treat": treat, "age": age, "educ": educ, "race": race, "married": married, "nodegree": nodegree,
                          "re74": re74, "re75": re75, "re78": np.maximum(earns, 0).round(2)})
    same = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
    frame.loc[twins[:20], same] = frame.loc[twins[20:], same].to_numpy()
    return frame


def ban() -> pd.DataFrame:
    """59 months of admissions with a summer, a rising population, and a ban in the 37th month; some overdispersion."""
    rng = np.random.default_rng(108)
    time = np.arange(1, 60)
    month, year = (time - 1) % 12 + 1, 2002 + (time - 1) // 12
    population = 364000 + 480 * time + rng.normal(0, 300, 59)
    after = (time > 36).astype(int)
    mean = population * np.exp(-6.24 + 0.004 * time - 0.12 * after + 0.08 * np.cos(2 * np.pi * month / 12)
                               + 0.04 * np.sin(4 * np.pi * month / 12))
    counts = rng.poisson(mean * rng.gamma(400, 1 / 400, 59))
    return pd.DataFrame({"year": year, "month": month, "time": time, "aces": counts, "stdpop": population.round(1),
                         "smokban": after})


def belts() -> pd.DataFrame:
    """192 months of drivers hurt, with a December peak and months that resemble the month before; a law in the 170th."""
    rng = np.random.default_rng(109)
    time = np.arange(1, 193)
    month, law = (time - 1) % 12 + 1, (time >= 170).astype(int)
    noise = np.zeros(192)
    for t in range(1, 192):
        noise[t] = 0.55 * noise[t - 1] + rng.normal(0, 0.06)
    season = np.array([0, -0.1, -0.05, -0.13, -0.03, -0.07, -0.02, -0.01, 0.02, 0.08, 0.2, 0.25])[month - 1]
    log = 7.42 - 0.0008 * time - 0.2 * law + season + noise
    return pd.DataFrame({"time": time, "month": month, "law": law, "drivers": np.exp(log).round().astype(int)})


def nations() -> pd.DataFrame:
    """25 years of rates in two nations that fall alike; a strategy begins in 1999 in the north and changes nothing."""
    rng = np.random.default_rng(112)
    year = np.arange(1992, 2017)
    shared = 42 + 0.6 * np.minimum(year - 1992, 6) - 1.4 * np.maximum(year - 1998, 0) + rng.normal(0, 0.4, 25)
    north, south = (shared + gap + rng.normal(0, 0.6, 25) for gap in (1.5, -0.5))
    return pd.DataFrame({"year": year, "north": north.round(2), "south": south.round(2)})


def donors() -> pd.DataFrame:
    """39 states over 31 years, the third treated from 1989; three factors, and predictors of which one is seen late."""
    rng = np.random.default_rng(110)
    n, years = 39, np.arange(1970, 2001)
    load = rng.dirichlet([0.7, 0.7, 0.7], n)
    load[2] = 0.45 * load[7] + 0.3 * load[12] + 0.25 * load[30] + rng.normal(0, 0.02, 3)
    t = np.arange(31)
    factors = np.column_stack([130 + 1.0 * t - 0.09 * t**2, 105 - 0.6 * t + 4 * np.sin(t / 4), 115 + 1.8 * t - 0.1 * t**2])
    factors += rng.normal(0, 1.2, factors.shape).cumsum(axis=0)
    y = factors @ (load + 0.35 * rng.normal(size=(n, 1)) * 0.2).T + rng.normal(0, 2.0, (31, n))
    y[19:, 2] -= 3 + 1.7 * np.arange(12)
    rows = pd.DataFrame({"state": np.repeat([f"S{j:02d}" for j in range(1, n + 1)], 31), "year": np.tile(years, n),
                         "packs": y.T.ravel().round(5)})
    base = np.repeat(load, 31, axis=0)
    rows["income"] = (9.5 + 0.4 * base[:, 0] + 0.02 * (rows.year - 1970) + rng.normal(0, 0.03, len(rows))).round(5)
    rows["price"] = (60 + 30 * base[:, 1] + 4.5 * (rows.year - 1970) + rng.normal(0, 4, len(rows))).round(3)
    rows["young"] = (0.17 + 0.02 * base[:, 2] - 0.001 * (rows.year - 1970) + rng.normal(0, 0.003, len(rows))).round(6)
    beer = (20 + 6 * base[:, 0] + rng.normal(0, 1.2, len(rows))).round(3)
    rows["beer"] = np.where(rows.year >= 1984, beer, np.nan)
    return rows.assign(treated=((rows.state == "S03") & (rows.year >= 1989)).astype(int))


def cases() -> pd.DataFrame:
    """18 places with fuzzy and crisp membership of five conditions and an outcome, and raw figures to calibrate."""
    rng = np.random.default_rng(111)
    raw = np.column_stack([rng.gamma(6, 110, 18).round(), rng.uniform(20, 90, 18).round(1), rng.uniform(35, 99, 18).round(1)])
    kind = np.repeat([0, 1, 2, 3, 4, 5], 3)
    corner = np.array([[0, 0, 0, 0, 0], [1, 0, 1, 0, 1], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0], [1, 1, 1, 1, 0], [0, 1, 1, 0, 1]])[kind]
    fuzzy = np.clip(np.where(corner == 1, rng.uniform(0.53, 1, (18, 5)), rng.uniform(0, 0.47, (18, 5))), 0, 1).round(2)
    outcome = np.maximum(np.minimum(fuzzy[:, 0], fuzzy[:, 4]), 0.6 * np.minimum(fuzzy[:, 1], fuzzy[:, 2]))
    outcome = np.clip(outcome + rng.normal(0, 0.09, 18), 0.02, 0.98).round(2)
    outcome = np.where(outcome == 0.5, 0.51, outcome)
    frame = pd.DataFrame(fuzzy, columns=list("ABCDE"), index=[f"P{j:02d}" for j in range(1, 19)])
    frame.insert(5, "Y", outcome)
    return frame.assign(wealth=raw[:, 0], towns=raw[:, 1], reading=raw[:, 2]).rename_axis("case").reset_index()


def cutoff() -> pd.DataFrame:
    """900 places either side of a cut-off at 0: a smooth score and the same in steps, two covariates, clusters, take-up."""
    rng = np.random.default_rng(113)
    n = 900
    score = (2 * rng.beta(2, 3, n) - 0.9).round(6)
    z1, z2 = rng.normal(size=n) + 0.4 * score, rng.binomial(1, 0.4, n)
    cluster = rng.integers(1, 61, n)
    over = score >= 0
    taken = (rng.random(n) < np.where(over, 0.8, 0.25)).astype(int)
    y = (1 + 1.2 * score - 1.5 * score**2 + 0.9 * score**3 + 0.5 * over + 0.3 * z1 + 0.2 * z2 + 0.2 * taken
         + 0.3 * rng.normal(size=61)[cluster] + rng.normal(0, 0.5, n) * (1 + 0.5 * over))
    return pd.DataFrame({"score": score, "steps": (np.floor(score * 25) / 25).round(6), "twenty": (np.floor(score * 10) / 10).round(6),
                         "y": y.round(6), "z1": z1.round(6), "z2": z2, "cluster": cluster, "taken": taken})


def doses() -> pd.DataFrame:
    """400 areas, a dose each from near nought, the change in an outcome after and before, and doses that differ in kind."""
    rng = np.random.default_rng(114)
    n = 400
    dose = (2 * rng.beta(1, 2.5, n)).round(6)
    need = rng.normal(size=n)
    before = 0.4 + 0.5 * need + rng.normal(0, 0.8, n)
    change = 0.6 - 1.1 * dose * (1 + 0.3 * need) + 0.2 * dose**2 + rng.normal(0, 0.8, n) * (1 + 0.4 * dose)
    return pd.DataFrame({"area": np.arange(1, n + 1), "dose": dose, "steps": np.ceil(dose * 64) / 64,
                         "zeros": np.where(rng.random(n) < 0.15, 0.0, dose), "far": (dose + 0.5).round(6),
                         "change": change.round(6), "before": before.round(6)})


ALL = (doses, cutoff, staggered, cohorts, laws, clustered, sections, stores, training, ban, belts, nations, donors, cases)


def main() -> None:
    """Write every data set."""
    DATA.mkdir(exist_ok=True)
    for made in ALL:
        made().to_csv(DATA / f"{made.__name__}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
