"""Arguments that nobody should give: every option of every verb with values of every kind."""

from __future__ import annotations

import json
import random

from hostile_corpus.base import Call, folder, profile, theory_folder, toml

WORDS = (
    "", " ", "-", "--", "-1", "0", "1e9", "9" * 5_000, "99999999999999999999", "nan", "x", ".", "..", "no/such/place", "a\0b", "n" * 5_000,
    "\x1b[2J", "\udcff", "\u202e", "*", "*.toml", "[", "~", "protocol.toml", "profile.toml", "d.csv", "/dev/null", "/dev/zero", "/proc/self/mem",
    "/dev/full/x", "con", "a:b", "%s", "$HOME", "é", "http://127.0.0.1/x", "|x", "=1",
)  # fmt: skip
SETTINGS = {
    "assess": (
        ("--why",),
        ("--checked", None),
        ("--sensitivity",),
        ("--since", None),
        ("--power", None),
        ("--compare",),
        ("--json",),
    ),
    "check": (("--data", None), ("--json",)),
    "power": (("--data", None), ("--draws", None), ("--seed", None), ("--quick",), ("--json",)),
    "evaluate": (("--data", None), ("--despite", None), ("--json",)),
    "plan": (("--json",),),
    "new": (("--kind", None), ("--from", None), ("--json",)),
    "form": (("--json",),),
}
FIRST = {"assess": "profile.toml", "plan": "profile.toml", "new": "protocol", "form": "f.html"}
OUTS = (
    "o",
    "",
    " ",
    ".",
    "o/o/o/o",
    "a\0b",
    "n" * 5_000,
    "\udcff",
    "d.csv",
    "/proc/x",
    "/dev/null/o",
    "é",
    "-",
    "\x1bo",
)


def option_calls(seed):
    r = random.Random(seed)
    calls = []
    for verb, settings in SETTINGS.items():
        first = FIRST.get(verb, "protocol.toml")
        for option, *takes in settings:
            for n, word in enumerate(WORDS if takes else ("",)):
                words = (f"{option}={word}",) if takes and n % 2 else (option, word) if takes else (option,)
                fast = ("--quick",) if verb == "power" and option != "--quick" else ()
                calls.append(Call(f"{verb} {option} {n}", (verb, first, *words, *fast), folder("did")))
        calls += [
            Call(f"{verb} first {n}", (verb, word), folder("did")) for n, word in enumerate(WORDS) if verb != "form"
        ]
        calls += [Call(f"{verb} {n}", words, folder("did")) for n, words in enumerate(loose(r, verb, settings, first))]
    for verb in ("assess", "plan", "evaluate"):
        first = FIRST.get(verb, "protocol.toml")
        calls += [Call(f"{verb} --out {n}", (verb, first, "--out", word), folder("did")) for n, word in enumerate(OUTS)]
    calls += [Call(f"form file {n}", ("form", word), folder("did")) for n, word in enumerate(OUTS)]
    return [*calls, *saved(r), *several(r)]


def loose(r, verb, settings, first):
    """Several options at once, in any order; an option that is none."""
    for _ in range(25):
        words = [
            word
            for option, *takes in r.sample(settings, min(2, len(settings)))
            for word in ((option, r.choice(WORDS)) if takes else (option,))
        ]
        yield (verb, *r.sample([first, *r.choice(([], ["--x"], ["-o"], [first]))], 1), *words)


def saved(r):
    """Saved calculations and assessments, edited by hand."""
    good = {"schema": "hubeval-power/1", "smallest_detectable": 1.0, "unit": "u", "area": "T", "design": "DiD"}
    values = (None, "", "x", 1, -1.5, [], {}, True, 1e400, "\x1b[2J", ["T"], {"T": 1})
    calls = []
    for key in good:
        for n, value in enumerate(values):
            files = folder("did") | {"w.json": json.dumps({**good, key: value}).encode()}
            calls.append(
                Call(f"power file {key} {n}", ("assess", "profile.toml", "--power", "w.json", "--out", "o"), files)
            )
    for key in ("area", "assessed", "profile", "rubric_version"):
        for n, value in enumerate(values):
            made = [
                {"area": "T", "assessed": "2026-01-01", "profile": {"area": "T"}, "rubric_version": "1.0", key: value}
            ]
            files = folder("did") | {"s.json": json.dumps(made if n % 2 else made[0]).encode()}
            calls.append(Call(f"saved assessment {key} {n}", ("assess", "profile.toml", "--since", "s.json"), files))
    return calls


def several(r):
    """Several files at once: of one name, of other kinds, with names alike."""
    others = {
        f"p{n}.toml": toml(profile(area)).encode()
        for n, area in enumerate(("T", "t", "T!", "", "é", "../x", "CON", "a" * 400, "\u202eT", "."))
    }
    names = list(others)
    calls = []
    for n in range(60):
        chosen = r.choices([*names, "theory.toml", "protocol.toml", "absent.toml", "d.csv"], k=r.choice((2, 3, 5)))
        verb = r.choice(
            (
                ("assess",),
                ("assess", "--out", "o"),
                ("assess", "--compare"),
                ("plan",),
                ("plan", "--out", "o"),
                ("assess", "--json"),
            )
        )
        files = folder("did") | theory_folder() | others
        calls.append(Call(f"several {n}", (verb[0], *chosen, *verb[1:]), files))
    return calls
