"""Two released results side by side: where they agree, where not, and what differs between them that could be why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.errors import BadInput, Door, Problem
from hubeval.folders import as_written
from hubeval.report.numbers import minus
from hubeval.report.page import environment
from hubeval.wording import amount, between

if TYPE_CHECKING:
    from pathlib import Path

    Result = dict[str, Any]

SCHEMA = "hubeval-comparison/1"
Kind = Literal[
    "two analyses", "earlier and later data", "the same analysis of other data", "the same analysis twice"
]
_NO_TEST = (
    "The two may rest on the same records, wholly or in part, so no p-value for their difference is given: "
    "it would need to know how they move together."
)
_NONE = "Nothing that was declared, counted or checked differs."
_TOGETHER = (
    "That two designs agree is worth most where they could be wrong for different reasons; "
    "both may still share a fault that neither sees."
)
_SKIPPED = {"sha256", "registered", "amendments", "notes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: what it is called, its number with its interval in words, and how it was made."""

    name: str
    design: str
    number: str
    estimand: str
    inference: str
    period: str
    n: str
    standing: str
    failed: int
    cautions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What holding two results side by side found.

    Parameters
    ----------
    kind : {"two analyses", "earlier and later data", "the same analysis of other data", "the same analysis twice"}
    agree : bool or None
        Whether both intervals lie on one side of zero, or both include it, and each number lies in the other's
        interval; None where one has no interval.
    says : tuple of str
        The finding in sentences.
    differences : tuple of (what, first, second)
        Everything declared or found that is not the same in both.
    """

    question: str
    outcome: str
    kind: Kind
    agree: bool | None
    sides: tuple[Side, Side]
    says: tuple[str, ...]
    differences: tuple[tuple[str, str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"schema": SCHEMA, **files.plain(self)}

    def __str__(self) -> str:
        sides = [f"{side.name}: {side.number}. {side.design}." for side in self.sides]
        rows = [f"  - {what}: {one} | {two}" for what, one, two in self.differences]
        return minus("\n".join([self.outcome, *sides, *self.says, "What differs:" if rows else _NONE, *rows]))


def read_result(path: str | Path) -> Result:
    """A released ``result.json``.

    Raises
    ------
    BadInput
        It is none, did not pass the release gate, is marked internal, or was changed in the folder it was written to.
    """
    value = files.read_json(path, "result")
    if not isinstance(value, dict) or value.get("schema") != "hubeval-result/1":
        cure = "Name the result.json in a folder that 'hubeval evaluate --out' wrote."
        raise BadInput([Problem("result", f"{path} is no result of an evaluation", "hubeval-result/1", cure)])
    stamp = value.get("release")
    if not isinstance(stamp, dict) or stamp.get("internal") is not False:
        found = f"{path} did not pass the release gate, or is marked internal"
        raise BadInput([Problem("result", found, "a released result", "Run 'hubeval evaluate --out' again.")])
    missing = [key for key in ("protocol", "headline_terms", "sample", "diagnostics", "probes") if key not in value]
    if missing:
        raise BadInput([Problem("result", f"{path} lacks {missing[0]!r}", "a whole result", "Run it again.")])
    if as_written(path) is False:
        cure = "Run 'hubeval evaluate' again and give what it writes, as it is."
        raise BadInput([Problem("result", f"{path} was changed after hubeval wrote it", "as written", cure)])
    return value


def compare_results(first: Result, second: Result) -> Comparison:
    """Hold two results of one question side by side.

    Raises
    ------
    BadInput
        They are of another area, outcome or unit, or one has no number.
    """
    _require_alike(first, second)
    one, two = first["headline_terms"][0], second["headline_terms"][0]
    kind = _kind(first, second)
    names = {"earlier and later data": ("earlier", "later")}.get(kind, ("first", "second"))
    if kind == "earlier and later data" and first["sample"]["last_period"] > second["sample"]["last_period"]:
        names = names[::-1]
    agree = _agree(one, two)
    return Comparison(
        question=first["question"], outcome=one["outcome"], kind=kind, agree=agree,
        sides=(_side(first, names[0]), _side(second, names[1])),
        says=tuple(_says((one, two), names, agree, kind)), differences=tuple(_differences(first, second)),
    )  # fmt: skip


def comparison_files(found: Comparison) -> dict[str, str]:
    """``comparison.html`` and ``comparison.json``, by name."""
    page = environment().get_template("comparison.html").render(c=found.to_dict())
    return {"comparison.html": page, "comparison.json": files.to_json(found.to_dict())}


def _require_alike(first: Result, second: Result) -> None:
    door = Door()
    for result, name in ((first, "the first result"), (second, "the second result")):
        if not result["headline_terms"]:
            door.refuse(name, "has no number to compare", "a result with a headline number", "See its report for why.")
    if first["headline_terms"] and second["headline_terms"]:
        one, two = first["headline_terms"][0], second["headline_terms"][0]
        pairs = [("area", first["area"], second["area"]), *((k, one[k], two[k]) for k in ("outcome", "unit"))]
        for key, a, b in pairs:
            if a != b:
                door.refuse(key, f"{a!r} and {b!r}", "the same in both", "Compare two results of one question.")
    door.close()


def _kind(first: Result, second: Result) -> Kind:
    periods = [(r["sample"]["first_period"], r["sample"]["last_period"]) for r in (first, second)]
    if _declared(first) != _declared(second):
        return "two analyses"
    hashes = {r.get("provenance", {}).get("data_sha256") for r in (first, second)} - {None, ""}
    same_sample = len(hashes) < 2 and files.to_json(first["sample"]) == files.to_json(second["sample"])
    if periods[0][1] != periods[1][1]:
        return "earlier and later data"
    return "the same analysis twice" if same_sample else "the same analysis of other data"


def _declared(result: Result) -> dict[str, str]:
    """What a protocol declares, leaf by leaf, as text; not where its data lie."""
    return {
        key: text
        for key, text in _leaves(result["protocol"], "")
        if key.split(".")[0].split("[")[0] not in _SKIPPED and key not in {"data.file", "data.source", "profile"}
    }


def _leaves(value: Any, at: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{at}.{key}" if at else key)]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [leaf for i, item in enumerate(value, start=1) for leaf in _leaves(item, f"{at}[{i}]")]
    if isinstance(value, list):
        return [(at, ", ".join(map(str, value)))]
    return [(at, "" if value is None else str(value))]


def _agree(one: Result, two: Result) -> bool | None:
    ends = [one["conf_low"], one["conf_high"], two["conf_low"], two["conf_high"]]
    if any(end is None for end in ends):
        return None
    within = ends[2] <= one["estimate"] <= ends[3] and ends[0] <= two["estimate"] <= ends[1]
    return bool(_way(one) == _way(two) and within)


def _way(term: Result) -> int:
    """-1 or 1 where the whole interval lies below or above zero; 0 where it includes no change."""
    if term["conf_low"] <= 0 <= term["conf_high"]:
        return 0
    return 1 if term["conf_low"] > 0 else -1


def _says(
    heads: tuple[Result, Result], names: tuple[str, ...], agree: bool | None, kind: Kind,  # noqa: FBT001 - a finding
) -> list[str]:
    one, two = heads if names[0] in {"first", "earlier"} else heads[::-1]
    before, after = ("earlier", "later") if "later" in names else ("first", "second")
    gap = two["estimate"] - one["estimate"]
    far, way = amount(abs(gap), one["unit"]), "lower" if gap < 0 else "higher"
    lines = [f"The {after} number is {far} {way} than the {before}."]
    if gap == 0:
        lines = ["Both numbers are the same."]
    if agree is None:
        lines.append("One of them has no interval, so whether they agree cannot be said.")
    elif agree:
        both = "include no change" if _way(one) == 0 else "lie on the same side of no change"
        lines.append(f"They agree: both intervals {both}, and each number lies within the other's interval.")
    else:
        lines.append("They do not agree.")
        if _way(one) * _way(two) == -1:
            lines.append("One says lower and the other higher: neither should be used before the reason is known.")
        elif _way(one) != _way(two):
            lines.append("One interval includes no change and the other does not.")
        else:
            lines.append("Both point the same way, but at least one number lies outside the other's interval.")
    return [*lines, _NO_TEST, *([_TOGETHER] if agree and kind == "two analyses" else [])]


def _side(result: Result, name: str) -> Side:
    head, sample, declared = result["headline_terms"][0], result["sample"], result["protocol"]
    checks = [*result["diagnostics"], *result["probes"]]
    low, high = head["conf_low"], head["conf_high"]
    way = "lower" if head["estimate"] < 0 else "higher"
    span = "no interval" if low is None or high is None else (
        f"{head['conf_level']:.0%} interval {between(low, high, head['unit'])}"
    )  # fmt: skip
    groups = [f"{sample[key]:,} {key[2:]}" for key in ("n_treated", "n_comparison") if sample[key] is not None]
    return Side(
        name=name, design=f"{declared['design']['kind']}: {result['method']}",
        number=f"{amount(abs(head['estimate']), head['unit'])} {way} than expected ({span})",
        estimand=head["estimand"], inference=head["inference"],
        period=f"{sample['first_period']} to {sample['last_period']}" if sample["last_period"] else "no periods",
        n=", ".join(groups) or "withheld",
        standing=result.get("registration", {}).get("says", "") or "not said",
        failed=sum(c["status"] == "fail" for c in checks), cautions=sum(c["status"] == "caution" for c in checks),
    )  # fmt: skip


def _differences(first: Result, second: Result) -> list[tuple[str, str, str]]:
    """What was declared otherwise, what the checks found otherwise, and what each rests on."""
    one, two = _declared(first), _declared(second)
    rows = [(key, one.get(key, "") or "none", two.get(key, "") or "none") for key in dict.fromkeys([*one, *two])
            if one.get(key, "") != two.get(key, "")]  # fmt: skip
    heads = first["headline_terms"][0], second["headline_terms"][0]
    rows += [(key, heads[0][key], heads[1][key]) for key in ("estimand", "inference") if heads[0][key] != heads[1][key]]
    samples = first["sample"], second["sample"]
    for key in ("n_treated", "n_comparison", "n_periods", "first_period", "last_period"):
        if samples[0][key] != samples[1][key]:
            one_n, two_n = ("withheld" if sample[key] is None else str(sample[key]) for sample in samples)
            rows.append((key, one_n, two_n))
    found = [{c["name"]: c["status"] for c in (*r["diagnostics"], *r["probes"])} for r in (first, second)]
    for name in dict.fromkeys([*found[0], *found[1]]):
        pair = [side.get(name, "not asked") for side in found]
        if pair[0] != pair[1]:
            rows.append((f"check: {name}", pair[0], pair[1]))
    return rows
