"""How many records stand behind each term of the balance: what the release gate asks of every mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.matched import Matched

    Floats = NDArray[np.float64]


def term_support(matched: Matched) -> Mapping[str, int]:
    """The fewest records behind a term in any of four groups: treated and comparison, before and after.

    Of a term with two values, the smaller of the two counts; of any other, the records of the group, or as many as
    carry its spread where one or two carry nearly all of it.
    """
    study = matched.study
    used = matched.links.weights > 0
    sides = [side & when for side in (study.treated, ~study.treated) for when in (np.ones(study.n, dtype=bool), used)]
    columns = [*zip(study.term_names, study.terms.T, strict=True)]
    found = {name: min(_behind(column[side]) for side in sides) for name, column in columns}
    return {**found, "distance": min(int(side.sum()) for side in sides)}


def _behind(values: Floats) -> int:
    """Records behind the mean of these values.

    Examples
    --------
    >>> _behind(np.array([0.0, 0, 0, 1])), _behind(np.arange(20.0)), _behind(np.array([1.0] * 18 + [1.01, 9999]))
    (1, 20, 1)
    """
    levels, counts = np.unique(values, return_counts=True)
    if len(levels) <= 2:
        return int(counts.min()) if len(levels) == 2 else 0
    far = np.sort(np.abs(values - np.median(values)))[::-1]
    alone = far[:2].sum() > 0.9 * far.sum()
    return 1 if alone else len(values)
