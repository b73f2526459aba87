"""What the calls start from: a small good file of every kind, before anything is done to it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

CANARY = "7713"  # stands in every value of every row, and nowhere else: a message that holds it shows data

CRITERIA = (
    *("IM1", "IM2", "IM3", "IM4", "TO1", "TO2", "TO3", "TO4", "DS1", "DS2", "DS3", "DS4", "DS5"),
    *("CA1", "CA2", "CA3", "CA4", "CA5", "ST1", "ST2", "ST3", "GE1", "GE2", "GE3", "GE4"),
)
KINDS = ("did", "its", "synth", "matching")


@dataclass(frozen=True)
class Call:
    """One call: the files of its folder, the arguments, and whether the rows are of people."""

    name: str
    argv: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


def profile(area="T"):
    facts = [
        {
            "criterion": c,
            "low": 4,
            "high": 4,
            "kind": "document",
            "quote": f"Words on {c}",
            "source": "S",
            "dated": "2026-06-30",
        }
        for c in CRITERIA
    ]
    return {"area": area, "illustrative": True, "access": True, "sites": 20, "facts": facts}


def outcome(column, **more):
    return {
        "column": column,
        "label": f"Label of {column}",
        "unit": "points",
        "direction": "lower is better",
        "role": "primary",
        **more,
    }


def protocol(kind):
    design, outcomes = {
        "did": (
            {"kind": "did", "unit": "area", "time": "year", "start": "opened"},
            [outcome("y", smallest_worthwhile=2)],
        ),
        "its": ({"kind": "its", "time": "month", "start": "2013-01"}, [outcome("y", smallest_worthwhile=2)]),
        "synth": ({"kind": "synth", "unit": "area", "time": "year", "treated": "A0", "start": "2008"}, [outcome("y")]),
        "matching": (
            {"kind": "matching", "unit": "id", "treated": "used", "covariates": ["need", "prior"], "method": "nearest"},
            [outcome("y")],
        ),
    }[kind]
    return {
        "area": "T", "question": "Q?", "registered": "2026-01-05", "profile": "profile.toml",
        "data": {"file": "d.csv", "missing_marks": ["c"]}, "design": design, "outcomes": outcomes,
    }  # fmt: skip


def wave(n, scale=1.0):
    """A number that looks random, is always the same, and ends in the canary."""
    return f"{50 + scale * 10 * math.sin(12.9898 * n) % 7:.2f}{CANARY}"


def table(kind):
    """Rows of text, the header first."""
    if kind == "its":
        months = [f"{2010 + m // 12}-{m % 12 + 1:02d}" for m in range(60)]
        return [["month", "y"], *([month, wave(n)] for n, month in enumerate(months))]
    if kind == "matching":
        rows = [[f"KID{CANARY}-{n}", str(int(n % 3 == 0)), wave(3 * n), wave(5 * n), wave(7 * n)] for n in range(90)]
        return [["id", "used", "need", "prior", "y"], *rows]
    rows = [["area", "year", "opened", "y", "x"]]
    for unit in range(12):
        start = {0: "2008", 1: "2008", 2: "2009", 3: "2009"}.get(unit, "") if kind == "did" else ""
        rows += [[f"A{unit}", str(2000 + t), start, wave(100 * unit + t), wave(unit)] for t in range(14)]
    return rows


def theory():
    return {
        "area": "T", "claim": "C", "dated": "2026-01-01", "extracts": "e.csv",
        "nodes": [
            {"id": "a", "layer": "activity", "label": "A"}, {"id": "b", "layer": "output", "label": "B"},
            {"id": "o", "layer": "outcome", "label": "O"},
        ],
        "links": [{"cause": "a", "effect": "b", "assumptions": ["room"], "rivals": ["r"], "refuted_by": "no"}, {"cause": "b", "effect": "o"}],
        "indicators": [{"node": "o", "column": "days", "label": "Days", "unit": "days", "direction": "lower is better", "role": "primary"}],
        "evidence": [{"link": "a -> b", "stance": "for", "says": "s", "kind": "interview", "source": "i", "dated": "2026-10"}],
        "series": [{"indicator": "days", "periods": [f"2024Q{q}" for q in (1, 2, 3, 4)] + ["2025Q1"], "values": [31, 29, 30, 28, 27], "target": 28}],
        "tests": [{"account": "A1", "label": "L", "sensitivity": [0.85, 0.95], "type_one": [0.3, 0.5], "found": True, "source": "m"}],
        "calibrations": [{"column": "weeks", "into": "SETTLED", "anchors": [4, 26, 52], "why": "w"}],
        "comparison": {"file": "s.csv", "site": "site", "outcome": "REACH", "conditions": ["SETTLED", "OUTREACH"], "expectations": ["SETTLED"]},
        "mechanisms": [{"context": "c", "resource": "r", "reasoning": "x", "outcome": "o"}],
        "harvest": [{"changed": "x", "when": "2026-09", "significance": "s", "contribution": "c", "substantiated_by": "p", "substantiation": "agreed"}],
        "learning": [{"dated": "2026-11-22", "question": "q", "action": "a"}],
        "foundations": [{"group": "record", "action": "Log", "criterion": "CA3", "starts": "2027-01-04", "due": "2027-02-26", "who": "lead"}],
        "later": {"question": "Q?", "unit": "site", "time": "quarter", "start": "opened"},
    }  # fmt: skip


def extracts():
    return [
        ["case", "theme", "extract", "coder"],
        *([f"c{n % 10}", f"t{n % 4}", f"words {CANARY}", "ab"[n % 2]] for n in range(40)),
    ]


def sites():
    rows = [[f"s{n}", str(2 + 5 * n), str(int(n % 2)), str(int(n > 5))] for n in range(12)]
    return [["site", "weeks", "OUTREACH", "REACH"], *rows]


DATES = {"registered", "dated", "starts", "due", "review"}


def toml(value):
    """A dictionary as TOML text: tables of tables as [[name]], days as days."""
    flat = [f"{key(k)} = {inline(v, k)}" for k, v in value.items() if not nested(v)]
    deep = []
    for k, v in value.items():
        if isinstance(v, dict):
            deep.append(f"\n[{key(k)}]\n{toml_flat(v)}")
        elif nested(v):
            deep += [f"\n[[{key(k)}]]\n{toml_flat(item)}" for item in v]
    return "\n".join([*flat, *deep]) + "\n"


def nested(v):
    return isinstance(v, dict) or (isinstance(v, list) and bool(v) and all(isinstance(item, dict) for item in v))


def toml_flat(table):
    return "\n".join(f"{key(k)} = {inline(v, k)}" for k, v in table.items())


def key(name):
    return name if name.isidentifier() and name.isascii() else json.dumps(name)


def inline(v, name=""):
    if isinstance(v, Raw):
        return v.text
    if isinstance(v, bool):
        return str(v).lower()
    if isinstance(v, (int, float)):
        return repr(v)
    if isinstance(v, list):
        return f"[{', '.join(inline(item) for item in v)}]"
    if isinstance(v, dict):
        return "{" + ", ".join(f"{key(k)} = {inline(item)}" for k, item in v.items()) + "}"
    return v if name in DATES and len(v) == 10 and v[:2] == "20" else json.dumps(v, ensure_ascii=True)


@dataclass(frozen=True)
class Raw:
    """TOML text to be written as it stands."""

    text: str


def csv(rows, separator=",", end="\n"):
    return (
        end.join(
            separator.join(f'"{c}"' if separator in c or '"' in c or "\n" in c else c for c in row) for row in rows
        )
        + end
    )


def folder(kind, **changed):
    """The files of a good evaluation of one kind; `changed` by name, dots written as underscores."""
    made = {"profile.toml": toml(profile()), "protocol.toml": toml(protocol(kind)), "d.csv": csv(table(kind))}
    made |= {name.replace("_", ".", 1): text for name, text in changed.items()}
    return {
        name: text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for name, text in made.items()
    }


def theory_folder(**changed):
    made = {
        "theory.toml": toml(theory()),
        "profile.toml": toml(profile()),
        "e.csv": csv(extracts()),
        "s.csv": csv(sites()),
    }
    made |= {name.replace("_", ".", 1): text for name, text in changed.items()}
    return {
        name: text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for name, text in made.items()
    }
