"""The schemas that editors use say what reading accepts, and no more."""

from __future__ import annotations

import json
import tomllib

import pytest

from hubeval.cli import main
from hubeval.profile.reader import FACT, TOP


def schema(capsys, what):
    assert main(["schema", what]) == 0
    return json.loads(capsys.readouterr().out)


def holds(made, value):  # noqa: PLR0911 - one line a keyword
    """Whether a value fits a schema of the few keywords used here."""
    if "oneOf" in made or "anyOf" in made:
        return any(holds(kind, value) for kind in made.get("oneOf", made.get("anyOf")))
    if "const" in made:
        return value == made["const"]
    if "enum" in made:
        return value in made["enum"]
    kinds = made.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, dict):
        inside = made.get("properties", {})
        extra = made.get("additionalProperties", True)
        return "object" in kinds and set(made.get("required", ())) <= set(value) and all(
            holds(inside.get(key, extra if isinstance(extra, dict) else {}), item)
            and (key in inside or extra is not False) for key, item in value.items())
    if isinstance(value, list):
        return "array" in kinds and all(holds(made.get("items", {}), item) for item in value)
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return bool({"integer", "number"} & set(kinds))
    if isinstance(value, float):
        return "number" in kinds
    return "string" in kinds


@pytest.mark.parametrize("what", ["protocol", "profile", "theory", "value", "rollout"])
def test_every_shipped_file_fits_its_schema(root, capsys, what):
    made = schema(capsys, what)
    paths = [*root.glob(f"designs/*/{what}*.toml"), *root.glob(f"hubeval/templates/{what}*.toml")]
    assert paths
    for path in paths:
        assert holds(made, tomllib.loads(path.read_text("utf-8"))), path


def test_slips_do_not_fit(root, capsys):
    made = schema(capsys, "protocol")
    good = tomllib.loads((root / "designs/essex-style/protocol.toml").read_text("utf-8"))
    for slip in ({"qestion": "?"}, {"seed": "one"}, {"design": {**good["design"], "kind": "dd"}},
                 {"design": {**good["design"], "control": "nobody"}}):
        assert not holds(made, {**good, **slip})


def test_the_profiles_keys_are_those_that_are_read(capsys):
    made = schema(capsys, "profile")
    assert set(made["properties"]) == set(TOP)
    assert set(made["properties"]["facts"]["items"]["properties"]) == set(FACT)
