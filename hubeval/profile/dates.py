"""The days that a date, a month or a year alone can mean."""

from __future__ import annotations

import re
from datetime import date


def days(text: str) -> tuple[date, date]:
    """First and last day that an ISO date, month or year can mean."""
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        raise ValueError(text)
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(after.toordinal() - 1)
    return date(year, 1, 1), date(year, 12, 31)
