"""The registered analysis plan as a Word document; it is drawn from the protocol, in which there are no data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hubeval.report.office.word import Paper

if TYPE_CHECKING:
    from hubeval.registry.plan import AnalysisPlan
    from hubeval.report.office.template import Template


def plan_docx(plan: AnalysisPlan, template: Template | None = None) -> bytes:
    """The plan with its sections as headings; the same bytes for the same plan; in the styles of `template`."""
    dated = datetime.fromisoformat(plan.dated)
    paper = Paper(f"Analysis plan: {plan.area}", "Statistical analysis plan", dated, template)
    paper.text(f"Statistical analysis plan · {plan.area} · {plan.dated}")
    paper.title(plan.question)
    for section in plan.sections:
        paper.heading(section.title)
        if len(section.lines) == 1:
            paper.text(section.lines[0])
        else:
            paper.bullets(section.lines)
    return paper.bytes()
