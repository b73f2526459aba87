"""What can go wrong, as a tree that a caller can catch at the height that suits.

HubevalError
 ├── BadInput       something given is unusable; every problem at once, each with its cure
 ├── NotReady       the readiness gate does not open this design for this area
 └── MissingExtra   an optional dependency is needed and absent
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class HubevalError(Exception):
    """The base of every error that hubeval raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was given, in the order a reader needs it.

    Parameters
    ----------
    argument : str
        The argument, column, key or file that is wrong, as the user wrote it.
    found : str
        What was found there. Never a row's values: data are on children.
    allowed : str
        What is allowed.
    cure : str
        The next thing to do.

    Examples
    --------
    >>> print(Problem("outcome", "no column 'refferals'", "columns: la, quarter, referrals",
    ...               "Did you mean 'referrals'?"))
    outcome: no column 'refferals' (columns: la, quarter, referrals). Did you mean 'referrals'?
    """

    argument: str
    found: str
    allowed: str = ""
    cure: str = ""

    def __str__(self) -> str:
        allowed = f" ({self.allowed})" if self.allowed else ""
        cure = f" {self.cure}" if self.cure else ""
        return f"{self.argument}: {self.found}{allowed}.{cure}"


class BadInput(HubevalError):  # noqa: N818 - reads as the answer it is
    """What was given cannot be used. Holds every problem found, not just the first.

    Examples
    --------
    >>> error = BadInput([Problem("conf_level", "found 95", "a number between 0 and 1", "Write 0.95.")])
    >>> print(error)
    conf_level: found 95 (a number between 0 and 1). Write 0.95.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class NotReady(HubevalError):  # noqa: N818
    """The gate is shut: the readiness on file does not open the design asked for.

    Parameters
    ----------
    message : str
        One line: the area, the route, and why.
    reasons : sequence of str
        One line per finding that stands in the way.
    """

    def __init__(self, message: str, reasons: Sequence[str] = ()) -> None:
        self.message = message
        self.reasons = tuple(reasons)
        super().__init__("\n".join([message, *(f"  - {reason}" for reason in self.reasons)]))


class MissingExtra(HubevalError):  # noqa: N818
    """An optional dependency is needed for what was asked."""

    def __init__(self, needed_for: str, package: str, extra: str) -> None:
        super().__init__(f"{needed_for} needs {package}. Install it with: pip install 'hubeval[{extra}]'")


@dataclass(slots=True)
class Door:
    """Collects problems while input is checked, and raises them all together on `close`.

    Examples
    --------
    >>> door = Door()
    >>> door.refuse("registered", "2027-01-01 is in the future", "a date up to today", "Correct it.")
    >>> door.close()
    Traceback (most recent call last):
    ...
    hubeval.errors.BadInput: registered: 2027-01-01 is in the future (a date up to today). Correct it.
    """

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, argument: str, found: str, allowed: str = "", cure: str = "") -> None:
        """Note one problem and go on looking for others."""
        self.problems.append(Problem(argument, found, allowed, cure))

    def choice(self, argument: str, value: object, allowed: Sequence[str]) -> None:
        """Refuse `value` unless it is one of the `allowed` words."""
        if value not in allowed:
            self.refuse(argument, f"found {value!r}", f"allowed: {listed(allowed)}", did_you_mean(str(value), allowed))

    def close(self) -> None:
        """Raise `BadInput` if anything was refused."""
        if self.problems:
            raise BadInput(self.problems)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A hint that names the nearest of `names`, or nothing where none is near.

    Examples
    --------
    >>> did_you_mean("refferals", ["referrals", "la"])
    "Did you mean 'referrals'?"
    """
    known = {candidate.lower(): candidate for candidate in names}
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f"Did you mean {known[near[0]]!r}?" if near else ""


def listed(names: Iterable[object], limit: int = 8) -> str:
    """Names in a row, the long tail counted rather than shown.

    Examples
    --------
    >>> listed(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    items = [str(name) for name in names]
    if len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} and {len(items) - limit} more"
