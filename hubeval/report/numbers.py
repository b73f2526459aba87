"""Numbers as a reader should see them."""

from __future__ import annotations

from typing import Any


def shown(value: Any) -> str:
    """A number as a reader should see it: three significant digits or so, a true minus sign, whole numbers whole.

    Examples
    --------
    >>> shown(-5.30769), shown(1234567), shown(0.00002), shown(None)
    ('−5.31', '1,234,567', '<0.0001', '—')
    """
    if value is None:
        return "—"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if 0 < abs(value) < 1e-4:
        return "<0.0001" if value > 0 else "−<0.0001"
    size = abs(value)
    text = (
        f"{value:,.0f}"
        if size >= 1000
        else f"{value:.3f}"
        if size < 1
        else f"{value:.2f}"
        if size < 100
        else f"{value:.1f}"
    )
    return text.replace("-", "−")
