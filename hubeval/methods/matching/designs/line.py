"""Records laid out along a score, block by block: what every greedy design on a line reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.designs.sorting import grouped, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.study import Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Records laid out by (block, score): `row` holds their study positions, the rest is in that order."""

    row: Ints
    s: Floats
    block: Ints
    focal: Flags
    free: Flags


def lay_out(study: Study, value: Floats, focal: Flags, usable: Flags) -> Line:
    """Sort the records by block and value, ties in the order of the data."""
    row, s = ordered(value)
    block = np.zeros(study.n, dtype=np.int64)
    if study.block.any():
        row = grouped(row, study.block[row])
        s, block = value[row], np.sort(study.block)
    mine = (focal & usable)[row]
    return Line(row=row, s=s, block=block, focal=mine, free=~mine if usable.all() else (~focal & usable)[row])
