"""A kind of design is known wherever kinds are listed, and an estimator wherever one is chosen: none is half there."""

from __future__ import annotations

import importlib.util
import tomllib

import pytest

from hubeval.methods.did.capabilities import CAPABILITIES, TABLE
from hubeval.methods.did.checks.cross_check import IN_NEITHER, WAYS
from hubeval.methods.did.inference.headline import PATHS
from hubeval.methods.room import ROOMS, room_for
from hubeval.protocol import DESIGNS
from hubeval.readiness import load_rubric
from hubeval.registry.plan import KINDS
from hubeval.verbs.new import NEW


def test_every_kind_has_a_room_words_for_the_plan_and_a_file_to_fill_in(root):
    kinds = set(DESIGNS)
    assert set(ROOMS) == kinds
    assert set(KINDS) == kinds
    assert {path.stem.removeprefix("protocol-") for path in (root / "hubeval" / "templates").glob("protocol-*.toml")} == kinds
    offered = next(options["choices"] for flags, options in NEW.arguments if flags == ("--kind",))
    assert set(offered) == kinds


@pytest.mark.parametrize("kind", DESIGNS)
def test_a_kind_is_answered_by_its_own_room_and_opened_by_a_gate_there_is(kind):
    assert room_for(kind).kind == DESIGNS[kind].kind == kind
    if isinstance(DESIGNS[kind].gate, str):  # some say it by what else is declared
        assert DESIGNS[kind].gate in {design.id for design in load_rubric().designs}


@pytest.mark.parametrize("kind", DESIGNS)
def test_rooms_that_may_not_know_one_another_are_all_of_them(root, kind):
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    apart = next(one for one in contracts if one["name"] == "Methods do not import one another")
    unknown = next(one for one in contracts if one["name"] == "What all methods say knows none of them")
    assert f"hubeval.methods.{kind}" in apart["modules"]
    assert f"hubeval.methods.{kind}" in unknown["forbidden_modules"]


def test_keys_of_every_kind_are_explained_and_canaries_are_let_loose_on_each(root):
    assert {design.__name__ for design in DESIGNS.values()} <= set(
        tomllib.loads((root / "docs" / "generate" / "keys.toml").read_text("utf-8")))
    spec = importlib.util.spec_from_file_location("worlds", root / "tests" / "release" / "worlds.py")
    worlds = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worlds)
    assert set(worlds.DESIGNS) == set(DESIGNS)


def test_every_estimator_of_differences_has_a_path_of_its_own_and_is_asked_again_or_says_why_not():
    assert set(PATHS) == set(CAPABILITIES)
    assert set(WAYS) | set(IN_NEITHER) == set(CAPABILITIES)
    assert not set(WAYS) & set(IN_NEITHER)
    assert {name.replace("-", "_") for name in CAPABILITIES} <= {line.name for line in TABLE}
