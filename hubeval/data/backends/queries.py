"""The questions, as SQL text in DuckDB's words: every name quoted, every text a literal, and nothing asked but sums."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from hubeval.data.bind.starts import NEVER, ZERO
from hubeval.data.columns import LARGEST
from hubeval.data.embedded import quoted
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.data.backends.engines import Engine
    from hubeval.protocol import Protocol

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
AT_ONCE = 1_400  # sums in one answer: PostgreSQL has room for 1,664 columns
TOLD = 3  # of the farthest units a side, for the rule of dominance


def literal(text: str) -> str:
    """A text as SQL writes it.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One protocol's questions to one engine.

    Attributes
    ----------
    rows : str
        A common table of the records: u, t, s, g (unit, time, start and cluster as text), and y0, b0, … (each outcome
        as a number, and 1, 2 or 3 where a cell is text, infinite or too large to be worked with).
    n_outcomes : int
    """

    rows: str
    n_outcomes: int

    def cells(self) -> str:
        """By period, start and cluster: how many rows; and of each outcome how many, their sum, least and most."""
        each = [
            f"count(y{k}), sum(y{k}), min(y{k}), max(y{k}), sum(CASE WHEN b{k} = 1 THEN 1 ELSE 0 END), "
            f"sum(CASE WHEN b{k} > 1 THEN 1 ELSE 0 END), sum(CASE WHEN y{k} <> floor(y{k}) THEN 1 ELSE 0 END), "
            f"min(CASE WHEN y{k} > 0 THEN y{k} END)"
            for k in range(self.n_outcomes)
        ]
        blank = "sum(CASE WHEN u = '' THEN 1 ELSE 0 END)"
        return f"WITH {self.rows} SELECT t, s, g, count(*), {blank}, {', '.join(each)} FROM records GROUP BY t, s, g"

    def wide(self, periods: Sequence[str], shifts: Sequence[float], middles: Sequence[float]) -> str:
        """A common table of units: their start and cluster, rows, values less `shifts` (z0, …), farthest (f0, …)."""
        values = [(k, text) for k in range(self.n_outcomes) for text in periods]
        cells = [
            f"max(CASE WHEN t = {literal(text)} THEN y{k} - ({shifts[at]!r}) END) AS z{at}"
            for at, (k, text) in enumerate(values)
        ]
        far = [f"max(abs(y{k} - ({middle!r}))) AS f{k}" for k, middle in enumerate(middles)]
        who = "u, min(s) AS s, max(s) AS s2, min(g) AS g, max(g) AS g2, count(*) AS n"
        return f"{self.rows}, units AS (SELECT {who}, {', '.join([*cells, *far])} FROM records GROUP BY u)"

    def groups(self, wide: str, d: int) -> list[str]:
        """By start and cluster: counts, sums and cross-products of units that have every value, a part at a time."""
        per = d // self.n_outcomes
        whole = " AND ".join(f"z{j} IS NOT NULL" for j in range(d))
        own = [" AND ".join(f"z{j} IS NOT NULL" for j in range(k * per, (k + 1) * per)) for k in range(self.n_outcomes)]
        seen = " + ".join(f"CASE WHEN z{j} IS NULL THEN 0 ELSE 1 END" for j in range(per))
        counts = [
            "count(*)", f"sum(CASE WHEN {whole} THEN 1 ELSE 0 END)",
            "sum(CASE WHEN s <> s2 THEN 1 ELSE 0 END)", "sum(CASE WHEN g <> g2 THEN 1 ELSE 0 END)",
            f"sum(CASE WHEN n > {seen} THEN 1 ELSE 0 END)", "sum(n)",
            *(f"sum(CASE WHEN {each} THEN 1 ELSE 0 END)" for each in own),
            *(f"sum(f{k})" for k in range(self.n_outcomes)), *(f"count(f{k})" for k in range(self.n_outcomes)),
        ]  # fmt: skip
        sums = [f"sum(CASE WHEN {whole} THEN z{j} END)" for j in range(d)]
        pairs = [f"sum(CASE WHEN {whole} THEN z{i} * z{j} END)" for i, j in combinations_with_replacement(range(d), 2)]
        asked = [*counts, *sums, *pairs]
        parts = [asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE)]
        return [f"WITH {wide} SELECT s, g, {', '.join(part)} FROM units GROUP BY s, g ORDER BY s, g" for part in parts]

    def farthest(self, wide: str, k: int, never: Sequence[str]) -> str:
        """The few units farthest from the middle on each side: 1 treated or 0, and how far."""
        side = f"CASE WHEN lower(s) IN ({', '.join(map(literal, never))}) THEN 0 ELSE 1 END"
        ranked = f"row_number() OVER (PARTITION BY {side} ORDER BY f{k} DESC) AS place"
        inner = f"SELECT {side} AS side, f{k} AS far, {ranked} FROM units WHERE f{k} IS NOT NULL"
        return f"WITH {wide} SELECT side, far FROM ({inner}) AS ranked WHERE place <= {TOLD}"

    def repeats(self) -> str:
        """How many rows repeat a unit and period."""
        inner = "SELECT count(*) AS c FROM records GROUP BY u, t HAVING count(*) > 1"
        return f"WITH {self.rows} SELECT sum(c - 1) FROM ({inner}) AS repeated"

    def middle(self, k: int) -> str:
        """The median of an outcome."""
        return f"WITH {self.rows} SELECT median(y{k}) FROM records"


def asked_of(engine: Engine, protocol: Protocol) -> Asked:
    """The questions of a protocol whose columns are there."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    assert design.unit
    keys = [f"{text_of(engine, name)} AS {key}"
            for key, name in (("u", design.unit), ("t", design.time), ("s", design.start))]
    keys.append(f"{text_of(engine, design.cluster) if design.cluster else literal('')} AS g")
    marks = [mark for mark in protocol.data.missing_marks if mark]
    numbers = [
        f"{number} AS y{k}, {wrong} AS b{k}"
        for k, outcome in enumerate(protocol.outcomes)
        for number, wrong in [number_of(engine, outcome.column, marks)]
    ]
    rows = f"records AS (SELECT {', '.join([*keys, *numbers])} FROM {engine.table})"
    return Asked(rows=rows, n_outcomes=len(protocol.outcomes))


def never_words(protocol: Protocol) -> list[str]:
    """What stands for never treated, in small letters."""
    return sorted({*NEVER, *ZERO, *(str(word).casefold() for word in protocol.data.never_marks)})


def text_of(engine: Engine, name: str) -> str:
    """A column as labels: whole numbers without '.0', days without midnight, blank where missing."""
    column, kind = quoted(name), engine.columns[name]
    text = f"CAST({column} AS VARCHAR)"
    if kind == "number":
        whole = f"CAST(CAST({column} AS BIGINT) AS VARCHAR)"
        special = f"CASE WHEN lower({text}) = 'nan' THEN '' WHEN lower({text}) LIKE 'inf%' THEN 'inf' ELSE {text} END"
        inside = f"{column} BETWEEN -999999999999999 AND 999999999999999"
        return (f"CASE WHEN {column} IS NULL THEN '' WHEN {inside} THEN CASE WHEN {column} = floor({column}) "
                f"THEN {whole} ELSE {text} END ELSE {special} END")
    if kind == "yes or no":
        return f"CASE WHEN {column} IS NULL THEN '' WHEN {column} THEN '1' ELSE '0' END"
    if kind == "time":
        return f"coalesce(replace({text}, ' 00:00:00', ''), '')"
    return f"coalesce(trim({text}), '')"


def number_of(engine: Engine, name: str, marks: Sequence[str]) -> tuple[str, str]:
    """A column as numbers, missing where it holds none; and 1, 2 or 3 where that is not as it may be."""
    column, kind = quoted(name), engine.columns[name]
    if kind == "yes or no":
        return f"CASE WHEN {column} THEN 1.0 WHEN NOT {column} THEN 0.0 END", "0"
    if kind == "number":
        value, missing, is_number = f"CAST({column} AS DOUBLE)", f"{column} IS NULL", "TRUE"
    else:
        text = f"trim(CAST({column} AS VARCHAR))"
        out = ", ".join(literal(mark) for mark in ("", *marks))
        missing = f"{column} IS NULL OR {text} IN ({out})"
        is_number = f"regexp_matches({text}, {literal(_NUMBER)})"
        value = f"CAST({text} AS DOUBLE)"
    largest = f"{LARGEST:.0e}".replace("+", "")
    inside = f"{value} BETWEEN -{largest} AND {largest}"
    nan = f"lower(CAST({value} AS VARCHAR)) = 'nan'"
    number = f"CASE WHEN {missing} THEN NULL WHEN {is_number} THEN CASE WHEN {inside} THEN {value} END END"
    infinite = f"lower(CAST({value} AS VARCHAR)) LIKE '%inf%'"
    beyond = f"CASE WHEN {inside} THEN 0 WHEN {nan} THEN 0 WHEN {infinite} THEN 2 ELSE 3 END"
    return number, f"CASE WHEN {missing} THEN 0 WHEN {is_number} THEN {beyond} ELSE 1 END"


def other_texts(engine: Engine, name: str, marks: Sequence[str]) -> str:
    """The distinct cells of a column that are no numbers, with how many there are."""
    _, wrong = number_of(engine, name, marks)
    text = text_of(engine, name)
    return (f"SELECT {text} AS cell, count(*) AS n FROM {engine.table} WHERE {wrong} > 0 "
            f"GROUP BY {text} ORDER BY n DESC, cell LIMIT 1000")


def marked(engine: Engine, name: str, marks: Sequence[str]) -> str:
    """How often each declared mark stands in a column."""
    text = text_of(engine, name)
    return (f"SELECT {text}, count(*) FROM {engine.table} WHERE {text} IN ({', '.join(map(literal, marks))}) "
            f"GROUP BY {text}")
