"""The analysis plan as text, from the protocol alone, in the order that statistical analysis plans use.

The order is that of Gamble and others, "Guidelines for the Content of Statistical Analysis Plans" (JAMA 2017), less
what concerns randomisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval.registry.canonical import canonical, digest
from hubeval.registry.ledger import PlanLedger  # noqa: TC001
from hubeval.registry.standing import standing
from hubeval.wording import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.protocol import Outcome, Protocol

SCHEMA = "hubeval-registration/1"
# of the form as OSF's public repository has it: CenterForOpenScience/osf.io, metadata/osf-open-ended-3.json
OSF_FORM, OSF_VERSION, OSF_KEY = "Open-Ended Registration", 3, "summary"
KINDS = {
    "did": "Difference-in-differences: areas or sites that start, beside those that have not yet or never will.",
    "its": "Interrupted time series: one series before and after a dated start, with comparison series if named.",
    "synth": "Synthetic control: one treated unit against a weighting of many others.",
    "matching": "Matching and weighting: those who came, beside like ones who did not.",
    "rdd": "Regression discontinuity: units just on one side of a cut-off, beside those just on the other.",
}
_NOT_SETTINGS = {"unit", "time", "start", "covariates", "treated", "control", "exposure"}
_NO_POWER = "Not computed yet. Save it with 'hubeval power PROTOCOL --json' and give it with --power."


_CHECKS = "Every check of the design that hubeval makes is reported, whatever it finds."
_MISSING = (
    "Marks for “no number here”: {}. Nothing is filled in unless a setting above says so; what is dropped is counted."
)
_AUTHORS = (
    "Background and earlier evidence.",
    "Who pays, who decides, who is independent.",
    "Ethics and data protection.",
    "Where and when the report is published.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSection:
    """One section of an analysis plan: a title and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisPlan:
    """The analysis plan of a protocol, as it is registered."""

    area: str
    question: str
    dated: str
    sections: tuple[PlanSection, ...]


def analysis_plan(protocol: Protocol, ledger: PlanLedger, power: Mapping[str, Any] | None = None) -> AnalysisPlan:
    """The plan in words; what the protocol leaves open is said to be open.

    Parameters
    ----------
    protocol : Protocol
    ledger : PlanLedger
    power : mapping, optional
        What ``hubeval power --json`` saved.
    """
    now, design = standing(protocol, ledger), protocol.design
    covariates = ", ".join(getattr(design, "covariates", ())) or "none"
    sections = (
        ("1. Registration", [f"The protocol is dated {protocol.registered}.", now.says, f"SHA-256 {protocol.sha256}."]),
        ("2. Question", [protocol.question]),
        ("3. Design", [KINDS[design.kind], *_who(design)]),
        ("4. Data", _data(protocol)),
        ("5. Outcomes", [*(_outcome(outcome) for outcome in protocol.outcomes), *_together(protocol)]),
        ("6. Size of effect that could be found", _power(power)),
        ("7. Primary analysis", [f"The headline is about {protocol.primary.label}.", *_settings(design)]),
        ("8. Covariates", [covariates]),
        ("9. What could pass for an effect, and how it is handled", _cautions(protocol)),
        ("10. Checks of the design", [_CHECKS, *_by_role(protocol)]),
        ("11. Missing data", [_MISSING.format(", ".join(protocol.data.missing_marks) or "none")]),
        ("12. What may leave", [f"Release profile: {protocol.data.release or 'by the kind of unit'}."]),
        ("13. Changes to the plan", _amended(protocol)),
        ("14. To be written by the authors", list(_AUTHORS)),
    )  # fmt: skip
    return AnalysisPlan(
        area=protocol.area, question=protocol.question, dated=now.registered or protocol.registered.isoformat(),
        sections=tuple(PlanSection(title=title, lines=tuple(lines)) for title, lines in sections),
    )  # fmt: skip


def deposit(protocol: Protocol, ledger: PlanLedger, plan: AnalysisPlan) -> dict[str, Any]:
    """What a registry of studies can take: the plan, the hashes, and no data.

    ``ledger_hash`` fixes the whole ledger up to now; kept elsewhere, it shows whether the ledger was written anew.
    ``osf`` answers the one question that the Open Science Framework's Open-Ended Registration requires, by that form's
    own key; the rest follows no published schema.
    """
    now, last = standing(protocol, ledger), ledger.entries[-1]
    return {
        "schema": SCHEMA,
        "title": protocol.question,
        "area": protocol.area,
        "registered": now.registered,
        "status": now.status,
        "says": now.says,
        "protocol_digest": digest(canonical(protocol)),
        "protocol_sha256": protocol.sha256,
        "ledger_hash": last.hash,
        "outcomes": [
            {"label": o.label, "unit": o.unit, "role": o.role, "direction": o.direction} for o in protocol.outcomes
        ],
        "design": protocol.design.kind,
        "osf": {
            "name": OSF_FORM,
            "version": OSF_VERSION,
            "registration_responses": {OSF_KEY: _as_text(plan, last.hash)},
        },
        "plan": [{"title": section.title, "lines": list(section.lines)} for section in plan.sections],
    }


def _as_text(plan: AnalysisPlan, ledger_hash: str) -> str:
    """The plan as one text."""
    parts = [f"{section.title}\n" + "\n".join(section.lines) for section in plan.sections]
    return "\n\n".join([f"{plan.question} ({plan.area})", *parts, f"Hash of the ledger: {ledger_hash}"])


def _who(design: Any) -> list[str]:
    words = {"unit": "Units", "time": "Time", "start": "Start", "treated": "Treated", "control": "Comparison",
             "exposure": "Exposure"}  # fmt: skip
    found = [(words[key], getattr(design, key, None)) for key in words]
    return [f"{word}: {', '.join(v) if isinstance(v, tuple) else v}." for word, v in found if v not in (None, "", ())]


def _data(protocol: Protocol) -> list[str]:
    data = protocol.data
    where = f"Where they stay: {data.source}" if data.source else f"File: {data.file or 'not named yet'}"
    return [f"{where}.", f"What the units are: {data.units or 'not said'}."]


def _together(protocol: Protocol) -> list[str]:
    """Subgroups and families of outcomes, with how chance among many is allowed for."""
    named = sorted({one.family for one in protocol.outcomes if one.family})
    members = [", ".join(one.label for one in protocol.outcomes if one.family == name) for name in named]
    lines = [f"Read together, p-values adjusted by Holm: {labels}." for labels in members]
    lines += [f"Declared multiverse, {key.replace('_', ' ')}: {'; '.join(map(_value, values))}."
              for key, values in protocol.multiverse.items()]
    for one in protocol.subgroups:
        levels = f": {', '.join(one.levels)}" if one.levels else ""
        lines.append(f"Subgroups by {one.label} ({one.column}{levels}): the headline at each level, p-values for a "
                     "difference adjusted by Holm.")  # fmt: skip
    return lines


def _outcome(outcome: Outcome) -> str:
    worth = ""
    if outcome.smallest_worthwhile is not None:
        worth = f" Smallest worthwhile change: {amount(outcome.smallest_worthwhile, outcome.unit)}."
    source = f" Source: {outcome.source}." if outcome.source else ""
    return f"{outcome.role.capitalize()}: {outcome.label} ({outcome.unit}; {outcome.direction}).{worth}{source}"


def _power(power: Mapping[str, Any] | None) -> list[str]:
    if power is None:
        return [_NO_POWER]
    size = power.get("smallest_detectable")
    said = "none in the range tried" if size is None else amount(float(size), str(power.get("unit", "")))
    return [f"Smallest effect that the registered analysis would find in 80 of 100 such studies: {said}."]


def _settings(design: Any) -> list[str]:
    fields = [name for name in design.__dataclass_fields__ if name not in _NOT_SETTINGS]
    return [f"{name.replace('_', ' ')}: {_value(getattr(design, name))}" for name in fields]


def _value(value: Any) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _cautions(protocol: Protocol) -> list[str]:
    made = [
        f"{c.label} ({c.kind}), {c.first}{f' to {c.last}' if c.last else ''}: {c.handling}." for c in protocol.cautions
    ]
    return made or ["None declared."]


def _amended(protocol: Protocol) -> list[str]:
    return [f"{a.dated}: {a.change} Reason: {a.reason}" for a in protocol.amendments] or ["None."]


def _by_role(protocol: Protocol) -> list[str]:
    named = {role: [o.label for o in protocol.outcomes if o.role == role] for role in ("placebo", "downstream")}
    lines = []
    if named["placebo"]:
        lines.append(f"Should not move: {', '.join(named['placebo'])}.")
    if named["downstream"]:
        lines.append(f"Should move too if the effect is real: {', '.join(named['downstream'])}.")
    return lines
