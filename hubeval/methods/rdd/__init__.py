"""Regression discontinuity: the jump of an outcome at a cut-off of a running variable."""

from hubeval.methods.rdd.door.sides import Cut, Side, cut_at
from hubeval.methods.rdd.estimators.bandwidth import Bandwidths, select
from hubeval.methods.rdd.inference.honest import Honest, honest_jump
from hubeval.methods.rdd.inference.robust import Robust, jump

__all__ = ["Bandwidths", "Cut", "Honest", "Robust", "Side", "cut_at", "honest_jump", "jump", "select"]
