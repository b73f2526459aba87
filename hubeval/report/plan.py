"""The pages of a theory plan and of a learning report: one self-contained file each, drawn from the canonical JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from hubeval import files
from hubeval.folders import write_folder
from hubeval.release.released import passed
from hubeval.report.brief.planned import plan_brief
from hubeval.report.page import environment
from hubeval.theory import drawing
from hubeval.theory.contribution import claims_table, register
from hubeval.theory.later import GROUPS
from hubeval.theory.registers import harvest_check, harvest_table, learning_table, mechanisms_table

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.release.released import Released
    from hubeval.result import ResultTable
    from hubeval.theory.across import LearningReport
    from hubeval.theory.plan import TheoryPlan


def write_plan(released: Released[TheoryPlan], out_dir: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write ``plan.html``, ``brief.html`` and ``plan.json``; with a theory also its drawing as SVG, Mermaid and DOT.

    Parameters
    ----------
    released : Released
        From `hubeval.release.pages.release_plan`.
    out_dir : str or Path
        Made if need be; written whole or not at all.
    overwrite : bool
        Write also where there are files that hubeval did not write.

    Returns
    -------
    list of Path
        What was written, the page first.
    """
    return write_folder(out_dir, plan_files(released), overwrite=overwrite)


def plan_files(released: Released[TheoryPlan]) -> dict[str, str]:
    """The files of a plan by their names in its folder, the page first."""
    plan = passed(released)
    made = {"plan.html": _page(plan), "brief.html": plan_brief(plan), "plan.json": files.to_json(plan.to_dict())}
    if plan.theory is not None:
        made["theory.svg"] = drawing.svg(plan.theory) + "\n"
        made["theory.mmd"] = drawing.mermaid(plan.theory)
        made["theory.dot"] = drawing.dot(plan.theory)
    return made


def render_plan(released: Released[TheoryPlan]) -> str:
    """The plan as one page: no script, no network, prints well."""
    return _page(passed(released))


def _page(plan: TheoryPlan) -> str:
    groups = [
        (title, [step for step in plan.to_dict()["foundations"] if step["group"] == group])
        for group, title in GROUPS.items()
    ]
    theory = plan.theory
    return (
        environment()
        .get_template("plan.html")
        .render(
            p=plan.to_dict(),
            groups=[(title, steps) for title, steps in groups if steps],
            drawn=Markup(drawing.svg(theory)) if theory else None,  # noqa: S704 - drawn here, every text escaped there
            charts=_charts(plan),
            legend=drawing.LEGEND,
            tables=[*_theory_tables(plan), *map(files.plain, plan.tables)],
            harvest=files.plain(harvest_check(theory.harvest)) if theory and theory.harvest else None,
        )
    )


def _charts(plan: TheoryPlan) -> dict[str, Markup]:
    """The figures of a plan's analyses, drawn; matplotlib is loaded only where there is one."""
    figures = [analysis.figure for analysis in plan.analyses if analysis.figure is not None]
    if not figures:
        return {}
    from hubeval.report.drawing import draw_svg  # noqa: PLC0415

    return {f.name: Markup(draw_svg(files.plain(f))) for f in figures}  # noqa: S704 - drawn here, escaped there


def write_learning(released: Released[LearningReport], out_dir: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write ``learning.html`` and ``learning.json``: what several areas can learn from one another."""
    return write_folder(out_dir, learning_files(released), overwrite=overwrite)


def learning_files(released: Released[LearningReport]) -> dict[str, str]:
    """The files of a learning report by their names in its folder, the page first."""
    report = passed(released)
    page = environment().get_template("plan_learning.html").render(r=report.to_dict())
    return {"learning.html": page, "learning.json": files.to_json(report.to_dict())}


def _theory_tables(plan: TheoryPlan) -> list[Any]:
    """The registers of a theory that hold anything, as plain tables."""
    theory = plan.theory
    if theory is None:
        return []
    made: list[ResultTable] = [
        drawing.text_table(theory),
        claims_table(theory),
        register(theory),
        mechanisms_table(theory.mechanisms),
        harvest_table(theory.harvest),
        learning_table(theory.learning),
    ]
    return [files.plain(table) for table in made if table.rows]
