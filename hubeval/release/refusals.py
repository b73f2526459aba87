"""What a refusal says of records on persons: no count of a few, and others as they may be shown, in one place."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.errors import BadInput
from hubeval.protocol import RECORDS
from hubeval.release.profiles import default_profile, rulebook_of
from hubeval.release.rounding import shown_count
from hubeval.release.words import HASHES, counts_in, counts_said, numbers_said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.errors import Problem
    from hubeval.protocol import Protocol
    from hubeval.release.profiles import ReleaseProfile

_PARTS = (
    "value(s)", "values", "id(s)", "ids", "repeated ids", "of those named", "starts", "date(s)",
    "clusters", "cluster(s)", "line(s)",
)  # fmt: skip


def of_persons(protocol: Protocol) -> bool:
    """Whether what is counted are persons: said so, or records matched one by one of which nobody said.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.protocol import MatchingDesign, Outcome
    >>> from hubeval.protocol import Protocol as Declared
    >>> of_persons(Declared(area="A", question="?", registered=date(2026, 1, 1), outcomes=(),
    ...                     design=MatchingDesign(unit="id", treated="t", covariates=("x",))))
    True
    """
    said = protocol.data.units
    return said in {"person", "family"} or (said is None and isinstance(protocol.design, RECORDS))


@contextmanager
def refusals(protocol: Protocol) -> Iterator[None]:
    """Let refusals of a protocol's records out as they may be said.

    Raises
    ------
    BadInput
        The one that was raised within, in the words that may leave.
    """
    try:
        yield
    except BadInput as error:
        if not of_persons(protocol):
            raise
        raise _as_may_be(error, rulebook_of(protocol, protocol.data.units or "")) from None


@contextmanager
def refusals_of_persons() -> Iterator[None]:
    """Let refusals of a sheet of persons' records out as the strictest rules allow: no protocol names others.

    Raises
    ------
    BadInput
        The one that was raised within, in the words that may leave.

    Examples
    --------
    >>> from hubeval.errors import Problem
    >>> with refusals_of_persons():
    ...     raise BadInput([Problem("unit", "3 row(s) are blank", "an id in every row", "Fill them in.")])
    Traceback (most recent call last):
    ...
    hubeval.errors.BadInput: unit: fewer than 10 row(s) are blank (an id in every row). Fill them in.
    """
    try:
        yield
    except BadInput as error:
        raise _as_may_be(error, default_profile("person")) from None


def _as_may_be(error: BadInput, rules: ReleaseProfile) -> BadInput:
    """The refusal in the words that its rules allow."""
    return error if rules.open else BadInput([_said(one, rules) for one in error.problems], error.more)


def _said(problem: Problem, rules: ReleaseProfile) -> Problem:
    """One problem: what was found counts persons; what is allowed, and the cure, do not."""
    return replace(problem, found=counts_as_they_may_be(problem.found, rules))


def counts_as_they_may_be(text: str, rules: ReleaseProfile) -> str:
    """A sentence whose counts of persons, of their values and of their ids may leave.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> counts_as_they_may_be("3 record(s) with 2 value(s) lie within it on one side", release_profile("ons"))
    'fewer than 10 record(s) with fewer than 10 value(s) lie within it on one side'
    >>> counts_as_they_may_be("12 of 403 records have none, first in data row 17", release_profile("nhs"))
    '10 of 405 records have none, first in data row 17'
    """
    from hubeval.release.counts import settled  # noqa: PLC0415 - scipy: words alone do without

    shown = settled(counts_in(text), rules)

    def show(n: int) -> int | None:
        return shown[n] if n in shown else shown_count(n, rules)

    text = counts_said(HASHES.sub("", text), show, rules.threshold)
    for noun in _PARTS:
        text = numbers_said(text, noun, show, rules.threshold)
    return text
