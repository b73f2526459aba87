"""A fault of hubeval's own in one line: what to report, and never what the data held."""

from __future__ import annotations

import platform
import traceback
from pathlib import Path

import hubeval

_ROOT = Path(hubeval.__file__).parent
_REPORT = "Please report this line to those you have hubeval from"


def fault(error: Exception) -> str:
    """One line on an exception that nobody foresaw. Its own words are left out: they may hold a row's values.

    Examples
    --------
    >>> fault(MemoryError())
    'There is not enough memory for this: use fewer rows, columns or draws, or a larger machine.'
    >>> fault(KeyError("Alice"))[:60]
    'hubeval itself failed, not your file: KeyError at no line of'
    """
    if isinstance(error, MemoryError):
        return "There is not enough memory for this: use fewer rows, columns or draws, or a larger machine."
    return (
        f"hubeval itself failed, not your file: {type(error).__name__} at {_place(error)} "
        f"(hubeval {hubeval.__version__}, Python {platform.python_version()}). {_REPORT}: it holds none of your data."
    )


def _place(error: Exception) -> str:
    """The innermost line of ours on the way to the fault."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_ROOT)]
    if not ours:
        return "no line of hubeval"
    return f"{Path(ours[-1].filename).relative_to(_ROOT.parent).as_posix()}:{ours[-1].lineno}"
