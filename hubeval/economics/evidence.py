"""A result at the door of the pounds: whole, released, and with numbers that can be numbers.

What comes here is a file that anybody may have opened. Nothing is taken from it before it is seen to be what hubeval
writes; what is not is refused, so that no broken number is priced.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import BadInput, Door, Problem
from hubeval.folders import as_written

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = ("headline", "headline_terms", "protocol", "readiness", "diagnostics", "probes", "provenance", "release")
_STATUSES = ("pass", "caution", "fail", "information")
_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high")
_TERM_WORDS = ("term", "outcome", "unit", "estimand")
_DIRECTIONS = ("higher is better", "lower is better", "neither")
_ROLES = ("primary", "secondary", "placebo", "downstream")
_HUGE = 1e12


def require_result(result: Any) -> None:
    """Refuse what is no released result of hubeval, or holds numbers that no evaluation can give.

    Raises
    ------
    BadInput
        With what is amiss; nothing of the numbers themselves is said.
    """
    known = isinstance(result, dict) and result.get("schema") == "hubeval-result/1"
    if not known or not all(key in result for key in _KEYS):
        _no_result("is no result of hubeval")
    if not isinstance(result["release"], dict) or result["release"].get("internal") is not False:
        _no_result("did not pass the release gate, or is marked internal")
    if not _shaped(result):
        _no_result("is not as hubeval writes one: parts of it are missing or of another kind")
    door = Door()
    for term in result["headline_terms"]:
        for found, allowed in _amiss(term):
            door.refuse(f"--result: the effect on {term['outcome']!r}", found, allowed,
                        "Take the file that 'hubeval evaluate' wrote, as it was written.")  # fmt: skip
    door.close()


def withheld_checks(result: dict[str, Any]) -> int:
    """How many checks the release gate kept back: what they found is not in the file."""
    kept = result["release"].get("withheld") or []
    return sum(1 for one in kept if isinstance(one, dict) and str(one.get("rule", "")).startswith("check:"))


def compared(result: dict[str, Any]) -> bool:
    """Whether the design holds the area against anything but its own past."""
    design, sample = result["protocol"]["design"], result.get("sample") or {}
    if design.get("kind") == "its":
        return bool(design.get("control"))
    return sample.get("n_comparison") != 0


def standing(path: str | Path) -> tuple[str, tuple[str, ...]]:
    """The hash of a result's file, and what is to be said of it where nothing shows that it is as it was written.

    Raises
    ------
    BadInput
        It is not what hubeval wrote there.
    """
    same = as_written(path)
    if same is False:
        cure = "Run 'hubeval evaluate' again and give what it writes, as it is."
        raise BadInput([Problem("--result", f"{path} was changed after hubeval wrote it", "as written", cure)])
    apart = "The result stands apart from the folder that hubeval wrote: nothing shows whether it is as written."
    return files.sha256(files.read_text(path, "--result")), () if same else (apart,)


def _no_result(found: str) -> None:
    cure = "Run 'hubeval evaluate PROTOCOL --out DIR' and give DIR/result.json."
    raise BadInput([Problem("--result", found, "the result.json that evaluate writes", cure)])


def _shaped(result: dict[str, Any]) -> bool:
    """Whether every part that is read has the keys that are read."""
    protocol, readiness = result["protocol"], result["readiness"]
    tables = (protocol, readiness, result["provenance"], result["headline"])
    rows = [result[key] for key in ("headline_terms", "diagnostics", "probes")]
    if not all(isinstance(table, dict) for table in tables) or not all(isinstance(row, list) for row in rows):
        return False
    outcomes = protocol.get("outcomes")
    if not isinstance(outcomes, list) or not isinstance(protocol.get("design"), dict):
        return False
    asked = [*result["diagnostics"], *result["probes"]]
    return (
        _have(outcomes, ("label", "direction", "role"))
        and all(one["direction"] in _DIRECTIONS and one["role"] in _ROLES for one in outcomes)
        and _have(result["headline_terms"], _TERM_WORDS)
        and all(key in term for term in result["headline_terms"] for key in (*_NUMBERS, "conf_level"))
        and _have(asked, ("name", "status", "reading"))
        and all(item["status"] in _STATUSES for item in asked)
        and isinstance(readiness.get("route"), str)
        and isinstance(result["provenance"].get("despite"), str)
        and isinstance(result["headline"].get("cautious"), bool)
        and isinstance(result.get("figures", []), list)
    )


def _have(rows: list[Any], words: tuple[str, ...]) -> bool:
    """Whether every row is a table with these keys, all of them text."""
    return all(isinstance(row, dict) and all(isinstance(row.get(key), str) for key in words) for row in rows)


def _amiss(term: dict[str, Any]) -> list[tuple[str, str]]:
    """What no evaluation gives: a number that is none, an interval that runs the wrong way or past its estimate."""
    numbers = {key: term[key] for key in _NUMBERS if term[key] is not None}
    if not all(_number(value) for value in numbers.values()):
        return [("holds something that is no number", "numbers")]
    level, low, high = term["conf_level"], term["conf_low"], term["conf_high"]
    said = []
    if not _number(level) or not 0 < level < 1:
        said.append((f"has an interval of level {level!r}", "between 0 and 1"))
    if term["std_error"] is not None and term["std_error"] < 0:
        said.append(("has an error below 0", "0 or more"))
    if low is not None and high is not None and (low > high or (low == high and term["std_error"] != 0)):
        said.append(("has an interval without width, or with its ends the wrong way round", "low < high"))
    elif None not in (low, high, term["estimate"]) and not low <= term["estimate"] <= high:
        said.append(("lies outside its own interval", "low ≤ estimate ≤ high"))
    return said


def _number(value: Any) -> bool:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return plain and math.isfinite(value) and abs(value) <= _HUGE
