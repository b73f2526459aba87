"""A profile from its file: TOML, or the JSON that the funder's form saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from hubeval import files
from hubeval.errors import BadInput, Door, Problem
from hubeval.profile.facts import Profile
from hubeval.profile.reader import TOP, ProfileReader


def read_profile(path: str | Path, *, today: date | None = None) -> Profile:
    """Read and check an area's profile: TOML, or the JSON that the funder's form saves.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.json`` is read as JSON, any other as TOML.
    today : date, optional
        The day after which a date counts as future; by default the day it is run.

    Raises
    ------
    BadInput
        Every problem at once, each with its line (TOML) or place in the list (JSON), and its cure.
    """
    is_json = Path(path).suffix.lower() == ".json"
    raw = files.read_json(path, "profile") if is_json else files.read_toml(path, "profile")
    if isinstance(raw, dict) and "design" in raw:
        found = f"{path} is a protocol, not a profile"
        raise BadInput([Problem("profile", found, "a profile.toml", "Give a protocol to 'hubeval evaluate'.")])
    text = files.read_text(path, "profile")
    profile = parse_profile(raw, text="" if is_json else text, today=today)
    return replace(profile, sha256=files.sha256(text))


def parse_profile(raw: Any, *, text: str = "", today: date | None = None) -> Profile:
    """A `Profile` from plain values, checked; `text` is the TOML they came from, for line numbers."""
    reader = ProfileReader(text, Door(), today or date.today())  # noqa: DTZ011 - a calendar day
    if not isinstance(raw, dict):
        reader.door.refuse("profile", "is not a table of keys", "area, facts, ...", "Start from the template.")
        reader.door.close()
    reader.keys(raw, "", TOP)
    verdict = reader.verdict(raw.get("reported_verdict"))
    facts = reader.facts(raw.get("facts"), verdict)
    outcomes = reader.outcomes(raw.get("outcomes"))
    plain = {key: reader.typed(raw, "", key, kind) for key, kind in TOP.items() if kind in {str, bool, int}}
    if not str(plain["area"] or "").strip():
        reader.door.refuse("area", "is missing", "the area's name", 'Add area = "..." at the top.')
    if "\n" in str(plain["area"] or ""):
        reader.refuse("", "area", "runs over more than one line", "a name on one line", "Shorten it.")
    if isinstance(plain["sites"], int) and plain["sites"] < 1:
        reader.refuse("", "sites", f"found {plain['sites']}", "a whole number above 0", "Leave it out when not known.")
    plain["opens"] = reader.opens(raw.get("opens"))
    reader.door.close()
    given = {key: value for key, value in plain.items() if value is not None}
    return Profile(facts=facts, outcomes=outcomes, reported_verdict=verdict, **given)
