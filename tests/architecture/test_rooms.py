"""Who knows one method's room knows all: the same plan, and signatures of the same shape."""

from __future__ import annotations

import importlib
import inspect
import tomllib

import pytest

from hubeval.methods.room import ROOMS

METHODS = tuple(ROOMS)
TOP = {"room.py", "capabilities.py", "figures.py", "tables.py"}
PARTS = {method: "designs" if method == "matching" else "estimators" for method in METHODS}
VOCABULARY = {"outcome", "unit", "time", "start", "covariates", "weights", "cluster", "exposure", "treated", "options"}
MOST = {"match": 10}  # MatchIt's own argument names, which analysts type from habit; all its others stand in `Options`
OWN = 6  # a function's own options beside the data and the shared vocabulary; rarer ones belong in `Options`


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_the_same_plan(root, method):
    room = root / "hubeval" / "methods" / method
    assert {path.name for path in room.glob("*.py")} >= TOP
    rooms = {path.name for path in room.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms >= {"door", "checks", PARTS[method]}
    assert rooms - {"door", "checks", "inference", "estimators", "designs", "effects", "fits"} == set()


@pytest.mark.parametrize("method", METHODS)
def test_the_inner_floors_are_a_contract(root, method):
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    floors = [
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [f"hubeval.methods.{method}"]
    ]
    assert len(floors) == 1
    order = [floors[0].index(name) for name in ("room", "checks", PARTS[method], "door") if name in floors[0]]
    assert order == sorted(order)
    assert len(order) >= 3


@pytest.mark.parametrize("method", METHODS)
def test_no_function_a_user_calls_has_more_than_six_options_of_its_own(method):
    room = importlib.import_module(f"hubeval.methods.{method}")
    functions = {name: getattr(room, name) for name in room.__all__ if inspect.isfunction(getattr(room, name))}
    assert functions
    own = {name: [n for n in inspect.signature(f).parameters if n not in VOCABULARY][1:] for name, f in functions.items()}
    assert {name: options for name, options in own.items() if len(options) > MOST.get(name, OWN)} == {}
