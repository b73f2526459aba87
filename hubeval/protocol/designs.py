"""The kinds of design that a protocol may declare, by the word that names each."""

from __future__ import annotations

from hubeval.protocol.did import DidDesign
from hubeval.protocol.its import ItsDesign
from hubeval.protocol.matching import MatchingDesign
from hubeval.protocol.rdd import RddDesign
from hubeval.protocol.synth import SynthDesign

Design = DidDesign | ItsDesign | SynthDesign | MatchingDesign | RddDesign
RECORDS = (MatchingDesign, RddDesign)  # on records, each there once, without time
DESIGNS: dict[str, type[Design]] = {
    "did": DidDesign,
    "its": ItsDesign,
    "synth": SynthDesign,
    "matching": MatchingDesign,
    "rdd": RddDesign,
}
