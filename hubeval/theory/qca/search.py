"""The search behind minimisation: rows as bits, prime implicants, and every smallest set that covers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import product
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
        for size in range(1, len(primes) + 1):
            found = [
                tuple(sorted(cover, key=literals)) for cover in _smallest(self.positive, tuple(primes.items()), size)
            ]
            if found:
                return sorted(found, key=order)
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


def _smallest(left: int, primes: tuple[tuple[Term, int], ...], size: int) -> Iterator[tuple[Term, ...]]:
    """All sets of `size` primes that cover `left`, each once.

    Branches on the row that fewest primes cover; a prime passed over is not used further down that
    branch, so that no set comes up twice.
    """
    if not left:
        yield ()
        return
    useful = tuple((term, rows & left) for term, rows in primes if rows & left)
    if size * max((rows.bit_count() for _, rows in useful), default=0) < left.bit_count():
        return
    row = min(
        (1 << i for i in range(left.bit_length()) if left >> i & 1),
        key=lambda bit: sum(1 for _, rows in useful if rows & bit),
    )
    rest = dict(useful)
    for term, rows in useful:
        if rows & row:
            del rest[term]
            for others in _smallest(left & ~rows, tuple(rest.items()), size - 1):
                yield (term, *others)


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
