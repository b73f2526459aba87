"""What several areas can learn from one another: the same plans, laid side by side, without a ranking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.result import ResultTable
from hubeval.theory.contribution import CLAIM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hubeval.theory.change import Indicator
    from hubeval.theory.plan import TheoryPlan

SCHEMA = "hubeval-learning/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningReport:
    """What is shared across areas and what is one area's own.

    Parameters
    ----------
    areas : tuple of str
    standing : ResultTable
        Route, status and date of the next assessment of each area.
    methods : ResultTable
        Which method fits where.
    tables : tuple of ResultTable
        Outcomes, mechanisms, evidence by strength, gaps, foundations and questions, each by area.
    shared : tuple of str
        What holds in more than one area, in words.
    """

    areas: tuple[str, ...]
    standing: ResultTable
    methods: ResultTable
    tables: tuple[ResultTable, ...]
    shared: tuple[str, ...]
    illustrative: bool
    limits: tuple[str, ...] = (
        CLAIM,
        "Areas are laid side by side, not ranked: they began at different times with different aims.",
    )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"schema": SCHEMA, **files.plain(self)}


def learn_across(plans: Sequence[TheoryPlan]) -> LearningReport:
    """Lay the plans of several areas side by side.

    Parameters
    ----------
    plans : sequence of TheoryPlan
        Two or more, each of another area.

    Raises
    ------
    BadInput
        Fewer than two plans, or one area twice.
    """
    areas = tuple(plan.area for plan in plans)
    if len(areas) < 2 or len(set(areas)) < len(areas):
        raise BadInput(
            [
                Problem(
                    "plans",
                    f"found {', '.join(areas) or 'none'}",
                    "two or more areas, each once",
                    "Give one plan for each area.",
                )
            ]
        )
    return LearningReport(
        areas=areas,
        standing=_standing(plans),
        methods=_methods(plans),
        tables=tuple(
            table
            for table in (
                _outcomes(plans),
                _claims(plans),
                _mechanisms(plans),
                _gaps(plans),
                _steps(plans),
                _questions(plans),
            )
            if table.rows
        ),
        shared=_shared(plans),
        illustrative=any(plan.illustrative for plan in plans),
    )


def _standing(plans: Sequence[TheoryPlan]) -> ResultTable:
    return ResultTable(
        name="standing",
        caption="Where each area stands",
        columns=("area", "route", "status", "assess again by"),
        rows=tuple((p.area, p.route, p.status, p.recheck.isoformat()) for p in plans),
    )


def _methods(plans: Sequence[TheoryPlan]) -> ResultTable:
    names = sorted({choice.method for plan in plans for choice in plan.methods})
    fits = {(plan.area, choice.method): choice.fits for plan in plans for choice in plan.methods}
    return ResultTable(
        name="methods",
        caption="Which method fits where",
        columns=("method", *(plan.area for plan in plans)),
        rows=tuple((name, *(fits.get((plan.area, name), "") for plan in plans)) for name in names),
    )


def _outcomes(plans: Sequence[TheoryPlan]) -> ResultTable:
    rows = []
    for plan in plans:
        for node in plan.theory.nodes if plan.theory else ():
            if node.layer in {"outcome", "impact"}:
                measures = [i for i in plan.theory.indicators if i.node == node.id] if plan.theory else []
                rows.append(
                    (
                        plan.area,
                        node.label,
                        "; ".join(i.label for i in measures),
                        "; ".join(i.source for i in measures),
                        _standing_of(node.illustrative, measures),
                    )
                )
    return ResultTable(
        name="outcomes",
        caption="Outcomes hoped for, and how they are measured",
        columns=("area", "outcome", "indicators", "sources", "standing"),
        rows=tuple(rows),
    )


def _standing_of(illustrative: bool, measures: Sequence[Indicator]) -> str:  # noqa: FBT001 - one of two words
    """What of an outcome and its indicators no source says."""
    if illustrative:
        return "illustrative"
    if not measures:
        return "no indicator yet"
    return "indicators illustrative" if all(i.illustrative for i in measures) else ""


def _claims(plans: Sequence[TheoryPlan]) -> ResultTable:
    order = ("strong", "moderate", "weak", "none")
    return ResultTable(
        name="claims",
        caption="How many steps of each theory rest on what evidence",
        columns=("area", *order),
        rows=tuple((p.area, *(sum(c.strength == s for c in p.claims) for s in order)) for p in plans if p.claims),
    )


def _mechanisms(plans: Sequence[TheoryPlan]) -> ResultTable:
    return ResultTable(
        name="mechanisms",
        caption="Mechanisms by area",
        columns=("area", "context", "mechanism", "outcome", "standing"),
        rows=tuple(
            (
                plan.area,
                m.context,
                f"{m.resource}, so {m.for_whom or 'people'}: {m.reasoning}",
                m.outcome,
                "illustrative" if m.illustrative else "from sources",
            )
            for plan in plans
            for m in (plan.theory.mechanisms if plan.theory else ())
        ),
    )


def _by_area(
    plans: Sequence[TheoryPlan],
    items: Callable[[TheoryPlan], Iterable[str]],
) -> tuple[tuple[str, str, int], ...]:
    """Each item with the areas it is found in, the most shared first."""
    found: dict[str, list[str]] = {}
    for plan in plans:
        for item in dict.fromkeys(items(plan)):
            found.setdefault(item, []).append(plan.area)
    rows = [(item, ", ".join(areas), len(areas)) for item, areas in found.items()]
    return tuple(sorted(rows, key=lambda row: -row[2]))


def _gaps(plans: Sequence[TheoryPlan]) -> ResultTable:
    return ResultTable(
        name="gaps",
        caption="Gaps in the theories, the most shared first",
        columns=("kind of gap", "areas", "how many areas"),
        rows=_by_area(plans, lambda plan: (gap.kind for gap in plan.gaps)),
    )


def _steps(plans: Sequence[TheoryPlan]) -> ResultTable:
    return ResultTable(
        name="foundations",
        caption="Foundations to lay, the most shared first",
        columns=("step", "areas", "how many areas"),
        rows=_by_area(plans, lambda plan: (step.action for step in plan.foundations)),
    )


def _questions(plans: Sequence[TheoryPlan]) -> ResultTable:
    return ResultTable(
        name="questions",
        caption="Questions of the Action Learning sets",
        columns=("question", "areas", "how many areas"),
        rows=_by_area(plans, lambda plan: (entry.question for entry in (plan.theory.learning if plan.theory else ()))),
    )


def _shared(plans: Sequence[TheoryPlan]) -> tuple[str, ...]:
    """What more than one area has in common, in words."""
    lines = []
    now = _by_area(plans, lambda plan: (choice.method for choice in plan.methods if choice.fits == "use now"))
    lines += [f"{method} fits {areas} now." for method, areas, count in now if count > 1]
    everywhere = [step for step, _, count in _steps(plans).rows if count == len(plans)]
    if everywhere:
        lines.append(f"{len(everywhere)} foundations are wanting in every area; agreeing them once would serve all.")
    return tuple(lines)
