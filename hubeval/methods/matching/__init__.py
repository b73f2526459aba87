"""Matching and weighting of individual records on what was known before exposure.

``match`` makes a sample; its ``balance()`` says how alike the groups became; ``effect`` estimates on it.
"""

from hubeval.methods.matching.designs.matched import Matched, match
from hubeval.methods.matching.door.options import Options
from hubeval.methods.matching.effects.effect import effect

__all__ = ["Matched", "Options", "effect", "match"]
