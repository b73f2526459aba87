"""What one page says of a theory plan: what to do now, what to find out, what to build for later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.report.brief.page import Brief, Section, set_page

if TYPE_CHECKING:
    from datetime import date

    from hubeval.theory.plan import TheoryPlan

_SHOWN = 3


def plan_brief(plan: TheoryPlan) -> str:
    """``brief.html`` of a theory plan."""
    now = [m for m in plan.methods if m.fits == "use now"] or list(plan.methods)
    foundations = [
        (s.action, s.who or "to be agreed", _day(s.due) if s.due else "to be agreed") for s in plan.foundations
    ]
    sections = [
        Section(title="What to do now", columns=("Method", "The question it answers"),
                rows=tuple((m.method, m.answers) for m in now[:_SHOWN])),
        Section(title="Questions to ask first", columns=("Question", "Who can answer"),
                rows=tuple((f.question, f.who) for f in plan.find_out[:_SHOWN])),
        Section(title="What to put in place for a later study", columns=("Step", "Who", "By"),
                rows=tuple(foundations[:4])),
        Section(title="What this plan does not show", lines=plan.limits[:2]),
        Section(title="When to look again", text=f"By {_day(plan.recheck)}."),
    ]  # fmt: skip
    return set_page(Brief(
        kicker=f"One page for those who decide · {plan.area} · assessed {plan.assessed}",
        title=f"What {plan.area} can evaluate now, and what to build for later",
        notice="Parts of this plan are illustrative: examples that no source says." if plan.illustrative else "",
        answer=f"{plan.standing[:1].upper()}{plan.standing[1:]}",
        sections=tuple(s for s in sections if s.rows or s.lines or s.text),
        more="The whole plan is plan.html. Made by hubeval.",
    ))  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
