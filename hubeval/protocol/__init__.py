"""A protocol: what will be estimated, how and on whose data, declared before outcomes are seen.

Data, not code: one TOML file a funder can read, dated, diffable, hashed into every result.
"""

from __future__ import annotations

from hubeval.protocol.declared import Amendment, Caution, DataSource, Protocol, Subgroup, YearMeaning
from hubeval.protocol.designs import DESIGNS, RECORDS, Design
from hubeval.protocol.did import DidDesign
from hubeval.protocol.its import ItsDesign
from hubeval.protocol.matching import MatchingDesign
from hubeval.protocol.outcome import Direction, Outcome, Role
from hubeval.protocol.rdd import RddDesign
from hubeval.protocol.read import read_protocol
from hubeval.protocol.rules import require_start, require_starter
from hubeval.protocol.synth import SynthDesign

__all__ = [
    "DESIGNS",
    "RECORDS",
    "Amendment",
    "Caution",
    "DataSource",
    "Design",
    "DidDesign",
    "Direction",
    "ItsDesign",
    "MatchingDesign",
    "Outcome",
    "Protocol",
    "RddDesign",
    "Role",
    "Subgroup",
    "SynthDesign",
    "YearMeaning",
    "read_protocol",
    "require_start",
    "require_starter",
]
