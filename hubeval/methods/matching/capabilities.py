"""Which design takes what and can claim what: asked by the room, printed in the docs."""

from __future__ import annotations

from hubeval.methods.matching.door.options import ESTIMANDS, READ_BY
from hubeval.methods.room import Capability

_LABELS = {
    "nearest": ("nearest-neighbour matching", "Rosenbaum & Rubin 1985"),
    "optimal": ("optimal pair matching", "Rosenbaum 1989"),
    "full": ("optimal full matching", "Hansen 2004"),
    "genetic": ("genetic matching", "Diamond & Sekhon 2013"),
    "cardinality": ("cardinality matching", "Zubizarreta, Paredes & Rosenbaum 2014"),
    "exact": ("exact matching", "Ho, Imai, King & Stuart 2007"),
    "coarsened": ("coarsened exact matching", "Iacus, King & Porro 2012"),
    "subclass": ("subclassification on the score", "Rosenbaum & Rubin 1984"),
    "inverse-probability": ("inverse probability weighting", "Hirano, Imbens & Ridder 2003"),
    "overlap": ("overlap weighting", "Li, Morgan & Zaslavsky 2018"),
    "entropy": ("entropy balancing", "Hainmueller 2012"),
    "cbps": ("covariate-balancing propensity score", "Imai & Ratkovic 2014"),
}
_INFERENCE = {
    "nearest": ("influence", "pair", "abadie-imbens"),
    "optimal": ("influence", "pair"),
    "full": ("influence", "pair"),
    "genetic": ("influence", "pair", "abadie-imbens"),
    "cardinality": ("influence", "pair", "hc3"),
    "exact": ("influence", "pair"),
    "coarsened": ("influence", "pair"),
    "subclass": ("influence", "hc3"),
}

CAPABILITIES: dict[str, Capability] = {
    method: Capability(
        estimator=method,
        label=label,
        estimand=" or ".join(ESTIMANDS[method]),
        options=frozenset(option for option, methods in READ_BY.items() if method in methods),
        inference=_INFERENCE.get(method, ("influence",)),
        reference=reference,
    )
    for method, (label, reference) in _LABELS.items()
}
