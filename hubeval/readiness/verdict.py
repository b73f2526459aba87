"""The logic: from ranges of levels to a route and the state of each design, in three values, with no score.

Two questions, two answers: which family of methods (route gates), and which designs (design gates).
Kleene's logic throughout: a gate passes if the lowest level reaches it, fails if the highest does not,
and is otherwise unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hubeval.readiness.evidence import level_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.profile import Route
    from hubeval.readiness.evidence import Span
    from hubeval.readiness.rubric import DesignRule, Rubric

Status = Literal["ready", "provisional", "foundations", "undecided"]
Reading = Literal[
    "designs open", "confirm the unknowns", "foundations first", "no credible counterfactual", "designs closed",
    "evaluability work first", "not enough evidence",
]  # fmt: skip
DesignState = Literal["open", "closed", "not enough evidence"]

READINGS: dict[str, str] = {
    "designs open": "A quasi-experiment is feasible now.",
    "confirm the unknowns": "A quasi-experiment could be the right route. Confirm what is unknown before money is "
                            "committed.",
    "foundations first": "Use theory-based methods now, and lay the foundations for a later quasi-experiment.",
    "no credible counterfactual": "The service is mature enough, but no design has a credible comparison. "
                                  "Use theory-based methods, and create a comparison.",
    "designs closed": "The service is mature enough, but every design is closed. Use theory-based methods, and build "
                      "what closes them.",
    "evaluability work first": "Even theory-based methods lack what they need. Do evaluability work first.",
    "not enough evidence": "There is not enough evidence to say. Find out first; meanwhile do evaluability work "
                           "with theory-based methods.",
}  # fmt: skip

# Criteria that say whether there is anything to set the area beside: a comparison, a known way in, an undisturbed past.
COUNTERFACTUAL = ("CA1", "CA2", "ST3")


def reaches(span: Span, level: int) -> bool | None:
    """Whether a range of levels reaches a gate: True, False, or None for unknown.

    Examples
    --------
    >>> reaches((3, 4), 3), reaches((1, 2), 3), reaches((2, 4), 3)
    (True, False, None)
    """
    if span[0] >= level:
        return True
    return False if span[1] < level else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignStatus:
    """Whether one design is open to this area.

    Parameters
    ----------
    design : str
    status : {"open", "closed", "not enough evidence"}
    closed_by : tuple of str
        Criteria known to fail a gate of this design.
    wanting : tuple of str
        Criteria not known well enough to tell.
    offered : bool
        Whether it is worth pursuing: regression discontinuity only once a cut-off has been reported,
        synthetic control and synthetic difference-in-differences only once a donor pool has.
    """

    design: str
    status: DesignState
    closed_by: tuple[str, ...]
    wanting: tuple[str, ...]
    offered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Route, status, the finer reading of it, the route gates behind it, and the designs, strongest first.

    `known` counts the criteria on which the evidence rules out at least one level.
    """

    route: Route
    status: Status
    reading: Reading
    failing: tuple[str, ...]
    unknown: tuple[str, ...]
    designs: tuple[DesignStatus, ...]
    known: int


def decide(rubric: Rubric, levels: Mapping[str, Span], *, access: bool | None = None) -> Verdict:
    """The verdict that a range of levels on each criterion supports.

    Parameters
    ----------
    rubric : Rubric
    levels : mapping of str to (low, high)
        One range for each of the 25 criteria; (1, 4) where nothing is known.
    access : bool or None
        Whether an evaluator can reach the people and documents that theory-based methods need.

    Examples
    --------
    >>> from hubeval.profile import CRITERIA
    >>> from hubeval.readiness.rubric import load_rubric
    >>> decide(load_rubric(), dict.fromkeys(CRITERIA, (1, 4))).route
    'not enough evidence'
    """
    designs = tuple(_design(rule, levels) for rule in rubric.designs)
    gates = [(item.id, reaches(levels[item.id], item.route or 1), item.must_be_known) for item in rubric.route_gates]
    failing = tuple(name for name, passed, _ in gates if passed is False)
    unknown = tuple(name for name, passed, _ in gates if passed is None)
    must = [name for name, passed, known in gates if known and passed is None]
    reading: Reading
    answer: tuple[Route, Status, Reading]
    if failing:
        answer = ("theory-based", "foundations", "foundations first")
    elif must:
        answer = ("not enough evidence", "undecided", "not enough evidence")
    elif any(design.status == "open" for design in designs):
        answer = ("quasi-experimental", "ready", "designs open")
    elif all(design.status == "closed" for design in designs):
        answer = ("theory-based", "foundations", _closed(designs))
    else:
        answer = ("quasi-experimental", "provisional", "confirm the unknowns")
    route, status, reading = answer
    if route == "theory-based" and not _theory_possible(rubric, levels, access=access):
        reading = "evaluability work first"
    known = sum(levels[item.id] != (1, 4) for item in rubric.criteria)
    return Verdict(
        route=route, status=status, reading=reading, failing=failing, unknown=unknown, designs=designs, known=known
    )


def closers(designs: tuple[DesignStatus, ...]) -> tuple[str, ...]:
    """The criteria that close every design by themselves; where none does, all that close any.

    Examples
    --------
    >>> told = dict(status="closed", wanting=(), offered=True)
    >>> closers((DesignStatus(design="DiD", closed_by=("CA1", "DS4"), **told),
    ...          DesignStatus(design="ITS", closed_by=("DS4",), **told)))
    ('DS4',)
    """
    named = tuple(dict.fromkeys(name for design in designs for name in design.closed_by))
    return tuple(name for name in named if all(name in design.closed_by for design in designs)) or named


def told(rubric: Rubric, verdict: Verdict) -> tuple[str, ...]:
    """The reading in words, with what it rests on: the page of the form says the same sentences.

    Examples
    --------
    >>> from hubeval.profile import CRITERIA
    >>> from hubeval.readiness.rubric import load_rubric
    >>> rubric = load_rubric()
    >>> levels = {**dict.fromkeys(CRITERIA, (1, 4)), "IM1": (3, 4)}
    >>> told(rubric, decide(rubric, levels))[1]
    'Something is known of 1 of 25 criteria.'
    """
    lines = [READINGS[verdict.reading]]
    if verdict.reading == "designs closed":
        lines.append(f"What closes them: {', '.join(rubric[name].label for name in closers(verdict.designs))}.")
    if verdict.reading == "confirm the unknowns":
        lines.append(f"Something is known of {verdict.known} of {len(rubric.criteria)} criteria.")
    return tuple(lines)


def _closed(designs: tuple[DesignStatus, ...]) -> Reading:
    """A comparison is what is missing only where something about the comparison closes every single design."""
    for_want_of_it = all(set(design.closed_by) & set(COUNTERFACTUAL) for design in designs)
    return "no credible counterfactual" if for_want_of_it else "designs closed"


def _design(rule: DesignRule, levels: Mapping[str, Span]) -> DesignStatus:
    closed_by, wanting = [], []
    for name, level in rule.gates:
        passed = reaches(level_for(levels, name, rule.id), level)
        if passed is None:
            wanting.append(name)
        elif not passed:
            closed_by.append(name)
    status: DesignState = "closed" if closed_by else "not enough evidence" if wanting else "open"
    offered = status == "open" or all(levels[name][0] >= level for name, level in rule.offered_when.items())
    return DesignStatus(
        design=rule.id, status=status, closed_by=tuple(closed_by), wanting=tuple(wanting), offered=offered
    )


def _theory_possible(rubric: Rubric, levels: Mapping[str, Span], *, access: bool | None) -> bool:
    """Not known to lack a stated aim or access: the least that theory-based methods need."""
    return access is not False and all(
        reaches(levels[name], level) is not False for name, level in rubric.theory_needs.items()
    )
