"""Records laid out by lot before a design chooses among them, and its choice brought back to the order of the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.matching.door.study import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.study import Study

    Ints = NDArray[np.int64]

PER_ROW = ("rows", "treated", "x", "terms", "block", "weights", "cluster", "lot")


def shuffled(study: Study, turn: Ints) -> Study:
    """The same study with its records in the order `turn`, (n,)."""
    given = {name: getattr(study, name) for name in PER_ROW}
    moved: dict[str, Any] = {name: None if value is None else value[turn] for name, value in given.items()}
    return replace(study, **moved)


def put_back(links: Links, turn: Ints, estimand: str) -> Links:
    """The links of a shuffled study as links of the study it was made of."""
    back = np.argsort(turn, kind="stable")
    focal = turn[links.comparison if estimand == "ATC" else links.treated]
    by_row = np.argsort(focal, kind="stable")
    return Links(
        treated=turn[links.treated][by_row],
        comparison=turn[links.comparison][by_row],
        distance=links.distance[by_row],
        stratum=_numbered(links.stratum[back], focal[by_row]),
        weights=links.weights[back],
    )


def _numbered(stratum: Ints, focal: Ints) -> Ints:
    """Sets numbered as their first focal record stands in the rows; classes and cells keep their own numbers."""
    if focal.size == 0:
        return stratum
    order = stratum[focal]
    found, first = np.unique(order[order >= 0], return_index=True)
    number = np.full(int(stratum.max()) + 2, -1, dtype=np.int64)
    number[found[np.argsort(first)]] = np.arange(found.size)
    return np.asarray(number[stratum])
