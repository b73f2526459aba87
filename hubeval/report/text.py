"""An evaluation as plain text, for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from hubeval.release.released import passed
from hubeval.report.numbers import minus, shown, shown_p
from hubeval.report.parts import parts
from hubeval.scale import RELATIVE, of_share
from hubeval.wording import amount, brief, move

if TYPE_CHECKING:
    from hubeval.release.released import Released


def summary(released: Released[dict[str, Any]]) -> str:
    """Headline, main numbers, what was found against the design, and what is not shown.

    Parameters
    ----------
    released : Released
        The canonical result as it may leave.
    """
    result = passed(released)
    said = [result["question"], _wrapped(result["headline"]["text"])]
    said.append("\n".join(_estimate(*pair) for pair in zip(result["headline_terms"], parts(result), strict=True)))
    checks = [d for d in (*result["diagnostics"], *result["probes"]) if d["status"] in {"fail", "caution"}]
    if checks:
        said.append(
            "\n".join(["Raised by the checks:", *(_wrapped(f"[{d['status']}] {d['reading']}", "  - ") for d in checks)])
        )
    not_shown = [*result["headline"]["not_shown"], *(f"{n['what']}: {n['reason']}" for n in result["not_computed"])]
    said.append("\n".join(["What this does not show:", *(_wrapped(line, "  - ") for line in not_shown)]))
    said.append(_wrapped(result["registration"]["says"]))
    said.append(_wrapped(release_line(result["release"])))
    said += [_wrapped(question, "To let more through: ") for question in result["release"]["asks"]]
    return minus("\n\n".join(part for part in said if part))


def release_line(stamp: dict[str, Any]) -> str:
    """Which rules a result met on its way out, and how much was withheld.

    Examples
    --------
    >>> release_line({"internal": True, "withheld": [], "label": "", "profile": "internal", "threshold": 1})
    'INTERNAL: nothing is suppressed. This may not leave the safe setting.'
    """
    if stamp["internal"]:
        return "INTERNAL: nothing is suppressed. This may not leave the safe setting."
    if stamp["profile"] == "published":
        return "Released as open data of authorities: nothing is suppressed."
    rules = f"{stamp['label']} (profile {stamp['profile']!r}: counts under {stamp['threshold']} are not shown)"
    return f"Released by these rules: {rules}. Withheld: {len(stamp['withheld'])}; the audit page lists them."


def _estimate(e: dict[str, Any], part: str) -> str:
    ends = [end for end in (e["conf_low"], e["conf_high"]) if end is not None]
    known = [" to ".join(_read(end, e["unit"]) for end in ends)] if len(ends) == 2 else ["no interval"]
    if e["p_value"] is not None:
        p = shown_p(e["p_value"])
        known.append(f"p {p}" if p.startswith("<") else f"p = {p}")
    whose = f"{e['outcome']} ({part})" if part else e["outcome"]
    number = _read(e["estimate"], e["unit"], whole=True)
    line = f"{whose}, {e['term']}: {number} ({'; '.join(known)}). {e['inference']}."
    return _wrapped(line, "  ")


def _read(value: Any, unit: str, *, whole: bool = False) -> str:
    """A number as its headline says it: of shares in percentage points, a relative one in per cent; else as a table."""
    if isinstance(value, (int, float)) and unit == RELATIVE:
        return f"{brief(100 * value)}%{' of the counterfactual' * whole}"
    if isinstance(value, (int, float)) and of_share(unit):
        return amount(value, unit) if whole else move(value, unit)
    return f"{shown(value)} {unit}" if whole else shown(value)


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=" " * len(indent))
