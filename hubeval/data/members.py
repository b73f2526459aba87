"""Who is in which level of each subgroup: held beside a result to tell apart levels of nearly the same people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.data.bind.subgroups import column_of
from hubeval.data.cutoff import reached
from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, RddDesign, SynthDesign

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.protocol import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The level of each person by subgroup, in the order of the persons. It is held in memory and never written.

    Attributes
    ----------
    levels : mapping of str to array of str, shape (n,)
        By the subgroup's label; empty where no level is said.
    treated : array of bool, shape (n,)
    away : array of float, shape (n,)
        How far each lies from a cut-off; 0 in other designs.
    """

    levels: Mapping[str, NDArray[np.str_]] = field(default_factory=dict, repr=False)
    treated: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool), repr=False)
    away: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)


def members(protocol: Protocol, frame: pd.DataFrame) -> Members:
    """The level of each person with a value of the primary outcome.

    Parameters
    ----------
    protocol : Protocol
    frame : DataFrame
        Bound: it holds the columns of subgroups as labels.

    Returns
    -------
    Members
        Empty where no subgroup is declared, or where those followed are places.
    """
    design, said = protocol.design, [s for s in protocol.subgroups if column_of(s.column) in frame]
    if not said or isinstance(design, (ItsDesign, SynthDesign)):
        return Members()
    rows = frame[np.isfinite(frame[protocol.primary.column].to_numpy(dtype=float))]
    if isinstance(design, DidDesign) and design.unit:
        rows = rows.drop_duplicates(design.unit)
    away = np.zeros(len(rows))
    if isinstance(design, RddDesign):
        away = np.abs(rows[design.running].to_numpy(dtype=float) - design.cutoff)
    return Members(
        levels={one.label: rows[column_of(one.column)].to_numpy(dtype=str) for one in said},
        treated=treated_side(design, rows),
        away=away,
    )


def treated_side(design: Any, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row is of somebody treated, or on the treated side of a cut-off, (n,).

    Raises
    ------
    NotImplementedError
        Of a kind of design whose sides are not known: with nothing to look at, one unit that makes up all would pass.

    Examples
    --------
    >>> import pandas as pd
    >>> design = MatchingDesign(unit="id", treated="used", covariates=("age",))
    >>> treated_side(design, pd.DataFrame({"used": [0, 1, 1]})).tolist()
    [False, True, True]
    """
    if isinstance(design, RddDesign):
        return reached(design, rows)
    if isinstance(design, DidDesign):
        return rows[design.start].notna().to_numpy()
    if not isinstance(design, MatchingDesign):
        raise NotImplementedError(f"who makes up the sides of a design of kind {design.kind!r} is not known")
    known = rows[design.treated].dropna().unique()
    return (rows[design.treated] == max(known, key=str)).to_numpy() if len(known) else np.zeros(len(rows), bool)
