"""Coded extracts as values: some words under a theme, and what was left out on the way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Some words that a coder put under a theme.

    Parameters
    ----------
    case : str
        The interview, site or family.
    theme, extract : str
    group : str
        What cases belong to: the local authority.
    source, coder : str
    unit : str
        What was coded, so that two coders' codes of the same thing can be put side by side.
    """

    case: str
    theme: str
    extract: str
    group: str = ""
    source: str = ""
    coder: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Extracts as read, and how many codings were left out and why: none is dropped in silence."""

    extracts: tuple[Extract, ...]
    left_out: int = 0
    note: str = ""
