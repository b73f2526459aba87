"""Numbers of a result as a table shows them: the same digits as in its sentences (`hubeval.wording`)."""

from __future__ import annotations

from typing import Any

from hubeval.wording import brief, minus

__all__ = ["heading", "minus", "shown", "shown_p"]

# columns of tables as a reader should see them; the files keep the names that programs read
_HEADINGS = {
    "conf_low": "interval from", "conf_high": "interval to", "p_value": "p", "std_error": "standard error",
    "smallest_p": "smallest p possible", "pre_rmspe": "gap before (RMSPE)", "post_rmspe": "gap after (RMSPE)",
    "mean_gap": "mean gap after", "ks_after": "Kolmogorov-Smirnov distance after",
    "smd_before": "standardised difference before", "smd_after": "standardised difference after",
}  # fmt: skip


def heading(column: str) -> str:
    """The name of a table's column in words.

    Examples
    --------
    >>> heading("conf_low"), heading("left_out"), heading("n, treated side")
    ('interval from', 'left out', 'n, treated side')
    """
    return _HEADINGS.get(column, column.replace("_", " "))


def shown(value: Any) -> str:
    """A value as a reader should see it: three significant digits, a true minus sign, whole numbers whole.

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
        return minus(f"{int(value):,}")
    if 0 < abs(value) < 1e-4:
        return "<0.0001" if value > 0 else "−<0.0001"
    return brief(value)


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
