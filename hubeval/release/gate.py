"""The gate: a result in, what may leave of it and a log out. It fails closed: what it does not know, it withholds."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any, Protocol

from hubeval.errors import BadInput, Problem
from hubeval.release import released as made
from hubeval.release.counts import settle, sides_of
from hubeval.release.keyed import keyed
from hubeval.release.ledger import Ledger
from hubeval.release.levels import closed_levels
from hubeval.release.marks import figure, table
from hubeval.release.profiles import ReleaseProfile, rulebook_of
from hubeval.release.quotes import read_cleared, without_quotes
from hubeval.release.released import Released
from hubeval.release.rounding import digits_for, significant
from hubeval.release.rules import KEPT_BACK, Rules, close_events, close_terms, keep, rules_for
from hubeval.release.specifications import close_specifications, close_windows
from hubeval.release.words import HASHES
from hubeval.wording import said_once

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.data.behind import Behind
    from hubeval.protocol import Protocol as Declared
    from hubeval.release.released import Decision

    Value = dict[str, Any]

VERSION = 1
INTERNAL = "INTERNAL, not for release"
_READ = "hubeval check of "  # so begins the source of what was counted in the records
_ESTIMATE = (
    "term", "estimand", "outcome", "unit", "estimate", "std_error", "conf_low", "conf_high", "conf_level", "p_value",
    "inference", "n_treated", "n_comparison", "n_clusters", "n_observations", "support",
)  # fmt: skip


class Evaluated(Protocol):
    """What the gate needs of an `Evaluation`."""

    @property
    def protocol(self) -> Declared:
        """The protocol."""
        ...

    @property
    def behind(self) -> Behind:
        """Who stands behind the result."""
        ...

    def to_dict(self) -> Value:
        """The canonical result."""
        ...


def release(
    evaluation: Evaluated,
    profile: ReleaseProfile | str | Path | None = None,
    *,
    ledger: Ledger | None = None,
    key: bytes | None = None,
) -> tuple[Released[Value], tuple[Decision, ...]]:
    """What may leave of a result, as the canonical dictionary with its `release` key, and the log of every decision.

    Parameters
    ----------
    evaluation : Evaluation
    profile : ReleaseProfile, str or Path, optional
        By default the one that the protocol names; where it names none, ``published`` for authorities and the
        strictest rules for anyone else.
    ledger : Ledger, optional
        What has been released before.
    key : bytes, optional
        A secret that stays: the hash of the records is keyed with it instead of left out.

    Raises
    ------
    BadInput
        An unknown profile, one that does not fit the kind of unit, or counts that could not be decided in time.
    """
    behind = evaluation.behind
    rulebook = rulebook_of(evaluation.protocol, behind.kind, profile)
    _fits(rulebook, behind)
    result = evaluation.to_dict()
    outcomes = evaluation.protocol.outcomes
    rules = rules_for(behind, rulebook, tuple(o.label for o in outcomes), tuple(o.column for o in outcomes))
    design = evaluation.protocol.design
    declared = [getattr(design, key, 0) for key in ("bandwidth", "window")]
    rules.widths = declared == [None, None] or getattr(design, "everybody", False)
    rules.sides = sides_of(result)
    close_events(rules, result["estimates"])
    close_terms(rules, result["tables"])
    close_windows(rules, result, close_specifications(rules, result["tables"]))
    before = ledger or Ledger()
    cells = settle(result, rules, before)
    if any(closed_levels(one, rules) for one in result["tables"] if one["name"] == "subgroups"):
        rules.closed |= {"subgroups"}  # its p-values are of all levels, and adjusted with those of every subgroup
    content = _content(result, rules) if not rules.open else result
    if rulebook.name != "internal":
        cleared = read_cleared(evaluation.protocol.folder)
        content = without_quotes(content, cleared, KEPT_BACK)
    if key and result["provenance"]["data_sha256"]:  # only who holds the key can hold records against it
        made_of = keyed(result["provenance"]["data_sha256"], key)
        content["provenance"] = {**content["provenance"], "data_hmac_sha256": made_of}
    content["headline"] = {**content["headline"], "text": said_once(content["headline"]["text"])}
    content["release"] = _stamp(rules, cells)
    if rulebook.name == "internal":
        content = _marked(content)
    return Released(content, tuple(rules.log), seal=made._SEAL), tuple(rules.log)  # noqa: SLF001 - the gate alone


def _fits(profile: ReleaseProfile, behind: Behind) -> None:
    """Open data are of authorities: nothing is suppressed, so nobody else's may pass so."""
    shows_all = (profile.open or profile.threshold <= 1) and profile.name != "internal"
    if shows_all and behind.kind != "authority":
        found = (
            f"{profile.name!r}, which hides nothing, but the units are {behind.kind or 'not said to be authorities'}"
        )
        cure = "Say data.units = 'authority' where they are, or choose another profile."
        raise BadInput([Problem("release profile", found, "data of authorities that anyone can download", cure)])


def _content(result: Value, rules: Rules) -> Value:
    """Part by part, in the order of the canonical result; a part that the gate does not know is left out."""
    stand = [e for e in (_estimate(e, rules) for e in result["estimates"]) if e is not None]
    shown = [{**e, "support": n} for e, n in zip(stand, rules.at_least([e["support"] for e in stand]), strict=True)]
    heads = [e for e in (_estimate(e, rules, silent=True) for e in result["headline_terms"]) if e is not None]
    least = rules.at_least([e["support"] for e in [*shown, *heads]])
    heads = [{**e, "support": n} for e, n in zip(heads, least, strict=False)]
    made = {**keep(result, "schema", "area", "question", "method"), "protocol": dict(result["protocol"])}
    made["registration"] = _scrubbed(result["registration"], rules)
    made["readiness"] = _scrubbed(result["readiness"], rules)
    checks = {key: [c for c in (_check(c, rules) for c in result[key]) if c] for key in ("diagnostics", "probes")}
    parts = {
        "sample": _sample(result["sample"], rules),
        "headline_terms": heads,
        "estimates": shown,
        **checks,
        "figures": [f for f in (figure(f, rules) for f in result["figures"]) if f],
        "tables": [t for t in (table(t, rules) for t in result["tables"]) if t],
        "not_computed": [
            {"what": rules.words(n["what"], "not computed"), "reason": rules.words(n["reason"], "not computed")}
            for n in result["not_computed"]
        ],
        "provenance": _provenance(result["provenance"], rules),
    }
    headline = _headline(result, checks, heads, rules)
    order = [*made, "headline", *parts]
    return {key: {**made, **parts, "headline": headline}[key] for key in [*_ordered(result, order)]}


def _scrubbed(value: Any, rules: Rules) -> Any:
    """Words of others within the result: published quotes stay as they are; hashes of records and names do not."""
    if isinstance(value, dict):
        read = any(isinstance(item, str) and _READ in item for item in value.values())
        return {
            key: _scrubbed(rules.counted(item) if read and isinstance(item, str) else item, rules)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_scrubbed(item, rules) for item in value]
    if not isinstance(value, str):
        return value
    text = HASHES.sub("", rules.counted(value) if _READ in value else value)
    if rules.place:
        return text
    return KEPT_BACK if rules.cases.found(text) else text


def _ordered(result: Value, known: list[str]) -> list[str]:
    return [key for key in result if key in known]


def _estimate(value: Value, rules: Rules, *, silent: bool = False) -> Value | None:
    """One estimate; None where too few stand behind it or it may not be shown for another reason."""
    name = f"{value['outcome']}: {value['term']}"
    sides = [n for n in (value["n_treated"], value["n_comparison"]) if n is not None]
    support = value["support"] if value["support"] is not None else min(sides, default=None)
    reason = _against(value, support, rules)
    if not silent:
        told = f"estimate: {reason}" if reason else "estimate: enough units and degrees of freedom"
        rules.note(name, "withheld" if reason else "shown", told, support)
    if reason or (rules.unsaid and rules.few(support)):
        rules.ask_units()
    if reason:
        return None
    made = keep(value, *_ESTIMATE)
    for key in ("n_treated", "n_comparison"):
        made[key] = rules.count(value[key])
    made["n_observations"] = rules.rows(value["n_observations"])
    made["n_clusters"] = rules.clusters(value["n_clusters"])
    for key in ("term", "estimand", "inference"):
        made[key] = rules.words(value[key], name)
    return made


def _against(value: Value, support: int | None, rules: Rules) -> str | None:
    """Why an estimate may not be shown; None where it may."""
    reason = rules.about(value["outcome"])
    if reason or not rules.persons:
        return reason
    overall = value["term"].split(",")[0] == "ATT"
    event = float(value["term"].rsplit(" ", 1)[1]) if value["term"].startswith("event time ") else None
    if not rules.effect_stands(support, event) and not (rules.unsaid and overall):
        return "too few stand behind it on one side, or behind a cohort that could be worked out from it"
    if overall and not rules.average:
        return "with it, an effect that is hidden could be worked out"
    if value["n_clusters"] is not None and value["n_clusters"] - 2 < rules.profile.degrees and not rules.unsaid:
        return f"fewer than {rules.profile.degrees} degrees of freedom"
    return None


@cache
def _known_checks() -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = (resources("hubeval.release") / "checks.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    return tuple(raw["groups"]), tuple(raw["singles"])


def _is(name: str, known: tuple[str, ...]) -> bool:
    return any(name == word or (word.endswith("*") and name.startswith(word[:-1])) for word in known)


def _check(value: Value, rules: Rules) -> Value | None:
    """One check: those that look at one unit at a time, and those that the gate does not know, not for persons."""
    name = value["name"]
    groups, singles = _known_checks()
    reason = rules.about(name, value["reading"]) if rules.refused else None
    if reason is None and rules.persons:
        if _is(name, singles) and not rules.behind.areas:
            reason = "it looks at one unit at a time"
        elif name in rules.closed or (name.startswith("honest") and not rules.honest_stands):
            reason = "with it, an effect that is hidden could be worked out"
        elif not _is(name, (*groups, *singles)):
            reason = "the gate does not know it"
    if reason:
        rules.note(name, "withheld", f"check: {reason}")
        rules.ask_units()
        return None
    made = {**value, "reading": rules.words(value["reading"], name)}
    if name == "left out" and rules.profile.few in made["reading"]:
        rules.note(name, "withheld", "check: it says what the few left out were like")
        return None
    counted = name in {"number treated", "effective sample", "number of units"}
    if rules.place or rules.unsaid or value["statistic"] is None:
        return made
    if counted:
        return {**made, "statistic": rules.count(round(value["statistic"]))}
    if rules.profile.few in made["reading"]:
        return {**made, "statistic": None}
    digits = max(2, digits_for(rules.behind.n_units))  # finer, a share tells the count it was divided by
    return {**made, "statistic": significant(float(made["statistic"]), digits)}


def _sample(value: Value, rules: Rules) -> Value:
    made = dict(value)
    for key in ("n_units", "n_treated", "n_comparison"):
        made[key] = rules.count(value[key])
    made["flow"] = [
        {
            "label": rules.words(step["label"], "flow"),
            "n_rows": rules.rows(step["n_rows"]),
            "n_units": _step_units(step, rules),
            "note": rules.words(step["note"], "flow"),
        }
        for step in value["flow"]
    ]
    return made


def _step_units(step: Value, rules: Rules) -> int | None:
    """Units of a step as they may be shown: where areas are followed, one of as many as rows are persons."""
    if rules.behind.areas and step["n_units"] == step["n_rows"]:
        return rules.rows(step["n_rows"])
    return rules.count(step["n_units"])


def _headline(result: Value, checks: Value, heads: list[Value], rules: Rules) -> Value:
    """The room's own paragraph where everything it quotes may be shown; a plain one where it may not."""
    value = result["headline"]
    missing = [e for e in result["headline_terms"][:1] if not any(h["outcome"] == e["outcome"] for h in heads)]
    kept = {check["name"] for key in ("diagnostics", "probes") for check in checks[key]}
    gone = [c["reading"] for key in ("diagnostics", "probes") for c in result[key] if c["name"] not in kept]
    text = value["text"]
    for reading in gone:
        text = text.replace(reading, "(A check that looks at single units is withheld.)")
    if missing:
        text = _withheld(missing[0]["outcome"], result["provenance"]["despite"], rules)
    return {**value, "text": rules.words(text, "headline"), "not_shown": [
        rules.words(line, "headline") for line in value["not_shown"]]}  # fmt: skip


def _marked(content: Value) -> Value:
    """The exact result with what it is said on every page, picture and table of it."""
    mark = INTERNAL
    figures = [{**f, "title": f"{mark}: {f['title']}", "text": f"{mark}. {f['text']}"} for f in content["figures"]]
    tables = [{**t, "caption": f"{mark}: {t['caption']}"} for t in content["tables"]]
    headline = {**content["headline"], "text": f"{mark}. {content['headline']['text']}"}
    return {**content, "headline": headline, "figures": figures, "tables": tables}


def _withheld(outcome: str, despite: str, rules: Rules) -> str:
    """What a headline says whose number may not leave."""
    went_on = f"The readiness check did not open this design; it was run all the same because: {despite}. "
    return (
        f"{went_on if despite else ''}The estimate for {outcome} is withheld: too few stand behind it, or one or two "
        f"of them make it up, and the rules for release do not let it leave ({rules.profile.label})."
    )


def _provenance(value: Value, rules: Rules) -> Value:
    """Hashes of records are keyed or left out: whoever holds all but one cell could test guesses against them."""
    made = dict(value)
    if made["data_sha256"]:
        made["data_sha256"] = ""
        rules.note("provenance", "withheld", "the hash of the records, which would let guesses be tested")
    return made


def _stamp(rules: Rules, cells: dict[str, int | None]) -> Value:
    profile = rules.profile
    withheld = [d for d in rules.log if d.action == "withheld"]
    return {
        "profile": profile.name,
        "label": profile.label,
        "source": profile.source,
        "dated": profile.dated.isoformat(),
        "version": VERSION,
        "threshold": profile.threshold,
        "base": profile.base,
        "units": rules.behind.kind,
        "units_declared": rules.behind.declared,
        "internal": profile.name == "internal",
        "withheld": [{"output": d.output, "rule": d.rule} for d in withheld],
        "asks": list(rules.asks),
        "counts": cells if not rules.open else {},
    }
