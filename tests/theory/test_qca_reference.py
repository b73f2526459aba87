"""Truth tables, every minimal model, fit and assumptions equal R QCA's, on named analyses and seeded data."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.theory import qca

SOLUTIONS = ("conservative", "parsimonious")


def sets(models):
    return {frozenset(model) for model in models}


def terms(solution):
    return {frozenset(model.terms) for model in solution.models}


def rows_of(value):
    return tuple(value) if isinstance(value, list) else (value,)


def intermediate_by_pair(table, expectations):
    """Intermediate models keyed by the terms of the conservative and the parsimonious model they lie between."""
    narrow = qca.minimise(table).models
    wide = qca.minimise(table, solution="parsimonious").models
    found = {}
    for model in qca.minimise(table, solution="intermediate", expectations=expectations).models:
        for pair in model.pairs:
            c, p = pair.removeprefix("C").split("P")
            key = (frozenset(narrow[int(c) - 1].terms), frozenset(wide[int(p) - 1].terms))
            found.setdefault(key, set()).add(frozenset(model.terms))
    return found


TOO_MANY = 177  # 81 configurations for 8 cases: R goes on, hubeval refuses; see the test below


@pytest.fixture(scope="module")
def stored_sets(root):
    path = root / "tests" / "reference" / "theory" / "qca_seeded540.json"
    return json.loads(path.read_text(encoding="utf-8"))["sets"]


@pytest.fixture(scope="module")
def seeded(stored_sets):
    return [case for case in stored_sets if case["id"] != TOO_MANY]


def table_of(case):
    rows = [[float(v) for v in line.split()] for line in case["data"].split(";")]
    frame = pd.DataFrame(rows, columns=[*case["conditions"], "Y"])
    return qca.truth_table(
        frame,
        outcome="Y",
        conditions=list(case["conditions"]),
        consistency=case["consistency"],
        frequency=case["frequency"],
    )


def test_540_seeded_truth_tables_equal_r(seeded):
    built = [case for case in seeded if "refused" not in case]
    assert len(built) == 534
    for case in built:
        table = table_of(case)
        assert "".join(row.output for row in table.rows) == case["out"], case["id"]
        seen = [row for row in table.rows if row.n]
        assert [row.consistency for row in seen] == pytest.approx(case["incl"], abs=1e-9), case["id"]
        for row, pri in zip(seen, case["pri"], strict=True):
            assert (row.pri if row.pri is not None else 0) == pytest.approx(pri or 0, abs=1e-9), case["id"]


def test_more_conditions_than_cases_can_carry_is_refused_with_the_number(stored_sets):
    case = next(case for case in stored_sets if case["id"] == TOO_MANY)
    with pytest.raises(BadInput, match="81 configurations for 8 cases"):
        table_of(case)


@pytest.mark.parametrize("solution", SOLUTIONS)
def test_all_minimal_models_and_their_fit_equal_r_on_seeded_data(seeded, solution):
    compared = 0
    for case in seeded:
        if "refused" in case:
            continue
        if case[solution] is None:
            with pytest.raises(BadInput):
                qca.minimise(table_of(case), solution=solution)
            continue
        ours = qca.minimise(table_of(case), solution=solution)
        assert terms(ours) == sets(m.split("+") for m in case[solution]), case["id"]
        by_terms = {frozenset(model.terms): model.fit for model in ours.models}
        for model, expected in zip(case[solution], case[f"{solution}_fit"], strict=True):
            fit = by_terms[frozenset(model.split("+"))]
            assert (fit.consistency, fit.pri, fit.coverage) == pytest.approx(tuple(expected), abs=1e-8), case[
                "id"
            ]
        compared += 1
    assert compared == {"conservative": 504, "parsimonious": 493}[solution]


def test_all_intermediate_models_equal_r_on_seeded_data(seeded):
    pairs = 0
    for case in seeded:
        if "intermediate" not in case:
            continue
        wanted = {
            name: int(way)
            for name, way in zip(case["conditions"], case["expectations"], strict=True)
            if way != "-"
        }
        ours = intermediate_by_pair(table_of(case), wanted)
        for c, p, models in case["intermediate"]:
            key = (frozenset(c.split("+")), frozenset(p.split("+")))
            assert ours[key] == sets(m.split("+") for m in models), case["id"]
            pairs += 1
    assert pairs > 600


def test_multi_value_intermediate_models_equal_r(reference, stored_sets):
    data = {case["id"]: case for case in stored_sets}
    pairs = 0
    for entry in reference("qca_multivalue_intermediate.json")["sets"]:
        ours = intermediate_by_pair(table_of(data[entry["id"]]), entry["expectations"])
        for c, p, models in entry["pairs"]:
            assert ours[frozenset(c.split("+")), frozenset(p.split("+"))] == sets(m.split("+") for m in models)
            pairs += 1
    assert pairs == 133


def test_sixty_stored_seeded_sets_equal_r(shared):
    compared = 0
    for case in json.loads(shared("reference/theory/qca/qca_random60.json").read_text(encoding="utf-8")):
        if "error" in case:
            continue
        frame = pd.DataFrame(case["data"])
        table = qca.truth_table(
            frame,
            outcome="Y",
            conditions=[c for c in frame if c != "Y"],
            consistency=case["incl.cut"],
            frequency=case["n.cut"],
        )
        assert [row.output for row in table.rows] == case["OUT"]
        for solution in SOLUTIONS:
            if case.get(solution):
                assert terms(qca.minimise(table, solution=solution)) == sets(case[solution])
                compared += 1
        if case.get("intermediate"):
            ours = intermediate_by_pair(table, case["dir.exp"])
            for pair in case["intermediate"].values():
                assert ours[frozenset(pair["c.sol"]), frozenset(pair["p.sol"])] == sets(pair["solution"])
    assert compared == 91


@pytest.fixture(scope="module")
def named(shared):
    stored = json.loads(shared("reference/theory/qca/qca_reference.json").read_text(encoding="utf-8"))

    def build(name):
        analysis = stored["analyses"][name]
        options = analysis["tt"]["options"]
        frame = pd.read_csv(shared(f"reference/theory/qca/{analysis['data']}.csv"), index_col=0)
        return analysis, qca.truth_table(
            frame,
            outcome=options["outcome"],
            conditions=options["conditions"],
            consistency=options["incl.cut"],
            frequency=options["n.cut"],
            pri=options["pri.cut"],
        )

    return build, stored


NAMED = (
    "LC_SURV",
    "LC_notSURV",
    "LM_SURV",
    "LM_notSURV",
    "LF_SURV",
    "LF_notSURV",
    "LF_SURV_n2",
    "LF_SURV_dirpart",
    "LF_SURV_pri",
    "CVF_PROTEST",
    "CVF_notPROTEST",
    "Krook_WNP",
    "Krook_notWNP",
    "HC",
    "JS",
)


@pytest.mark.parametrize("name", NAMED)
def test_named_analysis_equals_r(named, name):
    analysis, table = named[0](name)
    for row, expected in zip(table.rows, analysis["tt"]["rows"], strict=True):
        assert (row.output, row.n) == (str(expected["OUT"]), expected["n"])
        if row.n:
            assert row.consistency == pytest.approx(float(expected["incl"]), abs=1e-9)
            assert ",".join(row.cases) == expected["cases"]
            if expected["PRI"] != "-" and row.pri is not None:
                assert row.pri == pytest.approx(float(expected["PRI"]), abs=1e-9)
    for solution in SOLUTIONS:
        ours = qca.minimise(table, solution=solution)
        assert terms(ours) == sets(analysis[solution]["solutions"])
        assert set(ours.primes) == set(analysis[solution]["primes"])
    assert {frozenset(m.assumptions) for m in ours.models} == sets(
        map(rows_of, analysis["parsimonious"]["SA_rows"].values())
    )
    assert ours.contradictory_assumptions == rows_of(analysis["CSA_rows"])
    assert ours.both_ways == rows_of(analysis["SSR_rows"])
    if "intermediate" in analysis:
        found = intermediate_by_pair(table, analysis["dir.exp"])
        for pair in analysis["intermediate"]["i.sol"].values():
            assert found[frozenset(pair["c.sol"]), frozenset(pair["p.sol"])] == sets(pair["solution"])


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("solution", SOLUTIONS)
def test_fit_of_each_term_and_model_equals_r(named, name, solution):
    analysis, table = named[0](name)
    models = {frozenset(model.terms): model for model in qca.minimise(table, solution=solution).models}
    stored = analysis[solution]["IC"]
    parts = stored.get("individual") or [stored]
    assert len(parts) == len(models)
    for part in parts:
        model = models[frozenset(row["term"] for row in part["incl.cov"])]
        whole = part["sol"][0]
        assert (model.fit.consistency, model.fit.pri, model.fit.coverage) == pytest.approx(
            (whole["inclS"], whole["PRI"], whole["covS"]), abs=1e-9
        )
        fits = {fit.expression: fit for fit in model.term_fits}
        for row in part["incl.cov"]:
            fit = fits[row["term"]]
            assert (fit.consistency, fit.pri, fit.coverage) == pytest.approx(
                (row["inclS"], row["PRI"], row["covS"]), abs=1e-9
            )
            if row["covU"] is not None:
                assert fit.unique == pytest.approx(row["covU"], abs=1e-9)


def test_single_condition_fit_equals_r(named, shared):
    for entry in named[1]["pof"]:
        frame = pd.read_csv(shared(f"reference/theory/qca/{entry['data']}.csv"), index_col=0)
        y = frame[entry["outcome"].removeprefix("~")].to_numpy(float)
        y = 1 - y if entry["outcome"].startswith("~") else y
        name = entry["expr"]
        if not name.removeprefix("~").isalpha():
            continue
        x = frame[name.removeprefix("~")].to_numpy(float)
        x = 1 - x if name.startswith("~") else x
        row = entry["incl.cov"][0]
        if entry["relation"] == "necessity":
            found = qca.necessary(x, y)
            assert (found.consistency, found.relevance, found.coverage) == pytest.approx(
                (row["inclN"], row["RoN"], row["covN"]), abs=1e-9
            )
        else:
            found = qca.sufficiency(x, y)
            assert (found.consistency, found.pri, found.coverage) == pytest.approx(
                (row["inclS"], row["PRI"], row["covS"]), abs=1e-9
            )


def test_necessary_expressions_equal_r_super_subset(named):
    _, table = named[0]("LF_SURV")
    found = {hit.expression: hit for hit in qca.necessity(table, consistency=0.9, relevance=0.5)}
    stored = {row["term"]: row for row in named[1]["superSubset_LF_nec"]}
    assert set(found) == set(stored)
    for name, row in stored.items():
        assert (found[name].consistency, found[name].relevance, found[name].coverage) == pytest.approx(
            (row["inclN"], row["RoN"], row["covN"]), abs=1e-9
        )


CALIBRATED = {
    "DEV_logistic": {},
    "DEV_logistic_idm99": {"inclusion": 0.99},
    "STB_decreasing": {},
    "URB_linear": {"method": "linear"},
    "URB_linear_below2_above05": {"method": "linear", "below": 2, "above": 0.5},
    "LIT_bell": {"method": "linear", "below": 3, "above": 3},
    "IND_ecdf": {"method": "ecdf"},
    "DEV_crisp1": {"method": "crisp"},
    "DEV_crisp2": {"method": "crisp"},
}


@pytest.mark.parametrize("name", CALIBRATED)
def test_calibration_equals_r(named, name):
    entry = named[1]["calibration"][name]
    anchors = rows_of(entry["thr"]) if "thr" in entry else (entry["e"], entry["c"], entry["i"])
    ours = qca.calibrate(entry["x"], anchors=anchors, **CALIBRATED[name])
    assert list(ours) == pytest.approx(entry["y"], abs=1e-9)


def test_indirect_and_rank_calibration_equal_r(named):
    stored = named[1]["calibration"]
    ours = qca.calibrate(stored["DEV_indirect"]["x"], anchors=stored["DEV_indirect"]["thr"], method="indirect")
    assert list(ours) == pytest.approx(stored["DEV_indirect"]["y"], abs=6e-7)  # R rounds to 6 decimals
    assert list(qca.calibrate(stored["TFR"]["x"], method="rank")) == pytest.approx(stored["TFR"]["y"], abs=1e-9)
