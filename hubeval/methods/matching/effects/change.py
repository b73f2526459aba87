"""Matched difference-in-differences: outcomes recorded before and after become changes, and before is matched on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.errors import Door

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.protocol import MatchingDesign, Outcome, Protocol
    from hubeval.result import Estimate

LIMIT = (
    "Effects on a change since before hold if like families would have changed alike. Matching on a noisy measurement "
    "from before can pull groups that differ lastingly back apart afterwards (regression to the mean), which this "
    "cannot tell from an effect."
)


def as_change(protocol: Protocol, design: MatchingDesign, frame: pd.DataFrame) -> tuple[MatchingDesign, pd.DataFrame]:
    """The design with every `baseline` among its covariates, and a copy of the frame with those outcomes differenced.

    Parameters
    ----------
    protocol : Protocol
    design : MatchingDesign
        Returned as it is, like the frame, where no outcome has a baseline.
    frame : DataFrame
        Never written to. A record without its baseline has no change, and is counted with those without the outcome.

    Raises
    ------
    BadInput
        Whole cells are asked for (`exact`), which no measurement fits, or a baseline is exposure or stands in `exact`.

    References
    ----------
    Heckman, Ichimura & Todd (1997), "Matching as an econometric evaluation estimator", Review of Economic Studies
    64(4); Daw & Hatfield (2018), "Matching and regression to the mean in difference-in-differences analysis", Health
    Services Research 53(6).
    """
    before = {o.column: o.baseline for o in protocol.outcomes if o.baseline}
    if not before:
        return design, frame
    door = Door()
    if design.method == "exact":
        found = "outcomes with a baseline, which is a measurement and is matched on"
        door.refuse("design.method", f"'exact' with {found}", "a method with distances or weights", "Try 'nearest'.")
    for column, baseline in before.items():
        taken = {design.unit, design.treated, design.cluster, design.weights, *(o.column for o in protocol.outcomes)}
        if baseline in taken:
            found = f"baseline {baseline!r} has another part in the design"
            door.refuse(f"outcomes ({column})", found, "the outcome as it was before", "Name that column.")
    door.close()
    covariates = tuple(dict.fromkeys((*design.covariates, *before.values())))
    changed = frame.assign(**{column: frame[column] - frame[baseline] for column, baseline in before.items()})
    return replace(design, covariates=covariates), changed


def named(estimate: Estimate, outcome: Outcome) -> Estimate:
    """The estimate, saying that it is about a change where it is."""
    if not outcome.baseline:
        return estimate
    return replace(estimate, estimand=f"{estimate.estimand}, on the change since {outcome.baseline!r}")
