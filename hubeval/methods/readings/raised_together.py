"""Several tests of one design: raised only where it is more than so many tests raise by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Diagnostic, NotComputed

LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A reading and the p-value of the test that raises it.

    Attributes
    ----------
    check : Diagnostic or NotComputed or None
    p_value : float or None
        Of the test; None where it was not made.
    """

    check: Diagnostic | NotComputed | None
    p_value: float | None


def raised_together(tests: Sequence[Member]) -> tuple[Diagnostic | NotComputed | None, ...]:
    """The readings in the order given, those lowered to information that so many tests raise by chance.

    Each test is held to 5% by itself, so five of them raise something in a fifth of sound studies. Their p-values are
    adjusted for each other (Hommel), so that where nothing is wrong any is raised in 5%. It holds for tests that tend
    to err together, as those of one and the same earlier periods do; two or more that agree need not be as clear as
    one alone. What is raised for another reason than its test (p above 5%) stays as it is.

    Parameters
    ----------
    tests : sequence of Member

    References
    ----------
    Hommel, G. (1988). A stagewise rejective multiple test procedure based on a modified Bonferroni test. Biometrika 75,
    383-386.

    Examples
    --------
    >>> from hubeval.methods.readings.question import Question
    >>> asked = Question(name="pre-trend", asked="Did the groups move alike?")
    >>> raised, quiet = asked.answered("caution", "They did not."), asked.answered("pass", "They did.")
    >>> [one.status for one in raised_together([Member(check=raised, p_value=0.04), Member(check=quiet, p_value=0.6)])]
    ['information', 'pass']
    >>> [one.status for one in raised_together([Member(check=raised, p_value=0.04)] * 2)]
    ['caution', 'caution']
    """
    made = [one.p_value for one in tests if one.p_value is not None]
    if not made:
        return tuple(one.check for one in tests)
    together = iter(hommel(made))
    found = [None if one.p_value is None else next(together) for one in tests]
    return tuple(_lowered(one, p, len(made)) for one, p in zip(tests, found, strict=True))


def hommel(p_values: Sequence[float]) -> tuple[float, ...]:
    """Hommel's adjusted p-values of a few tests, in the order given: by closed testing with Simes' test.

    statsmodels has them too, but importing it would tell of a library that made no estimate.

    Examples
    --------
    >>> [round(p, 3) for p in hommel((0.01, 0.04, 0.04))]
    [0.03, 0.04, 0.04]
    """
    found = list(p_values)
    for size in range(2, len(found) + 1):
        for some in combinations(range(len(found)), size):
            ranked = sorted(p_values[i] for i in some)
            simes = min(size * p / place for place, p in enumerate(ranked, 1))
            for i in some:
                found[i] = max(found[i], simes)
    return tuple(found)


def _lowered(one: Member, together: float | None, n: int) -> Diagnostic | NotComputed | None:
    """One reading, with what its number is worth among the others."""
    check = one.check
    status = getattr(check, "status", "")
    if check is None or status not in {"caution", "fail"} or one.p_value is None or one.p_value > LEVEL:
        return check
    assert together is not None
    if together <= LEVEL:
        return check
    said = (f" By itself that would be raised; among {counted(n, 'test')} of this design (p {together:.2f} when all "
            "are counted) it is no more than chance raises, so it is told and not held against the number.")
    return replace(check, status="information", reading=check.reading + said)  # type: ignore[arg-type,union-attr]
