"""What records with a score and a cut-off say of themselves: who lies where, and what of it speaks for a design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.data.record_checks import check_gaps, exposed
from hubeval.protocol import RddDesign

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

FEW_VALUES = 30  # on either side; fewer, and no bandwidth can shrink far: Kolesár and Rothe (2018)
FEWEST_SIDE = 10  # records on either side, below which a line is not fitted
FEWEST_POINTS = 3  # values on either side: a quadratic needs three
FOLLOWED = 0.95  # share on whom the cut-off decided, from which a design is as good as sharp


def reached(design: RddDesign, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row lies on the treated side of the cut-off, (n,); not where its score is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"rank": [1.0, 5.0, 6.0, None]})
    >>> reached(RddDesign(unit="area", running="rank", cutoff=5.0, side="at or below"), scores).tolist()
    [True, True, False, False]
    """
    score = frame[design.running].to_numpy(dtype=float)
    on = {"at or above": score >= design.cutoff, "above": score > design.cutoff,
          "at or below": score <= design.cutoff, "below": score < design.cutoff}
    return np.asarray(on[design.side] & np.isfinite(score))


def check_cutoff(protocol: Protocol, table: Table, found: Findings) -> None:
    """Put every question to records with a cut-off that their data can answer."""
    design, frame = protocol.design, table.frame
    assert isinstance(design, RddDesign)
    check_gaps(table, [protocol.primary.column, design.running, *design.covariates], found,
               "the outcome, the score and every covariate")
    known = frame[design.running].notna().to_numpy()
    treated = reached(design, frame)
    one, other = int(treated.sum()), int((known & ~treated).sum())
    enough = min(one, other) >= FEWEST_SIDE
    if not one or not other:
        found.fact("CA1", 1, 2, "every record lies on one side of the cut-off")
    found.say("groups", "Are there records on both sides of the cut-off?", "pass" if enough else "fail",
              f"{one} on the treated side and {other} on the other side of the cut-off of {design.running!r}.",
              statistic=float(min(one, other)), threshold=f"at least {FEWEST_SIDE} on each")
    _values(design, frame, treated, known, found)
    if design.treated:
        _followed(design, frame, treated, known, found)


def _values(
    design: RddDesign, frame: pd.DataFrame, treated: NDArray[np.bool_], known: NDArray[np.bool_], found: Findings
) -> None:
    score = frame[design.running].to_numpy(dtype=float)
    points = min(len(np.unique(score[known & side])) for side in (treated, ~treated))
    few = points < FEW_VALUES
    found.say("values of the running variable", "Is the running variable fine enough?",
              "fail" if points < FEWEST_POINTS else "caution" if few else "pass",
              f"{design.running!r} takes {points} values on the side where it takes fewer"
              + (": it is rounded, or counted in steps, so nothing lies close to the cut-off." if few else "."),
              statistic=float(points), threshold=f"at least {FEW_VALUES} on each side")


def _followed(
    design: RddDesign, frame: pd.DataFrame, treated: NDArray[np.bool_], known: NDArray[np.bool_], found: Findings
) -> None:
    took = exposed(frame[design.treated])
    if took is None:
        found.say("who was treated", "Did the cut-off decide?", "fail",
                  f"{design.treated!r} holds values other than 0 and 1.")
        return
    share = float((took == treated)[known].mean()) if known.any() else 0.0
    found.say("who was treated", "Did the cut-off decide?", "information",
              f"The cut-off decided for {share:.0%} of records"
              + (": nearly all." if share >= FOLLOWED else ": the rest make the design fuzzy."), statistic=share)
