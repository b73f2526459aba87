"""Boolean minimisation: from truth table rows to every minimal model, with the assumptions each one makes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.result import ResultTable
from hubeval.theory.qca.fit import Fit, coverage, sufficiency
from hubeval.theory.qca.search import FREE, Search, Term, order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hubeval.theory.qca.table import TruthTable

SolutionType = Literal["conservative", "parsimonious", "intermediate"]
SOLUTIONS = ("conservative", "parsimonious", "intermediate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One minimal model: its terms, their fit, and the empty rows it assumes would show the outcome."""

    terms: tuple[str, ...]
    outcome: str
    fit: Fit
    term_fits: tuple[Fit, ...]
    assumptions: tuple[int, ...]
    pairs: tuple[str, ...] = ()
    """For intermediate models: ``"C1P2"`` lies between conservative model 1 and parsimonious model 2."""

    def __str__(self) -> str:
        return f"{' + '.join(self.terms)} => {self.outcome}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Every minimal model of one kind of solution.

    Parameters
    ----------
    models : tuple of Model
        All of them: where there is more than one, the data cannot tell them apart.
    primes : tuple of str
        The prime implicants that explain at least one row.
    contradictory_assumptions : tuple of int
        Rows assumed to show the outcome here and its absence in the same solution for the absence:
        no row can do both, so the models that use them cannot be defended.
    both_ways : tuple of int
        Rows that are consistent with the outcome and with its absence.
    """

    solution: SolutionType
    outcome: str
    models: tuple[Model, ...]
    primes: tuple[str, ...]
    contradictory_assumptions: tuple[int, ...]
    both_ways: tuple[int, ...]
    expectations: tuple[str, ...] = ()
    limits: tuple[str, ...] = (
        "The models say which combinations go with the outcome in these cases; they are not effect sizes.",
    )

    def __str__(self) -> str:
        return "\n".join(f"M{number}: {model}" for number, model in enumerate(self.models, start=1))

    def to_table(self) -> ResultTable:
        """Models and their terms with fit, as a table of plain cells."""
        rows = [
            (
                f"M{number}",
                fit.expression,
                fit.consistency,
                fit.pri,
                fit.coverage,
                fit.unique,
                ", ".join(fit.cases),
            )
            for number, model in enumerate(self.models, start=1)
            for fit in (*model.term_fits, model.fit)
        ]
        return ResultTable(
            name=f"qca_{self.solution}",
            caption=f"{self.solution.capitalize()} solution for {self.outcome}",
            columns=("model", "expression", "consistency", "pri", "coverage", "unique coverage", "cases"),
            rows=tuple(rows),
            n=tuple(len(fit.cases) for model in self.models for fit in (*model.term_fits, model.fit)),
        )


def minimise(
    table: TruthTable,
    *,
    solution: SolutionType = "conservative",
    expectations: Mapping[str, int | Sequence[int] | None] | Sequence[str] | None = None,
) -> Solution:
    """Minimise a truth table, returning every minimal model.

    Parameters
    ----------
    table : TruthTable
    solution : {"conservative", "parsimonious", "intermediate"}
        Assume nothing about empty rows; assume whatever makes the model shortest; or only what the
        `expectations` support.
    expectations : mapping or sequence, optional
        For ``"intermediate"``: which way each condition should work. ``{"TRUST": 1, "DISTANCE": 0}``, or
        ``["TRUST", "~DISTANCE"]``; several levels of a multi-value condition as a list. Conditions left
        out carry no expectation.

    Returns
    -------
    Solution
        Models with as few terms as any; the field's convention for "minimal".

    Raises
    ------
    BadInput
        No row has the outcome (or all have it), or `expectations` are missing, unknown or not wanted.

    References
    ----------
    Quine (1952); McCluskey (1956); Ragin (2008), ch. 8 and 9 (easy counterfactuals).

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.theory.qca import truth_table
    >>> frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, 0]})
    >>> print(minimise(truth_table(frame, outcome="Y", conditions=["A", "B"])))
    M1: A => Y
    """
    expected = _expected(table, solution, expectations)
    search = Search.of(table)
    sets, primes = _models(search, solution, expected)
    models = tuple(
        _model(search, terms, pairs) for terms, pairs in sorted(sets.items(), key=lambda item: order(item[0]))
    )
    other = table.negated()
    return Solution(
        solution=solution,
        outcome=table.outcome,
        models=models,
        primes=tuple(search.name(p) for p in primes),
        contradictory_assumptions=_contradictions(models, other, solution, expected),
        both_ways=tuple(
            row.number for row, mirror in zip(table.rows, other.rows, strict=True) if row.output == mirror.output == "1"
        ),
        expectations=tuple(f"{name}: {listed(levels)}" for name, levels in expected.items()),
    )


def _models(
    search: Search,
    solution: SolutionType,
    expected: dict[str, tuple[int, ...]],
) -> tuple[dict[tuple[Term, ...], tuple[str, ...]], list[Term]]:
    """The models of one kind of solution with the pairs they come from, and the primes they are made of."""
    allowed = 0 if solution == "conservative" else search.remainder
    if search.positive | allowed == (1 << len(search.table.rows)) - 1:
        raise BadInput([_no_negative(search.table)])
    primes = search.primes(allowed)
    found = search.covers(primes)
    if solution != "intermediate":
        return dict.fromkeys(found, ()), list(primes)
    levels = {search.table.conditions.index(name): allowed for name, allowed in expected.items()}
    pairs: dict[tuple[Term, ...], tuple[str, ...]] = {}
    used: dict[Term, int] = {}
    for i, narrow in enumerate(search.covers(search.primes(0)), start=1):
        for j, wide in enumerate(found, start=1):
            easy = reduce(or_, (search.cover(term) for term in _between(narrow, wide, levels)), 0)
            own = search.primes(easy & search.remainder)
            used.update(own)
            for terms in search.covers(own):
                pairs[terms] = (*pairs.get(terms, ()), f"C{i}P{j}")
    return pairs, list(used)


def _between(narrow: Sequence[Term], wide: Sequence[Term], levels: dict[int, tuple[int, ...]]) -> Iterator[Term]:
    """Conservative terms without the literals that the parsimonious model and the expectations let go."""
    for long in narrow:
        for short in wide:
            if all(s in {FREE, value} for s, value in zip(short, long, strict=True)):
                yield tuple(
                    value if short[j] != FREE or j not in levels or value in levels[j] else FREE
                    for j, value in enumerate(long)
                )


def _model(search: Search, terms: tuple[Term, ...], pairs: tuple[str, ...]) -> Model:
    y, cases = search.table.sets.y, search.table.sets.cases
    members = [search.membership(term) for term in terms]
    whole = np.maximum.reduce(members)
    fit = replace(
        sufficiency(whole, y, " + ".join(map(search.name, terms))),
        cases=tuple(cases[i] for i in np.flatnonzero(whole > 0.5)),
    )
    term_fits = []
    for index, term in enumerate(terms):
        others = [m for other, m in enumerate(members) if other != index]
        without = coverage(np.maximum.reduce(others), y) if others else 0.0
        term_fits.append(
            replace(
                sufficiency(members[index], y, search.name(term)),
                unique=fit.coverage - without,
                cases=tuple(cases[i] for i in np.flatnonzero(members[index] > 0.5)),
            )
        )
    return Model(
        terms=tuple(map(search.name, terms)),
        outcome=search.table.outcome,
        fit=fit,
        term_fits=tuple(term_fits),
        assumptions=search.assumed(terms),
        pairs=pairs,
    )


def _contradictions(
    models: tuple[Model, ...],
    other: TruthTable,
    solution: SolutionType,
    expected: dict[str, tuple[int, ...]],
) -> tuple[int, ...]:
    """Empty rows that this solution and the same one for the absence of the outcome both lay claim to."""
    if solution == "conservative" or not {"0", "1"} <= {row.output for row in other.rows}:
        return ()
    search = Search.of(other)
    turned = {
        name: tuple(level for level in range(other.levels[other.conditions.index(name)]) if level not in levels)
        for name, levels in expected.items()
    }
    here = {row for model in models for row in model.assumptions}
    there = {row for terms in _models(search, solution, turned)[0] for row in search.assumed(terms)}
    return tuple(sorted(here & there))


def _expected(table: TruthTable, solution: str, expectations: object) -> dict[str, tuple[int, ...]]:
    """Expectations as levels by condition, checked."""
    door = Door()
    door.choice("solution", solution, SOLUTIONS)
    if solution != "intermediate" and expectations is not None:
        door.refuse(
            "expectations",
            f"do nothing for the {solution} solution",
            "used by 'intermediate'",
            "Remove them, or ask for 'intermediate'.",
        )
    if solution == "intermediate" and not expectations:
        door.refuse(
            "expectations",
            "none given",
            "at least one condition with its direction",
            "Say which way each condition should work, and why.",
        )
    door.close()
    expected: dict[str, tuple[int, ...]] = {}
    for name, levels in _pairs(expectations):
        if name not in table.conditions:
            door.refuse(
                "expectations",
                f"no condition {name!r}",
                f"conditions: {listed(table.conditions)}",
                did_you_mean(name, table.conditions),
            )
            continue
        size = table.levels[table.conditions.index(name)]
        if any(level not in range(size) for level in levels):
            door.refuse(
                "expectations",
                f"{name} has no level {listed(levels)}",
                f"levels 0 to {size - 1}",
                "Correct it.",
            )
        if levels:
            expected[name] = levels
    door.close()
    return expected


def _pairs(expectations: object) -> list[tuple[str, tuple[int, ...]]]:
    if expectations is None:
        return []
    if hasattr(expectations, "items"):
        return [
            (str(name), () if level is None else (level,) if isinstance(level, int) else tuple(level))
            for name, level in expectations.items()
        ]
    return [(str(word).removeprefix("~"), (0 if str(word).startswith("~") else 1,)) for word in expectations]  # type: ignore[attr-defined]


def _no_negative(table: TruthTable) -> Problem:
    observed = sum(row.output == "1" for row in table.rows)
    return Problem(
        "table",
        f"all {observed} observed configurations have the outcome {table.outcome}",
        "some with it and some without",
        "There is nothing to explain: add cases without the outcome, "
        "raise 'consistency', or ask for the conservative solution.",
    )
