"""What long work is doing, on standard error: a bar written over on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 10.0  # seconds of silence before a plain line is said, and between two of them
SHOWN = 1.0  # seconds between two drawings of the bar
WIDE = 20  # marks of a whole bar


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
    steps : tuple of str
        How the stages of the work begin, in their order, so that what is done and what remains can be told.

    Examples
    --------
    >>> said = []
    >>> with Stages(write=said.append, live=True) as stages:
    ...     stages.say("Reading the data")
    >>> said[0].endswith("Reading the data … (0 s)")
    True
    >>> with Stages(write=said.append, live=True, steps=("Reading", "Fitting", "Writing", "Drawing")) as stages:
    ...     stages.say("Fitting the model")
    >>> said[2].partition("[K")[2]
    '[#####...............] 2 of 4: Fitting the model … (0 s), then writing, drawing'
    """

    write: Callable[[str], None]
    live: bool
    every: float = FIRST
    steps: tuple[str, ...] = ()
    _at: int = 0
    _stage: str = "Working"
    _began: float = field(default_factory=time.monotonic)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def say(self, stage: str) -> None:
        """Enter a stage."""
        self._stage = stage
        ahead = range(self._at, len(self.steps))
        self._at = next((i for i in ahead if stage.casefold().startswith(self.steps[i].casefold())), self._at)
        if self.live:
            self.write(f"\r\033[K{self._line()}")

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
        while not self._over.wait(min(SHOWN, self.every) if self.live else self.every):
            self.write(f"\r\033[K{self._line()}" if self.live else f"{self._line()}\n")

    def _line(self) -> str:
        """The stage and its seconds; on a terminal after a bar of the steps done, and before those that remain."""
        line = f"{self._stage} … ({time.monotonic() - self._began:.0f} s)"
        if not self.steps:
            return line
        count, left = len(self.steps), self.steps[self._at + 1 :]
        where = f"{self._at + 1} of {count}: {line}"
        if not self.live:
            return f"{where}; {len(left)} more" if left else where
        done = WIDE * self._at // count
        then = f", then {', '.join(step.lower() for step in left[:2])}" if left else ""
        return f"[{'#' * done}{'.' * (WIDE - done)}] {where}{then}"
