"""The one door to numba: hot loops are compiled where it is installed and run as plain NumPy where it is not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

njit: Any = None
with suppress(ImportError):  # hubeval[fast] is an extra
    from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., object]")

COMPILED = njit is not None


def compiled(function: Function, plain: Callable[..., object] | None = None) -> Function:
    """`function` compiled by numba (cached on disk, no fast-math); without numba `plain`, or `function` itself.

    Without fast-math the order of every sum is the one written, so the bits do not depend on
    the number of threads.

    Parameters
    ----------
    function : callable
        In the part of Python that numba compiles.
    plain : callable, optional
        A vectorised equivalent for where numba is absent.
    """
    if njit is None:
        return cast("Function", plain or function)
    try:
        return cast("Function", njit(cache=True)(function))
    except RuntimeError:  # nowhere to keep the cache: a read-only installation
        return cast("Function", njit(function))
