"""The one door to numba: hot loops are compiled where it is installed and run as plain NumPy where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

try:
    from numba import njit
except ImportError:  # hubeval[fast] is an extra
    njit = None

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., object]")

COMPILED = njit is not None


def compiled(function: Function, plain: Callable[..., object] | None = None) -> Function:
    """`function` compiled by numba (cached on disk, no fast-math); without numba `plain`, or `function` itself.

    Without fast-math the order of every sum is the one written, so the bits do not depend on
    the number of threads.

    Examples
    --------
    >>> compiled(lambda x: x + 1)(1)
    2
    """
    if njit is None:
        return plain or function  # type: ignore[return-value]
    return njit(cache=True)(function)  # type: ignore[no-any-return]
