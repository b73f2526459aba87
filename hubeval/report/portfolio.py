"""Many areas side by side without a ranking: a grid of gates, a page for each area, terms of reference, and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.folders import slugs, write_folder
from hubeval.readiness.rubric import load_rubric
from hubeval.readiness.sensitivity import HONESTY, sensitivity
from hubeval.readiness.standards import reachable
from hubeval.readiness.terms import terms_of_reference
from hubeval.readiness.text import GRADE_WORDS, KIND_WORDS, case_line, hangs_on, verdict_line
from hubeval.release.released import passed
from hubeval.report.brief.area import area_brief, known, next_step, portfolio_brief
from hubeval.report.office.terms import terms_docx
from hubeval.report.page import environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hubeval.readiness import Readiness
    from hubeval.release.released import Released
    from hubeval.report.office.template import Template

SCHEMA = "hubeval-portfolio/1"
MARKS = {"met": "✓", "open": "✓", "not met": "✗", "closed": "✗", "unknown": "?", "conflict": "!"}
_CSS_CLASSES = {"open": "met", "closed": "notmet", "not met": "notmet", "not enough evidence": "unknown"}
_MORE = "The whole assessment is areas/{}.html. Made by hubeval."
_FUNDER_ASKS = (
    ("Is it plausible to expect an effect by then?", ("TO3", "ST2")),
    ("Would the answer be used, by whom, for which decision?", ("GE3",)),
    ("Is the group large enough, and are families reached?", ("ST1", "IM4")),
    ("Are money, skills and independence in place?", ("GE4",)),
)


def write_portfolio(
    released: Released[Sequence[Readiness]],
    out: str | Path,
    *,
    detectable: Mapping[str, Mapping[str, str]] | None = None,
    overwrite: bool = False,
    template: Template | None = None,
) -> list[Path]:
    """Write ``brief.html``, ``index.html``, pages and terms of reference for each area, and ``portfolio.json``.

    Parameters
    ----------
    released : Released
        From `hubeval.release.pages.release_portfolio`, in the order in which they are to be shown; nothing is ranked.
    out : str or Path
    detectable : mapping of area to mapping of design to str, optional
        The smallest detectable effect of a design, in words with its unit, where one has been computed;
        elsewhere the page says that none has been, and how to compute it.
    overwrite : bool
        Write also where there are files that hubeval did not write.
    template : Template, optional
        Whose styles the terms of reference take, as `hubeval.report.office.template.read_template` gives it.
    """
    readinesses = passed(released)
    env = environment()
    names = slugs([readiness.area for readiness in readinesses])
    pages = [_page(item, (detectable or {}).get(item.area, {})) for item in readinesses]
    common = {"marks": MARKS, "css": _css, "honesty": HONESTY, "rubric": load_rubric()}
    one, index = env.get_template("portfolio-area.html"), env.get_template("portfolio.html")
    made: dict[str, str | bytes] = {"index.html": index.render(pages=pages, names=names, **common)}
    made["brief.html"] = (
        area_brief(readinesses[0], _MORE.format(names[0]))
        if len(readinesses) == 1
        else portfolio_brief(readinesses)
    )
    for page, name in zip(pages, names, strict=True):
        made[f"areas/{name}.html"] = one.render(p=page, **common)
        made[f"areas/{name}-terms.txt"] = page["terms"]
        made[f"areas/{name}-terms.docx"] = terms_docx(page["r"], template)
        if len(readinesses) > 1:
            made[f"briefs/{name}.html"] = area_brief(page["r"], _MORE.format(name))
    made["portfolio.json"] = files.to_json(portfolio(readinesses), indent=None)
    return write_folder(out, made, overwrite=overwrite)


def portfolio(readinesses: Sequence[Readiness]) -> dict[str, Any]:
    """The machine-readable record of a portfolio: every area's assessment, and what hangs on our judgement."""
    rubric = load_rubric()
    return {
        "schema": SCHEMA,
        "rubric_version": rubric.version,
        "judgement": rubric.judgement,
        "areas": [readiness.to_dict() for readiness in readinesses],
        "sensitivity": files.plain(sensitivity([readiness.profile for readiness in readinesses])),
    }


def _page(readiness: Readiness, detectable: Mapping[str, str]) -> dict[str, Any]:
    """What one area's page shows, all of it drawn from the readiness."""
    facts = readiness.profile.facts
    counts = {word: sum(fact.kind == kind for fact in facts) for kind, word in KIND_WORDS.items()}
    kinds = {_several(word) if count > 1 else word: count for word, count in counts.items()}
    return {
        "r": readiness,
        "verdict": verdict_line(readiness),
        "hangs_on": hangs_on(readiness),
        "known": known(readiness),
        "next": next_step(readiness),
        "best": case_line(readiness.best),
        "worst": case_line(readiness.worst),
        "grade": GRADE_WORDS[readiness.grade],
        "kinds": {word: count for word, count in kinds.items() if count},
        "route_gates": [finding for finding in readiness.findings if finding.role == "route"],
        "asks": [(question, [readiness.finding(name) for name in names]) for question, names in _FUNDER_ASKS],
        "options": [_option(readiness, number, detectable) for number in range(len(readiness.designs))],
        "terms": terms_of_reference(readiness),
    }


def _option(readiness: Readiness, number: int, detectable: Mapping[str, str]) -> dict[str, Any]:
    design, rule = readiness.designs[number], load_rubric().design(readiness.designs[number].design)
    placed = reachable(readiness).get(design.design, ())
    return {
        "design": design,
        "name": rule.name,
        "caveat": rule.caveat,
        "not_offered": "" if design.offered else rule.offered_if,
        "standards": [f"{standard.name}: {level} ({standard.version})" for standard, level in placed],
        "detectable": detectable.get(design.design, ""),
    }


def _several(word: str) -> str:
    """The plural of a kind of fact: its first noun takes the s, "checked on data" takes none."""
    return {"label": "labels", "reported fact": "reported facts", "document seen": "documents seen"}.get(word, word)


def _css(status: str) -> str:
    return _CSS_CLASSES.get(status, status)
