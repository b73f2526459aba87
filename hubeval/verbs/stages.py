"""What long work is doing, on standard error: one line written over on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 10.0  # seconds of silence before a plain line is said, and between two of them


@dataclass(slots=True)
class Stages:
    """The stage that work is in, told through `write`; quick work says nothing where it cannot be written over.

    Parameters
    ----------
    write : callable
        Writes text on standard error, as it is.
    live : bool
        Whether what was written can be written over.
    every : float
        Seconds between plain lines.

    Examples
    --------
    >>> said = []
    >>> with Stages(write=said.append, live=True) as stages:
    ...     stages.say("Reading the data")
    >>> said[0].endswith("Reading the data …")
    True
    """

    write: Callable[[str], None]
    live: bool
    every: float = FIRST
    _stage: str = "Working"
    _began: float = field(default_factory=time.monotonic)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def say(self, stage: str) -> None:
        """Enter a stage."""
        self._stage = stage
        if self.live:
            self.write(f"\r\033[K{stage} …")

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        if self.live:
            self.write("\r\033[K")

    def _tell(self) -> None:
        while not self._over.wait(self.every):
            line = f"{self._stage} … ({time.monotonic() - self._began:.0f} s)"
            self.write(f"\r\033[K{line}" if self.live else f"{line}\n")
