"""What a released result can say of the items of a guideline: each fact in words with the place it stands at.

A fact is empty where the result does not hold it; nothing is inferred beyond what stands there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Result = Mapping[str, Any]
    Fact = Callable[[Result], str]


def _listed(items: list[str]) -> str:
    return "; ".join(item for item in items if item)


def _design(result: Result) -> str:
    return f"Not randomised. {result['method']}."


def _question(result: Result) -> str:
    return str(result["question"])


def _rationale(result: Result) -> str:
    ready = result["readiness"]
    said = f"Readiness of the area: {ready['route']} ({ready['status']}); the findings are in the table of readiness."
    why = result["provenance"]["despite"]
    return f"{said} Run although the design was not open, because: {why}." if why else said


def _data(result: Result) -> str:
    declared = result["protocol"]
    sources = [f"{one['label']}: {one['source']}" for one in declared["outcomes"] if one["source"]]
    units = declared["data"]["units"]
    return _listed([f"Each record is of one {units}" if units else "", *sources])


def _flow(result: Result) -> str:
    steps = result["sample"]["flow"]
    return f"{counted(len(steps), 'step')} from the file to the estimate, in the table of the sample." if steps else ""


def _treatment(result: Result) -> str:
    design = result["protocol"]["design"]
    if design.get("treated"):
        return f"Exposed: {design['treated']}, as the data say; the others are the comparison."
    column = design.get("start") or design.get("exposure") or design.get("running")
    return f"Exposed as the data say in {column}." if column else ""


def _assignment(result: Result) -> str:
    design = result["protocol"]["design"]
    known = list(design.get("covariates") or ())
    if design["kind"] == "matching" and known:
        return f"Not assigned by chance; groups made alike on {', '.join(known)}."
    return "Not assigned by chance" + (f"; adjusted for {', '.join(known)}." if known else ".")


def _periods(result: Result) -> str:
    sample = result["sample"]
    if not sample["first_period"]:
        return ""
    return f"{sample['n_periods']} periods, {sample['first_period']} to {sample['last_period']}."


def _outcomes(result: Result) -> str:
    return _listed([f"{one['label']} ({one['role']}; {one['unit']}; {one['direction']})"
                    for one in result["protocol"]["outcomes"]])  # fmt: skip


def _contrast(result: Result) -> str:
    heads = result["headline_terms"]
    return f"{heads[0]['term']}: {heads[0]['estimand']}." if heads else ""


def _assumptions(result: Result) -> str:
    return " ".join(result["headline"]["not_shown"])


def _analysis(result: Result) -> str:
    heads = result["headline_terms"]
    return f"{result['method']}. Inference: {heads[0]['inference']}." if heads else f"{result['method']}."


def _checks(result: Result) -> str:
    made = result["diagnostics"]
    return f"Asked of the design: {', '.join(dict.fromkeys(one['name'] for one in made))}." if made else ""


def _baseline(result: Result) -> str:
    tables = [one for one in result["tables"] if one["name"].startswith("balance")]
    return "The balance table: each covariate by group, before and after." if tables else ""


def _missing(result: Result) -> str:
    design = result["protocol"]["design"]
    how = design.get("missing") or design.get("gaps")
    return f"Missing values: {how}, as declared; what was left out is in the table of the sample." if how else ""


def _effects(result: Result) -> str:
    heads = result["headline_terms"]
    return f"{counted(len(heads), 'number')} with interval, in the table of main numbers." if heads else ""


def _further(result: Result) -> str:
    tried = [one["name"] for one in result["probes"]]
    return f"Attempts to break the result: {', '.join(tried)}." if tried else ""


def _headline(result: Result) -> str:
    return str(result["headline"]["text"])


def _limitations(result: Result) -> str:
    raised = [one["name"] for key in ("diagnostics", "probes") for one in result[key]
              if one["status"] in {"caution", "fail"}]  # fmt: skip
    told = f"Raised by the checks: {', '.join(dict.fromkeys(raised))}." if raised else "The checks raised nothing."
    return f"{_assumptions(result)} {told}"


def _registration(result: Result) -> str:
    return str(result["registration"]["says"])


def _planned(result: Result) -> str:
    return f"The protocol is dated {result['protocol']['registered']}; {_registration(result)}"


def _code(result: Result) -> str:
    made = result["provenance"]
    return f"hubeval {made['hubeval']}, seed {made['seed']}; versions and the protocol's hash are in the provenance."


def _placebo(result: Result) -> str:
    named = [one["label"] for one in result["protocol"]["outcomes"] if one["role"] == "placebo"]
    return f"Outcomes that should not move: {', '.join(named)}." if named else ""


def _family(result: Result) -> str:
    found = any(one["name"] == "several-outcomes" for one in result["tables"])
    return "Outcomes read together, p-values adjusted: the table of several outcomes." if found else ""


def _subgroups(result: Result) -> str:
    found = any(one["name"] == "subgroups" for one in result["tables"])
    return "Subgroups declared beforehand, with differences between levels: the table of subgroups." if found else ""


def _levels(result: Result) -> str:
    found = any(one["name"] == "level-of-comparison" for one in result["tables"])
    return "Where each outcome would stand without the treatment: the table level-of-comparison." if found else ""


def _multiverse(result: Result) -> str:
    found = any(one["name"] == "multiverse" for one in result["tables"])
    return "Other options declared as defensible, all estimated: the table multiverse." if found else ""


def _sizes(result: Result) -> str:
    worth = [f"{one['label']}: {one['smallest_worthwhile']:g} {one['unit']}" for one in result["protocol"]["outcomes"]
             if one["smallest_worthwhile"] is not None]  # fmt: skip
    return f"Smallest change declared worthwhile: {'; '.join(worth)}." if worth else ""


def _cautions(result: Result) -> str:
    known = [one["label"] for one in result["protocol"]["cautions"]]
    return f"Declared beforehand as what could pass for an effect: {', '.join(known)}." if known else ""


def _changed(result: Result) -> str:
    made = result["protocol"]["amendments"]
    return f"{counted(len(made), 'dated amendment')}, in the table of what was declared." if made else ""


FACTS: Mapping[str, Fact] = {
    "design": _design, "question": _question, "rationale": _rationale, "data": _data, "flow": _flow,
    "treatment": _treatment, "assignment": _assignment, "periods": _periods, "outcomes": _outcomes,
    "contrast": _contrast, "assumptions": _assumptions, "analysis": _analysis, "checks": _checks,
    "baseline": _baseline, "missing": _missing, "effects": _effects, "further": _further, "headline": _headline,
    "limitations": _limitations, "registration": _registration, "planned": _planned, "code": _code,
    "placebo": _placebo, "family": _family, "subgroups": _subgroups, "sizes": _sizes, "cautions": _cautions,
    "changed": _changed, "levels": _levels, "multiverse": _multiverse,
}  # fmt: skip
