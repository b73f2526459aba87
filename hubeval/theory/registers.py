"""Three registers that theory-based methods keep: mechanisms, harvested outcomes, and what was learnt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - the reader needs it at run time
from typing import Literal

from hubeval.result import Diagnostic, ResultTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """A realist line: in this context, this mechanism brings this outcome, for these people.

    `resource` is what the hub offers; `reasoning` is how people respond to it. A mechanism without the
    second is an activity (Pawson and Tilley 1997; Dalkin et al. 2015).

    Examples
    --------
    >>> Mechanism(context="rural", resource="outreach", reasoning="trust", outcome="visits", for_whom="new parents"
    ...           ).sentence
    'In rural, outreach leads new parents to trust, and so to visits.'
    """

    context: str
    resource: str
    reasoning: str
    outcome: str
    for_whom: str = ""
    link: str = ""
    supported_by: tuple[str, ...] = ()
    contradicted_by: tuple[str, ...] = ()
    illustrative: bool = False

    @property
    def sentence(self) -> str:
        """The line in words."""
        who = self.for_whom or "people"
        return f"In {self.context}, {self.resource} leads {who} to {self.reasoning}, and so to {self.outcome}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A harvested outcome: who changed what, where and when; why it matters; how the hub contributed.

    `substantiated_by` names people who know and are independent of the hub; without one the statement
    stays a claim (Wilson-Grau and Britt 2012).
    """

    changed: str
    when: str
    significance: str
    contribution: str
    expected: bool = True
    negative: bool = False
    source: str = ""
    substantiated_by: str = ""
    substantiation: Literal["agreed", "partly agreed", "disagreed", "not asked"] = "not asked"
    link: str = ""
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """One turn of an Action Learning set: the question, what was tried, what was learnt, what was decided."""

    dated: date
    question: str
    action: str = ""
    learning: str = ""
    decision: str = ""
    owner: str = ""
    review: date | None = None
    illustrative: bool = False


def mechanisms_table(mechanisms: tuple[Mechanism, ...]) -> ResultTable:
    """The realist register as a table; lines with nothing for or against are marked as conjecture."""
    return ResultTable(
        name="mechanisms",
        caption="Context, mechanism, outcome",
        columns=(
            "context",
            "resource",
            "reasoning",
            "outcome",
            "for whom",
            "supported by",
            "contradicted by",
            "standing",
        ),
        rows=tuple(
            (
                m.context,
                m.resource,
                m.reasoning,
                m.outcome,
                m.for_whom,
                "; ".join(m.supported_by),
                "; ".join(m.contradicted_by),
                _standing(m),
            )
            for m in mechanisms
        ),
    )


def _standing(mechanism: Mechanism) -> str:
    if mechanism.supported_by and mechanism.contradicted_by:
        return "contested: refine the context"
    if mechanism.contradicted_by:
        return "contradicted"
    return "supported" if mechanism.supported_by else "conjecture: no evidence yet"


def harvest_table(harvest: tuple[Statement, ...]) -> ResultTable:
    """Harvested outcomes as a table."""
    return ResultTable(
        name="harvest",
        caption="Outcomes harvested",
        columns=("who changed what", "when", "why it matters", "the hub's contribution", "expected", "substantiation"),
        rows=tuple(
            (
                s.changed,
                s.when,
                s.significance,
                s.contribution,
                f"{'expected' if s.expected else 'unexpected'}{', negative' if s.negative else ''}",
                f"{s.substantiation}{f' ({s.substantiated_by})' if s.substantiated_by else ''}",
            )
            for s in harvest
        ),
    )


def harvest_check(harvest: tuple[Statement, ...]) -> Diagnostic:
    """How many statements someone independent has confirmed, and whether only good news was gathered.

    Examples
    --------
    >>> harvest_check(()).status
    'information'
    """
    confirmed = sum(s.substantiation == "agreed" and bool(s.substantiated_by) for s in harvest)
    bad = sum(s.negative for s in harvest)
    if not harvest:
        return Diagnostic(
            name="substantiation",
            question="Are harvested outcomes confirmed?",
            status="information",
            reading="No outcomes have been harvested.",
        )
    only_good = "" if bad else " None of them is negative: ask what went wrong too."
    return Diagnostic(
        name="substantiation",
        question="Are harvested outcomes confirmed by someone independent?",
        statistic=confirmed / len(harvest),
        threshold="most of them",
        status="pass" if confirmed * 2 > len(harvest) and bad else "caution",
        reading=f"{confirmed} of {len(harvest)} statements are agreed by a named independent person.{only_good}",
    )


def learning_table(learning: tuple[Learning, ...]) -> ResultTable:
    """The Action Learning log as a table, in order of date."""
    return ResultTable(
        name="learning",
        caption="Action Learning log",
        columns=("date", "question", "action", "learning", "decision", "owner", "review"),
        rows=tuple(
            (
                e.dated.isoformat(),
                e.question,
                e.action,
                e.learning,
                e.decision,
                e.owner,
                e.review.isoformat() if e.review else "",
            )
            for e in sorted(learning, key=lambda e: e.dated)
        ),
    )


def open_questions(learning: tuple[Learning, ...], today: date) -> tuple[str, ...]:
    """Questions with no decision, and reviews that are due, each as one line.

    Examples
    --------
    >>> asked = Learning(dated=date(2026, 1, 5), question="Why do fathers not come?", review=date(2026, 3, 1))
    >>> open_questions((asked,), date(2026, 4, 1))
    ('Why do fathers not come? (asked 2026-01-05; no decision yet; review was due 2026-03-01)',)
    """
    lines = []
    for entry in learning:
        parts = [f"asked {entry.dated}"]
        if not entry.decision:
            parts.append("no decision yet")
        if entry.review and entry.review <= today:
            parts.append(f"review was due {entry.review}")
        if len(parts) > 1:
            lines.append(f"{entry.question} ({'; '.join(parts)})")
    return tuple(lines)
