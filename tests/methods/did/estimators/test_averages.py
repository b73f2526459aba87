"""Which average: every treated observation once, or every treated unit once a period; each by hand, and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods import did
from hubeval.methods.did.checks.cross_check import cross_check
from hubeval.methods.did.inference.detection import detect
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.did.room import answer
from hubeval.protocol import DidDesign, Outcome, Protocol, read_protocol


def survey():
    """Area a starts in 2 (effect 10, two people a period), b in 3 (effect 4, eight people); c and d never."""
    rows = [(area, t, start, effect * (t >= start) + len(area) + 0.5 * t + 0.01 * (person % 2))
            for area, start, effect, people in (("a", 2, 10, 2), ("b", 3, 4, 8), ("c", np.inf, 0, 4), ("d", np.inf, 0, 4))
            for t in (1, 2, 3, 4) for person in range(people)]
    return pd.DataFrame(rows, columns=["area", "t", "s", "y"])


def gaps():
    """Two units start in 2 (effect 10), four in 3 (effect 4) of which three are not seen in period 4; four never."""
    rows = [(unit, t, start, effect * (t >= start) + 0.3 * unit + 0.5 * t)
            for unit in range(10) for start, effect in [((2, 10), (3, 4), (np.inf, 0))[0 if unit < 2 else 1 if unit < 6 else 2]]
            for t in (1, 2, 3, 4) if t < 4 or unit not in {3, 4, 5}]
    return pd.DataFrame(rows, columns=["u", "t", "s", "y"])


WORLDS = {"survey": (survey(), {"unit": None, "cluster": "area"}), "gaps": (gaps(), {"unit": "u"})}
BY_HAND = {
    ("survey", "observations"): (6 * 10 + 16 * 4) / 22, ("survey", "units"): (3 * 10 + 2 * 4) / 5,
    ("gaps", "observations"): (6 * 10 + 5 * 4) / 11, ("gaps", "units"): (6 * 10 + 8 * 4) / 14,
}
NAMED = {
    ("survey", "observations"): "treated persons, each person counting once", ("survey", "units"): "treated areas, each area counting once in every period",
    ("gaps", "observations"): "treated unit-periods, each unit-period counting once", ("gaps", "units"): "treated units, each unit counting once in every period",
}


def fitted(world, average):
    frame, keys = WORLDS[world]
    design = DidDesign(time="t", start="s", average=average, **keys)
    panel = did.read_panel(frame, outcome="y", time="t", start="s", unit=keys["unit"], cluster=keys.get("cluster"))
    return panel, settled(design, panel)


@pytest.mark.parametrize(("world", "average"), BY_HAND)
def test_each_average_is_the_one_it_says(world, average):
    panel, plan = fitted(world, average)
    found = headline(panel, plan)
    assert plan.design.estimator == "group-time"
    assert found.overall.estimate == pytest.approx(BY_HAND[world, average])
    assert NAMED[world, average] in found.overall.estimand
    assert found.point(panel) == pytest.approx(BY_HAND[world, average])
    assert float(found.placebo.estimate[0]) == pytest.approx(BY_HAND[world, average])


@pytest.mark.parametrize(("world", "average"), BY_HAND)
def test_another_library_averages_alike(world, average):
    panel, plan = fitted(world, average)
    assert cross_check(panel, plan.design, headline(panel, plan).overall).statistic == pytest.approx(0, abs=1e-8)


def test_power_asks_of_the_average_that_is_named():
    rng = np.random.default_rng(3)
    frame = gaps().assign(y=lambda f: f.y + rng.normal(size=len(f)))
    panel = did.read_panel(frame, outcome="y", unit="u", time="t", start="s")
    ends = [detect(panel, DidDesign(unit="u", time="t", start="s", average=average), draws=100).scale for average in ("observations", "units")]
    assert ends[0] != ends[1]


def test_a_protocol_may_name_it_and_only_group_time_reads_it(tmp_path):
    outcome = Outcome(column="y", label="Y", unit="points", direction="neither")
    protocol = Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), outcomes=(outcome,),
                        design=DidDesign(unit="u", time="t", start="s", average="units"))
    frame = gaps().assign(u=lambda f: "u" + f.u.astype(str), t=lambda f: (2000 + f.t).astype(str),
                          s=lambda f: np.where(np.isfinite(f.s), (2000 + f.s.replace(np.inf, 0)).astype(int).astype(str), ""))
    made = answer(protocol, bind(protocol, frame), lambda _said: None).headline_terms[0]
    assert made.estimate == pytest.approx(92 / 14)
    assert "each unit counting once in every period" in made.estimand
    path = tmp_path / "protocol.toml"
    text = 'area = "A"\nquestion = "Q?"\nregistered = 2026-01-01\n[design]\nkind = "did"\nunit = "u"\ntime = "t"\nstart = "s"\naverage = "%s"\n'
    last = '[[outcomes]]\ncolumn = "y"\nlabel = "Y"\nunit = "points"\ndirection = "neither"\nrole = "primary"\nsource = "made up"\n'
    path.write_text(text % "units" + last)
    assert read_protocol(path).design.average == "units"
    path.write_text(text % "persons" + last)
    with pytest.raises(BadInput, match="average"):
        read_protocol(path)
    with pytest.raises(BadInput, match=r"design\.average"):
        answer(replace(protocol, design=replace(protocol.design, estimator="two-way")), bind(protocol, frame), lambda _said: None)
