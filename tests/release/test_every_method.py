"""Every estimator of every design, on children and families with canaries among them."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from hubeval.errors import HubevalError
from hubeval.evaluation import evaluate
from hubeval.methods.did.capabilities import CAPABILITIES as DID
from hubeval.methods.matching.capabilities import CAPABILITIES as MATCHING
from hubeval.methods.rdd.capabilities import CAPABILITIES as RDD
from hubeval.protocol import read_protocol
from hubeval.release import release

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

EVERY = [*(("did", name) for name in DID), *(("matching", name) for name in MATCHING),
         *(("rdd", name) for name in RDD)]
MADE = {"did": worlds.children, "matching": worlds.families, "rdd": worlds.scores}


def outcome_of(tmp_path, kind, name, frame):
    """What is let out of one estimator, as text; the refusal's words where it cannot be used on this world."""
    key = "method" if kind == "matching" else "estimator"
    design = f'{key} = "{name}"\n' + ('distance = "ridge"\n' if kind == "matching" and name == "nearest" else "")
    design += "window = 12.0\n" if name == "randomisation" else ""
    try:
        protocol = read_protocol(worlds.written(tmp_path, kind, frame, units="person", design=design))
        return json.dumps(release(evaluate(protocol, despite="a test"))[0].content, ensure_ascii=False)
    except HubevalError as refused:
        return str(refused)


def numbers(text):
    return np.abs([float(n) for n in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+)?", text)])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), EVERY, ids=str)
def test_no_estimator_lets_a_canary_out(tmp_path, kind, name):
    frame = MADE[kind]()
    text = outcome_of(tmp_path / "plain", kind, name, frame)
    assert "ZZ" not in text
    if kind == "did":
        mine = frame[frame.unit == worlds.ID].y.to_numpy()
        known = numbers(text)
        assert not [y for y in mine if len(known) and np.any(np.abs(known - y) < 1e-6 * y)]
    if kind == "rdd":
        assert "99.87" not in text
    text = outcome_of(tmp_path / "extreme", kind, name, MADE[kind](extreme=True))
    assert "ZZ" not in text
    assert not np.any(numbers(text) > 1e3)
