"""The methods section of a paper, from a released result: what was done, and the works behind exactly that."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import Any

from hubeval.errors import listed
from hubeval.report.references import Work, cited, works
from hubeval.wording import counted

Result = dict[str, Any]
_ADJUSTED = "santanna2020"  # group-time effects with covariates


@dataclass(frozen=True, slots=True, kw_only=True)
class Appendix:
    """A methods section.

    Parameters
    ----------
    paragraphs : tuple of str
        In the order in which they read.
    references : tuple of Work
        By first author.
    """

    paragraphs: tuple[str, ...]
    references: tuple[Work, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        listing = [{"key": work.key, "text": str(work), "doi": work.doi} for work in self.references]
        return {"paragraphs": list(self.paragraphs), "references": listing}

    def __str__(self) -> str:
        return "\n\n".join([*self.paragraphs, "\n".join(["References", *(f"- {work}" for work in self.references)])])


def methods_appendix(result: Result) -> Appendix:
    """The methods section of a released result.

    Parameters
    ----------
    result : dict
        A ``result.json`` as `hubeval.report.compare.read_result` reads it.

    Returns
    -------
    Appendix
        Only what this result says was done, and only works that stand behind that.
    """
    head = next(iter(result["headline_terms"]), None)
    paragraphs = [_design(result), _estimation(result, head), _checks(result), _made(result)]
    return Appendix(paragraphs=tuple(filter(None, paragraphs)), references=_references(result, head))


def _design(result: Result) -> str:
    sample, protocol = result["sample"], result["protocol"]
    primary = [one["label"] for one in protocol["outcomes"] if one["role"] == "primary"]
    said = result.get("registration", {}).get("says") or "Whether the protocol is registered is not recorded."
    span = f"from {sample['first_period']} to {sample['last_period']}" if sample["first_period"] else ""
    size = _sizes(sample)
    return " ".join(part for part in [
        f"Question: {result['question'].rstrip('?.')}? The primary outcome is {listed(primary)}.",
        f"The protocol is dated {protocol['registered']}. {said}",
        f"The data {'run ' + span if span else 'stand in one file'}{f' and hold {size}' if size else ''}.",
    ] if part)  # fmt: skip


def _sizes(sample: Result) -> str:
    """How many units, as released: a count that was withheld is not a number, and is left out."""
    words = {"n_units": "units", "n_treated": "treated", "n_comparison": "for comparison"}
    return ", ".join(f"{sample[key]} {word}" for key, word in words.items() if sample.get(key) not in (None, ""))


def _estimation(result: Result, head: Result | None) -> str:
    method = result["method"].rstrip(".")
    if head is None:
        return f"Planned: {method}. No headline number was computed."
    return (
        f"Method: {method}. The estimand is the {head['estimand'].rstrip('.')}. "
        f"Intervals ({head['conf_level']:.0%}) and p-values: {head['inference'].rstrip('.')}."
    )


def _checks(result: Result) -> str:
    asked = [*result["diagnostics"], *result["probes"]]
    names = list(dict.fromkeys(one["name"] for one in asked))
    if not names:
        return ""
    failed = sum(one["status"] == "fail" for one in asked)
    missing = list(dict.fromkeys(one["what"] for one in result.get("not_computed", ())))
    without = f" Not computed: {listed(missing, len(missing))}." if missing else ""
    return f"Checks made: {listed(names, len(names))}; {counted(failed, 'reading')} failed.{without}"


def _made(result: Result) -> str:
    made, rules = result["provenance"], result["release"]
    packages = ", ".join(f"{name} {version}" for name, version in sorted(made["packages"].items()))
    despite = f" The readiness check did not open this design; it went on because: {made['despite']}."
    coarse = f"; counts are rounded to {rules['base']}" if (rules.get("base") or 1) > 1 else ""
    return (
        f"Computed with hubeval {made['hubeval']} under Python {made['python']} ({packages}), seed {made['seed']}. "
        f"Numbers were released under the rules '{rules['label']}'{coarse}.{despite if made['despite'] else ''}"
    )


def _references(result: Result, head: Result | None) -> tuple[Work, ...]:
    behind, known = _behind(), works()
    said = f"{result['method']} {head['inference'] if head else ''}"
    found = list(cited(said))
    found += [known[key] for key in behind["kinds"].get(result["protocol"]["design"]["kind"], ())]
    found += [known[key] for phrase, keys in behind["inference"].items() if phrase in said for key in keys]
    names = [one["name"] for one in [*result["diagnostics"], *result["probes"]]]
    for phrase, keys in behind["checks"].items():
        found += [known[key] for key in keys if any(name.startswith(phrase) for name in names)]
    if result["protocol"]["design"].get("covariates") and "group-time" in result["method"]:
        found.append(known[_ADJUSTED])
    return tuple(sorted(dict.fromkeys(found), key=lambda work: (work.authors[0].lower(), work.year)))


@cache
def _behind() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((resources("hubeval.report") / "cites.toml").read_text(encoding="utf-8"))
