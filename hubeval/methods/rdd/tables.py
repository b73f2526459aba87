"""The attempts as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.measure import table_of_changes
from hubeval.result import ResultTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.rdd.checks.attempts import Tried

_COLUMNS = ("what", "bandwidth", "n, treated side", "n, other side", "estimate", "conf_low", "conf_high", "p_value")


def attempts(name: str, caption: str, tried: Sequence[Tried], unit: str = "") -> ResultTable:
    """Each attempt a row: what was done otherwise, on how many, and what came out."""
    table = ResultTable(
        name=name, caption=caption, columns=_COLUMNS,
        rows=tuple((t.label, t.h, *t.n, t.estimate, t.low, t.high, t.p_value) for t in tried),
        holds=("label", "model", "count", "count", "effect", "effect", "effect", "model"),
        n=tuple(min(t.n) for t in tried))
    return table_of_changes(table, unit, ("estimate", "conf_low", "conf_high")) if unit else table
