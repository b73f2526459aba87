"""Designing a roll-out: constraints kept or their conflict named, lots that anybody can draw, one path for power."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.bind import bind
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.methods.did.room import answer
from hubeval.protocol import read_protocol
from hubeval.release.pages import release_rollout
from hubeval.report.rollout import rollout_files
from hubeval.rollout import read_rollout, rollout
from hubeval.rollout.conflicts import smallest_part
from hubeval.rollout.declared import KINDS
from hubeval.rollout.history import laid_over, read_past
from hubeval.rollout.orders import bands, blocks, draw
from hubeval.rollout.spread import distance
from hubeval.rollout.words import caution, lines
from hubeval.synthetic.rollout import site_history


@pytest.fixture(scope="module")
def case(root):
    return read_rollout(root / "designs" / "rollout-style" / "rollout.toml")


@pytest.fixture(scope="module")
def found(case):
    return rollout(case)


def said(path):
    with pytest.raises(BadInput) as error:
        read_rollout(path)
    return str(error.value)


def test_every_draw_keeps_every_constraint(case):
    made, ids = blocks(case), [site.id for site in case.sites]
    for kind in KINDS:
        for number in range(20):
            waves = draw(case, kind, made, number)
            assert (np.bincount(waves, minlength=3) <= case.waves.places).all()
            assert waves[ids.index("site 07")] == 0
            assert waves[ids.index("site 11")] == waves[ids.index("site 12")]
            assert min(waves[ids.index("site 05")], waves[ids.index("site 21")]) >= 1


def test_a_lottery_gives_every_site_the_same_chance(read):
    case = read(6)
    waves = np.array([draw(case, "lottery", blocks(case), number) for number in range(3_000)])
    share = (waves == 0).mean(axis=0)
    assert np.abs(share - 1 / 3).max() < 4 * np.sqrt(1 / 3 * 2 / 3 / 3_000)


def test_anybody_can_draw_the_lots_again(found, case):
    """With nothing but SHA-256 and the table: a plain lottery sorts sites by their lots."""
    table = list(csv.DictReader(StringIO(rollout_files(release_rollout(found))["order.csv"])))
    for row in table:
        text = f"{case.seed}:{case.chosen}:0:{row['site']}"
        assert row["lot"] == hashlib.sha256(text.encode()).hexdigest()


def test_the_order_in_which_sites_are_listed_does_not_matter(read, write):
    one = rollout(read(9, capacity=3))
    path = write(9, capacity=3)
    head, *tables = re.split(r"(?=\[\[sites\]\])", path.read_text())
    path.write_text(head + "".join(reversed(tables)))
    other = rollout(read_rollout(path))
    first = dict(zip((s.id for s in one.case.sites), one.chosen.waves, strict=True))
    assert first == dict(zip((s.id for s in other.case.sites), other.chosen.waves, strict=True))


def test_strata_are_spread_over_the_waves(case):
    top = (np.array(bands(case)) == 0).astype(float)
    plain = [distance(top, draw(case, "lottery", blocks(case), i)) for i in range(40)]
    spread = [distance(top, draw(case, "stratified", blocks(case), i)) for i in range(40)]
    assert np.mean(spread) < 0.6 * np.mean(plain)


def test_sites_that_open_together_are_not_drawn_earlier_for_it(read):
    case = read(6, capacity=6, openings=("2026Q3", "2026Q4"), more='[[together]]\nsites = ["s0", "s1"]\n')
    case = replace(case, waves=replace(case.waves, capacity=(3, 3)))
    waves = np.array([draw(case, "lottery", blocks(case), number) for number in range(2_000)])
    # five lots; the pair fits while at most one site is drawn before it: two fifths of the time
    assert abs((waves[:, 0] == 0).mean() - 0.4) < 4 * np.sqrt(0.24 / 2_000)


def test_power_is_that_of_hubeval_power_on_the_protocol_written(found, case):
    """One path: the protocol in the folder, read back and asked of the same data, gives the same number."""
    past = read_past(case)
    waves = np.array(found.chosen.waves)
    block = np.empty(len(waves), dtype=int)
    for number, one in enumerate(blocks(case)):
        block[list(one.sites)] = number
    again = power(found.chosen.protocol, laid_over(past, case, waves, block), seed=case.seed,
                  settings=Settings(draws=100, curve_draws=0))
    assert again.smallest_detectable == found.chosen.power.smallest_detectable
    assert found.chosen.protocol.design.inference == "auto"  # the last wave's blocks are worth fewer than nine
    assert found.chosen.power.inference.startswith("permutation of the start dates over opens_with")
    assert found.chosen.power.false_alarms <= 0.12


def test_the_protocol_reads_back_as_it_was_made(found, tmp_path):
    (tmp_path / "protocol.toml").write_text(rollout_files(release_rollout(found))["protocol.toml"], encoding="utf-8")
    read = read_protocol(tmp_path / "protocol.toml")
    assert replace(read, folder="", filename="", sha256="") == found.chosen.protocol
    assert (read.design.kind, read.design.control, read.data.units) == ("did", "not-yet", "site")


def test_what_the_order_finds_is_what_was_put_in(found, case, tmp_path):
    """The roll-out is held in made-up data with an effect of twice the smallest detectable; its own protocol finds it."""
    files = rollout_files(release_rollout(found))
    order = pd.read_csv(StringIO(files["order.csv"]))
    at = {"2026Q3": 26, "2027Q2": 29, "2028Q1": 32}
    effect = 2 * found.chosen.power.smallest_detectable
    starts = {row.site: at[row.opens] for row in order.itertuples()}
    data = site_history(36, 34, effect=effect, starts=starts, seed=7).merge(order.drop(columns=["wave", "lot"]), on="site")
    (tmp_path / "protocol.toml").write_text(files["protocol.toml"], encoding="utf-8")
    protocol = read_protocol(tmp_path / "protocol.toml")
    estimate = answer(protocol, bind(protocol, data), lambda _line: None).headline_terms[0]
    assert estimate.conf_low < effect < estimate.conf_high
    assert estimate.conf_low > 0


def test_even_steps_cost_more_waiting_where_there_are_places_to_spare(read):
    found = {order.kind: order for order in rollout(read(6, capacity=4, extra="need = 1\n")).orders}
    assert found["stepped"].sizes == (2, 2, 2)
    assert found["lottery"].sizes == (4, 2, 0)
    assert found["stepped"].waiting.site_months == 3 * 2 + 6 * 2
    assert found["stepped"].waiting.least == found["lottery"].waiting.site_months == 3 * 2


def test_those_in_greatest_need_wait_least_by_need(found):
    waits = {order.kind: order.waiting for order in found.orders}
    assert waits["need"].neediest == 0.0
    assert waits["need"].neediest < waits["stratified"].neediest < waits["need"].others


# what no order meets: the smallest set is named


@pytest.mark.parametrize(("options", "words"), [
    ({"top": 'first = ["s1"]', "ready": {1: "2026Q4"}}, ("2 constraints", "s1 must go first", "s1 is ready from 2026Q4")),
    ({"top": 'first = ["s0"]', "ready": {2: "2027Q1"},
      "more": '[[together]]\nsites = ["s0", "s1"]\n[[together]]\nsites = ["s1", "s2"]\n'},
     ("4 constraints", "s0 must go first", "s0, s1 open together", "s1, s2 open together", "s2 is ready from 2027Q1")),
    ({"ready": {3: "2027Q3"}}, ("2 constraints", "s3 is ready from 2027Q3", "the last wave opens 2027Q1")),
    ({"n": 7}, ("all 7 sites open", "6 places in the 3 waves from 2026Q3")),
    ({"ready": {0: "2027Q1", 4: "2027Q1", 5: "2027Q1"}}, ("4 constraints", "3 sites", "s0, s4, s5", "2 places in 2027Q1")),
    ({"top": 'first = ["s0", "s1", "s2"]'}, ("4 constraints", "3 sites must go first", "2 places in 2026Q3")),
    ({"more": '[[together]]\nsites = ["s0", "s1", "s2"]\n'}, ("s0, s1, s2 open together", "2, 2, 2")),
])  # fmt: skip
def test_the_smallest_conflicting_set_is_named(write, options, words):
    line = said(write(**options))
    assert len(line.splitlines()) == 1
    for word in words:
        assert word in line


def test_pairs_that_cannot_be_packed_are_told_from_sites_that_can(write):
    pairs = "".join(f'[[together]]\nsites = ["s{2 * i}", "s{2 * i + 1}"]\n' for i in range(3))
    line = said(write(6, openings=("2026Q3", "2026Q4"), capacity=3, more=pairs))
    assert "open together" in line
    read_rollout(write(6, openings=("2026Q3", "2026Q4"), capacity=[4, 2], more=pairs))


def test_a_part_is_as_small_as_it_can_be():
    parts = [("x", i) for i in range(40)]
    bad = {("x", 3), ("x", 17), ("x", 30)}
    assert set(smallest_part(parts, lambda kept: not bad <= set(kept))) == bad


# bad input: one clear line


@pytest.mark.parametrize("name", ["=1+1", "@sum", " a"])
def test_a_name_that_a_spreadsheet_would_work_out_is_refused(write, name):
    path = write(4, capacity=4)
    path.write_text(path.read_text().replace('id = "s2"', f'id = "{name}"'))
    assert "a spreadsheet would work it out" in said(path)


def test_sites_without_a_ready_date_are_one_line(write):
    path = write(4, capacity=4)
    path.write_text(path.read_text().replace('id = "s2"\nready = "2026Q3"', 'id = "s2"').replace('id = "s3"\nready = "2026Q3"', 'id = "s3"'))
    line = said(path)
    assert len(line.splitlines()) == 1
    assert "2 sites of 4 have no ready date: s2, s3" in line


@pytest.mark.parametrize(("options", "word"), [
    ({"top": 'first = ["s9"]'}, "no site 's9'"),
    ({"openings": ("2026Q3", "2026-10", "2027Q1")}, "of more than one kind"),
    ({"openings": ("2026Q3", "2026Q3", "2027Q1")}, "not one after another"),
    ({"capacity": [2, 2]}, "2 numbers for 3 openings"),
    ({"ready": {0: "soon"}}, "s0: no quarter"),
    ({"ready": {0: "2026"}}, "s0: no quarter"),
    ({"top": "candidates = 1"}, "candidates: found 1"),
    ({"top": "seed = -1"}, "seed"),
    ({"more": '[history]\nfile = "h.csv"\ntime = "quarter"\n'}, "outcome: is missing"),
    ({"more": '[[together]]\nsites = ["s0"]\n'}, "fewer than two"),
])  # fmt: skip
def test_what_is_wrong_is_said(write, options, word):
    assert word in said(write(**options))


@pytest.mark.parametrize(("change", "word"), [
    (lambda h: h[h["site"] != "site 03"], "1 site of 36 have no row: site 03"),
    (lambda h: h.rename(columns={"quarter": "when"}), "no column 'quarter'"),
    (lambda h: h.assign(quarter=h["quarter"].str[:4]), "does not hold a quarter in every row"),
    (lambda h: h.assign(opens="2026Q3"), "has a column 'opens'"),
])  # fmt: skip
def test_a_history_that_is_none_is_refused(case, tmp_path, change, word):
    change(site_history()).to_csv(tmp_path / "h.csv", index=False)
    other = replace(case, folder=str(tmp_path), history=replace(case.history, file="h.csv"))
    with pytest.raises(BadInput, match=re.escape(word)):
        read_past(other)


def test_a_short_history_is_not_computed_and_says_why(case, tmp_path):
    site_history(36, 6).to_csv(tmp_path / "h.csv", index=False)
    found = rollout(replace(case, folder=str(tmp_path), history=replace(case.history, file="h.csv"), candidates=4))
    assert found.chosen.power is None
    assert found.chosen.missing.reason == "the history has 6 periods, and this order needs 9 to be laid over it"


def test_an_order_that_leaves_nothing_to_compare_is_refused(read, write, tmp_path, capsys):
    alone = rollout(read(6, capacity=6))
    assert alone.chosen.refused == "all sites open in 2026Q3: none is left to compare them with"
    assert "protocol.toml" not in rollout_files(release_rollout(alone))
    late = rollout(read(6, top="lag = 2"))
    assert "an effect could show 2 periods after opening, and the last sites open 2 periods after" in late.chosen.refused
    assert not rollout(read(6, top="lag = 1")).chosen.refused
    assert main(["rollout", str(write(6, capacity=6)), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out" / "members.html").exists()
    assert "cannot be analysed" in capsys.readouterr().out


def test_two_sites_a_wave_are_refused_where_no_effect_could_be_found(case, tmp_path):
    few = tuple(site for site in case.sites if site.id in {"site 01", "site 02", "site 03"})
    waves = replace(case.waves, capacity=1)
    site_history().to_csv(tmp_path / "h.csv", index=False)
    small = replace(case, sites=few, waves=waves, first=(), together=(), folder=str(tmp_path), candidates=4,
                    history=replace(case.history, file="h.csv"))
    found = rollout(small)
    assert found.chosen.refused.startswith("no effect would be found: the test gives no p-value below")
    assert found.chosen.protocol is None


# words


def test_what_lots_decide_is_said_only_where_they_do(found, case, read):
    assert "save for the 5 sites" in caution(found)
    assert "save for" not in caution(rollout(read(6)))
    by_need = replace(found, case=replace(case, chosen="need"))
    assert "by lot, so sites" not in caution(by_need)
    assert "Sites of greater need go first" in caution(by_need)


def test_without_a_history_the_words_say_so(read):
    text = "\n".join(lines(rollout(read(6))))
    assert "not computed: no [history] is given" in text
    assert "history's last periods" not in text


def test_the_folder_holds_page_note_order_and_protocol(root, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["rollout", str(root / "designs/rollout-style/rollout.toml"), "--out", str(out), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["schema"] == "hubeval-rollout/1"
    assert {p.name for p in out.iterdir()} == {"rollout.html", "members.html", "order.csv", "protocol.toml", "rollout.txt", "rollout.json", "hubeval.json"}
    page = (out / "members.html").read_text(encoding="utf-8")
    assert "would be found 80% of the time" in page
    history = site_history()["good_development"].astype(str)
    assert not any(f">{number}<" in page or f" {number} " in page for number in history)


def test_the_readme_gives_the_numbers_that_come_back(root, found):
    text = (root / "designs" / "rollout-style" / "README.md").read_text(encoding="utf-8")
    for order in found.orders:
        assert f"{order.power.smallest_detectable:.3g}" in text
        assert f"{order.waiting.site_months} site-months" in text
