"""What the later steps are given: arrays of the records that passed the door, and the score they got.

None of these prints its values: they are of children.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.result import FlowStep, NotComputed

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Lots = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Study:
    """Records that passed the door, as arrays; n records, p score columns, q balance terms.

    Attributes
    ----------
    frame : DataFrame
        The caller's frame, as a lazy copy that later changes do not reach.
    rows : (n,) int
        Positions in `frame` of the records kept.
    treated : (n,) bool
    x : (n, p) float
        Columns of the score model, without a constant: numbers as they are, the first level of each text column out.
    x_names : tuple of str
    terms : (n, q) float
        Columns that balance is shown on: as `x`, with every level of each text column.
    term_names : tuple of str
    binary : (q,) bool
        Terms that take two values only.
    block : (n,) int
        Code of the exact-matching cell; zeros when there is one.
    weights : (n,) float or None
        Survey weights.
    cluster : (n,) int or None
        Codes of what stands above the pair, such as the hub.
    lot : (n,) int or None
        Whose turn it is among equals; None for the order of the rows.
    """

    frame: pd.DataFrame
    rows: Ints
    treated: Flags
    covariates: tuple[str, ...]
    x: Floats
    x_names: tuple[str, ...]
    terms: Floats
    term_names: tuple[str, ...]
    binary: Flags
    block: Ints
    weights: Floats | None
    cluster: Ints | None
    cluster_name: str
    treated_name: str
    flow: tuple[FlowStep, ...]
    notes: tuple[NotComputed, ...]
    lot: Lots | None = None

    @property
    def n(self) -> int:
        """Number of records."""
        return int(self.treated.shape[0])

    @property
    def labels(self) -> pd.Index:
        """The frame's own labels of the records kept."""
        return self.frame.index[self.rows]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Score:
    """A fitted score.

    Attributes
    ----------
    value : (n,) float
        What distances are taken on: the probability, or a score the user brought.
    probability : bool
        Whether `value` lies strictly between 0 and 1, so that a logit of it means something.
    made_by : str
        How it was made, in words.
    log_odds : (n,) float or None
        The linear predictor of a logistic score, which tells apart probabilities that round to 0 or 1.
    """

    value: Floats
    probability: bool
    made_by: str
    log_odds: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Links:
    """What a design decided, in positions of the study.

    Attributes
    ----------
    treated, comparison : (m,) int
        Each link of a treated with a comparison record.
    distance : (m,) float
    stratum : (n,) int
        Matched set of each record, -1 for none; all -1 when records are used more than once.
    weights : (n,) float
        Matching weights, without survey weights; 0 for records that are not used.
    """

    treated: Ints
    comparison: Ints
    distance: Floats
    stratum: Ints
    weights: Floats
