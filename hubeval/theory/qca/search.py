"""The search behind minimisation: rows as bits, prime implicants, and every smallest set that covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import islice, product
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput, Problem
from hubeval.theory.qca.fit import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hubeval.theory.qca.table import TruthTable

FREE = -1
MOST_MODELS = 5000
MOST_WORK = 60_000
Term = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A truth table as bit masks: bit i stands for row i."""

    table: TruthTable
    masks: tuple[tuple[int, ...], ...]
    positive: int
    remainder: int

    @classmethod
    def of(cls, table: TruthTable) -> Search:
        """The masks of a table that has something to explain."""
        masks = [[0] * size for size in table.levels]
        outputs = {"1": 0, "0": 0, "?": 0}
        for index, row in enumerate(table.rows):
            outputs[row.output] |= 1 << index
            for j, level in enumerate(row.configuration):
                masks[j][level] |= 1 << index
        if not outputs["1"]:
            raise BadInput([_no_positive(table)])
        return cls(table=table, masks=tuple(map(tuple, masks)), positive=outputs["1"], remainder=outputs["?"])

    def cover(self, term: Term) -> int:
        """The rows a term covers."""
        mask = (1 << len(self.table.rows)) - 1
        for j, level in enumerate(term):
            if level != FREE:
                mask &= self.masks[j][level]
        return mask

    def primes(self, allowed: int) -> dict[Term, int]:
        """Prime implicants of the positive rows, with their cover, when `allowed` rows may be used too."""
        usable = self.positive | allowed
        found: dict[Term, int] = {}
        choices = (range(FREE, size) for size in self.table.levels)
        for term in sorted(product(*choices), key=lambda t: len(t) - t.count(FREE)):
            rows = self.cover(term)
            if rows & self.positive and not rows & ~usable and not any(rows & ~wider == 0 for wider in found.values()):
                found[term] = rows
        return found

    def covers(self, primes: dict[Term, int]) -> list[tuple[Term, ...]]:
        """Every smallest set of primes that covers all positive rows, in a fixed order."""
        terms = list(primes)
        rows = [1 << i for i in range(self.positive.bit_length()) if self.positive >> i & 1]
        columns = _needed([sum(1 << p for p, term in enumerate(terms) if primes[term] & row) for row in rows])
        work = [MOST_WORK]
        for size in range(1, len(terms) + 1):
            found = list(islice(_smallest(columns, 0, size, work), MOST_MODELS + 1))
            if len(found) > MOST_MODELS or not work[0]:
                raise BadInput([_too_many(self.table, len(found))])
            if found:
                chosen = [tuple(t for p, t in enumerate(terms) if cover >> p & 1) for cover in found]
                return sorted((tuple(sorted(cover, key=literals)) for cover in chosen), key=order)
        return []

    def assumed(self, terms: Sequence[Term]) -> tuple[int, ...]:
        """Numbers of the rows without cases that a model counts as having the outcome."""
        rows = reduce(or_, map(self.cover, terms)) & self.remainder
        return tuple(i + 1 for i in range(rows.bit_length()) if rows >> i & 1)

    def name(self, term: Term) -> str:
        """The term in the field's notation."""
        return "*".join(literal(self.table, j, level) for j, level in enumerate(term) if level != FREE) or "1"

    def membership(self, term: Term) -> NDArray[np.float64]:
        """Membership of each case in the term."""
        parts = [self.table.sets.x[j][level] for j, level in enumerate(term) if level != FREE]
        return np.minimum.reduce(parts) if parts else np.ones(self.table.sets.y.size)


def _needed(columns: list[int]) -> list[int]:
    """The rows that have to be watched: where one row's primes are among another's, covering it covers both."""
    kept: list[int] = []
    for column in sorted(set(columns), key=int.bit_count):
        if not any(column & other == other for other in kept):
            kept.append(column)
    return kept


def _smallest(columns: list[int], banned: int, size: int, work: list[int]) -> Iterator[int]:
    """All sets of up to `size` primes, as bits, that meet every column, each once.

    `columns` holds for each row left the primes that cover it. Branches on the row that fewest primes cover;
    a prime passed over is banned further down that branch, so that no set comes up twice. Rows that share no
    prime each need one of their own: more of them than `size` ends the branch. `work` counts down the
    branches still allowed.
    """
    if not columns:
        yield 0
        return
    live = [column & ~banned for column in columns]
    if not all(live) or not work[0] or _apart(live) > size:
        return
    work[0] -= 1
    pick = min(live, key=int.bit_count)
    while pick:
        prime = pick & -pick
        pick ^= prime
        rest = [column for column in columns if not column & prime]
        for chosen in _smallest(rest, banned, size - 1, work):
            yield chosen | prime
        banned |= prime


def _apart(live: list[int]) -> int:
    """How many rows, taken greedily, share no prime with one another: at least so many primes are needed."""
    used = count = 0
    for column in sorted(live, key=int.bit_count):
        if not column & used:
            used |= column
            count += 1
    return count


def literals(term: Term) -> tuple[int, Term]:
    """What terms are sorted by: fewer literals first, then the order of the conditions."""
    return len(term) - term.count(FREE), tuple(-level for level in term)


def order(terms: tuple[Term, ...]) -> list[tuple[int, Term]]:
    """What models are sorted by."""
    return [literals(term) for term in terms]


def _no_positive(table: TruthTable) -> Problem:
    best = max((row.consistency or 0.0 for row in table.rows if row.n >= table.frequency), default=0.0)
    return Problem(
        "table",
        f"no configuration has the outcome {table.outcome}: the highest consistency is {best:.3f}",
        f"cut: consistency {table.consistency:g}, frequency {table.frequency}, PRI {table.pri:g}",
        "Look at the calibration and the conditions before lowering a cut.",
    )


def _too_many(table: TruthTable, found: int) -> Problem:
    what = (
        f"more than {MOST_MODELS} minimal models" if found > MOST_MODELS else "more minimal models than can be searched"
    )
    return Problem(
        "table",
        f"{len(table.conditions)} conditions leave {what}",
        "models that can be told apart",
        "The cases cannot tell so many stories apart: use fewer conditions, or the conservative solution.",
    )
