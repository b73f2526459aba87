"""An evaluation as plain text, for a terminal."""

from __future__ import annotations

import textwrap
from typing import Any

from hubeval.report.numbers import shown


def summary(result: dict[str, Any]) -> str:
    """Headline, main numbers, what was found against the design, and what is not shown.

    Parameters
    ----------
    result : dict
        The canonical result.
    """
    parts = [result["question"], _wrapped(result["headline"]["text"])]
    parts.append("\n".join(_estimate(e) for e in result["headline_terms"]))
    checks = [d for d in (*result["diagnostics"], *result["probes"]) if d["status"] in {"fail", "caution"}]
    if checks:
        parts.append(
            "\n".join(["Raised by the checks:", *(_wrapped(f"[{d['status']}] {d['reading']}", "  - ") for d in checks)])
        )
    not_shown = [*result["headline"]["not_shown"], *(f"{n['what']}: {n['reason']}" for n in result["not_computed"])]
    parts.append("\n".join(["What this does not show:", *(_wrapped(line, "  - ") for line in not_shown)]))
    return "\n\n".join(part for part in parts if part)


def _estimate(e: dict[str, Any]) -> str:
    interval = f"{shown(e['conf_low'])} to {shown(e['conf_high'])}"
    line = (
        f"{e['outcome']}: {shown(e['estimate'])} {e['unit']} ({interval}; p = {shown(e['p_value'])}). {e['inference']}."
    )
    return _wrapped(line, "  ")


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=" " * len(indent))
