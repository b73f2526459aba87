"""The templates of every page, with autoescape on."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """Templates with autoescape on and missing names refused."""
    return Environment(
        loader=PackageLoader("hubeval.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
