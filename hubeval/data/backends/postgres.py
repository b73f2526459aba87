"""PostgreSQL: one snapshot, read only; its password is in the environment or the user's own file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hubeval.data.backends.engines import WAIT, Engine, kind_of, plainly, quoted_table, whole_of
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.data.backends.named import Elsewhere


@contextmanager
def opened(there: Elsewhere) -> Iterator[Engine]:
    """The engine with the table, in one snapshot that nobody's writing changes."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra("a table in PostgreSQL", "psycopg", "postgres") from None
    with plainly("PostgreSQL", (psycopg.Error,)):
        if there.connection is not None:
            if there.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                found = "the connection is inside a transaction"
                raise BadInput([Problem("data", found, "one that is idle", "Commit it first, or open another.")])
            with _snapshot(there.connection):
                yield _engine(there.connection, there.table)
            return
        address, _, table = there.source.partition("#")
        if not table:
            raise BadInput([Problem("data.source", "no table is named", "postgresql://host/database#schema.table",
                                    "Name it after '#'.")])
        own = _connected(psycopg, address)
        try:
            with _snapshot(own):
                yield _engine(own, table)
        finally:
            own.close()


def _connected(psycopg: Any, address: str) -> Any:
    try:
        return psycopg.connect(address, connect_timeout=WAIT, autocommit=True)
    except psycopg.Error:
        found = "PostgreSQL could not be reached, or did not let us in"
        cure = "Is the server up, the host right, and the password in PGPASSWORD or .pgpass?"
        raise BadInput([Problem("data.source", found, "a server that answers", cure)]) from None


@contextmanager
def _snapshot(connection: Any) -> Iterator[None]:
    """One state of the database for every question, and nothing written."""
    own = connection.autocommit
    connection.autocommit = True
    try:
        connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
    finally:
        if not connection.broken:
            connection.execute("ROLLBACK")
            connection.autocommit = own


def _engine(connection: Any, table: str) -> Engine:
    def run(sql: str, most: int) -> list[tuple[Any, ...]]:
        return list(connection.execute(sql).fetchmany(most))

    with connection.cursor() as asked:
        asked.execute(f"SELECT * FROM {quoted_table(table)} LIMIT 0")
        written = {column.name: column.type_display for column in asked.description}
    kinds = {name: kind_of(kind) for name, kind in written.items()}
    return Engine(name="PostgreSQL", dialect="postgres", table=quoted_table(table), run=run,
                  state=lambda: "one snapshot", columns=kinds, whole=whole_of(written))
