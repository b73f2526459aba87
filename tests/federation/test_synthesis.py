"""Released results of councils with unlike designs: pooled where they answer one question, refused and named where not."""

from __future__ import annotations

import json
from copy import deepcopy

import numpy as np
import pytest

from hubeval.cli import main
from hubeval.engine.random_effects import pool
from hubeval.errors import BadInput
from hubeval.federation import synthesise
from hubeval.federation.studies import kind_of


def result(area, estimate, error, design="did", **changed):
    """A released result in the fewest keys that the door reads; `changed` goes into the headline term."""
    head = {
        "term": "ATT", "estimand": f"average effect in {area}", "outcome": "Referrals", "unit": "per 10,000", "inference": "clustered",
        "estimate": estimate, "std_error": error, "conf_low": estimate - 1.959964 * error if error else None,
        "conf_high": estimate + 1.959964 * error if error else None, "conf_level": 0.95, "p_value": 0.5, "n_treated": 20, "n_comparison": 40,
    }
    return {
        "schema": "hubeval-result/1", "area": area, "question": "?", "method": f"method of {area}", "headline": {"text": "", "cautious": False},
        "headline_terms": [head | changed], "diagnostics": [], "probes": [], "readiness": {"route": "quasi-experimental"},
        "protocol": {"design": {"kind": design}, "outcomes": [
            {"label": "Referrals", "direction": "lower is better", "role": "primary", "measure": ""}]},
        "sample": {"first_period": "2019", "last_period": "2024"}, "provenance": {"despite": "", "data_sha256": f"hash of {area}"},
        "release": {"internal": False},
    }


@pytest.fixture
def four():
    return [result("Ashby", -4.0, 1.0), result("Bexton", -2.0, 0.8, "its", term="average effect"), result("Corley", -6.0, 2.0, "synth"),
            result("Denham", 1.0, 1.5, "matching")]


def refused(results):
    with pytest.raises(BadInput) as caught:
        synthesise(results)
    return caught.value.problems


def named(found, name):
    return next(one for one in found.diagnostics if one.name == name)


def test_the_mean_is_the_engines_and_every_council_is_shown_with_its_support(four):
    found, by_hand = synthesise(four), pool(np.array([-4.0, -2.0, -6.0, 1.0]), np.array([1.0, 0.8, 2.0, 1.5]), between="reml")
    assert found.headline.estimate == pytest.approx(by_hand.estimate, abs=1e-6)
    assert (found.headline.n_clusters, found.headline.n_treated) == (4, 80)
    (forest,) = found.figures
    assert [series.n for series in forest.series] == [(20,) * 4, (80,), (80,)]
    assert all(name in forest.text for name in ("Ashby", "Bexton", "Corley", "Denham", "a further council"))
    assert named(found, "leave one council out").reading.count("Leaving out each council in turn (4)") == 1
    assert "4 designs" in named(found, "unlike designs").reading


def test_two_results_give_no_mean_and_say_whether_they_differ(four):
    found = synthesise(four[:2])
    assert found.headline is None
    assert found.pooled is None
    assert "no mean is given" in " ".join(found.says())
    assert found.not_computed[0].what == "mean over councils"
    assert "no more than chance" in named(found, "differences between councils").reading
    apart = synthesise([four[0], result("Bexton", 9.0, 0.8)])
    assert "find out why" in named(apart, "differences between councils").reading
    assert refused(four[:1])[0].argument == "results"


def test_everything_that_does_not_fit_is_named_at_once(four):
    bad = [*four, result("ashby ", -4.0, 1.0), result("Elton", 1.0, 1.0, unit="per 1,000"), result("Farley", 1.0, 1.0, outcome="Plans"),
           result("Gorton", 1.0, 1.0, "rdd", term="effect at the cut-off"), result("Hurst", 1.0, None), result("Ilton", None, None)]
    bad[-4]["provenance"]["data_sha256"] = "hash of Elton"
    said = {p.argument: p.found for p in refused(bad)}
    assert {"outcome", "unit", "estimand", "results: 'Hurst'", "results: 'Ilton'"} <= set(said)
    assert "Gorton" in said["estimand"]
    assert any("stands 2 times" in p.found for p in refused(bad))
    assert any("the same data" in p.found for p in refused(bad))


def test_the_other_direction_and_another_measure_are_refused(four):
    other = deepcopy(four[3])
    other["protocol"]["outcomes"][0] |= {"direction": "higher is better", "measure": "b"}
    four[0]["protocol"]["outcomes"][0]["measure"] = "a"
    assert {p.argument for p in refused([*four[:3], other])} == {"direction", "measure"}


@pytest.mark.parametrize(("design", "term", "kind"), [
    ("did", "ATT", "treated"), ("its", "average effect over sites", "treated"), ("its", "slope change at the start", "slope change at the start"),
    ("matching", "ATO", "overlap"), ("did", "per unit of exposure", "exposure"), ("synth", "ATT of 2019", "treated"),
])  # fmt: skip
def test_kinds_of_effect(design, term, kind):
    assert kind_of(design, term) == kind


def test_an_interval_wider_than_the_error_counts_and_is_said(four):
    assert named(synthesise(four), "errors read off intervals").status == "pass"
    four[0]["headline_terms"][0] |= {"std_error": None}
    four[1]["headline_terms"][0] |= {"conf_low": -12.0, "conf_high": 8.0}
    found = synthesise(four)
    said = named(found, "errors read off intervals")
    assert said.status == "caution"
    assert "Ashby and Bexton" in said.reading or "Ashby, Bexton" in said.reading
    assert found.studies[0].error == pytest.approx(1.0)
    assert found.studies[1].error == pytest.approx(10 / 1.959964)


def test_results_that_did_not_hold_up_are_told_in_the_first_words_with_the_mean_without_them(four):
    assert "caution" not in " ".join(synthesise(four).says())
    four[3]["diagnostics"] = [{"name": "pre-trend", "status": "fail", "reading": ""}]
    found = synthesise(four)
    rest = pool(np.array([-4.0, -2.0, -6.0]), np.array([1.0, 0.8, 2.0]), between="reml")
    assert "Denham: pre-trend" in found.says()[-1]
    assert f"{rest.estimate:.3g}".replace("-", "−") in found.says()[-1]
    four[2]["provenance"]["despite"] = "asked for"
    assert "too few for a mean" in synthesise(four).says()[-1]
    assert synthesise(four).cautious


def test_no_change_is_said_only_where_the_interval_includes_it():
    alike = [result(name, -5.0 + x, 0.5) for name, x in zip("ABCD", (-0.2, 0.1, 0.0, 0.2), strict=True)]
    apart = [result(name, x, 0.5) for name, x in zip("ABCD", (-6.0, 5.0, -2.0, 1.0), strict=True)]
    assert "includes no change" not in " ".join(synthesise(alike).says())
    assert "includes no change" in " ".join(synthesise(apart).says())
    differ = [named(synthesise(some), "differences between councils").status for some in (alike, apart)]
    assert differ == ["pass", "caution"]


def test_few_councils_with_unlike_errors_are_said_to_be_so_and_others_not(four):
    name = "few councils with unlike errors"
    assert named(synthesise(four), name).status == "pass"
    assert named(synthesise([*four[:3], result("Denham", 1.0, 0.2)]), name).status == "caution"
    many = [result(f"C{i}", float(i % 3), 0.2 if i == 0 else 1.0) for i in range(11)]
    assert named(synthesise(many), name).status == "pass"


def test_ratios_are_told_in_per_cent():
    found = synthesise([result(name, x, 0.1, unit="visits [log scale]") for name, x in (("A", -0.3), ("B", -0.2), ("C", -0.25))])
    assert "22.1% lower" in found.says()[0]
    assert "log" not in " ".join(found.lines())


def test_the_verb_writes_a_page_with_a_described_plot_and_refuses_what_does_not_apply(four, tmp_path, capsys):
    paths = []
    for one in four:
        paths.append(tmp_path / f"{one['area']}.json")
        paths[-1].write_text(json.dumps(one), encoding="utf-8")
    names = [str(path) for path in paths]
    assert main(["pool", *names, "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out/synthesis.html").read_text(encoding="utf-8")
    assert "<title" in page
    assert 'role="img"' in page
    assert "nothing shows whether they are as hubeval wrote them" in page
    assert main(["release", "check", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main(["pool", *names, "--despite", "x"]) == 2
    assert "--despite" in capsys.readouterr().err
    paths[0].write_text(json.dumps({"schema": "hubeval-packet/1"}), encoding="utf-8")
    paths[1].write_text(json.dumps({**four[1], "release": {"internal": True}}), encoding="utf-8")
    assert main(["pool", *names]) == 2
    said = capsys.readouterr().err
    assert "it is a packet" in said
    assert "release gate" in said


def test_many_councils_that_do_not_differ_are_not_called_few():
    alike = [result(f"Area {i:02d}", -3.0 + 0.1 * (i % 3), 1.0) for i in range(12)]
    assert "few councils" not in named(synthesise(alike), "differences between councils").reading
    assert "So few councils" in named(synthesise(alike[:4]), "differences between councils").reading
