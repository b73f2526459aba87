"""Qualitative comparative analysis: crisp, fuzzy and multi-value, with every minimal model shown."""

from hubeval.theory.qca.calibrate import calibrate
from hubeval.theory.qca.fit import Fit, Necessity, necessary, necessity, sufficiency
from hubeval.theory.qca.minimise import Model, Solution, minimise
from hubeval.theory.qca.robustness import Range, Robustness, anchor_ranges, robustness
from hubeval.theory.qca.table import Row, TruthTable, truth_table

__all__ = [
    "Fit",
    "Model",
    "Necessity",
    "Range",
    "Robustness",
    "Row",
    "Solution",
    "TruthTable",
    "anchor_ranges",
    "calibrate",
    "minimise",
    "necessary",
    "necessity",
    "robustness",
    "sufficiency",
    "truth_table",
]
