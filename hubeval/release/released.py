"""What has passed the gate: the only thing that a writer may be handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
_SEAL = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One thing that the gate decided.

    Parameters
    ----------
    output : str
        Which figure, table, estimate, check or words.
    action : {"shown", "rounded", "withheld", "merged", "reworded"}
    rule : str
        The rule that decided, in words.
    support : int or None
        How many stand behind it, where that may itself be said: the threshold or more.
    """

    output: str
    action: str
    rule: str
    support: int | None = None


class Released(Generic[T]):
    """A result, plan or portfolio that has passed the gate. Only `hubeval.release.gate` can make one.

    Attributes
    ----------
    content : what may be written or printed
    log : tuple of Decision

    Examples
    --------
    >>> Released({"area": "Essex"}, ())
    Traceback (most recent call last):
    ...
    TypeError: only the release gate makes a Released: call hubeval.release.release(result)
    """

    __slots__ = ("content", "log")

    def __init__(self, content: T, log: tuple[Decision, ...], *, seal: object = None) -> None:
        if seal is not _SEAL:
            raise TypeError("only the release gate makes a Released: call hubeval.release.release(result)")
        self.content = content
        self.log = log


def passed(released: Released[T], what: str = "a writer") -> T:
    """The content of what has passed the gate; anything else is refused.

    Examples
    --------
    >>> passed({"area": "Essex"})
    Traceback (most recent call last):
    ...
    TypeError: a writer takes what hubeval.release.release returned, not a dict
    """
    if not isinstance(released, Released):
        raise TypeError(f"{what} takes what hubeval.release.release returned, not a {type(released).__name__}")
    return released.content
