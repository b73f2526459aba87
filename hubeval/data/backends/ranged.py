"""Values that stand for all of an outcome's in questions of range and of codes, as an engine tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.result import NotComputed
from hubeval.scale import of_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.backends.engines import Engine
    from hubeval.data.backends.queries import Asked
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]

_UNSEEN = ("copies, names written two ways, jumps that units share, raw counts, units of measurement that change and "
           "logarithms made by hand were not looked at")


def told(engine: Engine, asked: Asked, k: int, unit: str) -> tuple[Floats, Floats]:
    """Values of the k-th outcome, and how many records each stands for: codes one by one, the rest by their ends.

    Every value that is left out has the sign of one that is told, lies outside what its unit allows as that one does,
    and lies between the least and the most.

    Parameters
    ----------
    unit : str
        The outcome's, which may bound it.
    """
    coded = [(float(value), int(n)) for value, n in engine.ask(asked.coded(k))]
    values = [value for value, _ in coded]
    bounds = of_share(unit) or (-1e300, 1e300)
    ends = engine.ask(asked.ends(k))[0]
    if ends[0] is None:
        return np.empty(0), np.empty(0)
    rest = engine.ask(asked.others(k, values, bounds, (float(ends[0]), float(ends[1]))))
    for n, least, most in rest:
        coded += [(float(least), int(n) - 1), (float(most), 1)] if int(n) > 1 else [(float(least), 1)]
    found = np.array(coded, dtype=float)
    return found[:, 0], found[:, 1]


def ranged(protocol: Protocol) -> bool:
    """Whether the values that the engine tells of are those that are used: no period is dropped."""
    return all(caution.handling != "drop the periods" for caution in protocol.cautions)


def unseen(protocol: Protocol) -> NotComputed:
    """What of single values and units was looked at, and what was not, since the records stay where they are."""
    where = "looked at there" if ranged(protocol) else "not looked at, as periods are dropped"
    return NotComputed(
        what="Checks of single values and units",
        reason="the records stay in the engine: whether values can be, and codes for no value, were "
               f"{where}; {_UNSEEN}",
    )
