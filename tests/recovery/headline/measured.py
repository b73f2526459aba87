"""Draws cells of the studies in this folder and keeps what was found, with its draws and commit, for the docs to quote.

    python tests/recovery/headline/measured.py KIND [CELL] [DRAWS] [FRESH]

KIND is `interval`, `band`, `trend` or `nobody` (test_did.py), `seen` (what the test of earlier trends says it would see) or `power`
(test_power.py; DRAWS data sets are asked, FRESH ones drawn for each). Without CELL, all of that kind, one after another. Each line is kept
in measured.json with its draws and the last commit of the package then. So far docs/did.md takes the rows of `nobody` from it; its other
tables, and those of docs/power.md, are older and were typed. `measured.py page` prints the rows as the page must have them.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE / "measured.json"
SEEDS = {"interval": 1, "band": 2, "trend": 3, "nobody": 5, "seen": 7, "power": 0}
DRAWS = {"interval": 300, "band": 300, "trend": 300, "nobody": 300, "seen": 20, "power": 60}
FRESH = {"seen": 20, "power": 10}


def load(name, known):
    """A file beside this one, as a module of this name."""
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, HERE / f"{name}.py")
        module = sys.modules[known] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


def kinds():
    """The cells of every kind by name."""
    load("harness", "headline_study")
    did, power = load("test_did", "measured_did"), load("test_power", "measured_power")
    return {"interval": did.INTERVALS, "band": did.BANDS, "trend": did.TRENDS, "nobody": did.NOBODY, "seen": did.SEES,
            "power": {name: cell[0] for name, cell in power.CELLS.items()}}


def line(kind, world, draws, fresh):
    """What one cell comes to."""
    study = sys.modules["headline_study"]
    if kind == "power":
        made = study.promised(world, draws, fresh, seed=SEEDS[kind])
        more = {"none": made.none} if made.none else {}
        return {"found": made.found.value, "band": study.WIDE * made.found.error, "draws": draws, "fresh": fresh, **more}
    if kind == "seen":
        said, found = study.seen_of_trends(world, draws, fresh, seed=SEEDS[kind])
        return {"stated": said.value, "found": found.value, "band": study.WIDE * found.error, "draws": draws, "fresh": fresh}
    row = study.study(world, draws, seed=SEEDS[kind])
    if kind == "band":
        return {"joint": row.joint.value, "band": study.WIDE * row.joint.error, "draws": draws}
    if kind == "trend":
        said = row.said["pre-trend"]
        return {"raised": 1 - said.get("pass", 0) / draws, "draws": draws}
    return {"coverage": row.coverage.value, "size": row.found.value, "bias": row.bias, "draws": draws, "inference": max(row.inference, key=row.inference.get)}


def keep(name, made):
    """Put one line into the file, beside what others put there meanwhile."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept[name] = {key: round(float(v), 3) if isinstance(v, float) else v for key, v in made.items()}
    KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def commit():
    """The last commit that changed the package."""
    return subprocess.run(["git", "log", "-1", "--format=%h", "--abbrev=7", "--", ":/hubeval"], cwd=HERE, text=True, capture_output=True, check=True).stdout.strip()


def rows():
    """The rows of `nobody`, as docs/did.md must have them."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return [f"| {name.removeprefix('nobody: ')} | {v['coverage']:.2f} | {v['size']:.2f} | {v['draws']} | {v['commit']} |"
            for name, v in sorted(kept.items()) if name.startswith("nobody: ")]


def main(kind, cell=None, draws=None, fresh=None):
    """Draw, and keep the lines."""
    if kind == "page":
        print("\n".join(rows()))  # noqa: T201
        return
    cells = kinds()[kind]
    for name in [cell] if cell else cells:
        made = line(kind, cells[name], int(draws or DRAWS[kind]), int(fresh or FRESH.get(kind, 0)))
        keep(f"{kind}: {name}", {**made, "commit": commit()})
        print(kind, name, made, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
