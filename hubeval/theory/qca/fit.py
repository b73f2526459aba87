"""How well a set relation holds: consistency, PRI, coverage, relevance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.theory.qca.table import TruthTable

TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Sufficiency of `expression`: whether it is a subset of the outcome, and its share of the outcome.

    `pri` is low where the expression goes as well with the outcome's absence as with its presence.
    `unique` is the coverage that no other term of its model gives; None outside a model or for a whole model.
    """

    expression: str
    consistency: float
    pri: float | None
    coverage: float
    unique: float | None = None
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Necessity:
    """Necessity of `expression`: whether the outcome is a subset of it, and no trivial one (`relevance`)."""

    expression: str
    consistency: float
    relevance: float
    coverage: float


def _memberships(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Refuse what is not a membership: missing, below 0 or above 1."""
    door = Door()
    for name, values in (("x", np.asarray(x)), ("y", np.asarray(y))):
        if wrong := int((~((values >= 0) & (values <= 1))).sum()):
            door.refuse(name, f"{wrong} value(s) are missing or outside 0 to 1", "memberships from 0 to 1",
                        "Calibrate them first, and leave out cases without a value.")
    door.close()


def sufficiency(x: NDArray[np.float64], y: NDArray[np.float64], expression: str = "") -> Fit:
    """Sufficiency of a set for the outcome.

    Parameters
    ----------
    x, y : ndarray, shape (n_cases,)
        Memberships in the expression and in the outcome.
    expression : str
        How it is written.

    References
    ----------
    Ragin (2006), Political Analysis 14; Schneider and Wagemann (2012), ch. 9 (PRI).

    Examples
    --------
    >>> fit = sufficiency(np.array([1.0, 0.8, 0.2]), np.array([1.0, 0.6, 0.4]), "HUB")
    >>> round(fit.consistency, 2), round(fit.pri, 2), round(fit.coverage, 2)
    (0.9, 0.86, 0.9)
    """
    _memberships(x, y)
    shared = np.minimum(x, y).sum()
    both = np.minimum(x, np.minimum(y, 1 - y)).sum()
    rest = x.sum() - both
    return Fit(
        expression=expression,
        consistency=float(shared / max(x.sum(), TINY)),
        pri=float((shared - both) / rest) if rest > TINY else None,
        coverage=coverage(x, y),
    )


def coverage(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The share of the outcome's memberships that a set accounts for.

    Examples
    --------
    >>> coverage(np.array([1.0, 0.0]), np.array([1.0, 1.0]))
    0.5
    """
    return float(np.minimum(x, y).sum() / max(y.sum(), TINY))


def necessary(x: NDArray[np.float64], y: NDArray[np.float64], expression: str = "") -> Necessity:
    """Necessity of a set for the outcome, with its relevance (Schneider and Wagemann 2012, ch. 9).

    Examples
    --------
    >>> necessary(np.array([1.0, 0.8]), np.array([1.0, 0.6])).consistency
    1.0
    """
    _memberships(x, y)
    shared = np.minimum(x, y)
    return Necessity(
        expression=expression,
        consistency=float(shared.sum() / max(y.sum(), TINY)),
        relevance=float((1 - x).sum() / max((1 - shared).sum(), TINY)),
        coverage=float(shared.sum() / max(x.sum(), TINY)),
    )


def necessity(
    table: TruthTable,
    *,
    consistency: float = 0.9,
    relevance: float = 0.5,
    order: int = 3,
) -> tuple[Necessity, ...]:
    """Necessary conditions, their conjunctions, and the smallest disjunctions, looked at before sufficiency.

    Parameters
    ----------
    table : TruthTable
    consistency, relevance : float
        Least consistency and least relevance; 0.9 is the usual floor for necessity.
    order : int
        Most conditions in one expression.

    Returns
    -------
    tuple of Necessity
        Every conjunction that passes, then every disjunction that passes and holds no smaller one that does.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.theory.qca import truth_table
    >>> frame = pd.DataFrame({"TRUST": [1, 1, 1, 0], "CAFE": [1, 0, 1, 0], "REACH": [1, 1, 0, 0]})
    >>> table = truth_table(frame, outcome="REACH", conditions=["TRUST", "CAFE"])
    >>> [(found.expression, round(found.relevance, 2)) for found in necessity(table)]
    [('TRUST', 0.5)]
    """
    door = Door()
    for name, value in (("consistency", consistency), ("relevance", relevance)):
        if not 0 <= value <= 1:
            door.refuse(name, f"found {value:g}", "0 to 1", "0.9 and 0.5 are the usual floors.")
    door.close()
    literals = [
        [(literal(table, j, level), table.sets.x[j][level]) for level in range(size)]
        for j, size in enumerate(table.levels)
    ]
    found = [hit for size in range(1, order + 1) for hit in _joined(literals, size, table, "*", consistency, relevance)]
    kept: list[frozenset[str]] = [frozenset([hit.expression]) for hit in found if "*" not in hit.expression]
    for size in range(2, order + 1):
        for hit in _joined(literals, size, table, " + ", consistency, relevance):
            parts = frozenset(hit.expression.split(" + "))
            if not any(smaller <= parts for smaller in kept):
                found.append(hit)
                kept.append(parts)
    return tuple(found)


def literal(table: TruthTable, condition: int, level: int) -> str:
    """One condition at one level in the field's notation."""
    name = table.conditions[condition]
    if table.multi_value:
        return f"{name}[{level}]"
    return name if level else f"~{name}"


def _joined(
    literals: list[list[tuple[str, NDArray[np.float64]]]],
    size: int,
    table: TruthTable,
    sign: str,
    consistency: float,
    relevance: float,
) -> list[Necessity]:
    """Every conjunction or disjunction of `size` conditions that passes both floors."""
    merge = np.minimum if sign == "*" else np.maximum
    hits = []
    for chosen in combinations(literals, size):
        for parts in product(*chosen):
            fit = necessary(merge.reduce([x for _, x in parts]), table.sets.y, sign.join(name for name, _ in parts))
            if fit.consistency >= consistency - TINY and fit.relevance >= relevance - TINY:
                hits.append(fit)
    return hits
