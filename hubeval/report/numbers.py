"""Numbers as a reader should see them."""

from __future__ import annotations

import re
from typing import Any


def shown(value: Any) -> str:
    """A number as a reader should see it: three significant digits or so, a true minus sign, whole numbers whole.

    Examples
    --------
    >>> shown(-5.30769), shown(1234567), shown(28.0), shown(0.00034), shown(0.00002), shown(None)
    ('−5.31', '1,234,567', '28', '0.00034', '<0.0001', '—')
    """
    if value is None:
        return "—"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}".replace("-", "−")
    if 0 < abs(value) < 1e-4:
        return "<0.0001" if value > 0 else "−<0.0001"
    size = abs(value)
    text = (
        f"{value:,.0f}"
        if size >= 1000
        else f"{value:.2g}"
        if size < 0.01
        else f"{value:.3f}"
        if size < 1
        else f"{value:.2f}"
        if size < 100
        else f"{value:.1f}"
    )
    return text.replace("-", "−")


def shown_p(value: float | None) -> str:
    """A p-value as a reader should see it: three decimals, and never 0.000.

    Examples
    --------
    >>> shown_p(0.0312), shown_p(2e-7), shown_p(None)
    ('0.031', '<0.001', '—')
    """
    if value is None:
        return "—"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def minus(text: str) -> str:
    """Words with a true minus sign before their numbers, as in the tables beside them.

    Examples
    --------
    >>> minus("from -18.1 to -15.4, 2019-12")
    'from −18.1 to −15.4, 2019-12'
    """
    return re.sub(r"(?<![\w-])-(?=[\d.])", "−", text)
