"""The questions, as SQL text in DuckDB's words: every name quoted, every text a literal, and nothing asked but sums."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from hubeval.data.bind.starts import NEVER, ZERO
from hubeval.data.cells import KNOWN_MARKS
from hubeval.data.columns import LARGEST
from hubeval.data.embedded import quoted
from hubeval.data.plausible import CODES
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hubeval.data.backends.engines import Engine
    from hubeval.protocol import Protocol

_BLANK = -(2**63) + 1  # stands for a missing whole number among keys
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())  # what memory takes off a cell's ends
AT_ONCE = 1_400  # sums in one answer: PostgreSQL has room for 1,664 columns
TOLD_BELOW = 14  # kinds of value below nought
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
        A common table of the records: u, t, s, g (unit, time, start and cluster, as text or as the whole numbers that
        they are), and y0, b0, … (each outcome as a number, and 1, 2 or 3 where a cell is text, infinite or too large
        to be worked with).
    n_outcomes : int
    whole : frozenset of str
        Which of u, t, s and g are whole numbers: text of each row is most of what an engine would do.
    """

    rows: str
    n_outcomes: int
    whole: frozenset[str] = frozenset()

    def cell(self, key: str, text: str) -> str:
        """A label as the engine has it in the column of that key."""
        return (text or str(_BLANK)) if key in self.whole else literal(text)

    def label(self, key: str, cell: object) -> str:
        """What the engine answers for a key, as a label."""
        return "" if key in self.whole and cell == _BLANK else str(cell)

    def folded(self, spelled: Mapping[str, Mapping[str, str]]) -> Asked:
        """The same questions, where one spelling of a period (t) or start (s) stands for the others."""
        if not spelled:
            return self
        def key(name: str) -> str:
            cases = [f"WHEN {self.cell(name, text)} THEN {self.cell(name, other)}"
                     for text, other in spelled.get(name, {}).items()]
            return f"CASE {name} {' '.join(cases)} ELSE {name} END AS {name}" if cases else name

        others = [f"{what}{k}" for k in range(self.n_outcomes) for what in "yb"]
        rows = self.rows.replace("records AS", "written AS", 1)
        kept = ", ".join(["u", key("t"), key("s"), "g", *others])
        return replace(self, rows=f"{rows}, records AS (SELECT {kept} FROM written)")

    def cells(self) -> str:
        """By period, start and cluster: how many rows; and of each outcome how many, their sum, least and most."""
        each = [
            f"count(y{k}), sum(y{k}), min(y{k}), max(y{k}), sum(CASE WHEN b{k} = 1 THEN 1 ELSE 0 END), "
            f"sum(CASE WHEN b{k} > 1 THEN 1 ELSE 0 END), sum(CASE WHEN y{k} <> floor(y{k}) THEN 1 ELSE 0 END), "
            f"min(CASE WHEN y{k} > 0 THEN y{k} END)"
            for k in range(self.n_outcomes)
        ]
        blank = f"sum(CASE WHEN u = {self.cell('u', '')} THEN 1 ELSE 0 END)"
        return f"WITH {self.rows} SELECT t, s, g, count(*), {blank}, {', '.join(each)} FROM records GROUP BY t, s, g"

    def wide(self, periods: Sequence[str], shifts: Sequence[float], middles: Sequence[float]) -> str:
        """A common table of units: their start and cluster, rows, values less `shifts` (z0, …), farthest (f0, …)."""
        values = [(k, text) for k in range(self.n_outcomes) for text in periods]
        cells = [
            f"max(CASE WHEN t = {self.cell('t', text)} THEN y{k} - ({shifts[at]!r}) END) AS z{at}"
            for at, (k, text) in enumerate(values)
        ]
        far = [f"max(abs(y{k} - ({middle!r}))) AS f{k}" for k, middle in enumerate(middles)]
        who = "u, min(s) AS s, max(s) AS s2, min(g) AS g, max(g) AS g2, count(*) AS n"
        units = f"units AS (SELECT {who}, {', '.join([*cells, *far])} FROM records GROUP BY u)"
        seen = " AND ".join(f"z{at} IS NOT NULL" for at in range(len(values)))
        whole = ", ".join(f"CASE WHEN {seen} THEN z{at} END AS w{at}" for at in range(len(values)))
        return f"{self.rows}, {units}, complete AS (SELECT units.*, {whole} FROM units)"

    def groups(self, wide: str, d: int) -> list[str]:
        """By start and cluster: counts, sums and cross-products of units that have every value, a part at a time."""
        per = d // self.n_outcomes
        own = [" AND ".join(f"z{j} IS NOT NULL" for j in range(k * per, (k + 1) * per)) for k in range(self.n_outcomes)]
        seen = " + ".join(f"CASE WHEN z{j} IS NULL THEN 0 ELSE 1 END" for j in range(per))
        counts = [
            "count(*)", "count(w0)",
            "sum(CASE WHEN s <> s2 THEN 1 ELSE 0 END)", "sum(CASE WHEN g <> g2 THEN 1 ELSE 0 END)",
            f"sum(CASE WHEN n > {seen} THEN 1 ELSE 0 END)", "sum(n)",
            *(f"sum(CASE WHEN {each} THEN 1 ELSE 0 END)" for each in own),
            *(f"sum(f{k})" for k in range(self.n_outcomes)), *(f"count(f{k})" for k in range(self.n_outcomes)),
        ]  # fmt: skip
        sums = [f"sum(w{j})" for j in range(d)]
        pairs = [f"sum(w{i} * w{j})" for i, j in combinations_with_replacement(range(d), 2)]
        asked = [*counts, *sums, *pairs]
        parts = [asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE)]
        return [f"WITH {wide} SELECT s, g, {', '.join(part)} FROM complete GROUP BY s, g ORDER BY s, g"
                for part in parts]

    def farthest(self, k: int, middle: float, never: Sequence[str], periods: int) -> str:
        """The few units farthest from the middle on each side: 1 treated or 0, and how far.

        A unit has a row a period, so that the farthest units are among so many times as many rows.
        """
        if "s" in self.whole:
            inside = f"s IN ({', '.join(str(int(w)) if w else str(_BLANK) for w in never if w == '' or _whole(w))})"
        else:
            inside = f"lower(s) IN ({', '.join(map(literal, never))})"
        sides = []
        for side, which in ((1, "NOT "), (0, "")):
            rows = (f"SELECT u, abs(y{k} - ({middle!r})) AS far FROM records "
                    f"WHERE y{k} IS NOT NULL AND {which}{inside} ORDER BY far DESC LIMIT {TOLD * periods}")
            units = f"SELECT u, max(far) AS far FROM ({rows}) AS top{side} GROUP BY u ORDER BY far DESC LIMIT {TOLD}"
            sides.append(f"SELECT {side} AS side, far FROM ({units}) AS side{side}")
        return f"WITH {self.rows} {' UNION ALL '.join(sides)}"

    def coded(self, k: int) -> str:
        """Values of an outcome that may be codes for no value, and some of those below 0: how often each stands."""
        codes = ", ".join(f"{code!r}" for code in CODES)
        return (f"WITH {self.rows} SELECT y{k} AS v, count(*) AS n FROM records WHERE y{k} IN ({codes}) OR y{k} < 0 "
                f"GROUP BY y{k} ORDER BY CASE WHEN y{k} IN ({codes}) THEN 0 ELSE 1 END, n DESC, v "
                f"LIMIT {len(CODES) + TOLD_BELOW}")

    def others(self, k: int, told: Sequence[float], bounds: tuple[float, float], ends: tuple[float, float]) -> str:
        """All other values: how many, the least and the most, by whether they are below 0, outside or at an end."""
        at = " ".join(f"WHEN y{k} = {end!r} THEN {place}" for place, end in enumerate(ends, 1))
        apart = [f"CASE WHEN y{k} < 0 THEN 1 ELSE 0 END", f"CASE {at} ELSE 0 END",
                 f"CASE WHEN y{k} BETWEEN {bounds[0]!r} AND {bounds[1]!r} THEN 0 ELSE 1 END"]
        keys = ", ".join(f"{case} AS k{at}" for at, case in enumerate(apart))
        without = f" AND NOT y{k} IN ({', '.join(f'{value!r}' for value in told)})" if told else ""
        inner = f"SELECT y{k} AS v, {keys} FROM records WHERE y{k} IS NOT NULL{without}"
        return f"WITH {self.rows} SELECT count(*), min(v), max(v) FROM ({inner}) AS rest GROUP BY k0, k1, k2"

    def ends(self, k: int) -> str:
        """The least and the most of an outcome."""
        return f"WITH {self.rows} SELECT min(y{k}), max(y{k}) FROM records"

    def repeats(self) -> str:
        """How many rows repeat a unit and period."""
        inner = "SELECT count(*) AS c FROM records GROUP BY u, t HAVING count(*) > 1"
        return f"WITH {self.rows} SELECT sum(c - 1) FROM ({inner}) AS repeated"

    def middle(self, k: int) -> str:
        """The median of an outcome."""
        return f"WITH {self.rows} SELECT median(y{k}) FROM records"


def _whole(word: str) -> bool:
    """Whether a word is written as a whole number that a column can hold."""
    return bool(re.fullmatch(r"-?[0-9]{1,18}", word))


def asked_of(engine: Engine, protocol: Protocol) -> Asked:
    """The questions of a protocol whose columns are there."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    assert design.unit
    named = {"u": design.unit, "t": design.time, "s": design.start, "g": design.cluster}
    whole = frozenset(key for key, name in named.items() if name in engine.whole)
    keys = [
        (f"coalesce(CAST({quoted(name)} AS BIGINT), {_BLANK})" if key in whole else text_of(engine, name))
        + f" AS {key}" if name else f"{literal('')} AS {key}"
        for key, name in named.items()
    ]  # fmt: skip
    marks = [mark for mark in protocol.data.missing_marks if mark]
    numbers = [
        f"{number} AS y{k}, {wrong} AS b{k}"
        for k, outcome in enumerate(protocol.outcomes)
        for number, wrong in [number_of(engine, outcome.column, marks)]
    ]
    rows = f"records AS (SELECT {', '.join([*keys, *numbers])} FROM {engine.table})"
    return Asked(rows=rows, n_outcomes=len(protocol.outcomes), whole=whole)


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
        zoned = f"regexp_matches({text}, ' .*[+-][0-9]{{2}}$')"
        return f"coalesce(CASE WHEN {zoned} THEN {text} || ':00' ELSE replace({text}, ' 00:00:00', '') END, '')"
    return f"coalesce(trim({text}, {literal(_SPACES)}), '')"


def number_of(engine: Engine, name: str, marks: Sequence[str]) -> tuple[str, str]:
    """A column as numbers, missing where it holds none; and 1, 2 or 3 where that is not as it may be."""
    column, kind = quoted(name), engine.columns[name]
    if kind == "yes or no":
        return f"CASE WHEN {column} THEN 1.0 WHEN NOT {column} THEN 0.0 END", "0"
    if kind == "number":
        value, missing, is_number = f"CAST({column} AS DOUBLE)", f"{column} IS NULL", "TRUE"
    else:
        text = f"trim(CAST({column} AS VARCHAR), {literal(_SPACES)})"
        out = ", ".join(literal(mark) for mark in ("", *marks))
        missing = f"{column} IS NULL OR {text} IN ({out})"
        text = f"replace({text}, '−', '-')"
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
            f"GROUP BY {text} ORDER BY CASE WHEN {text} IN ({', '.join(map(literal, KNOWN_MARKS))}) THEN 0 ELSE 1 END, "
            "n DESC, cell LIMIT 1000")


def marked(engine: Engine, name: str, marks: Sequence[str]) -> str:
    """How often each declared mark stands in a column."""
    text = text_of(engine, name)
    return (f"SELECT {text}, count(*) FROM {engine.table} WHERE {text} IN ({', '.join(map(literal, marks))}) "
            f"GROUP BY {text}")
