"""DuckDB, embedded: Parquet and CSV larger than memory, folders of files, databases, and connections that are held."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.data.backends.engines import Engine, kind_of, plainly, quoted_table, whole_of
from hubeval.errors import BadInput, MissingExtra, Problem, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.data.backends.named import Elsewhere

MEMORY = "400MB"  # what DuckDB may use before it goes to disk
_READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv"}
_STORES = (".duckdb", ".db", ".ddb")


@contextmanager
def opened(there: Elsewhere) -> Iterator[Engine]:
    """The engine with the table, and one snapshot of it where it is a database's."""
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra("a table that stays where it is", "duckdb", "large") from None
    with plainly("DuckDB", (duckdb.Error,)):
        if there.connection is not None:
            own = there.connection.cursor()
            yield from _held(own, there.table)
            return
        path, _, table = there.source.removeprefix("duckdb:").partition("#")
        paths = _named(Path(there.folder), path)
        if paths[0].suffix.lower() in _STORES:
            yield from _stored(duckdb, paths[0], table)
        else:
            yield from _files(duckdb, paths, Path(there.folder) / path, table)


def _held(own: Any, table: str) -> Iterator[Engine]:
    """One snapshot, on a cursor of its own, of a database that somebody holds."""
    own.execute("BEGIN TRANSACTION")
    try:
        yield _engine(own, quoted_table(table), lambda: "one snapshot")
    finally:
        own.execute("ROLLBACK")
        own.close()


def _stored(duckdb: Any, path: Path, table: str) -> Iterator[Engine]:
    if not table:
        raise BadInput([Problem("data.source", f"{path.name} is a database, and no table is named", "…#table",
                                "Name it after '#'.")])
    own = duckdb.connect(str(path), read_only=True, config={"memory_limit": MEMORY})
    try:
        yield from _held(own, table)
    finally:
        own.close()


def _files(duckdb: Any, paths: list[Path], where: Path, table: str) -> Iterator[Engine]:
    if table:
        raise BadInput([Problem("data.source", f"names a table {table!r}, and files hold one each", "no '#'",
                                "Leave it out.")])
    own = duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": "false"})
    try:
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        reader = _READERS[paths[0].suffix.lower()]
        # text as it stands: no engine guesses whether 01/04/2019 is in April
        more = ", all_varchar=true, header=true, nullstr=''" if reader == "read_csv" else ", union_by_name=true"
        own.execute(f"CREATE VIEW given AS SELECT * FROM {reader}([{names}]{more})")
        yield _engine(own, '"given"', lambda: _state(_listed(where)))
    finally:
        own.close()


def _engine(own: Any, table: str, state: Any) -> Engine:
    def run(sql: str, most: int) -> list[tuple[Any, ...]]:
        return list(own.execute(sql).fetchmany(most))

    written = {str(row[0]): str(row[1]) for row in run(f"DESCRIBE {table}", 10_000)}
    kinds = {name: kind_of(kind) for name, kind in written.items()}
    return Engine(name="DuckDB", dialect="duckdb", table=table, run=run, state=state, columns=kinds,
                  whole=whole_of(written))


def _named(folder: Path, text: str) -> list[Path]:
    """The files that a path, a pattern or a folder names, in order."""
    allowed = "Parquet or CSV files of one kind, or a DuckDB database"
    if not text.strip():  # else every table that lies beside the protocol would be the one table
        raise BadInput([Problem("data.source", "no file is named after 'duckdb:'", allowed, "Name it.")])
    found = _listed(folder / text)
    if not found:
        raise BadInput([Problem("data", f"no file is named like {text}", allowed, "Correct the path.")])
    for path in found:
        files.regular(path, "data", most=files.MOST_DATA)
        _require_readable(path)
    if empty := [path.name for path in found if not path.stat().st_size]:  # DuckDB would pass over them in silence
        raise BadInput([Problem("data", f"{listed(empty)} holds nothing", allowed, "Export it again, or remove it.")])
    kinds = {p.suffix.lower() for p in found}
    if len(kinds) > 1 or not kinds <= {*_READERS, *_STORES}:
        raise BadInput([Problem("data", f"{text} names files ending in {', '.join(sorted(kinds))}", allowed,
                                "Keep one kind.")])
    return found


def _listed(where: Path) -> list[Path]:
    if where.is_dir():
        return sorted(p for p in where.iterdir() if p.suffix.lower() in _READERS)
    return sorted(where.parent.glob(where.name)) if set(where.name) & set("*?") else [where]


def _require_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise BadInput([Problem("data", f"{path} cannot be read: {files.reason(error)}")]) from None


def _state(paths: list[Path]) -> list[tuple[int, int, int] | None]:
    """What tells that a file was written again, or that there are others: size, when, and which file it is."""
    return [(s.st_size, s.st_mtime_ns, s.st_ino) if p.exists() and (s := p.stat()) else None for p in paths]
