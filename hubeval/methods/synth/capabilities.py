"""What this room can do, as a table: its estimators, what each reads, and how each makes its interval."""

from __future__ import annotations

from typing import get_args

from hubeval.methods.room import Capability
from hubeval.methods.synth.fits.control import Inference

CAPABILITIES = {
    "synthetic-control": Capability(
        estimator="synthetic-control",
        label="synthetic control",
        options=frozenset({"predictors"}),
        estimand="mean effect on the treated unit",
        inference=get_args(Inference),
        reference="Abadie, Diamond and Hainmueller 2010; Firpo and Possebom 2018; Chernozhukov, Wuthrich and Zhu 2021",
    ),
    "augmented": Capability(
        estimator="augmented",
        label="ridge-augmented synthetic control",
        estimand="mean effect on the treated unit",
        inference=("placebo",),
        reference="Ben-Michael, Feller and Rothstein 2021",
    ),
    "synthetic-did": Capability(
        estimator="synthetic-did",
        label="synthetic difference-in-differences",
        estimand="mean effect on the treated unit",
        inference=("placebo",),
        reference="Arkhangelsky, Athey, Hirshberg, Imbens and Wager 2021",
    ),
}
