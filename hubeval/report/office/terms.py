"""Draft terms of reference as a Word document, from an area's readiness."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from hubeval.readiness.terms import terms_sections
from hubeval.report.office.word import Paper

if TYPE_CHECKING:
    from hubeval.readiness import Readiness
    from hubeval.report.office.template import Template


def terms_docx(readiness: Readiness, template: Template | None = None) -> bytes:
    """The terms with their sections as headings, to be edited; gaps that the sources leave stand in square brackets."""
    title = f"Terms of reference (draft): evaluation of {readiness.area}"
    paper = Paper(title, "Terms of reference", datetime.combine(readiness.assessed, time.min), template)
    paper.title(title)
    if readiness.profile.illustrative:
        paper.text("An illustrative example: its facts are invented.")
    for heading, lines in terms_sections(readiness):
        paper.heading(heading)
        paper.bullets(lines)
    return paper.bytes()
