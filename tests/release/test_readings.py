"""Readings on persons are no finer than they are printed: to the last digit, a mean or a share tells by how many it was divided."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import pytest

from hubeval.cli import main
from hubeval.detectable.figures import power_figures
from hubeval.detectable.values import CurvePoint, Power
from hubeval.protocol import read_protocol
from hubeval.release.pages import release_power

spec = importlib.util.spec_from_file_location("exact", Path(__file__).with_name("test_exact_counts.py"))
exact = importlib.util.module_from_spec(spec)
spec.loader.exec_module(exact)
worlds = exact.worlds


def floats(value):
    """Every number in nested values that is not whole."""
    if isinstance(value, dict):
        for item in value.values():
            yield from floats(item)
    elif isinstance(value, list):
        for item in value:
            yield from floats(item)
    elif isinstance(value, float) and math.isfinite(value) and not value.is_integer():
        yield value


def digits(value):
    """Significant digits of a number as it is written."""
    return len(repr(abs(value)).split("e")[0].replace(".", "").strip("0"))


def answer(capsys, *args):
    main([*map(str, args), "--json"])
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("kind", "frame", "secret"), [
    ("did", worlds.children(n=61, treated=21), {61, 21, 488}),
    ("matching", worlds.families(n=403), {403, 402, 131, 132, 133, 271}),
], ids=["did", "matching"])  # fmt: skip
def test_readings_on_persons_are_no_finer_than_they_are_printed(tmp_path, capsys, kind, frame, secret):
    protocol = worlds.written(tmp_path, kind, frame, units="person", release="nhs")
    for verb, *more in (["check"], ["power", "--quick", "--draws", "100"]):
        found = answer(capsys, verb, protocol, *more)
        found.pop("published", None)
        assert max(map(digits, floats(found)), default=0) <= 3, verb
        assert not exact.found(found, secret), verb
        for figure in found.get("figures", ()):
            assert {series["holds"] for series in figure["series"]} == {"model"}
        if "baseline" in found:
            assert max(map(digits, floats(found["baseline"])), default=0) <= 2
            main([verb, str(protocol), *more])
            said = capsys.readouterr().out
            assert not exact.found([said], secret)


def test_curves_over_units_say_numbers_of_persons_as_they_may_be_shown(tmp_path):
    """Numbers of units stand on the axis of a figure, where they are no count to the eye of a program."""
    protocol = read_protocol(worlds.written(tmp_path, "did", worlds.children(n=61, treated=21), units="person", release="nhs"))
    curve = [CurvePoint(n_units=n, n_treated=k, n_periods=8, smallest_detectable=2.123456) for n, k in ((31, 11), (61, 21), (183, 63))]
    made = power_figures(Power(area="T", design="DiD", outcome="y", unit="points", method="m", inference="i", units=tuple(curve),
                               smallest_detectable=2.123456, baseline=49.91224506, n_units=61, n_treated=21))  # fmt: skip
    value, text = release_power(made, protocol).content
    assert not exact.found([value, text], {31, 11, 61, 21, 183, 63})
    assert [x for figure in value["figures"] for series in figure["series"] for x in series["x"]] == [30, 60, 185]
    assert "49.9" not in text


def test_without_it_a_share_tells_how_many_there_are(tmp_path, capsys):
    """The attack: the fraction nearest to a share, with a denominator near the count that is shown, rounded to 5."""
    shown, true = 130, 132
    share = 125 / true
    near = [n for n in range(shown - 3, shown + 4) if abs(share * n - round(share * n)) < 1e-9]
    assert near == [true]
    protocol = worlds.written(tmp_path, "matching", worlds.families(n=403), units="person", release="nhs")
    left = [item["statistic"] for item in answer(capsys, "check", protocol)["diagnostics"]]
    assert share not in left
    coarse = next(s for s in left if s and abs(s - share) < 0.01)
    near = [n for n in range(shown - 3, shown + 4) if any(float(f"{k / n:.1e}") == coarse for k in range(n + 1))]
    assert len(near) == 7


def test_open_data_of_authorities_stay_exact(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "did", worlds.children(lone=False), units="authority")
    assert max(map(digits, floats(answer(capsys, "power", protocol, "--quick", "--draws", "100")["baseline"]))) > 3


def test_the_number_of_ways_to_choose_the_treated_is_not_said(tmp_path, capsys):
    """One treated of 61 has 61 ways: the smallest p-value is 1 in 61."""
    protocol = worlds.written(tmp_path, "did", worlds.children(n=61, treated=1, lone=False), units="person", release="nhs")
    found = answer(capsys, "power", protocol, "--quick", "--draws", "100")
    main(["power", str(protocol), "--quick", "--draws", "100"])
    text = capsys.readouterr().out
    assert found["floor"] is None
    assert not exact.found([found, text], {61})
    assert "0.0164" not in text + json.dumps(found)
    assert "permutation" in text
    main(["evaluate", str(protocol), "--despite", "a test"])
    said = capsys.readouterr().out
    assert "ne place is treated" not in said
    assert "one unit is treated" not in said
    assert "Few are treated" in said
