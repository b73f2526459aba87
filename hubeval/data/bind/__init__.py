"""A protocol meets its data: every column checked, every problem reported together, every dropped row counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.bind.binding import Binding
from hubeval.data.bind.names import check_names
from hubeval.data.bind.panel import panel
from hubeval.data.bind.records import records
from hubeval.data.calendar import check_country
from hubeval.data.columns import Columns
from hubeval.data.measured import check_measures
from hubeval.data.names import quiet, secret_names
from hubeval.data.programme import refuse_programme
from hubeval.data.source import read_source
from hubeval.errors import Door
from hubeval.protocol import RECORDS, Protocol
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hubeval.data.source import Source
    from hubeval.data.table import Table


def bind(protocol: Protocol, data: str | Path | pd.DataFrame | Source) -> Table:
    """Read `data`, check it against the protocol and return the one table that a method is given.

    Nothing is filled in. Cells that hold a declared missing mark become missing and are counted;
    other text in a number column is refused. Periods that a caution says to drop are dropped here.

    Raises
    ------
    BadInput
        Every problem found, each with its cure.
    """
    source = read_source(data, sheet=protocol.data.sheet)
    with quiet(lambda: secret_names(protocol, source.frame)):
        return _bound(protocol, source)


def _bound(protocol: Protocol, source: Source) -> Table:
    """The table of a source that was read; its refusals may name whom they speak of, and go no further than `bind`."""
    door = Door()
    columns = Columns(source.frame, door, protocol.data.missing_marks, source.decimal_comma)
    binding = Binding(protocol, source, columns, door)
    check_names(binding)
    check_measures(protocol, door)
    refuse_programme(protocol, door)
    if elsewhere := check_country(protocol.country, door):
        binding.notes.append(NotComputed(what="Calendar of shocks and changes of measure", reason=elsewhere))
    door.close()
    table = panel(binding) if not isinstance(protocol.design, RECORDS) else records(binding)
    door.close()
    return table
