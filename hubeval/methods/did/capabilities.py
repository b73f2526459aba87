"""Which estimator takes what and can claim what: asked by the room, printed in the docs."""

from __future__ import annotations

from hubeval.methods.room import Capability

CAPABILITIES: dict[str, Capability] = {
    "group-time": Capability(
        estimator="group-time", label="group-time effects, doubly robust by default",
        options=frozenset({"control", "base", "anticipation", "adjustment", "gaps", "window"}),
        estimand="average effect on the treated over all unit-periods under treatment",
        inference=("permutation", "welch", "cluster"),
        reference="Callaway & Sant'Anna 2021"),
    "two-way": Capability(
        estimator="two-way", label="two-way fixed effects with event study", options=frozenset({"window"}),
        estimand="average effect on the treated, if effects are alike across cohorts and time",
        inference=("permutation", "cr2", "cr3", "wild", "cluster", "conley-taber", "ferman-pinto"),
        reference="Goodman-Bacon 2021 on its weights"),
}
