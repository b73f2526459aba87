"""The funder's form: one HTML file made from the criteria, that needs no server and no network."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files as resources
from typing import Any

from hubeval.profile import GRADES, VERDICT_WORDS
from hubeval.readiness.rubric import COSTS, Criterion, Rubric, load_rubric
from hubeval.readiness.verdict import COUNTERFACTUAL, READINGS


def form_html(rubric: Rubric | None = None) -> str:
    """The form as one page: open it from disk in any browser, answer, save JSON that `read_profile` reads.

    The rules stand in the page as JSON and the verdict is computed there, by the same logic as `assess`. The
    content-security policy allows this page's own script and style by their hashes, and nothing else.

    Examples
    --------
    >>> page = form_html()
    >>> page.startswith("<!doctype html>"), page.count('class="criterion"')
    (True, 25)
    """
    rubric = rubric or load_rubric()
    style, engine, page = (_part(name) for name in ("style.css", "engine.js", "page.js"))
    scripts = " ".join(_hash(script) for script in (engine, page))
    csp = (
        f"default-src 'none'; script-src {scripts}; style-src {_hash(style)}; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "csp": csp,
        "style": style,
        "judgement": escape(rubric.judgement),
        "sections": _sections(rubric),
        "rules": json.dumps(form_rules(rubric), ensure_ascii=False).replace("<", "\\u003c"),
        "engine": engine,
        "page": page,
    }
    html = _part("page.html")
    for name, value in parts.items():
        html = html.replace("{" + name + "}", value, 1)
    return html


def form_rules(rubric: Rubric) -> dict[str, Any]:
    """What the page's engine needs of the model, as plain values."""
    return {
        "version": rubric.version,
        "grades": GRADES,
        "readings": READINGS,
        "counterfactual": list(COUNTERFACTUAL),
        "verdict_words": VERDICT_WORDS,
        "theory_needs": dict(rubric.theory_needs),
        "criteria": [
            {
                "id": item.id,
                "name": item.name,
                "question": item.question,
                "route": item.route,
                "must_be_known": item.must_be_known,
                "soft": item.soft,
                "cuts": list(item.cuts),
                "cost": item.cost,
                "how": COSTS[item.cost],
                "who": item.who,
            }
            for item in rubric.criteria
        ],
        "designs": [
            {
                "id": rule.id,
                "name": rule.name,
                "caveat": rule.caveat,
                "gates": dict(rule.gates),
                "offered_when": dict(rule.offered_when),
                "offered_if": rule.offered_if,
            }
            for rule in rubric.designs
        ],
    }


def _sections(rubric: Rubric) -> str:
    parts = []
    for dimension in dict.fromkeys(item.dimension for item in rubric.criteria):
        parts.append(f"<h2>{escape(dimension)}</h2>")
        parts += [_section(item) for item in rubric.criteria if item.dimension == dimension]
    return "\n".join(parts)


def _section(item: Criterion) -> str:
    decides = f"Decides the route, at level {item.route}. " if item.route else ""
    decides += "Shown only; decides nothing. " if item.soft else ""
    hint = f"{decides}Evidence that counts: {item.evidence}. Who can say: {item.who}."
    anchors = "".join(f"<li>{escape(anchor)}</li>" for anchor in item.anchors)
    return (
        f'<section class="criterion" id="{item.id}" aria-labelledby="{item.id}-title">\n'
        f'<h3 id="{item.id}-title">{item.id}. {escape(item.question)}</h3>\n'
        f'<p class="hint">{escape(hint)}</p>\n<ol class="anchors">{anchors}</ol>\n'
        f'<p class="state" id="{item.id}-state">Not known.</p>\n<div class="entries"></div>\n'
        f'<button type="button" class="secondary add" data-criterion="{item.id}">'
        f'Add evidence<span class="vh"> on {item.id}</span></button>\n</section>'
    )


def _part(name: str) -> str:
    return (resources("hubeval.readiness") / "form_parts" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A content-security-policy source that allows exactly this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
