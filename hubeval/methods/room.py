"""How the spine meets a method: each room declares its capabilities as a table and answers a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from hubeval.errors import BadInput, Problem, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.engine.specifications import Permuted
    from hubeval.protocol import Protocol as Declared
    from hubeval.result import Answer, Diagnostic, Estimate, NotComputed

    Progress = Callable[[str], None]

# design kind -> the module whose ROOM answers it; imported only when that kind is asked for
ROOMS: dict[str, str] = {
    "did": "hubeval.methods.did.room",
    "synth": "hubeval.methods.synth.room",
    "its": "hubeval.methods.its.room",
    "matching": "hubeval.methods.matching.room",
    "rdd": "hubeval.methods.rdd.room",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One line of a room's capability table: an estimator, what it takes, and what it can claim.

    `options` are the design's keys that this estimator reads beyond the ones every estimator of the
    room reads; asking for another that is not at its default is refused, not ignored.
    """

    estimator: str
    label: str
    estimand: str
    options: frozenset[str] = frozenset()
    inference: tuple[str, ...] = ()
    reference: str = ""


class Answering(Protocol):
    """What a room does: estimates on one bound table, reporting its progress."""

    def __call__(self, protocol: Declared, table: Table, progress: Progress) -> Answer:
        """Answer `protocol` on `table`."""
        ...


class Detecting(Protocol):
    """How often a protocol's own headline would find an effect in data like these: `answer`'s estimator and test."""

    def __call__(self, protocol: Declared, table: Table, *, draws: int, seed: int) -> Detection:
        """Power of `protocol` on `table`, from so many data sets drawn with `seed`; of the headline's 95% interval."""
        ...


class CrossChecking(Protocol):
    """The headline once more, by a library that others keep."""

    def __call__(self, protocol: Declared, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
        """Whether such a library finds `shown`, the first headline term of `answer`; or why none can."""
        ...


class Asking(Protocol):
    """What the data themselves can be asked with the room's own estimator, before any effect is looked at."""

    def __call__(self, protocol: Declared, table: Table) -> tuple[Diagnostic, ...]:
        """Readings of `table`; none of them of an effect on an outcome."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A method's door: its kind, its capability table, the function that answers, and the one that says how often.

    Where the room has them: `cross_check` estimates the headline again with a library that others keep; `ask` reads
    the data before any effect, for `hubeval check`; `accepts` refuses a protocol whose options it does
    not offer, before any data; `head` is the primary outcome's headline alone, as `answer` gives it; `permuted` is that
    number under permuted assignments.
    """

    kind: str
    capabilities: Mapping[str, Capability]
    answer: Answering
    detect: Detecting
    cross_check: CrossChecking | None = None
    ask: Asking | None = None
    accepts: Callable[[Declared], None] | None = None
    head: Callable[[Declared, Table], Estimate] | None = None
    permuted: Callable[[Declared, Table], Permuted | NotComputed] | None = None


def room_for(kind: str) -> Room:
    """The room that answers designs of `kind`.

    Raises
    ------
    BadInput
        No estimator of that kind is built yet.
    """
    if kind not in ROOMS:
        raise BadInput(
            [
                Problem(
                    "design.kind",
                    f"{kind!r} has no estimator in this version",
                    f"built: {listed(ROOMS)}",
                    "Choose one of those, or plan with 'hubeval plan'.",
                )
            ]
        )
    room: Room = import_module(ROOMS[kind]).ROOM
    return room
