"""Every table that an office file holds, as data: one place for what Word, Excel and OpenDocument show alike.

Blank cells say why they are blank, by the marks of the Government Analysis Function ("Using symbols and shorthand in
tables", 2025): ``[c]`` confidential, ``[z]`` does not apply, ``[x]`` not available.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hubeval.report.office.grid import NOT_APPLICABLE, Grid
from hubeval.report.office.guidelines import guideline_grids
from hubeval.report.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubeval.result import Cell

CONFIDENTIAL, NOT_AVAILABLE = "[c]", "[x]"
MARKS = {
    CONFIDENTIAL: "confidential: withheld by the rules for release",
    NOT_APPLICABLE: "not applicable: there can be no such number here",
    NOT_AVAILABLE: "not available: it was not computed or not given",
}
P_VALUE = "p-value"
_ESTIMATE = {
    "outcome": "Outcome", "term": "Term", "estimate": "Estimate", "conf_low": "Interval from",
    "conf_high": "Interval to", "p_value": P_VALUE, "std_error": "Standard error", "conf_level": "Level of interval",
    "unit": "Unit", "n_treated": "Treated units", "n_comparison": "Comparison units", "n_clusters": "Clusters",
    "n_observations": "Observations", "estimand": "Whose effect", "inference": "Inference",
}  # fmt: skip
_COUNTS = {"n_treated", "n_comparison", "n_observations"}
_CHECK = {"question": "Question", "status": "Answer", "statistic": "Statistic", "threshold": "Threshold",
          "reading": "Reading", "bears_on": "Bears on", "name": "Check"}  # fmt: skip
_STATUS = {"pass": "nothing seen against it", "fail": "problem", "information": "for information"}
_LONGEST = 31  # characters of a sheet's name
_POINT = ("Series", "x", "y", "From", "To", "Units behind it")


def grids(result: dict[str, Any]) -> list[Grid]:
    """Every table of a released result, in the order in which a reader meets them; none is empty."""
    made = [
        _heads(result),
        _not_shown(result),
        _checks(result),
        _flow(result),
        _declared(result),
        _changed(result),
        _estimates(result),
        *(_table(table, result, i) for i, table in enumerate(result["tables"], start=1)),
        *(_figure(figure, result, i) for i, figure in enumerate(result["figures"], start=1)),
        _readiness(result),
        *guideline_grids(result),
        _withheld(result),
        _provenance(result),
    ]
    kept = [grid for grid in made if grid.rows]
    names = _names([grid.name for grid in kept])
    return [replace(grid, name=name) for grid, name in zip(kept, names, strict=True)]


def _names(wanted: list[str]) -> list[str]:
    """Sheet names that spreadsheets take: short, of letters and digits, told apart."""
    found: list[str] = ["cover", "contents", "notes", "history"]
    names = []
    for name in wanted:
        plain = re.sub(r"[^A-Za-z0-9 ]+", "_", name)[:_LONGEST].strip("_ ") or "Table"
        number, short = 2, plain
        while short.lower() in found:
            end = f"_{number}"
            short, number = plain[: _LONGEST - len(end)] + end, number + 1
        found.append(short.lower())
        names.append(short)
    return names


def _heads(result: dict[str, Any]) -> Grid:
    roles = parts(result)
    keys = [*_ESTIMATE]
    rows = [
        (row[0], role or "primary outcome: what the headline rests on", *row[1:])
        for row, role in zip(_rows(result["headline_terms"], keys, result), roles, strict=True)
    ]
    columns = ("Outcome", "Part it plays", *(_ESTIMATE[key] for key in keys[1:]))
    return Grid(name="Main numbers", title="The main numbers", columns=columns, rows=tuple(rows),
                page=(0, 1, 3, 4, 5, 6, 9))  # fmt: skip


def _estimates(result: dict[str, Any]) -> Grid:
    return Grid(
        name="Estimates", title="All estimates", columns=tuple(_ESTIMATE.values()),
        rows=tuple(_rows(result["estimates"], [*_ESTIMATE], result)), page=(0, 1, 2, 3, 4, 5),
    )  # fmt: skip


def _rows(estimates: Sequence[dict[str, Any]], keys: Sequence[str], result: dict[str, Any]) -> list[tuple[Cell, ...]]:
    return [tuple(_estimate_cell(e, key, result) for key in keys) for e in estimates]


def _estimate_cell(estimate: dict[str, Any], key: str, result: dict[str, Any]) -> Cell:
    value = estimate[key]
    if value is not None:
        return value if value != "" else NOT_APPLICABLE
    if key == "n_clusters":
        return NOT_APPLICABLE
    return CONFIDENTIAL if key in _COUNTS and not _all_leaves(result) else NOT_AVAILABLE


def _all_leaves(result: dict[str, Any]) -> bool:
    """Whether the rules let every count out."""
    return bool(result["release"]["profile"] == "published" or result["release"]["internal"])


def _not_shown(result: dict[str, Any]) -> Grid:
    rows = [(line, NOT_APPLICABLE) for line in result["headline"]["not_shown"]]
    rows += [(f"Not computed: {item['what']}", item["reason"]) for item in result["not_computed"]]
    return Grid(name="Not shown", title="What this does not show", columns=("What", "Why"), rows=tuple(rows))


def _checks(result: dict[str, Any]) -> Grid:
    rows = []
    for kind, key in (("Does the design hold?", "diagnostics"), ("Attempts to break the result", "probes")):
        for check in result[key]:
            cells = {**check, "status": _STATUS.get(check["status"], check["status"])}
            blank = {"statistic": _blank(check["name"], result), "threshold": NOT_APPLICABLE}
            rows.append((kind, *(_filled(cells[name], blank.get(name, NOT_APPLICABLE)) for name in _CHECK)))
    return Grid(name="Checks", title="Does the design hold? Diagnostics, and attempts to break the result",
                columns=("Kind", *_CHECK.values()), rows=tuple(rows), page=(1, 2, 3, 5))  # fmt: skip


def _flow(result: dict[str, Any]) -> Grid:
    blank = NOT_AVAILABLE if _all_leaves(result) else CONFIDENTIAL
    rows = [
        (step["label"], _filled(step["n_rows"], blank), _filled(step["n_units"], blank), step["note"] or NOT_APPLICABLE)
        for step in result["sample"]["flow"]
    ]
    for key, label in (("n_treated", "Treated units"), ("n_comparison", "Comparison units")):
        rows.append((label, NOT_APPLICABLE, _filled(result["sample"][key], blank), NOT_APPLICABLE))
    return Grid(name="Sample", title="Who and what it rests on: from the file to the estimate",
                columns=("Step", "Rows", "Units", "Note"), rows=tuple(rows))  # fmt: skip


def _declared(result: dict[str, Any]) -> Grid:
    declared = result["protocol"]
    rows: list[tuple[Cell, ...]] = [("design", key, _said(value)) for key, value in declared["design"].items()]
    for outcome in declared["outcomes"]:
        rows += [(f"outcome: {outcome['label']}", key, _said(value)) for key, value in outcome.items()]
    for group in ("cautions", "subgroups", "amendments"):
        for i, item in enumerate(declared[group], start=1):
            rows += [(f"{group[:-1]} {i}", key, _said(value)) for key, value in item.items()]
    for key, options in declared.get("multiverse", {}).items():
        rows += [("multiverse", key, "none" if _said(one) == NOT_APPLICABLE else _said(one)) for one in options]
    rows = [row for row in rows if row[2] != NOT_APPLICABLE]
    return Grid(name="Declared", title=f"What was declared: dated {declared['registered']} in the protocol",
                columns=("Part", "Key", "Value"), rows=tuple(rows), note=result["registration"]["says"])  # fmt: skip


def _changed(result: dict[str, Any]) -> Grid:
    since = result["registration"]
    rows = tuple((c["key"], c["then"], c["now"], c["reason"] or "none given") for c in since["changes"])
    return Grid(name="Changed", title=f"Changed since it was registered on {since['registered']}",
                columns=("Key", "Then", "Now", "Reason, dated"), rows=rows)  # fmt: skip


def _said(value: Any) -> Cell:
    """A declared value as one cell."""
    if value is None or value in ("", [], {}):
        return NOT_APPLICABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(_said(item)) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_said(item)}" for key, item in value.items())
    return value if isinstance(value, (int, float)) else str(value)


def _table(table: dict[str, Any], result: dict[str, Any], number: int) -> Grid:
    blank = _blank(table["name"], result)
    rows = tuple(tuple(_filled(cell, blank) for cell in row) for row in table["rows"])
    return Grid(name=f"T{number} {table['name']}", title=table["caption"], columns=_apart(table["columns"]),
                rows=rows)  # fmt: skip


def _figure(figure: dict[str, Any], result: dict[str, Any], number: int) -> Grid:
    blank = _blank(figure["name"], result)
    labels = {float(x): label for x, label in figure["ticks"]}
    rows = []
    for series in figure["series"]:
        for i, x in enumerate(series["x"]):
            place = labels.get(float(x), x) if isinstance(x, (int, float)) and labels else x
            ends = [_filled(series[end][i], blank) if series[end] else NOT_APPLICABLE for end in ("low", "high")]
            n = _filled(series["n"][i], blank) if series["n"] else NOT_AVAILABLE
            rows.append((series["label"] or "(one of many)", place, _filled(series["y"][i], blank), *ends, n))
    across = ("y_label", "x_label") if figure["horizontal"] else ("x_label", "y_label")
    named = [figure[key].strip() or letter for key, letter in zip(across, "xy", strict=True)]
    columns = _apart([_POINT[0], *named, *_POINT[3:]])
    return Grid(name=f"F{number} {figure['name']}", title=f"Figure {number}: {figure['title']}", columns=columns,
                rows=tuple(rows), note=figure["text"])  # fmt: skip


def _apart(names: Iterable[str]) -> tuple[str, ...]:
    """Column names, told apart where two are the same."""
    found: list[str] = []
    for name in names:
        same = sum(other.lower() == name.lower() for other in found)
        found.append(f"{name} ({same + 1})" if same else name)
    return tuple(found)


def _readiness(result: dict[str, Any]) -> Grid:
    ready = result["readiness"]
    rows = tuple((f["criterion"], f["status"], f["because"] or NOT_APPLICABLE) for f in ready["findings"])
    return Grid(name="Readiness", title=f"Was the area ready for this? {ready['area']}: {ready['route']}",
                columns=("Criterion", "Status", "Because"), rows=rows)  # fmt: skip


def _withheld(result: dict[str, Any]) -> Grid:
    rows = tuple((item["output"], item["rule"]) for item in result["release"]["withheld"])
    return Grid(name="Withheld", title="What the rules for release withheld", columns=("Output", "What and why"),
                rows=rows)  # fmt: skip


def _provenance(result: dict[str, Any]) -> Grid:
    made = result["provenance"]
    rows: list[tuple[Cell, ...]] = []
    for key, value in made.items():
        if isinstance(value, dict):
            rows += [(f"{key}: {name}", str(of)) for name, of in value.items()]
        else:
            missing = CONFIDENTIAL if key == "data_sha256" and not _all_leaves(result) else NOT_APPLICABLE
            rows.append((key, _filled(value, missing)))
    return Grid(name="Provenance", title="What made this result", columns=("What", "Value"), rows=tuple(rows))


def _blank(output: str, result: dict[str, Any]) -> str:
    """Why a number of an output is not there: the gate withheld some of it, or it was never computed."""
    gone = any(item["output"] == output for item in result["release"]["withheld"])
    return CONFIDENTIAL if gone else NOT_AVAILABLE


def _filled(value: Any, blank: str) -> Cell:
    """A cell's value, or the mark that says why there is none."""
    if value is None:
        return blank
    if isinstance(value, str) and not value.strip():
        return NOT_APPLICABLE
    kept: Cell = value
    return kept
