"""The theory plan: what an area does now instead of, or beside, a quasi-experiment, and how it gets to one."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.profile import read_profile
from hubeval.readiness import assess
from hubeval.shown import Shown
from hubeval.theory.analyses import Analysis, analyse
from hubeval.theory.checks import Gap, check_theory
from hubeval.theory.choice import Choice, choose
from hubeval.theory.coding import framework_matrix, read_extracts
from hubeval.theory.contribution import CLAIM, Claim, claims, story
from hubeval.theory.foundations import foundations_for
from hubeval.theory.read import is_theory, parse_theory, read_theory
from hubeval.theory.registers import open_questions

if TYPE_CHECKING:
    from hubeval.readiness import Readiness
    from hubeval.readiness.model import Build, FindOut
    from hubeval.result import ResultTable
    from hubeval.theory.change import Theory
    from hubeval.theory.later import Foundation

SCHEMA = "hubeval-plan/1"
_BESIDE = "This is the mixed-method part that goes with it: how and why the hub works, which no estimate says."
LIMITS = (
    CLAIM,
    "Whatever changes in the area's figures, this plan cannot say what would have happened without the hub.",
    "Lead times, and which method fits, are the judgement of this toolkit's authors.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TheoryPlan(Shown):
    """What an area does now, what it finds out, what it builds, and when it is looked at again.

    Parameters
    ----------
    area, route, status : str
        As assessed.
    standing : str
        One sentence: what this plan is for in this area.
    because : tuple of str
        The reasons of the assessment.
    methods : tuple of Choice
        Theory-based methods with reasons, those to use now first.
    find_out : tuple of FindOut
        Unknown: to ask or look up. Not weaknesses.
    build : tuple of Build
        Known to be lacking.
    foundations : tuple of Foundation
        Dated steps to a later quasi-experiment: the area's own, and those its readiness leaves to take.
    recheck : date
    recheck_when : str
    theory : Theory or None
    gaps, claims, story, open_questions
        What is missing from the theory, its claims weighed, and what the learning log leaves open.
    analyses : tuple of Analysis
        What the theory file asks to be analysed: charts, accounts traced, sites compared.
    tables : tuple of ResultTable
        Further tables kept with the plan: a framework matrix, a truth table, an evidence table.
    limits : tuple of str
    """

    area: str
    route: str
    status: str
    standing: str
    because: tuple[str, ...]
    methods: tuple[Choice, ...]
    find_out: tuple[FindOut, ...]
    build: tuple[Build, ...]
    foundations: tuple[Foundation, ...]
    recheck: date
    recheck_when: str
    theory: Theory | None
    gaps: tuple[Gap, ...]
    claims: tuple[Claim, ...]
    story: str
    open_questions: tuple[str, ...]
    analyses: tuple[Analysis, ...]
    tables: tuple[ResultTable, ...]
    illustrative: bool
    assessed: date
    rubric_version: str
    limits: tuple[str, ...] = LIMITS

    def to_dict(self) -> dict[str, Any]:
        """The canonical plan: plain values from which every page is drawn."""
        made: dict[str, Any] = files.plain(self)
        if self.theory is not None:
            made["theory"].pop("folder")
        return {"schema": SCHEMA, **made}

    def __str__(self) -> str:
        parts = [f"{self.area}: {self.standing}"]
        if self.illustrative:
            parts.append("Parts of the theory of change are illustrative: examples that no source says.")
        parts.append(_block("Methods", [f"{m.method} ({m.fits}): {' '.join(m.because)}" for m in self.methods]))
        parts.append(_block("Find out first", [f"{f.question} Ask: {f.who}." for f in self.find_out[:5]]))
        parts.append(_block("Build", [f"{b.what} ({b.months[0]} to {b.months[1]} months)" for b in self.build]))
        parts.append(_block("Foundations, with dates", [_dated(step) for step in self.foundations]))
        if self.gaps:
            parts.append(
                _block("Gaps in the theory of change", [f"{g.where}: {g.found}. {g.cure}" for g in self.gaps[:8]])
            )
        parts += [_block(a.title, [*a.readings, *a.limits]) for a in self.analyses]
        parts.append(f"Assess again by {self.recheck}. {self.recheck_when}")
        parts.append("\n".join(self.limits))
        return "\n\n".join(part for part in parts if part)


def plan_for(
    readiness: Readiness,
    theory: Theory | None = None,
    today: date | None = None,
    *,
    tables: tuple[ResultTable, ...] = (),
) -> TheoryPlan:
    """Draw a theory plan from what is known of an area.

    Parameters
    ----------
    readiness : Readiness
        Any route. On the quasi-experimental route the plan says so, and gives the mixed-method part.
    theory : Theory, optional
        The area's theory of change.
    today : date, optional
        The day that dates run from; by default the day it is run.
    tables : tuple of ResultTable
        Tables to keep with the plan.

    Returns
    -------
    TheoryPlan

    Raises
    ------
    BadInput
        The theory is of another area.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness import assess
    >>> plan = plan_for(assess(Profile(area="Anywhere")), today=date(2026, 11, 22))
    >>> plan.route, len(plan.methods)
    ('not enough evidence', 6)
    """
    today = today or date.today()  # noqa: DTZ011 - a calendar day
    if theory is not None and theory.area != readiness.area:
        raise BadInput(
            [
                Problem(
                    "theory",
                    f"is of {theory.area!r}, the profile of {readiness.area!r}",
                    "one area",
                    "Name the area's own profile in the theory, or correct the spelling.",
                )
            ]
        )
    own = theory.foundations if theory else ()
    covered = {step.criterion for step in own if step.criterion}
    steps = (*own, *(s for s in foundations_for(readiness, today=today) if s.criterion not in covered))
    return TheoryPlan(
        area=readiness.area,
        route=readiness.route,
        status=readiness.status,
        standing=_standing(readiness),
        because=readiness.because,
        methods=choose(readiness, theory),
        find_out=readiness.roadmap.find_out,
        build=readiness.roadmap.build,
        foundations=steps,
        recheck=readiness.roadmap.recheck,
        recheck_when=readiness.roadmap.recheck_when,
        theory=theory,
        gaps=check_theory(theory) if theory else (),
        claims=claims(theory) if theory else (),
        story=story(theory) if theory else "",
        open_questions=open_questions(theory.learning, today) if theory else (),
        analyses=analyse(theory) if theory else (),
        tables=tables,
        illustrative=bool(theory and theory.illustrative) or readiness.profile.illustrative,
        assessed=readiness.assessed,
        rubric_version=readiness.rubric_version,
    )


def plan_from(path: str | Path, *, today: date | None = None) -> TheoryPlan:
    """The plan of a profile or of a theory of change, whichever the file is.

    A theory names its profile. Beside a profile, a ``theory.toml`` that names it is used too.

    Parameters
    ----------
    path : str or Path
    today : date, optional

    Raises
    ------
    BadInput
        Either file is not as it should be; the message names the place.
    """
    where = Path(path)
    if where.suffix.lower() == ".toml":
        raw = files.read_toml(where, "profile or theory")
        if is_theory(raw):
            theory = parse_theory(raw, text=files.read_text(where, "theory"), folder=where.parent.as_posix())
            readiness = assess(read_profile(where.parent / theory.profile), today=today)
            return plan_for(readiness, theory, today, tables=_extract_tables(theory))
    readiness = assess(read_profile(where), today=today)
    beside = where.parent / "theory.toml"
    near = read_theory(beside) if beside.is_file() else None
    if near is None or near.profile != where.name:
        return plan_for(readiness, None, today)
    return plan_for(readiness, near, today, tables=_extract_tables(near))


def _extract_tables(theory: Theory) -> tuple[ResultTable, ...]:
    """The framework matrix of the coded extracts that a theory names, by group where every extract has one."""
    if not theory.extracts:
        return ()
    coded = read_extracts(Path(theory.folder) / theory.extracts)
    by: Literal["case", "group"] = "group" if all(item.group for item in coded.extracts) else "case"
    matrix = framework_matrix(coded.extracts, by=by, cell="cases" if by == "group" else "count")
    return (replace(matrix, caption=f"{matrix.caption}. {coded.note}".rstrip(". ")),)


def _standing(readiness: Readiness) -> str:
    """What the plan is for, in one or two sentences, by the finer reading of the route."""
    by_reading = {
        "designs open": "a quasi-experiment is open. " + _BESIDE,
        "confirm the unknowns": "a quasi-experiment could be the right route, once the unknowns are confirmed. "
        + _BESIDE,
        "foundations first": "theory-based evaluation now, with foundations for a later quasi-experiment. "
        "It is a route of its own: it answers how, why and for whom.",
        "no credible counterfactual": "the model is established, but no design has a credible comparison. Theory-based "
        "evaluation now; the foundations below would create a comparison.",
        "designs closed": "the model is established, but every quasi-experimental design is closed. Theory-based "
        "evaluation now; the foundations below would build what closes them.",
        "evaluability work first": "even theory-based methods lack what they need: a stated aim, or access to people "
        "and documents. Do that work first.",
    }
    return by_reading.get(
        readiness.reading,
        "there is not enough evidence to choose a route. Find out the facts below first; what theory-based methods "
        "need is worth doing whichever way they turn out.",
    )


def _dated(step: Foundation) -> str:
    when = (
        f"from {step.starts}, in place by {step.due}" if step.starts and step.due else f"by {step.due or step.starts}"
    )
    ask = "" if step.known else "; first ask if it is done"
    return f"{step.action} ({when}{f'; {step.who}' if step.who else ''}{ask})"


def _block(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return "\n".join(
        [title, *(textwrap.fill(line, 110, initial_indent="  - ", subsequent_indent="    ") for line in lines)]
    )
