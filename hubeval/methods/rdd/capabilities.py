"""What this room can do, as a table: its estimators, what each reads, and how each makes its interval."""

from __future__ import annotations

from hubeval.methods.room import Capability
from hubeval.protocol.rules import READ_BY

_AT = "average effect on those at the cut-off"

CAPABILITIES = {
    "robust": Capability(
        estimator="robust",
        label="local line on each side, bias taken off",
        estimand=_AT,
        options=frozenset(READ_BY["robust"]),
        inference=("robust bias-corrected",),
        reference="Calonico, Cattaneo and Titiunik 2014; Calonico, Cattaneo, Farrell and Titiunik 2019",
    ),
    "honest": Capability(
        estimator="honest",
        label="local line on each side, worst bias counted in the interval",
        estimand=_AT,
        options=frozenset(READ_BY["honest"]),
        inference=("bounded second derivative",),
        reference="Armstrong and Kolesár 2018, 2020; Kolesár and Rothe 2018",
    ),
    "randomisation": Capability(
        estimator="randomisation",
        label="difference of means in a window, as if drawn by lot",
        estimand="average effect on those in the window",
        options=frozenset(READ_BY["randomisation"]),
        inference=("permutation",),
        reference="Cattaneo, Frandsen and Titiunik 2015",
    ),
}
