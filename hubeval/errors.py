"""What can go wrong, as a tree that a caller can catch at the height that suits.

HubevalError
 ├── BadInput       something given is unusable; every problem at once, each with its cure
 ├── NotReady       the readiness gate does not open this design for this area
 └── MissingExtra   an optional dependency is needed and absent
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


_LONGEST = 600  # characters of one part of a message: enough for any list of columns, too few for a file
_MOST_SHOWN = 50  # problems: a wrong file has one mistake a thousand times
# what a terminal or a page would act on instead of showing: controls, turns of direction, halves of characters
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""Text in which nothing acts on a terminal: controls, turns of direction and half characters are spelled out.

    Line ends and tabs are left. What is spelled out is spelled as JSON does, so that JSON stays the same value.

    Examples
    --------
    >>> print(visible("a\x1b[31mred"), visible("two\nlines") == "two\nlines")
    a\u001b[31mred True
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str, longest: int = _LONGEST) -> str:
    r"""Text as one visible line, cut where it is too long to read.

    Examples
    --------
    >>> print(one_line("two\nlines"), one_line("x" * 100, longest=9))
    two\nlines xxxx…xxxx
    """
    half = (longest - 1) // 2
    short = text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"
    return visible(short.replace("\n", "\\n").replace("\t", "\\t"))


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
        argument, found, allowed = map(one_line, (self.argument, self.found, self.allowed))
        cure = f" {visible(self.cure[: 4 * _LONGEST])}" if self.cure else ""  # may hold lines to copy
        return f"{argument}: {found}{f' ({allowed})' if allowed else ''}.{cure}"


class BadInput(HubevalError):  # noqa: N818 - reads as the answer it is
    """What was given cannot be used. Holds every problem found; of more than 50, `more` counts the rest.

    Examples
    --------
    >>> error = BadInput([Problem("conf_level", "found 95", "a number between 0 and 1", "Write 0.95.")])
    >>> print(error)
    conf_level: found 95 (a number between 0 and 1). Write 0.95.
    """

    def __init__(self, problems: Iterable[Problem], more: int = 0) -> None:
        found = tuple(problems)
        self.problems = found[:_MOST_SHOWN]
        self.more = more + len(found) - len(self.problems)
        rest = [f"And {self.more:,} more problem(s) like these. Mend the first ones first."] if self.more else []
        super().__init__("\n".join([*map(str, self.problems), *rest]))


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

    def unknown(self, given: Iterable[str], known: Iterable[str], at: Callable[[str], str]) -> None:
        """Refuse keys that nobody reads: a slip must not be silently ignored. `at` says where a key stands."""
        allowed = dict.fromkeys(known)
        words = f"allowed here: {listed(allowed, 20)}"
        for number, key in enumerate(key for key in given if key not in allowed):
            shown = number < _MOST_SHOWN  # beyond, they are only counted
            cure = did_you_mean(key, allowed) if shown else ""
            self.refuse(at(key) if shown else key, "is not a key hubeval reads", words, cure)

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
