"""Where a table is: a folder of files, a database, a server, or a connection that the user holds."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem
from hubeval.protocol.declared import ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.data.backends.engines import Engine
    from hubeval.protocol import Protocol


_MODULES = {  # each imported only when it is asked, as its package is an extra
    "duckdb": "hubeval.data.backends.duck",
    "postgresql": "hubeval.data.backends.postgres",
    "spark": "hubeval.data.backends.spark",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A table that stays where it is.

    Parameters
    ----------
    source : str
        ``"duckdb:folder/*.parquet"``, ``"duckdb:store.duckdb#table"``, ``"postgresql://host/database#schema.table"``
        or ``"spark://host:port#table"``; empty where a connection is held.
    connection : optional
        An open DuckDB or psycopg connection, or a Spark session, that the user holds; it is not closed.
    table : str
        The table in it.
    folder : str
        Where relative paths begin.

    Examples
    --------
    >>> Elsewhere(source="duckdb:records/*.parquet").said
    'duckdb:records/*.parquet'
    """

    source: str = ""
    connection: Any = None
    table: str = ""
    folder: str = ""

    @property
    def said(self) -> str:
        """What it is called in a result: no host's password can be in it."""
        return self.source or f"{self.table} in a connection that is held"

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """The engine with the table, closed again unless it is held.

        Raises
        ------
        BadInput
            No such file, table or server, or no right to read it: one line.
        MissingExtra
            The engine's package is not installed.
        """
        with import_module(_MODULES[_engine_of(self)]).opened(self) as engine:
            yield engine


def elsewhere(protocol: Protocol, data: Any = None) -> Elsewhere | None:
    """The table that stays where it is, if `data` or else the protocol names one; None where data are to be read.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.protocol import DidDesign, Outcome, Protocol
    >>> one = Protocol(area="A", question="?", registered=date(2026, 1, 1), design=DidDesign(time="t", start="s"),
    ...     outcomes=(Outcome(column="y", label="Y", unit="%"),))
    >>> elsewhere(one, "records/*.parquet").said, elsewhere(one, "records.csv")
    ('duckdb:records/*.parquet', None)
    """
    if isinstance(data, Elsewhere):
        return data
    if isinstance(data, (str, Path)):
        return _from_text(str(data), "")
    if data is not None:
        return None
    if protocol.data.source:
        return _from_text(protocol.data.source, protocol.folder)
    return _from_text(protocol.data.file, protocol.folder) if protocol.data.file else None


def _from_text(text: str, folder: str) -> Elsewhere | None:
    """A source by its first word; files with ``*`` in their name, and folders, are DuckDB's."""
    if text.startswith(ENGINES):
        return Elsewhere(source=text, folder=folder)
    if re.search(r"[*?]", Path(text).name) or (text and (Path(folder) / text).is_dir()):
        return Elsewhere(source=f"duckdb:{text}", folder=folder)
    return None


def _engine_of(there: Elsewhere) -> str:
    if there.connection is None:
        name = there.source.partition(":")[0]
        return "postgresql" if name == "postgres" else name
    module = type(there.connection).__module__.partition(".")[0].strip("_")
    known = {"duckdb": "duckdb", "psycopg": "postgresql", "pyspark": "spark"}
    if module not in known:
        found = f"a connection of {module!r}"
        raise BadInput([Problem("data", found, "one of duckdb, psycopg or pyspark", "Open one of these.")])
    if not there.table:
        raise BadInput([Problem("data", "no table is named", "table = '…'", "Name the table in the connection.")])
    return known[module]
