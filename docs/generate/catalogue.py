"""The calendar, the outcomes and the criteria, from the files that the code reads."""

from __future__ import annotations

from hubeval.data.calendar import calendar
from hubeval.data.catalogue import economic, outcomes
from hubeval.readiness import load_rubric
from hubeval.report.glossary import glossary
from hubeval.report.references import works


def pages():
    return {
        "reference/calendar.md": _calendar(), "reference/outcomes.md": _outcomes(), "reference/criteria.md": _criteria(),
        "references.md": _references(), "glossary.md": _glossary(),
    }


def _cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _calendar():
    found = calendar().events
    lines = [
        "# Calendar", "",
        f"{len(found)} entries that matter to children's services in England, each with its source. A protocol meets those that touch its",
        "measure, area and time; [Data](../data.md) says how they are handled, and how to add a council's own.", "",
    ]
    for kind in dict.fromkeys(one.kind for one in found):
        lines += [f"## {kind.capitalize()}", "", "| id | what | from | to | handled as | source |", "|---|---|---|---|---|---|"]
        for one in found:
            if one.kind == kind:
                cells = (f"`{one.id}`", one.label, one.first, one.last or "from then on", one.handling, f"{one.source} ({one.dated})")
                lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _outcomes():
    found, money = outcomes(), economic()
    lines = [
        "# Outcomes", "",
        f"{len(found)} outcomes and {len(money)} economic measures that the sources name. `hubeval outcomes ID` prints one as a table of a protocol.",
        "", "| id | outcome | unit | whose | direction | usually recorded in | beware |", "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        cells = (f"`{one.id}`", one.words, one.unit, one.level, one.direction, one.source, one.note)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    lines += ["", "## Economic measures", "", "| id | measure |", "|---|---|"]
    lines += [f"| `{one.id}` | {_cell(one.words)} |" for one in money]
    return "\n".join(lines)


def _criteria():
    rubric = load_rubric()
    lines = [
        "# Criteria and gates", "",
        f"Version {rubric.version}: {len(rubric.criteria)} criteria. {rubric.judgement} [Readiness](../readiness.md) says what the verdicts hang on.", "",
    ]
    for one in rubric.criteria:
        gates = [f"{design} needs {level}" for design, level in one.gates.items()]
        gates += [f"route gate: {one.route}"] if one.route else []
        gates += [f"wanted: {one.wanted} (shown, never deciding)"] if one.wanted else []
        lines += [f"## {one.id} {one.name}", "", f"*{one.dimension}.* {_cell(one.question)}", ""]
        lines += [f"{n}. {_cell(anchor)}" for n, anchor in enumerate(one.anchors, 1)]
        lines += ["", f"- Evidence: {_cell(one.evidence)}", f"- Ask: {_cell(one.who)}", f"- Asked of: {'; '.join(gates) or 'nothing'}", ""]
    return "\n".join(lines)


def _references():
    lines = ["# References", "", f"The {len(works())} works that pages and docstrings name, from one [BibTeX file](references.bib).", ""]
    for work in sorted(works().values(), key=lambda one: (one.authors[0].lower(), one.year)):
        where = f" [doi:{work.doi}](https://doi.org/{work.doi})" if work.doi else " No DOI confirmed."
        lines.append(f"- {', '.join(work.authors)} ({work.year}). {work.title}. *{work.where}*.{where}")
    return "\n".join(lines)


def _glossary():
    lines = ["# Glossary", "", "Every term and abbreviation that pages and reports use. On the site and in reports they explain themselves where you point.", ""]
    for one in glossary():
        more = f" [More]({one.page})" if one.page else ""
        short = f" ({one.short})" if one.short not in {"", one.term} else ""
        lines += [f"**{one.term}**{short}", f":   {one.says}{more}", ""]
    return "\n".join(lines)


def abbreviations():
    """What a page ends with so that abbreviations explain themselves."""
    return "\n".join(f"*[{one.short}]: {one.says}" for one in glossary() if one.short)
