"""Real data once: the known answer, and the caution that a misdated start earns."""

from __future__ import annotations

import importlib.util

import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol

pytest.importorskip("causaldata")


@pytest.fixture(scope="module")
def case(root):
    folder = root / "designs" / "castle-doctrine"
    spec = importlib.util.spec_from_file_location("castle_data", folder / "data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return read_protocol(folder / "protocol.toml"), module.panel()


def test_two_way_fixed_effects_give_the_known_answer(case):
    protocol, panel = case
    headline = evaluate(protocol, panel).headline_terms[0]
    assert headline.estimate == pytest.approx(0.0818, abs=5e-5)  # Cunningham, Causal Inference: The Mixtape
    assert (headline.n_treated, headline.n_comparison, headline.n_clusters) == (21, 29, 50)


def test_a_start_dated_a_year_late_is_found_out(case):
    protocol, panel = case
    late = evaluate(protocol, panel.assign(law_in_force=panel["law_in_force"] + 1))
    assert "do not tell a fall from a rise" in late.headline  # the start moved away from the change takes the claim away
    said = next(d for d in late.diagnostics if d.name == "change before the start")
    assert "87% of that change came before the start" in said.reading
