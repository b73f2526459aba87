"""The audit page: every output, the rule that decided, and what was withheld, for whoever checks a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.release.audit import SCHEMA, barn
from hubeval.release.released import passed
from hubeval.report.page import environment

if TYPE_CHECKING:
    from hubeval.release.released import Released


def audit_files(released: Released[dict[str, Any]]) -> dict[str, str]:
    """``audit.json`` and ``audit.html``, by name."""
    result = passed(released)
    value = audit_of(result, released)
    page = environment().get_template("audit.html").render(a=value, r=result)
    return {"audit.json": files.to_json(value), "audit.html": page}


def audit_of(result: dict[str, Any], released: Released[dict[str, Any]]) -> dict[str, Any]:
    """What the gate decided, in the vocabulary of statistical barns."""
    kinds = {item["name"]: _kinds(item) for key in ("figures", "tables") for item in result[key]}
    stamp = result["release"]
    return {
        "schema": SCHEMA,
        "area": result["area"],
        "made_on": result["provenance"]["made_on"],
        "profile": {key: stamp[key] for key in ("profile", "label", "source", "dated", "threshold", "base")},
        "units": stamp["units"],
        "units_declared": stamp["units_declared"],
        "overridden": result["provenance"]["despite"],
        "asks": stamp["asks"],
        "outputs": [
            {
                "output": decision.output,
                "barns": sorted({barn(kind) for kind in kinds.get(decision.output, ("effect",))}),
                "status": "review" if decision.action == "withheld" else "pass",
                "action": decision.action,
                "rule": decision.rule,
                "support": decision.support,
            }
            for decision in released.log
        ],
    }


def _kinds(item: dict[str, Any]) -> tuple[str, ...]:
    if "series" in item:
        return tuple(one["holds"] for one in item["series"])
    return tuple(kind for kind in item["holds"] if kind != "label")
