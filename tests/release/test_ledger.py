"""What has left cannot be edited away, and a later version gives nobody away."""

from __future__ import annotations

import json

import pytest

from hubeval.errors import BadInput
from hubeval.release.ledger import Ledger, read_ledger, too_close, write_ledger
from hubeval.release.profiles import release_profile


@pytest.fixture
def kept(tmp_path):
    ledger = Ledger().added("2026-11-01", "ons", {"all": 591, "few": None}).added("2026-11-28", "ons", {"all": 640})
    return write_ledger(ledger, tmp_path / "ledger.json")


def test_a_ledger_comes_back_as_it_was(kept):
    assert read_ledger(kept).shown_before() == {"all": 640}
    assert read_ledger(kept).withheld_before() == {"few"}


@pytest.mark.parametrize("edit", ["count", "removed", "order"])
def test_an_edited_ledger_is_refused(kept, edit):
    value = json.loads(kept.read_text("utf-8"))
    if edit == "count":
        value["entries"][0]["cells"]["all"] = 600
    elif edit == "removed":
        value["entries"] = value["entries"][1:]
    else:
        value["entries"].reverse()
    kept.write_text(json.dumps(value), "utf-8")
    with pytest.raises(BadInput, match="chain is broken") as refused:
        read_ledger(kept)
    assert len(refused.value.problems) == 1


def test_another_file_is_no_ledger(tmp_path):
    path = tmp_path / "ledger.json"
    path.write_text('{"entries": []}', "utf-8")
    with pytest.raises(BadInput, match="is not a ledger"):
        read_ledger(path)


def test_a_difference_of_a_few_persons_is_seen_unless_rounded_away():
    before = Ledger().added("2026-11-01", "ons", {"all": 591})
    assert too_close({"all": 592}, before, release_profile("ons")) == {"all"}
    assert too_close({"all": 591}, before, release_profile("ons")) == frozenset()
    assert too_close({"all": 601}, before, release_profile("ons")) == frozenset()
    assert too_close({"all": 592}, before, release_profile("published")) == frozenset()
