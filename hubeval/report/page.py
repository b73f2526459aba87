"""The templates of every page, with autoescape on."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hubeval.report.numbers import heading, minus, shown


def environment() -> Environment:
    """Templates with autoescape on and missing names refused."""
    made = Environment(
        loader=PackageLoader("hubeval.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_set,
    )
    made.filters["shown"] = shown
    made.filters["heading"] = heading
    return made


def _set(value: Any) -> Any:
    """Plain text as it is set on a page; markup is left alone."""
    return minus(value) if type(value) is str else value
