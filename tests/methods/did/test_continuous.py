"""Fixed effects on an amount of exposure, by protocol: the number of `did.fixed_effects`, and what is asked of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.data.scales import measured
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.headline import write_headline
from hubeval.methods import did
from hubeval.methods.readings.measure import read_back
from hubeval.methods.room import room_for
from hubeval.protocol import Caution, DidDesign, Outcome, Protocol, read_protocol
from hubeval.protocol.declared import DataSource

RATE = Outcome(column="rate", label="Referrals", unit="per 10,000", direction="lower is better", smallest_worthwhile=2.0)
DESIGN = DidDesign(unit="la", time="year", exposure="open", estimator="fixed-effects")


def panel(effect=-8.0, seed=1, units=24, years=10, follows=False):
    rng = np.random.default_rng(seed)
    pace = np.where(np.arange(units) < 16, rng.uniform(0.05, 0.2, units), 0.0)[:, None]
    share = np.clip(pace * np.maximum(np.arange(years) - rng.integers(3, 6, (units, 1)) + 1, 0), 0, 1)
    y = rng.normal(60, 6, (units, 1)) + rng.normal(0, 1, years) + rng.normal(0, 1, (units, years))
    if follows:  # opened because of what the outcome did the year before
        share[:16, 1:] = np.clip(0.5 + 0.3 * (y[:16, :-1] - y[:16].mean(axis=1, keepdims=True)), 0, 1)
    y = y + effect * share
    return pd.DataFrame({"la": np.repeat([f"LA{i:02d}" for i in range(units)], years),
                         "year": np.tile(np.arange(2010, 2010 + years), units), "open": share.ravel(), "rate": y.ravel(),
                         "pace": rng.normal(size=units * years)})


def protocol(**more):
    made = {"area": "A", "question": "?", "registered": date(2026, 1, 1), "outcomes": (RATE,), "design": DESIGN,
            "country": "Scotland", "data": DataSource(units="authority", year="calendar")}
    return Protocol(**(made | more))


def answered(p, frame):
    asked, table = measured(p, bind(p, frame))
    return read_back(room_for("did").answer(asked, table, lambda _: None))


def named(found, name):
    return next(d for d in found if d.name == name)


def test_it_is_the_number_of_the_function_in_the_outcomes_unit():
    frame = panel()
    found = answered(protocol(), frame).headline_terms[0]
    own = did.fixed_effects(frame, outcome="rate", unit="la", time="year", exposure="open").estimate
    assert (found.estimate, found.conf_low, found.p_value) == pytest.approx((own.estimate, own.conf_low, own.p_value))
    assert found.conf_low < -8 < found.conf_high
    assert (found.term, found.unit) == ("per unit of open", "per 10,000")
    said = write_headline(protocol(), answered(protocol(), frame)).text
    assert "lower than expected (per unit of open, 95% interval" in said


@pytest.mark.parametrize("inference", ["cr2", "cluster", "driscoll-kraay"])
def test_every_error_it_offers(inference):
    found = answered(protocol(design=replace(DESIGN, inference=inference)), panel()).headline_terms[0]
    assert {"cr2": "CR2", "cluster": "CR1", "driscoll-kraay": "Driscoll-Kraay"}[inference] in found.inference


def test_exposure_to_come_is_asked_for():
    assert named(answered(protocol(), panel()).probes, "exposure to come").status == "pass"
    assert named(answered(protocol(), panel(effect=0.0, follows=True)).probes, "exposure to come").status == "caution"


def test_one_unit_and_the_other_scale_are_asked_for():
    probes = {d.name for d in answered(protocol(), panel()).probes}
    assert probes == {"exposure to come", "leave one exposed unit out", "other scale"}


def test_on_logarithms_it_reads_in_per_cent():
    frame = panel()
    frame["rate"] = 50 * np.exp(np.log(0.5) * frame["open"]) * np.exp(frame["pace"] * 0.01)
    p = protocol(outcomes=(replace(RATE, scale="log"),))
    found = answered(p, frame).headline_terms[0]
    assert found.unit == "% change"
    assert abs(found.estimate + 50) < 2


def test_check_and_power_read_the_first_exposure_as_the_start():
    found = check(protocol(), panel())
    assert "16 treated and 8 comparison units" in named(found.diagnostics, "units").reading
    made = power(protocol(), panel(), settings=Settings(draws=100))
    assert 0.3 < made.smallest_detectable < 8
    assert "per unit of open" in str(made)
    assert made.relative is None


def test_another_library_finds_the_same_and_the_whole_evaluation_runs(tmp_path):
    made = evaluate(protocol(), panel(), _readiness(), despite="test", cross_check=True)
    assert named(made.diagnostics, "cross-check").status == "pass"
    assert "statsmodels" in named(made.diagnostics, "cross-check").reading
    made.report(tmp_path / "r.html")
    assert made.to_dict()["protocol"]["design"]["exposure"] == "open"


def _readiness():
    from hubeval.profile import Profile
    from hubeval.readiness import assess

    return assess(Profile(area="A", facts=()))


@pytest.mark.parametrize(("change", "said"), [
    ({"anticipation": 1}, "does not read it"), ({"control": "not-yet"}, "does not read it"),
    ({"inference": "wild"}, "design.inference"), ({"inference": "driscoll-kraay", "cluster": "la"}, "does not apply"),
    ({"exposure": None}, "amount of exposure"), ({"start": "year"}, "does not read it"),
    ({"estimator": "two-way"}, "is missing"), ({"exposure": "opne"}, "Did you mean"),
])
def test_what_does_not_go_with_it_is_refused(change, said):
    with pytest.raises(BadInput, match=said):
        answered(protocol(design=replace(DESIGN, **change)), panel())


def test_amounts_are_from_nought_and_vary():
    for bad, said in ((panel().assign(open=-0.1), "below 0"), (panel().assign(open=0.0), "nowhere above 0")):
        with pytest.raises(BadInput, match=said):
            bind(protocol(), bad)


def test_a_term_of_its_own_is_refused_for_a_shock():
    shock = Caution(kind="shock", label="flood", first="2014", handling="model it")
    with pytest.raises(BadInput, match="difference-in-differences cannot"):
        answered(protocol(cautions=(shock,)), panel())


def test_a_panel_still_needs_a_start(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text('area = "A"\nquestion = "?"\nregistered = 2026-01-01\n[design]\nkind = "did"\nunit = "la"\n'
                    'time = "year"\n[[outcomes]]\ncolumn = "y"\nlabel = "Y"\nunit = "per 10,000"\n')
    with pytest.raises(BadInput, match=r"design.start: is missing"):
        read_protocol(path)
