"""Profiles, protocols and theories of change with one thing wrong: a value, a key, a line or a byte."""

from __future__ import annotations

import copy
import json
import random

from hostile_corpus.base import KINDS, Call, Raw, folder, profile, protocol, theory, theory_folder, toml

VALUES = (
    "", " ", "x", "0", "-1", "nan", "Ω", "a" * 3_000, "\x1b[31mred", "\u202eabc", "$x^2$", "{{ 1 }}", "<b>&\"'", "../..", "/", "a\nb",
    "=1+1", "COVID-19", "2013-01-01", "9999", "0000", "1e309", "None", "True", "y", "area", "did", "never", "T", "é\u0301", "%s%n", "\\",
    0, -1, 1, 2, 5, 10**6, 2**53, 10**18, 0.0, -0.5, 0.5, 1e-300, 1e300, 1e308, True, False, [], [1], [[1]], ["x"], [""], ["x", "x"],
    [True], [0.1, 0.9], [-1, 1], [2, 1], {}, {"a": 1}, {"y": -1}, {"need": 1e308}, [{"a": 1}], ["y"], ["need", "need"], [1e308, -1e308],
    Raw("2026-01-01"), Raw("2026-01-01T00:00:00"), Raw("12:00:00"), Raw("9999-12-31"), Raw("0001-01-01"), Raw("2099-01-01"),
    Raw("inf"), Raw("-nan"), Raw("[" * 300 + "]" * 300), Raw("9" * 5_000), Raw("'''a\nb'''"), Raw("[" + "1," * 3_000 + "]"),
)  # fmt: skip
KEYS = {
    "did": "unit time start covariates weights cluster estimator control base adjustment average gaps anticipation inference window",
    "its": "time start unit treated control exposure family errors inference seasonality transition impact over more_starts end sites",
    "synth": "unit time treated start donors predictors estimator inference",
    "matching": "unit treated covariates method distance link estimand ratio fewest most replace order caliper caliper_scale exact "
    "antiexact discard trim truncate subclasses bins one_to_one tolerance profile paired seconds evaluations missing weights cluster "
    "estimator measure vcov adjust_for",
}
WORDS = {
    "estimator": "two-way group-time imputation two-stage stacked extended sun-abraham augmented synthetic-did difference regression g-computation",
    "inference": "auto cluster permutation wild-bootstrap cr2 placebo integrated kenward-roger newey-west arima least-squares prais-winsten",
    "method": "optimal full coarsened subclass inverse-probability entropy cardinality genetic template quick exact",
    "family": "poisson negative-binomial", "errors": "ar1 independent", "control": "not-yet", "base": "universal", "gaps": "rows drop",
    "adjustment": "reg ipw improved", "impact": "level slope ramp", "estimand": "ATE ATC ATO", "missing": "indicator multiple-imputation",
    "distance": "ridge boosting forest cbps mahalanobis robust-mahalanobis need", "discard": "both treated", "order": "largest random data",
    "measure": "ratio odds-ratio", "vcov": "hc3 cluster", "link": "score logit", "seasonality": "month harmonic none quarter",
}  # fmt: skip
RUN = (
    ("check",),
    ("power", "--quick", "--draws", "100"),
    ("evaluate",),
    ("evaluate", "--out", "o"),
    ("evaluate", "--json"),
)


def text_calls(seed):
    r = random.Random(seed)
    return [*profile_calls(r), *protocol_calls(r), *theory_calls(r)]


def profile_calls(r):
    calls = []
    for n in range(330):
        value = copy.deepcopy(profile())
        for _ in range(r.choice((1, 1, 2))):
            spoil(r, value)
        as_json = n % 3 == 0
        name = "p.json" if as_json else "p.toml"
        text = json.dumps(plain(value)) if as_json else toml(value)
        text = scratch(r, text) if n % 5 == 0 else text
        verb = r.choice(
            (
                ("assess",),
                ("assess", "--json"),
                ("assess", "--why"),
                ("assess", "--out", "o"),
                ("assess", "--sensitivity"),
                ("plan",),
            )
        )
        argv = ("plan" if verb[0] == "plan" else "assess", name, *verb[1:])
        calls.append(Call(f"profile {n}", argv, {name: encoded(r, text)}))
    return calls


def protocol_calls(r):
    calls = []
    for kind in KINDS:
        for key in KEYS[kind].split():
            values = [
                *r.sample(VALUES, 7),
                *r.sample(WORDS.get(key, "x").split(), min(3, len(WORDS.get(key, "x").split()))),
            ]
            for n, value in enumerate(values):
                made = copy.deepcopy(protocol(kind))
                made["design"][key] = value
                argv = spread(r)
                calls.append(Call(f"{kind} design.{key} {n}", argv, folder(kind, protocol_toml=toml(made))))
        for n in range(90):
            made = copy.deepcopy(protocol(kind))
            made["cautions"] = [
                {
                    "kind": "shock",
                    "label": "L",
                    "first": "2003",
                    "last": "2004",
                    "handling": r.choice(("drop the periods", "model it", "shared with the comparison")),
                }
            ]
            made["amendments"] = [{"dated": "2026-02-01", "change": "c", "reason": "r"}]
            for _ in range(r.choice((1, 1, 2, 3))):
                spoil(r, made)
            text = scratch(r, toml(made)) if n % 4 == 0 else toml(made)
            calls.append(Call(f"{kind} protocol {n}", spread(r), folder(kind, protocol_toml=encoded(r, text))))
    return calls


def spread(r):
    verb, *rest = r.choice(RUN)
    return (verb, "protocol.toml", *rest)


def theory_calls(r):
    calls = []
    for n in range(420):
        made = copy.deepcopy(theory())
        for _ in range(r.choice((1, 1, 2))):
            spoil(r, made)
        text = scratch(r, toml(made)) if n % 5 == 0 else toml(made)
        argv = r.choice(
            (
                ("plan", "theory.toml"),
                ("plan", "theory.toml", "--out", "o"),
                ("plan", "theory.toml", "--json"),
                ("new", "protocol", "--from", "theory.toml"),
            )
        )
        calls.append(Call(f"theory {n}", argv, theory_folder(theory_toml=encoded(r, text))))
    return calls


def one(r):
    """A hostile value of its own, so that spoiling it spoils no other call's."""
    return copy.deepcopy(r.choice(VALUES))


def spoil(r, value):
    """Change one value somewhere in it, take a key out, put one in, or say one twice."""
    holders = [value]
    for item in value.values():
        holders += (
            [item]
            if isinstance(item, dict)
            else [each for each in item if isinstance(each, dict)]
            if isinstance(item, list)
            else []
        )
    holder = r.choice(holders) if r.random() < 0.85 else value
    if not holder:
        return
    key = r.choice(list(holder))
    how = r.random()
    if how < 0.7:
        holder[key] = one(r)
    elif how < 0.8:
        del holder[key]
    elif how < 0.9:
        holder[r.choice(("x", "", "a b", "\u202e", key + "s", key.upper()))] = one(r)
    elif isinstance(value.get(key), list):
        value[key] = value[key] * 2
    else:
        holder[key] = r.choice((one(r), [holder[key]], {"a": holder[key]}))


def scratch(r, text):
    """Damage to the text itself: a line lost, doubled or cut, a character changed, the end missing."""
    lines = text.split("\n")
    at = r.randrange(len(lines))
    return r.choice((
        lambda: "\n".join(lines[:at] + lines[at + 1 :]),
        lambda: "\n".join(lines[: at + 1] + lines[at:]),
        lambda: text[: r.randrange(len(text))],
        lambda: text.replace(r.choice("=[]\"'\n{}"), r.choice(("", "==", "]", "\0", "\t", "é")), 1),
        lambda: text[: (cut := r.randrange(len(text)))] + r.choice("\0\x1b\x7f\ufeff\u2028\"'[]={}#,.") + text[cut:],
        lambda: text + text,
        lambda: "",
        lambda: " \n\n",
    ))()  # fmt: skip


def encoded(r, text):
    coding = r.choice(("utf-8",) * 9 + ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp500"))
    try:
        return text.encode(coding)
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def plain(value):
    if isinstance(value, Raw):
        return value.text[:300]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value
