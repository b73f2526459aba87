"""Engines that hold a table: what each needs to be asked, and the one place at which answers come out of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hubeval.data.embedded import quoted
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_ROWS = 20_000
"""Rows that one answer of an engine may have: sums by group have fewer, and records more."""
WAIT = 20  # seconds for a server to answer that it is there
Kind = Literal["number", "yes or no", "text", "time", "other"]
_WHOLE = {"TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "INT2", "INT4",
          "INT8"}
_SIGNS = ("INT", "FLOAT", "DOUBLE", "DECIMAL", "NUMERIC", "REAL", "LONG", "SHORT", "BYTE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A table in an engine.

    Attributes
    ----------
    name, dialect : str
        As people and as SQLGlot call it.
    table : str
        The table in SQL, quoted.
    run : callable
        SQL text and how many rows at most, to rows.
    state : callable
        What changes when the table does; the same throughout where one snapshot is read.
    columns : mapping of str to Kind
    whole : frozenset of str
        Those that hold whole numbers of at most 64 bits.
    """

    name: str
    dialect: str
    table: str
    run: Callable[[str, int], list[tuple[Any, ...]]]
    state: Callable[[], Any]
    columns: dict[str, Kind]
    whole: frozenset[str] = frozenset()

    def ask(self, sql: str, most: int = MOST_ROWS) -> list[tuple[Any, ...]]:
        """What the engine answers, in rows.

        Raises
        ------
        BadInput
            More rows than may leave it, or it could not answer; its own words may hold cells, and are not passed on.
        """
        rows = self.run(translated(sql, self.dialect), most + 1)
        if len(rows) > most:
            found = f"an answer would have more than {most:,} rows, and rows stay in {self.name}"
            raise BadInput([Problem("data", found, "sums by period, start and cluster",
                                    "Are the time, start and cluster columns what the protocol calls them?")])
        return rows


def translated(sql: str, dialect: str) -> str:
    """DuckDB's SQL as another engine writes it.

    Raises
    ------
    MissingExtra
        sqlglot is not installed.

    Examples
    --------
    >>> translated('SELECT "a b" FROM "t"', "duckdb")
    'SELECT "a b" FROM "t"'
    """
    if dialect == "duckdb":
        return sql
    try:
        import sqlglot  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra("a table in another engine", "sqlglot", dialect) from None
    return str(sqlglot.transpile(sql, read="duckdb", write=dialect, identify=True)[0])


def kind_of(written: str) -> Kind:
    """What a column holds, by its type as an engine writes it.

    Examples
    --------
    >>> [kind_of(t) for t in ("BIGINT", "double precision", "VARCHAR", "timestamp", "BOOLEAN", "BLOB", "STRUCT(a INT)")]
    ['number', 'number', 'text', 'time', 'yes or no', 'other', 'other']
    """
    name = written.upper()
    if "(" in name and not name.startswith(("DECIMAL", "NUMERIC", "VARCHAR", "CHAR")):
        return "other"
    if name.startswith("BOOL"):
        return "yes or no"
    if name.startswith(("VARCHAR", "TEXT", "CHAR", "STRING", "BPCHAR", '"NULL"', "ENUM", "NAME", "CITEXT", "UUID")):
        return "text"
    if name.startswith(("DATE", "TIMESTAMP")):
        return "time"
    bare = name.endswith("]") or name.startswith(("INTERVAL", "MAP", "ARRAY", "STRUCT", "POINT"))
    return "number" if not bare and any(sign in name for sign in _SIGNS) else "other"


def whole_of(written: dict[str, str]) -> frozenset[str]:
    """The columns whose type, as an engine writes it, is a whole number that 64 bits with a sign hold.

    Examples
    --------
    >>> sorted(whole_of({"a": "BIGINT", "b": "integer", "c": "UBIGINT", "d": "DOUBLE", "e": "INTEGER[]"}))
    ['a', 'b']
    """
    return frozenset(name for name, kind in written.items() if kind.upper() in _WHOLE)


@contextmanager
def plainly(name: str, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn what an engine raises into one line: its own words can hold cells, so only the kind of error is said."""
    try:
        yield
    except errors as error:
        kind = type(error).__name__
        found = f"{name} could not answer ({kind})"
        cure = _CURES.get(kind, "Check that the table is whole, may be read, and that the engine has memory enough.")
        raise BadInput([Problem("data", found, "a table that can be read", cure)]) from None


_CURES = {
    "InsufficientPrivilege": "Ask for the right to read (SELECT) this table.",
    "UndefinedTable": "Correct the name after '#', with its schema.",
    "CatalogException": "Correct the name after '#'.",
    "QueryCanceled": "It took longer than the server allows: ask for more time, or for a smaller table.",
    "AdminShutdown": "The server stopped: run it again, nothing was changed.",
    "OperationalError": "The connection was lost: run it again, nothing was changed.",
    "OutOfMemoryException": "Give it more memory or room on disk.",
}


def quoted_table(name: str) -> str:
    """A table's name, with its schema before a point, quoted.

    Examples
    --------
    >>> quoted_table("social.panel"), quoted_table('x"; DROP')
    ('"social"."panel"', '"x""; DROP"')
    """
    return ".".join(quoted(part) for part in name.split("."))
