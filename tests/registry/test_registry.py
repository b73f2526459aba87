"""A plan that was changed is never called unchanged; one that was only set out otherwise is; a ledger tells of edits."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from io import BytesIO
from typing import get_args, get_origin, get_type_hints

import docx
import pytest

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.protocol import Amendment, Protocol, read_protocol
from hubeval.registry import (
    PlanLedger,
    ledger_beside,
    read_plan_ledger,
    recorded,
    register,
    standing,
    standing_now,
    write_plan_ledger,
)
from hubeval.registry.canonical import canonical
from hubeval.registry.plan import analysis_plan, deposit
from hubeval.registry.standing import _same
from hubeval.report.office.plan import plan_docx
from hubeval.schema import NOT_WRITTEN, schema_of
from tests.conftest import ROOT

DESIGNS = ("essex-style", "hub-series", "single-authority", "families-style")
DAY = date(2026, 11, 22)


def declared(name):
    return read_protocol(ROOT / "designs" / name / "protocol.toml")


def registered(protocol):
    return register(protocol, PlanLedger(), today=DAY)


def other(value):
    """Another value of the same kind; of an empty one, something."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, date):
        return value.replace(day=value.day % 28 + 1)
    if isinstance(value, str):
        return value + " "
    if isinstance(value, tuple):
        return (*value, "one more") if all(isinstance(item, str) for item in value) else value[:-1]
    return "something"


def filled(value):
    """A protocol in which no list of tables, table of options or text is empty, so that each key of each has a value."""
    hints = get_type_hints(type(value))
    made = {}
    for spec in fields(value):
        held, hint = getattr(value, spec.name), hints[spec.name]
        tables = [arg for arg in get_args(hint) if is_dataclass(arg)]
        if is_dataclass(held):
            made[spec.name] = filled(held)
        elif get_origin(hint) is tuple and tables and not held:
            made[spec.name] = (example(tables[0]),)
        elif get_origin(hint) is Mapping and not held:
            made[spec.name] = {"one": ("a", "b")}
    return replace(value, **made)


def example(cls):
    """Some value of a dataclass, by its own types; no rule is asked whether it makes sense."""
    plain = {str: "a", date: DAY, int: 1, float: 1.0, bool: True}
    hints = get_type_hints(cls)
    return cls(**{
        spec.name: plain.get(hints[spec.name], ("a", "b") if get_origin(hints[spec.name]) is tuple else "a")
        for spec in fields(cls)
    })  # fmt: skip


def edits(value, at=""):
    """Every dataclass field below a value, each with the whole value in which it alone is another."""
    for spec in fields(value):
        held = getattr(value, spec.name)
        if spec.name in NOT_WRITTEN and not at:
            continue
        name = f"{at}{spec.name}"
        if is_dataclass(held):
            for inner, made in edits(held, f"{name}."):
                yield inner, replace(value, **{spec.name: made})
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            yield f"{name} (one fewer)", replace(value, **{spec.name: held[:-1]})
            yield f"{name} (one more)", replace(value, **{spec.name: (*held, held[-1])})
            for i, item in enumerate(held):
                for inner, made in edits(item, f"{name}[{i + 1}]."):
                    yield inner, replace(value, **{spec.name: (*held[:i], made, *held[i + 1 :])})
        elif isinstance(held, Mapping):
            for key, item in held.items():
                yield f"{name}.{key}", replace(value, **{spec.name: {**held, key: other(item)}})
            yield f"{name} (one more)", replace(value, **{spec.name: {**held, "one more": ("x",)}})
            yield f"{name} (none)", replace(value, **{spec.name: {}})
        else:
            yield name, replace(value, **{spec.name: other(held)})


def keys(schema, at=""):
    """Every key that a schema knows, by its dotted name without the places in lists."""
    for kind in schema.get("oneOf", []):
        yield from keys(kind, at)
    for key, inner in schema.get("properties", {}).items():
        yield f"{at}{key}"
        yield from keys(inner, f"{at}{key}.")
        yield from keys(inner.get("items", {}), f"{at}{key}.")


def test_the_edits_below_are_of_every_key_that_the_schema_of_a_protocol_knows():
    """A key that is new is edited too, or this fails."""
    seen = set()
    for name in (*DESIGNS, "cut-off-style", "one-authority"):
        for key, _ in edits(filled(declared(name))):
            plain = re.sub(r"\[\d+\]| \(.*\)", "", key)
            seen |= {plain, plain.rpartition(".")[0]}
    wanted = {key for key in keys(schema_of(Protocol)) if not key.endswith(".kind") or key.startswith("cautions")}
    assert {key for key in wanted - seen if key not in {"design", "data"}} == set()


@pytest.mark.parametrize("name", DESIGNS)
def test_an_edit_of_any_key_is_never_called_unchanged(name):
    protocol = filled(declared(name))
    ledger, seen = registered(protocol), 0
    assert standing(protocol, ledger).status == "unchanged"
    for key, edited in edits(protocol):
        found = standing(edited, ledger)
        assert found.status == "changed", key
        assert "unchanged" not in found.says, key
        assert found.changes, key
        seen += 1
    assert seen > 40


def test_the_registry_form_is_answered_by_its_own_key_and_nothing_else_claims_a_published_schema():
    """OSF's Open-Ended Registration (version 3) has one question that must be answered: its key is `summary`."""
    protocol = declared("essex-style")
    ledger = registered(protocol)
    plan = analysis_plan(protocol, ledger)
    made = deposit(protocol, ledger, plan)
    assert (made["osf"]["name"], made["osf"]["version"]) == ("Open-Ended Registration", 3)
    assert set(made["osf"]["registration_responses"]) == {"summary"}
    text = made["osf"]["registration_responses"]["summary"]
    assert all(line in text for section in plan.sections for line in (section.title, *section.lines))
    assert made["ledger_hash"] in text


def test_spaces_comments_order_of_keys_and_written_defaults_are_no_change(tmp_path):
    text = (ROOT / "designs/essex-style/protocol.toml").read_text("utf-8")
    first = tmp_path / "protocol.toml"
    first.write_text(text, encoding="utf-8")
    ledger = registered(read_protocol(first))
    top, rest = text.split("\n[data]", 1)
    lines = [line for line in top.splitlines() if "=" in line]
    again = "# another comment\n" + "\n\n".join(reversed(lines)).replace(" = ", "   =  ") + "\nseed = 20261122\n[data]" + rest
    first.write_text(again, encoding="utf-8")
    assert standing(read_protocol(first), ledger).status == "unchanged"


def test_a_change_is_told_with_its_dated_reason_or_as_bare():
    protocol = declared("essex-style")
    ledger = registered(protocol)
    late = replace(protocol, design=replace(protocol.design, control="not yet"), seed=7, amendments=(
        Amendment(dated=date(2026, 12, 1), change="control is not yet", reason="All areas will start."),))  # fmt: skip
    found = standing(late, ledger)
    told = {change.key: change for change in found.changes}
    assert told["design.control"].reason == "2026-12-01: All areas will start."
    assert (told["design.control"].then, told["design.control"].now) == ("never", "not yet")
    assert told["seed"].reason == ""
    assert "without a dated reason" in found.says


def test_an_amendment_that_is_added_gives_its_own_reason_so_every_change_can_have_one():
    protocol = declared("essex-style")
    ledger = registered(protocol)
    why = Amendment(dated=date(2026, 12, 1), change="control is not yet", reason="All areas will start.")
    reasoned = replace(protocol, design=replace(protocol.design, control="not yet"), amendments=(why,))
    found = standing(reasoned, ledger)
    added = [f"amendments[1].{key}" for key in ("dated", "change", "reason")]
    assert [change.key for change in found.changes] == ["design.control", *added]
    assert {change.reason for change in found.changes} == {"2026-12-01: All areas will start."}
    assert "each with a dated reason" in found.says
    kept = register(reasoned, PlanLedger(), today=date(2026, 12, 2))
    rewritten = replace(reasoned, amendments=(replace(why, reason="Another reason."),))
    (edited,) = standing(rewritten, kept).changes
    assert (edited.key, edited.reason) == ("amendments[1].reason", "")
    assert [change.key for change in standing(replace(reasoned, amendments=()), kept).changes] != []


def test_runs_are_counted_and_a_registration_after_a_run_does_not_count():
    protocol = declared("essex-style")
    ledger = registered(protocol)
    for _ in range(5):
        ledger = recorded(protocol, ledger, dated="2026-11-28")
    assert standing(protocol, ledger).runs == 5
    assert "5 earlier runs" in standing(protocol, ledger).says
    late = replace(protocol, seed=7)
    again = register(late, ledger, today=date(2026, 12, 1))
    assert standing(late, again).status == "changed"
    assert "registered again after a run" in standing(late, again).says
    only = register(late, recorded(late, PlanLedger(), dated="2026-11-28"), today=DAY)
    assert standing(late, only).status == "not registered"
    assert "Registered only after a run" in standing(late, only).says


def test_registering_again_before_any_run_is_said_and_the_same_twice_is_once():
    protocol = declared("essex-style")
    ledger = registered(protocol)
    assert register(protocol, ledger, today=date(2027, 1, 1)) is ledger
    late = replace(protocol, seed=7)
    again = register(late, ledger, today=date(2026, 12, 1), seen="nothing")
    assert standing(late, again).status == "unchanged"
    assert "takes the place of 1 earlier registration" in standing(late, again).says


@pytest.mark.parametrize("spoil", [
    lambda raw: raw["entries"][0]["declared"].update(seed=7),
    lambda raw: raw["entries"][0].update(dated="2020-01-01"),
    lambda raw: raw["entries"].pop(0),
    lambda raw: raw["entries"].reverse(),
    lambda raw: raw["entries"].insert(0, dict(raw["entries"][1])),
    lambda raw: raw["entries"][1].pop("hash"),
    lambda raw: raw.update(schema="other"),
])  # fmt: skip
def test_a_ledger_that_was_edited_is_one_clear_line(tmp_path, spoil):
    protocol = declared("essex-style")
    ledger = recorded(protocol, registered(protocol), dated="2026-11-28")
    path = write_plan_ledger(ledger, tmp_path / "x.registry.json")
    assert read_plan_ledger(path) == ledger
    raw = json.loads(path.read_text("utf-8"))
    spoil(raw)
    path.write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_plan_ledger(path)
    assert len(caught.value.problems) == 1
    assert re.search("chain is broken at entry|is not a ledger", str(caught.value))


@pytest.fixture
def area(tmp_path):
    folder = tmp_path / "area"
    shutil.copytree(ROOT / "designs/essex-style", folder)
    shutil.copy(ROOT / "synthetic_data/essex-style/panel.csv", folder / "panel.csv")
    path = folder / "protocol.toml"
    path.write_text(re.sub(r'file = ".*?"', 'file = "panel.csv"', path.read_text("utf-8")), encoding="utf-8")
    return path


def test_the_verb_registers_tells_and_writes_a_plan(area, capsys):
    plan = area.parent / "plan.docx"
    assert main(["register", str(area), "--seen", "the counts up to 2019", "--plan", str(plan)]) == 0
    said = capsys.readouterr().out
    assert "unchanged" in said
    assert "2014Q1 to 2020Q4" in said
    assert "the counts up to 2019" in said
    ledger = read_plan_ledger(ledger_beside(read_protocol(area)))
    assert "panel" not in json.dumps(ledger.entries[0].data)
    assert set(ledger.entries[0].data) == {"sha256", "bytes", "salt", "first", "last"}
    heads = [p.text for p in docx.Document(plan).paragraphs if p.style.name == "Heading 1"]
    assert [head.split(".")[0] for head in heads] == [str(n) for n in range(1, 15)]
    assert main(["register", str(area), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["schema"] == "hubeval-registration/1"
    assert value["ledger_hash"] == ledger.entries[-1].hash
    assert len(read_plan_ledger(ledger_beside(read_protocol(area))).entries) == 1
    area.write_text(area.read_text("utf-8").replace("seed", "# seed") + "\n", encoding="utf-8")
    assert standing_now(read_protocol(area)).status == "unchanged"


def test_options_that_do_not_apply_are_refused_before_anything_is_written(area, capsys):
    for argv in (["--power", "x.json"], ["--overwrite"], ["--plan", "plan.txt"]):
        assert main(["register", str(area), *argv]) == 2
        capsys.readouterr()
    assert not ledger_beside(read_protocol(area)).exists()


@pytest.mark.parametrize("slip", ["panell.csv", "."])
def test_a_data_file_that_is_not_there_is_not_registered_as_none(area, capsys, slip):
    assert main(["register", str(area), "--data", str(area.parent / slip)]) == 2
    assert "--data: no file" in capsys.readouterr().err
    assert not ledger_beside(read_protocol(area)).exists()


@pytest.mark.parametrize("seen", ["", "the counts up to 2019"])
def test_of_a_table_elsewhere_nobody_says_that_no_data_were_there(area, capsys, seen):
    text = re.sub(r'^file = ".*?"', 'source = "duckdb:panel.csv"', area.read_text("utf-8"), flags=re.MULTILINE)
    area.write_text(text, "utf-8")
    assert main(["register", str(area), "--seen", seen]) == 0
    said = capsys.readouterr().out
    assert "No data file was there" not in said
    assert "was not looked at" in said
    assert seen in said


def test_where_no_file_is_there_yet_it_is_said(area, capsys):
    (area.parent / "panel.csv").unlink()
    assert main(["register", str(area)]) == 0
    said = capsys.readouterr().out
    assert "No data file was there when it was registered." in said
    assert "looked at" not in said


def test_evaluate_stops_at_an_edited_ledger_before_the_work(area, capsys, monkeypatch):
    assert main(["register", str(area)]) == 0
    path = ledger_beside(read_protocol(area))
    path.write_text(path.read_text("utf-8").replace("2014Q1", "2015Q1"), encoding="utf-8")
    monkeypatch.setattr("hubeval.evaluation.taken", lambda *_: pytest.fail("the work was begun"))
    assert main(["evaluate", str(area)]) == 2
    assert "the chain is broken at entry 1" in capsys.readouterr().err


def test_the_plan_is_drawn_from_the_protocol_and_the_same_twice():
    protocol = declared("hub-series")
    ledger = registered(protocol)
    plan = analysis_plan(protocol, ledger, {"smallest_detectable": 12.5, "unit": "contacts a month"})
    text = "\n".join(p.text for p in docx.Document(BytesIO(plan_docx(plan))).paragraphs)
    assert plan_docx(plan) == plan_docx(plan)
    assert "12.5 contacts a month" in text
    assert protocol.question in text
    for key in ("family: poisson", "seasonality: 2 harmonics", "inference: integrated"):
        assert key in text
    assert deposit(protocol, ledger, plan)["status"] == "unchanged"
    bare = "\n".join(line for s in analysis_plan(protocol, ledger).sections for line in s.lines)
    assert "Not computed yet" in bare


def test_a_protocol_made_in_memory_has_no_ledger():
    protocol = replace(declared("essex-style"), folder="", filename="")
    assert standing_now(protocol).status == "not registered"
    assert standing(protocol, PlanLedger()).says.startswith("Not registered")


def test_the_contents_of_a_calendar_of_ones_own_are_part_of_the_plan(area):
    calendar = area.parent / "own.toml"
    calendar.write_text("# nothing yet\n", encoding="utf-8")
    protocol = replace(read_protocol(area), calendar="own.toml")
    ledger = registered(protocol)
    assert "calendar (contents)" in canonical(protocol)
    calendar.write_text("# something\n", encoding="utf-8")
    assert standing(protocol, ledger).status == "changed"


def test_a_key_that_a_later_version_knows_and_that_says_nothing_is_no_change():
    then = {"outcomes[1].column": "y"}
    assert _same(then, {**then, "outcomes[1].family": ""}, "outcomes[1].family")
    assert not _same(then, {**then, "outcomes[1].family": "school"}, "outcomes[1].family")
    assert not _same(then, {**then, "outcomes[2].family": ""}, "outcomes[2].family")  # an outcome that was not there
