"""From a table bound to a protocol to the two sides of its cut-off, or one clear line why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.cutoff import FEWEST_POINTS, FEWEST_SIDE, reached
from hubeval.data.record_checks import exposed
from hubeval.errors import Door
from hubeval.methods.rdd.door.sides import cut_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.methods.rdd.door.sides import Cut
    from hubeval.protocol import RddDesign

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NEAR = 0.5  # standard deviations of the running variable within which there must be records on either side
FEWEST_NEAR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One outcome's records about the cut-off.

    Attributes
    ----------
    cut : Cut
        Distances run so that the cut-off itself belongs to the upper side.
    mirrored : bool
        Distances are the cut-off less the score.
    treated_above : bool
        The upper side of `cut` is the treated one.
    cutoff : float
    n_clusters : int or None
    missing : int
        Records left out for want of the outcome, the score or another column.
    """

    cut: Cut
    mirrored: bool
    treated_above: bool
    cutoff: float
    n_clusters: int | None
    missing: int

    @property
    def sign(self) -> int:
        """What turns the jump upwards into treated less untreated."""
        return 1 if self.treated_above or self.cut.fuzzy else -1

    def sizes(self, below_above: tuple[int, int]) -> tuple[int, int]:
        """Treated side, then the other."""
        below, above = below_above
        return (above, below) if self.treated_above else (below, above)

    def score(self, x: Floats) -> Floats:
        """Distances as scores again."""
        return self.cutoff - x if self.mirrored else self.cutoff + x


def given(table: Table, design: RddDesign, column: str) -> Given:
    """The records of one outcome about the cut-off.

    Raises
    ------
    BadInput
        Nothing, or next to nothing, lies on one side, or near the cut-off; the running variable is rounded to a few
        values; the column of who was treated is not 0 and 1, or says that everybody or nobody was.
    """
    frame = table.frame
    names = [column, design.running, *design.covariates, *((design.treated,) if design.treated else ()),
             *((design.cluster,) if design.cluster else ())]
    whole = frame[names].notna().all(axis=1).to_numpy()
    rows = frame.loc[whole]
    mirrored = design.side in {"at or below", "above"}
    score = rows[design.running].to_numpy(dtype=float)
    x = design.cutoff - score if mirrored else score - design.cutoff
    treated = reached(design, rows)
    taken = _taken(rows, design)
    _check(x, treated, taken, design, column)
    cluster = pd.factorize(rows[design.cluster], sort=True)[0] if design.cluster else None
    cut = cut_at(
        x, rows[column].to_numpy(dtype=float), taken=taken, cluster=cluster,
        covariates=rows[list(design.covariates)].to_numpy(dtype=float) if design.covariates else None)
    return Given(cut=cut, mirrored=mirrored, treated_above=design.side.startswith("at"), cutoff=design.cutoff,
                 n_clusters=None if cluster is None else int(cluster.max()) + 1, missing=int((~whole).sum()))


def _taken(rows: pd.DataFrame, design: RddDesign) -> Floats | None:
    """Who was treated, (n,) of 0 and 1; None where the cut-off decides."""
    if design.treated is None:
        return None
    took = exposed(rows[design.treated])
    if took is None:
        door = Door()
        door.refuse("design.treated", f"{design.treated!r} holds values other than 0 and 1", "0/1 or No/Yes",
                    "Write 1 for those treated.")
        door.close()
    return np.asarray(took, dtype=float)


def _check(x: Floats, treated: Mask, taken: Floats | None, design: RddDesign, column: str) -> None:
    door = Door()
    name, above = design.running, x >= 0
    sides = {"treated": treated, "other": ~treated}
    if not treated.any() or treated.all():
        side = "untreated" if not treated.any() else "treated"
        door.refuse("design.cutoff", f"every record with {column!r} lies on the {side} side of it in {name!r}",
                    "a cut-off with records on both sides", "Correct the cut-off, or bring the other side's records.")
    elif min(above.sum(), (~above).sum()) < FEWEST_SIDE:
        few, which = min((int(mask.sum()), word) for word, mask in sides.items())
        door.refuse("design.cutoff", f"{few} record(s) lie on the {which} side of it", f"{FEWEST_SIDE} or more",
                    "Bring more records, or take another design.")
    else:
        _near(x, sides, design, door)
    if taken is not None and not door.problems and np.ptp(taken) == 0:
        door.refuse("design.treated", f"{design.treated!r} is the same for every record", "0 and 1",
                    "Check the column, or leave it out where the cut-off decides.")
    door.close()


def _near(x: Floats, sides: dict[str, Mask], design: RddDesign, door: Door) -> None:
    """Values enough for a line, and records close enough to the cut-off."""
    close = NEAR * float(x.std())
    for word, mask in sides.items():
        points = len(np.unique(x[mask]))
        if points < FEWEST_POINTS:
            door.refuse("design.running", f"{design.running!r} takes {points} value(s) on the {word} side: it is "
                        "rounded or heaped", f"{FEWEST_POINTS} or more", "Bring the score before it was rounded.")
            return
        if (near := int((np.abs(x[mask]) <= close).sum())) < FEWEST_NEAR:
            door.refuse("design.cutoff", f"{near} record(s) on the {word} side lie near it (within half a standard "
                        f"deviation of {design.running!r})", f"{FEWEST_NEAR} or more",
                        "Nothing can be said of a cut-off with nobody near it: check it, or take another design.")

