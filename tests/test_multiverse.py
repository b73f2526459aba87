"""A declared multiverse: what it may hold, what comes of it, and that the headline stays the registered one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.asking import across, beside, require_accepted
from hubeval.data.bind import bind
from hubeval.data.clock import placed
from hubeval.data.scales import measured
from hubeval.data.source import read_source
from hubeval.errors import BadInput
from hubeval.headline import write_headline
from hubeval.methods.readings.measure import read_back
from hubeval.methods.room import room_for
from hubeval.protocol import read_protocol
from hubeval.protocol.multiverse import MOST, specifications
from hubeval.release.gate import _known_checks
from tests.conftest import ROOT
from tests.recovery.readings import worlds

GRID = {"control": ("never", "not-yet"), "anticipation": (0, 1), "estimator": ("auto", "imputation")}


def text(more):
    return (ROOT / "designs/essex-style/protocol.toml").read_text("utf-8") + "\n[multiverse]\n" + more + "\n"


def read(tmp_path, more):
    path = tmp_path / "protocol.toml"
    path.write_text(text(more), encoding="utf-8")
    return read_protocol(path)


def asked(grid=GRID, seed=3, protocol=worlds.PROTOCOL, **panel):
    """The registered answer, and the same with the declared grid read beside it."""
    protocol = replace(protocol, multiverse=grid)
    frame = worlds.panel(np.random.default_rng(seed), **{"n": 16, "k": 6, "periods": 8, "starts": (4, 5)} | panel)
    source = read_source(frame)
    table = bind(protocol, source)
    mine, given = measured(placed(protocol, table.clock), table)
    before = read_back(room_for(protocol.design.kind).answer(mine, given, lambda _line: None))
    return protocol, before, across(protocol, mine, given, beside(protocol, source, table), before, lambda _line: None)


@pytest.mark.parametrize(("more", "said"), [
    ('control = ["nevr"]', "multiverse.control"),
    ('anticipation = ["one"]', "multiverse.anticipation"),
    ('treatment = ["a"]', "no key of this design"),
    ('start = ["other"]', "it says what is asked, not how"),
    ('control = "never"', "no list of options"),
    ("anticipation = [1, 1]", "stands there twice"),
    (f"anticipation = {list(range(MOST + 1))}", "specifications"),
])  # fmt: skip
def test_what_the_protocol_would_refuse_as_its_own_is_refused(tmp_path, more, said):
    with pytest.raises(BadInput, match=said):
        read(tmp_path, more)


def test_what_only_the_room_knows_is_refused_before_any_data_are_read(tmp_path):
    for more, said in (('estimator = ["group-tme"]', "group-tme"), ('inference = ["boot"]', "boot")):
        with pytest.raises(BadInput, match=said):
            require_accepted(read(tmp_path, more))
    require_accepted(read(tmp_path, 'estimator = ["two-way"]\nbase = ["universal"]'))  # each reads well by itself


def test_an_option_that_a_room_refuses_by_its_name_wherever_it_stands_is_refused_and_one_that_fits_somewhere_is_not():
    """Of rooms that say so only when they are asked: here an amount of exposure, whose estimators share no inference."""
    dose = read_protocol(ROOT / "designs/dose-style/protocol.toml")
    source = read_source(ROOT / "synthetic_data/dose-style/panel.csv")

    def grid(**options):
        protocol = replace(dose, multiverse=options)
        table = bind(protocol, source)
        mine, given = measured(placed(protocol, table.clock), table)
        before = read_back(room_for("did").answer(mine, given, lambda _line: None))
        return across(protocol, mine, given, beside(protocol, source, table), before, lambda _line: None)

    with pytest.raises(BadInput, match=r"multiverse \(inference = 'cluster'\)"):
        grid(inference=("cluster",))
    made = grid(inference=("cluster",), estimator=("fixed-effects",))
    assert any(one.reason.startswith("inference: ") for one in made.not_computed)


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match=r"multiverse \(covariates"):
        asked({"covariates": (("nowhere",),)})


def test_the_registered_options_are_in_the_grid_and_come_first(tmp_path):
    made = specifications(read(tmp_path, 'control = ["not-yet"]\nanticipation = [1, 2]'))
    assert [one.label for one in made] == ["registered", "S1", "S2", "S3", "S4", "S5"]
    assert made[0].options == {"control": "never", "anticipation": 0}
    assert all(len(one.protocol.outcomes) == 1 and not one.protocol.multiverse for one in made)


def test_the_curve_holds_every_specification_and_the_headline_is_untouched():
    protocol, before, after = asked()
    assert after.headline_terms == before.headline_terms
    table, summary = after.tables[-2:]
    assert table.rows[0][0] == "registered"
    assert table.rows[0][4] == before.headline_terms[0].estimate
    figure = after.figures[-1]
    drawn = sorted(y for series in figure.series for y in series.y if y is not None)
    assert drawn == sorted(row[4] for row in table.rows)
    assert [series.y[[x for x, _ in figure.ticks].index(at)] is None for series in figure.series[1:]
            for at, label in figure.ticks if label == "registered"] == [True]  # fmt: skip
    assert dict(summary.rows)["specifications estimated"] == len(table.rows)
    assert after.diagnostics[-1].name == "multiverse" in _known_checks()[0]
    assert write_headline(protocol, after).text.split(". ")[0] == write_headline(protocol, before).text.split(". ")[0]
    gone = [one for one in after.not_computed if "join" in one.reason]
    assert gone[0].what == "2 of the ways through the multiverse"  # imputation reads no control


def test_the_p_value_is_small_where_much_moved_and_is_not_where_nothing_did():
    quiet = dict(asked(seed=5)[2].tables[-1].rows)["joint permutation p-value of the median"]
    loud = dict(asked(seed=5, effect=4.0)[2].tables[-1].rows)["joint permutation p-value of the median"]
    assert loud < 0.01
    assert quiet > 0.1


def test_a_sign_that_turns_is_a_caution_only_where_the_number_claims_a_change():
    from hubeval.methods.readings.multiverse import read_specifications
    from hubeval.result import Estimate

    def one(value, reach):
        return Estimate(term="ATT", estimand="", outcome="Y", unit="points", estimate=value, conf_low=value - reach,
                        conf_high=value + reach, inference="")  # fmt: skip

    def said(first, reach):
        rows = [("registered", {"a": 1}, one(first, reach)), ("S1", {"a": 2}, one(-first, reach))]
        return read_specifications(rows, 2)[2]

    assert said(2.0, 1.0).status == "caution"
    assert said(2.0, 3.0).status == "information"
    assert said(2.0, 1.0).reading.startswith("Of 2 specifications, the registered one counted, 1 is on the side")


def test_two_ways_to_one_number_are_counted_once():
    _, _, after = asked({"estimator": ("group-time",), "base": ("universal",)})
    assert len(after.tables[-2].rows) == 1
    assert any("counted once" in one.reason for one in after.not_computed)


def test_without_records_it_is_not_computed():
    protocol = replace(worlds.PROTOCOL, multiverse=GRID)
    _, before, _ = asked({})
    for others, reason in ((None, "came as sums"), ((), "stands alone")):
        made = across(protocol, protocol, None, others, before, lambda _line: None)
        assert made.not_computed[-1].what == "multiverse"
        assert reason in made.not_computed[-1].reason
        assert made.headline_terms == before.headline_terms


@pytest.mark.slow
def test_the_joint_p_value_is_below_a_twentieth_in_about_a_twentieth_of_sound_panels():
    small = []
    for seed in range(150):
        rows = dict(asked(seed=[9, seed], starts=(4,))[2].tables[-1].rows)
        small.append(rows["joint permutation p-value of the median"] <= 0.05)
    print(np.mean(small))  # noqa: T201
    assert np.mean(small) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
