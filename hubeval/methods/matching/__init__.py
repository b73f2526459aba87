"""Matching and weighting of individual records on what was known before exposure.

``match`` makes a sample; its ``balance()`` says how alike the groups became; ``effect`` estimates on it.
"""

from hubeval.methods.matching.effects import effect
from hubeval.methods.matching.matched import Matched, match
from hubeval.methods.matching.options import Options

__all__ = ["Matched", "Options", "effect", "match"]
