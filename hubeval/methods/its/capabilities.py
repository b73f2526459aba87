"""What this room can do, as a table: its estimator, what it reads, and the ways it can make intervals."""

from __future__ import annotations

from hubeval.methods.its.door.options import INFERENCE
from hubeval.methods.room import Capability

CAPABILITIES = {
    "segmented": Capability(
        estimator="segmented",
        label="segmented regression with autocorrelated errors",
        estimand="effect on the treated series, against its own trend (and comparison series)",
        options=frozenset({
            "control", "exposure", "family", "seasonality", "transition", "impact", "more_starts", "end",
            "sites",
        }),
        inference=tuple(INFERENCE),
        reference="Lopez Bernal, Cummins & Gasparrini 2017; Turner et al. 2021",
    ),
}
