"""Spark through Spark Connect: a session that the user holds, or a server whose token is in the environment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hubeval.data.backends.engines import Engine, kind_of, plainly, quoted_table, translated, whole_of
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.data.backends.named import Elsewhere


@contextmanager
def opened(there: Elsewhere) -> Iterator[Engine]:
    """The engine with the table. Spark keeps no snapshot: what both scans sum up is compared instead."""
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise MissingExtra("a table in Spark", "pyspark-client", "spark") from None
    with plainly("Spark", (PySparkException,)):
        if there.connection is not None:
            yield _engine(there.connection, there.table)
            return
        address, _, table = there.source.partition("#")
        if not table:
            raise BadInput([Problem("data.source", "no table is named", "spark://host:port#table",
                                    "Name it after '#'.")])
        session = SparkSession.builder.remote(address.replace("spark://", "sc://", 1)).getOrCreate()
        try:
            yield _engine(session, table)
        finally:
            session.stop()


def _engine(session: Any, table: str) -> Engine:
    name = translated(f"SELECT * FROM {quoted_table(table)}", "spark")  # quoted

    def run(sql: str, most: int) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.sql(sql).limit(most).collect()]

    written = {field.name: field.dataType.simpleString() for field in session.sql(name).schema.fields}
    kinds = {column: kind_of(kind) for column, kind in written.items()}
    return Engine(name="Spark", dialect="spark", table=quoted_table(table), run=run, state=lambda: "compared",
                  columns=kinds, whole=whole_of(written))
