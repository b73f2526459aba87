"""Everything a reader sees, drawn from the canonical result and from nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubeval.report.html import render_html, write_html
    from hubeval.report.outputs import write_outputs
    from hubeval.report.portfolio import write_portfolio

__all__ = ["render_html", "write_html", "write_outputs", "write_portfolio"]

# imported when first used: pages without figures must not wait for the drawing library
_HOMES = {
    "render_html": "hubeval.report.html",
    "write_html": "hubeval.report.html",
    "write_outputs": "hubeval.report.outputs",
    "write_portfolio": "hubeval.report.portfolio",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hubeval.report' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
