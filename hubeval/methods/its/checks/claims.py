"""Which side of no change an estimate claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubeval.result import Estimate


def claims(one: Estimate) -> int:
    """-1 or 1 when the interval lies on one side of zero, else 0."""
    if one.conf_low is None or one.conf_high is None:
        return 0
    return int(one.conf_low > 0) - int(one.conf_high < 0)
