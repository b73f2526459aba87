"""A table that stays where it is: opened in the embedded DuckDB, asked for sums, never read into memory."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Door, MissingExtra, Problem, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip


@contextmanager
def opened(source: Any, *, memory: str = "400MB") -> Iterator[Any]:
    """A DuckDB connection whose view `given` is the table.

    Parameters
    ----------
    source : path to a Parquet or CSV file, or to a folder of files of one of these kinds; DataFrame or Arrow table
    memory : str
        What DuckDB may use before it goes to disk.

    Raises
    ------
    MissingExtra
        duckdb is not installed (extra ``large``).
    BadInput
        Nothing there, a folder of both kinds, a file that DuckDB cannot read, or one that changed while it was read.

    Examples
    --------
    >>> import pandas as pd
    >>> with opened(pd.DataFrame({"a": [1, 2]})) as engine:
    ...     engine.execute("SELECT sum(a) FROM given").fetchall()[0][0] == 3
    True
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra("a panel from grouped sums", "duckdb", "large") from None
    files = _files(source) if isinstance(source, str | Path) else []
    before = _state(files)
    engine = duckdb.connect(config={"memory_limit": memory, "preserve_insertion_order": "false"})
    try:
        if files:
            paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
            reader = _READERS.get(files[0].suffix.lower(), "read_csv")
            engine.execute(f"CREATE VIEW given AS SELECT * FROM {reader}([{paths}])")  # noqa: S608 - quoted paths
        else:
            engine.register("given", source)
        yield engine
    except duckdb.Error as error:  # its words can hold cells, so only its kind is passed on
        _require_unchanged(before, _state(files))
        found = f"DuckDB could not read it ({type(error).__name__})"
        cure = "Check that it is whole, that a column is of one kind throughout, and that memory is enough."
        raise BadInput([Problem("source", found, "a readable table", cure)]) from None
    finally:
        engine.close()
    _require_unchanged(before, _state(files))


def require_numbers(engine: Any, columns: Mapping[str, str], text: tuple[str, ...] = ()) -> None:
    """Refuse columns (by argument) that are not there, or hold what is no number; those in `text` may.

    Raises
    ------
    BadInput
        Each column named, with how many of its cells are no numbers; never a cell.
    """
    door = Door()
    kinds = {row[0]: str(row[1]) for row in engine.execute("DESCRIBE given").fetchall()}
    for argument, column in columns.items():
        if column not in kinds:
            door.refuse(argument, f"no column {column!r}", f"columns: {listed(list(kinds))}",
                        did_you_mean(column, list(kinds)))  # fmt: skip
        elif argument not in text and not kinds[column].startswith(_NUMBERS):
            wrong = _no_numbers(engine, column, kinds[column])
            if wrong:
                door.refuse(argument, f"column {column!r} holds {wrong}", "numbers", "Correct or convert it first.")
    door.close()


def quoted(name: str) -> str:
    """A column's name as SQL writes it, so that nothing in it is a command.

    Examples
    --------
    >>> quoted('y"; DROP TABLE x; --')
    '"y""; DROP TABLE x; --"'
    """
    return '"' + name.replace('"', '""') + '"'


def _no_numbers(engine: Any, column: str, kind: str) -> str:
    if kind != "VARCHAR":
        return "" if kind == '"NULL"' else f"cells of type {kind}"
    name = quoted(column)
    asked = f"SELECT count(*) FROM given WHERE {name} IS NOT NULL AND try_cast({name} AS DOUBLE) IS NULL"  # noqa: S608
    count = engine.execute(asked).fetchall()[0][0]
    return f"{count} cells that are no numbers" if count else ""


def _files(source: str | Path) -> list[Path]:
    """The file, or the files of a folder in order of name."""
    where = Path(source)
    found = sorted(p for p in where.iterdir() if p.suffix.lower() in _READERS) if where.is_dir() else [where]
    allowed = "a Parquet or CSV file, or a folder of one kind"
    if not where.exists():
        raise BadInput([Problem("source", f"no file {where}", allowed, "Correct the path.")])
    if not found or not all(p.is_file() for p in found):
        raise BadInput([Problem("source", f"{where.name} holds no such table", allowed, "Correct the path.")])
    if len({p.suffix.lower() for p in found}) > 1:
        raise BadInput([Problem("source", f"{where.name} holds both kinds", allowed, "Keep one kind in it.")])
    return found


def _state(files: list[Path]) -> list[tuple[int, int, int] | None]:
    """What tells that a file was written again: its size, when, and which file it is."""
    return [(s.st_size, s.st_mtime_ns, s.st_ino) if p.exists() and (s := p.stat()) else None for p in files]


def _require_unchanged(before: list[Any], after: list[Any]) -> None:
    if before != after:
        found = "a file changed while it was read"
        raise BadInput([Problem("source", found, "a table that stands still", "Run it again on a copy.")])
