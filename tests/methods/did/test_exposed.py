"""A service that comes and goes, or comes in strengths, by protocol: the functions' own numbers, refusals, words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.detectable import power
from hubeval.errors import BadInput, Door
from hubeval.methods.did import dose, switching
from hubeval.methods.did.exposed import _before as before
from hubeval.methods.did.exposed import fit
from hubeval.methods.did.room import answer
from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.protocol.rules import check_protocol

SWITCH = DidDesign(unit="la", time="year", exposure="open", estimator="switching")
STRENGTH = DidDesign(unit="la", time="year", start="opened", exposure="dose", estimator="dose-response")


def world(seed, *, n=24, changed=10, ends=True, effect=-2.0, drift=0.0):
    """Units of two waves; open for three years, or for good with a dose each; effect per unit of it."""
    rng = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(n), 10), np.tile(np.arange(10), n)
    start = np.where(unit < changed, np.where(unit % 2 == 0, 3, 5), 99)
    size = 1.0 if ends else rng.choice([0.5, 1.0, 2.0], n)[unit]
    on = (year >= start) & ((year < start + 3) | (not ends))
    noise = rng.normal(0, 1, (n, 10))
    noise[:, 1:] += 0.5 * noise[:, :-1]
    treated = unit < changed
    y = 20 + rng.normal(0, 3, n)[unit] + 0.3 * year + noise[unit, year] + effect * size * on + drift * treated * year
    return pd.DataFrame({"la": [f"u{u:02d}" for u in unit], "year": 2010 + year, "open": on.astype(float),
                         "dose": size, "opened": np.where(treated, (2010 + start).astype(str), ""), "y": y})


def protocol(design, **outcome):
    return Protocol(area="A", question="?", registered=date(2026, 1, 1), design=design,
                    outcomes=(Outcome(column="y", label="Referrals", unit="visits", **outcome),))


def asked(design, frame):
    made = protocol(design)
    return answer(made, bind(made, frame.astype(str)), lambda _line: None)


def test_switching_is_the_functions_number_with_the_t_of_the_smaller_side():
    frame = world(1)
    found = asked(SWITCH, frame).headline_terms[0]
    direct = switching(frame, outcome="y", unit="la", time="year", treated="open", placebos=3).overall
    assert found.estimate == pytest.approx(float(direct.estimate[0]))
    assert found.std_error == pytest.approx(float(direct.std_error[0]))
    assert "t with 9 degrees of freedom" in found.inference
    assert found.term == "per unit of open"


def test_dose_is_the_functions_number():
    frame = world(2, ends=False)
    found = asked(STRENGTH, frame)
    plain = frame.assign(opened=pd.to_numeric(frame["opened"]))
    direct = dose(plain, outcome="y", unit="la", time="year", start="opened", exposure="dose", control="never")
    assert found.headline_terms[0].estimate == pytest.approx(float(direct.level.overall.estimate[0]))
    assert found.headline_terms[0].std_error == pytest.approx(float(direct.level.overall.std_error[0]) * np.sqrt(10 / 8))
    assert "degrees of freedom of the line counted" in found.headline_terms[0].inference
    assert "t with 8 degrees of freedom (treated clusters less two for the line)" in found.headline_terms[0].inference
    slope = next(one for one in found.estimates if one.term == "per unit of dose")
    assert slope.estimate == pytest.approx(float(direct.slope.overall.estimate[0]))


@pytest.mark.parametrize("design", [SWITCH, STRENGTH])
def test_check_power_figure_and_report_come_of_it(design):
    frame, made = world(3, ends=design is SWITCH), protocol(design, direction="lower is better")
    said = next(d for d in check(made, frame.astype(str)).diagnostics if d.name == "units")
    assert said.reading.startswith("10 treated and 14 comparison units")
    assert power(made, frame.astype(str)).smallest_detectable > 0
    found = asked(design, frame)
    assert [figure.name for figure in found.figures] == ["effects"]
    assert {"pre-trend", "Smallest detectable change"} <= {d.name for d in found.diagnostics}
    assert "leave one treated unit out" in {d.name for d in found.probes}
    assert "nan" not in str(found)


@pytest.mark.parametrize("design", [SWITCH, STRENGTH])
def test_units_that_drift_apart_are_seen_and_others_are_not(design):
    ends = design is SWITCH
    still = next(d for d in asked(design, world(4, ends=ends)).diagnostics if d.name == "pre-trend")
    assert still.status == "pass"
    if ends:
        moved = next(d for d in asked(design, world(4, drift=2.0)).diagnostics if d.name == "pre-trend")
        assert moved.status == "caution"


def test_too_few_clusters_give_no_interval():
    found = asked(SWITCH, world(5, changed=2)).headline_terms[0]
    assert found.conf_low is None
    assert found.p_value is None
    assert "so few show no error" in found.inference


def test_a_unit_open_from_the_beginning_starts_where_it_closes():
    frame = world(6)
    late = frame["la"] == "u23"
    frame.loc[late, "open"] = (frame.loc[late, "year"] < 2015).astype(float)
    table = bind(protocol(SWITCH), frame.astype(str))
    first = table.frame.groupby("la")[SWITCH.start].first()
    assert first["u23"] == 5
    assert np.isnan(first["u22"])


@pytest.mark.parametrize(("design", "said"), [
    (replace(STRENGTH, exposure=None), "is missing"), (replace(STRENGTH, estimator="group-time"), "does not read it"),
    (replace(SWITCH, exposure=None), "is missing"), (replace(SWITCH, start="opened"), "does not read it"),
    (replace(STRENGTH, unit=None, cluster="la"), "is missing"),
])  # fmt: skip
def test_what_does_not_go_together_is_refused(design, said):
    door = Door()
    check_protocol(protocol(design), door)
    assert any(said in problem.found for problem in door.problems)


@pytest.mark.parametrize("option", [{"control": "not-yet"}, {"covariates": ("dose",)}, {"inference": "permutation"}])
def test_options_that_are_not_read_are_refused(option):
    with pytest.raises(BadInput):
        asked(replace(SWITCH, **option), world(7))


def test_nothing_that_changes_is_refused():
    frame = world(8).assign(open=1.0)
    with pytest.raises(BadInput, match="never changes"):
        asked(SWITCH, frame)


@pytest.mark.parametrize(("design", "said"), [
    (SWITCH, "3 row.s. are blank in 'open'"), (STRENGTH, "of treated units are blank in 'dose'")])
def test_blank_exposures_are_refused_by_the_key_that_names_them(design, said):
    frame = world(9, ends=design is SWITCH)
    frame.loc[frame.index[[5, 40, 55]], design.exposure] = np.nan
    for verb in (lambda made, table: answer(made, bind(made, table), lambda _line: None), power):
        with pytest.raises(BadInput, match=f"design.exposure: .*{said}"):
            verb(protocol(design), frame.astype(str).replace("nan", ""))


@pytest.mark.parametrize("design", [SWITCH, STRENGTH])
@pytest.mark.parametrize("units", ["authority", "person"])
def test_the_whole_path_writes_what_the_room_answers(root, tmp_path, design, units):
    frame = world(10, ends=design is SWITCH)
    frame.to_csv(tmp_path / "panel.csv", index=False)
    shutil.copy(root / "designs" / "dose-style" / "illustrative-profile.toml", tmp_path / "profile.toml")
    keys = "\n".join(f'{key} = "{getattr(design, key)}"' for key in ("unit", "time", "start", "exposure", "estimator")
                     if getattr(design, key))
    (tmp_path / "protocol.toml").write_text(
        'area = "Dose style (synthetic)"\nquestion = "Did it?"\nregistered = 2026-01-01\nprofile = "profile.toml"\n'
        f'[data]\nfile = "panel.csv"\nunits = "{units}"\n[design]\nkind = "did"\n{keys}\n[[outcomes]]\ncolumn = "y"\n'
        'label = "Referrals"\nunit = "visits"\ndirection = "lower is better"\nrole = "primary"\nsource = "made up"\n',
        encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "protocol.toml"), "--out", str(tmp_path / "out")]) == 0
    stored = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    head = stored["headline_terms"][0]
    head = stored["estimates"][head] if isinstance(head, int) else head
    assert head["estimate"] == pytest.approx(asked(design, frame).headline_terms[0].estimate, rel=0.01)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ("per unit of" in stored["headline"]["text"]) is (design is SWITCH)
    assert "de Chaisemartin" in page or "Callaway" in page


def shares(design, draws, **sizes):
    """Shares of draws whose headline (and, of a dose, slope) interval misses the truth, and whose pre-trend is raised."""
    made, ends, missed = protocol(design), design is SWITCH, []
    for seed in range(draws):
        frame = world(seed, ends=ends, effect=-2.0 if ends else 0.0, **sizes)
        found = fit(bind(made, frame.astype(str)).frame, design, made.primary)
        asked_of = (found.head,) if ends else (found.head, found.rest[-1])
        truth = -2.0 if ends else 0.0
        missed.append([*(not one.conf_low < truth < one.conf_high for one in asked_of),
                       getattr(before(found), "status", "") == "caution"])
    rates = np.mean(missed, axis=0)
    print(f"\n{design.estimator} {sizes} {draws} draws: missed {rates[:-1]}, pre-trend raised {rates[-1]}")  # noqa: T201
    return rates


@pytest.mark.parametrize("draws", [16, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("design", "sizes"), [
    (SWITCH, {"n": 24, "changed": 10}), (SWITCH, {"n": 24, "changed": 6}), (STRENGTH, {"n": 24, "changed": 10}),
    pytest.param(STRENGTH, {"n": 60, "changed": 25}, marks=pytest.mark.slow)])
def test_the_interval_holds_the_effect(design, sizes, draws):
    """The headline's holds 93% or more, less three Monte Carlo standard errors; the page says how far slopes fall short."""
    rates = shares(design, draws, **sizes)
    assert rates[0] <= 0.07 + 3 * np.sqrt(0.05 * 0.95 / draws)
    assert rates[-1] <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / draws)


def holed(frame):
    """Without the outcomes of the first unit from its change on."""
    return frame.assign(y=frame.y.astype(object).where((frame.la != "u00") | (frame.year < 2013), ""))


def test_units_without_the_outcomes_it_takes_stand_behind_no_error():
    head = asked(SWITCH, holed(world(3, changed=4))).headline_terms[0]
    assert head.n_treated == 3
    assert head.conf_low is None
    assert head.inference.startswith("none: fewer than 4")
    assert asked(SWITCH, world(3, changed=4)).headline_terms[0].conf_low is not None


def test_treated_units_left_out_of_a_dose_are_told():
    found = asked(STRENGTH, holed(world(3, ends=False)))
    assert found.headline_terms[0].n_treated == 9
    assert [step.note for step in found.flow if step.note.startswith("1 treated unit left out")]
    assert not [step for step in asked(STRENGTH, world(3, ends=False)).flow if "left out" in step.note]


def test_doses_too_alike_are_refused_without_a_shape_that_nobody_chose():
    with pytest.raises(BadInput, match="carry no such curve") as caught:
        asked(STRENGTH, world(3, ends=False).assign(dose=1.0))
    assert "linear" not in str(caught.value)
