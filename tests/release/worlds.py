"""Small made-up worlds with canaries in them: an id, a name, a rare level, one extreme outcome."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd

ID, LEVEL, EXTREME = "ZZCANARY-ADA", "ZZRARELEVEL", 98765.4321
PROFILE = 'area = "T"\nillustrative = true\naccess = true\nsites = 20\n'


def children(*, seed=1, treated=20, lone=True, extreme=False, n=60, periods=8):
    """A panel of children; with `lone`, one of them starts a period before the others."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        start = "" if i >= treated else 2013 if lone and i == 0 else 2014
        level = rng.normal(50, 4)
        for t in range(periods):
            y = level + rng.normal(0, 3) - 4 * (start != "" and 2010 + t >= int(start or 0))
            rows.append((ID if i == 0 else f"CH-{i:03d}", 2010 + t, start, round(y, 5)))
    frame = pd.DataFrame(rows, columns=["unit", "t", "g", "y"])
    if extreme:
        frame.loc[(frame.unit == ID) & (frame.t == 2016), "y"] = EXTREME
    return frame


def families(*, seed=1, n=400, left_out=False, extreme=False):
    """Records of families: use rises with need; one family has a level of its own."""
    rng = np.random.default_rng(seed)
    need, age = rng.normal(0, 1, n), rng.uniform(0, 5, n)
    used = (rng.uniform(size=n) < 1 / (1 + np.exp(0.6 - 0.8 * need))).astype(int)
    group = rng.choice(["A", "B", "C"], size=n, p=[0.6, 0.28, 0.12]).astype(object)
    group[:2], used[:2] = LEVEL, (1, 0)  # one family on either side
    y = 5 + 0.7 * need - 1.5 * used + rng.normal(0, 1, n)
    if left_out:
        need[0], used[0] = 9.0, 1
    if extreme:
        y[0] = EXTREME
    names = [ID, *(f"F-{i:04d}" for i in range(1, n))]
    return pd.DataFrame(
        {"id": names, "used": used, "need": need.round(4), "age": age.round(4), "group": group, "y": y.round(4)}
    )


def scores(*, seed=1, n=400, extreme=False):
    """Records of families with a score that decided; one of them lies at the very end of it."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(5, 95, n).round(2)
    score[0] = 99.8713
    y = 5 + 0.02 * score - 1.5 * (score >= 50) + rng.normal(0, 1, n)
    if extreme:
        y[0] = EXTREME
    names = [ID, *(f"F-{i:04d}" for i in range(1, n))]
    took = (rng.uniform(size=n) < np.where(score >= 50, 0.9, 0.1)).astype(int)
    return pd.DataFrame({"id": names, "score": score, "took": took, "y": y.round(5)})


def months(*, seed=1, small=True, n=60):
    """A monthly series of counts, small or not."""
    rng = np.random.default_rng(seed)
    mean = np.where(np.arange(n) < 30, 6.0 if small else 160.0, 4.0 if small else 140.0)
    labels = [str(p) for p in pd.period_range("2015-01", periods=n, freq="M")]
    return pd.DataFrame({"t": labels, "y": rng.poisson(mean)})


def places(*, seed=1, n=16, periods=24):
    """Rates of places, one of them treated, with the count behind each."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 1, periods).cumsum()
    rows = []
    for i in range(n):
        level = rng.normal(60, 5)
        for t in range(periods):
            y = level + common[t] + rng.normal(0, 1) - 5 * (i == 0 and t >= 16)
            rows.append((f"Place {i:02d}", 2000 + t, round(y, 4), 3 if (i, t) == (0, 5) else 200))
    return pd.DataFrame(rows, columns=["unit", "t", "y", "n"])


HEAD = 'area = "T"\nquestion = "Did it work?"\nregistered = 2026-11-01\ncountry = "Nowhere"\n[data]\nfile = "d.csv"\n'
TAIL = '[[outcomes]]\ncolumn = "y"\nlabel = "Referrals"\nunit = "points"\nrole = "primary"\n'
DESIGNS = {
    "did": '[design]\nkind = "did"\nunit = "unit"\ntime = "t"\nstart = "g"\n',
    "matching": '[design]\nkind = "matching"\nunit = "id"\ntreated = "used"\ncovariates = ["need", "age", "group"]\n',
    "rdd": '[design]\nkind = "rdd"\nunit = "id"\nrunning = "score"\ncutoff = 50\nside = "at or above"\n',
    "its": '[design]\nkind = "its"\ntime = "t"\nstart = "2017-07"\n',
    "synth": '[design]\nkind = "synth"\nunit = "unit"\ntime = "t"\ntreated = "Place 00"\nstart = "2016"\n',
}


def written(folder, kind, frame, *, units="", release="", outcome="", design=""):
    """A folder with a protocol, its profile and its data; the protocol's path."""
    folder.mkdir(parents=True, exist_ok=True)
    data = (f'units = "{units}"\n' if units else "") + (f'release = "{release}"\n' if release else "")
    (folder / "protocol.toml").write_text(HEAD + data + DESIGNS[kind] + design + TAIL + outcome, "utf-8")
    (folder / "profile.toml").write_text(PROFILE, "utf-8")
    frame.to_csv(folder / "d.csv", index=False)
    return folder / "protocol.toml"


def texts(folder):
    """Every file of a folder as text, by name; of documents and workbooks, which are zipped, every part that is text."""
    return {path.relative_to(folder).as_posix(): _text(path) for path in folder.rglob("*") if path.is_file()}


def _text(path):
    if path.suffix == ".png":
        return ""  # a picture of the figure that stands beside it as text
    if not zipfile.is_zipfile(path):
        return path.read_text("utf-8")
    with zipfile.ZipFile(path) as packed:
        return "\n".join(packed.read(name).decode("utf-8") for name in packed.namelist() if name.endswith((".xml", ".rels")))
