"""docs/readiness.md says what the code does: its table of gates is the model's, its keys are the JSON's. Its examples run in tests/docs."""

from __future__ import annotations

import re

import pytest

from hubeval.profile import read_profile
from hubeval.readiness import assess, load_rubric


def gates(text):
    """A row's last cell as a mapping: "route 2; all designs 3" and "DiD, SCM 2; ITS 3" alike."""
    found = {}
    for part in text.replace(" (must be known)", "").split("; "):
        if part == "shown only":
            continue
        names, level = part.rsplit(" ", 1)
        designs = [rule.id for rule in load_rubric().designs] if names == "all designs" else names.split(", ")
        found |= dict.fromkeys(designs, int(level))
    return found


def test_the_table_of_gates_is_the_models(root):
    text = (root / "docs" / "readiness.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    for item in load_rubric().criteria:
        _, question, last = rows[item.id].strip("|").split(" | ")
        assert question == item.question
        route = {"route": item.route} if item.route else {}
        assert gates(last.strip()) == route | dict(item.gates)
        assert ("must be known" in last) == item.must_be_known


@pytest.mark.parametrize("path", ["designs/suffolk/later/profile.toml"])
def test_an_invented_profile_says_so(root, path):
    profile = read_profile(root / path)
    assert profile.illustrative
    assert all(fact.source.endswith("(invented)") for fact in profile.facts)


def test_the_keys_of_the_json_are_the_documented_ones(root):
    text = (root / "docs" / "readiness.md").read_text(encoding="utf-8").split("## The JSON")[1].split("## ")[0]
    documented = {
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    made = assess(read_profile(root / "designs" / "essex" / "profile.toml")).to_dict()
    assert documented == set(made)
