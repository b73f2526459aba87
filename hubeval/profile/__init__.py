"""A profile: what is reported about one area, fact by fact, each with its quote, source and date.

Unknown is absent. A published verdict is kept beside the facts and never used as one of them.
"""

from __future__ import annotations

from hubeval.profile.facts import CRITERIA, DESIGNS, GRADES, Fact, Kind, NamedOutcome, Profile, ReportedVerdict, Route
from hubeval.profile.read import parse_profile, read_profile
from hubeval.profile.reader import VERDICT_WORDS

__all__ = [
    "CRITERIA",
    "DESIGNS",
    "GRADES",
    "VERDICT_WORDS",
    "Fact",
    "Kind",
    "NamedOutcome",
    "Profile",
    "ReportedVerdict",
    "Route",
    "parse_profile",
    "read_profile",
]
