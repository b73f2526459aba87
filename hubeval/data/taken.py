"""Data as a verb is given them: read into memory, or asked for sums where they are; and bound to the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.data.backends import Elsewhere, elsewhere
from hubeval.data.bind import bind
from hubeval.data.source import read_source
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.source import Source
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol


def taken(protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere | None = None) -> tuple[Source, Table]:
    """The source and the bound table of `data`, by default of what the protocol names.

    Raises
    ------
    BadInput
        Nothing is named, or the data cannot be used with this protocol.
    """
    there = elsewhere(protocol, data)
    if there is not None:
        from hubeval.data.backends.summed import asked  # noqa: PLC0415 - most data are read into memory

        return asked(protocol, there)
    assert not isinstance(data, Elsewhere)
    source = read_source(data if data is not None else _file(protocol), sheet=protocol.data.sheet)
    return source, bind(protocol, source)


def file_beside(protocol: Protocol, name: str, argument: str) -> Path:
    """A file that a protocol names, in its folder.

    Raises
    ------
    BadInput
        It is not there.
    """
    path = Path(protocol.folder) / name
    if not path.is_file():
        cure = f"Put it there, or name it in the protocol: {argument} = '…'."
        raise BadInput([Problem(argument, f"no file {path}", "beside the protocol", cure)])
    return path


def _file(protocol: Protocol) -> Path:
    if not protocol.data.file:
        raise BadInput([Problem("data", "none given", "a file or a frame", "Add --data FILE, or [data] file = '…'.")])
    return file_beside(protocol, protocol.data.file, "data.file")
