"""What one page says of an evaluation: the number, what it does not show, how sure, and what to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.headline import placed
from hubeval.release.released import passed
from hubeval.report.brief.page import Brief, Section, sentences, set_page
from hubeval.report.text import release_line
from hubeval.result import BEARINGS
from hubeval.scale import PER_CENT
from hubeval.wording import amount, counted, move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.protocol.outcome import Direction
    from hubeval.release.released import Released

_STOPS = ("Bear in mind (", "Read this with caution.")  # where the headline turns to the checks
_MORE = (
    "The whole report is report.html; report.docx is the same for Word, and tables.xlsx holds every number. "
    "Made by hubeval from result.json."
)
_SHOWN = 3
_COULD = {
    "sign": "could turn the result round",
    "size": "could change its size",
    "interval": "could make it less sure",
    "scope": "narrows whom it is about",
}
_AS_BAD = "A change for the worse as large as that may be there and not be seen."
_ON_WORTH = {
    "at least": "All of the interval is at least as large as the change that was said to be worthwhile. "
    "To be careful, plan on the end of the interval nearest to no change.",
    "smaller": "Something changed, but less than was said to be worthwhile. Ask whether it is worth the cost.",
    "not settled": "It is not settled whether the change is large enough to be worthwhile. "
    "To be careful, plan on the end of the interval nearest to no change.",
    "none, and none large": "A change for the better as large as was said to be worthwhile is unlikely. "
    "That is a finding too: ask whether to change the service or the aim.",
    "none, or large": "Do not read this as “no effect”. A worthwhile change may be there and not be seen. "
    "Wait for more data before you decide, or decide on other grounds and say so.",
    "worse": "The change is for the worse. Find out why before the service goes on as it is.",
}


def evaluation_brief(released: Released[dict[str, Any]], svgs: Sequence[str]) -> str:
    """``brief.html`` of a released result.

    Parameters
    ----------
    released : Released
    svgs : sequence of str
        Its figures, drawn, in their order; the first stands on the page.
    """
    result = passed(released)
    said = sentences(result["headline"]["text"])
    stop = next((i for i, one in enumerate(said) if one.startswith(_STOPS)), len(said))
    sections = (
        Section(title="What it does not show", lines=_not_shown(result)),
        Section(title="How sure is it?", lines=tuple(_sure(result))),
        Section(title="What to do", lines=tuple(_to_do(result))),
    )
    return set_page(Brief(
        kicker=f"One page for those who decide · {result['area']} · {result['provenance']['made_on']}",
        title=result["question"],
        answer=" ".join([*said[:stop], *_before(result)]),
        sections=sections,
        picture=svgs[0] if svgs else "",
        caption=result["figures"][0]["title"] if svgs else "",
        notice=release_line(result["release"]) if result["release"]["internal"] else "",
        more=_MORE,
    ))  # fmt: skip


_STOOD = {
    "level-before": "Before the start the level was",
    "level-of-comparison": "In the comparison, as it was weighted and adjusted, the level is",
}  # fmt: skip


def _before(result: dict[str, Any]) -> list[str]:
    """The primary number in per cent of the level beside it, where it is not told in per cent already."""
    table = next((one for one in result["tables"] if one["name"] in _STOOD), None)
    heads = result["headline_terms"]
    row = next((row for row in table["rows"] if row[0] == heads[0]["outcome"]), None) if table and heads else None
    if table is None or row is None or row[3] is None or row[5] is None or heads[0]["unit"] == PER_CENT:
        return []
    stood = f"{_STOOD[table['name']]} {amount(row[3], row[4])}"
    if row[6] is None or row[7] is None:
        return [f"{stood}; the number is {move(row[5], PER_CENT)} of that."]
    return [f"{stood}; in per cent of that the interval is {move(row[6], PER_CENT)} to {move(row[7], PER_CENT)}."]


def _not_shown(result: dict[str, Any]) -> tuple[str, ...]:
    lines = result["headline"]["not_shown"]
    more = len(lines) - _SHOWN + len(result["not_computed"])
    end = (f"{counted(more, 'more point')} in the report.",) if more > 0 and len(lines) >= _SHOWN else ()
    return (*lines[:_SHOWN], *end)


def _sure(result: dict[str, Any]) -> list[str]:
    """How many checks there were and what they found; those that matter most by their question."""
    checks = [*result["diagnostics"], *result["probes"]]
    asked = [check for check in checks if check["status"] in {"pass", "caution", "fail"}]
    counts = {status: sum(c["status"] == status for c in asked) for status in ("pass", "caution", "fail")}
    made = counted(len(asked), "check was", "checks were")
    lines = [
        f"{made} made. {counts['pass']} found nothing against the result, {counts['caution']} raised a caution, "  # noqa: ISC004
        f"{counts['fail']} failed. A check that finds nothing is no proof."
    ]
    raised = [c for c in asked if c["status"] != "pass"]
    raised.sort(key=lambda c: (c["status"] != "fail", BEARINGS.index(c["bears_on"])))
    for check in raised[:_SHOWN]:
        word = "Failed" if check["status"] == "fail" else "Caution"
        lines.append(f"{word}: {check['question']} The answer {_COULD[check['bears_on']]}.")
    if len(raised) > _SHOWN:
        lines.append(f"{counted(len(raised) - _SHOWN, 'more')} in the report.")
    return lines


def _to_do(result: dict[str, Any]) -> list[str]:
    """What follows for a decision, from where the interval lies and what the checks found; never more than that."""
    failed = any(c["status"] == "fail" for c in (*result["diagnostics"], *result["probes"]))
    lines = []
    if result["provenance"]["despite"]:
        lines.append("The area was not ready for this study. Do not rest a decision on this number alone.")
    if failed:
        lines.append(
            "At least one check failed. Do not rest a decision on this number alone; ask the team why it failed."
        )
    lines += _on_number(result, trusted=not lines)
    lines.append("Look at it again when there are more data, or when the service changes.")
    return lines


def _on_number(result: dict[str, Any], *, trusted: bool) -> list[str]:
    head = result["headline_terms"][0] if result["headline_terms"] else None
    primary = next((o for o in result["protocol"]["outcomes"] if o["role"] == "primary"), None)
    if head is None or (primary and head["outcome"] != primary["label"]):
        return ["There is no number to decide on. The report says why."]
    if head["conf_low"] is None or head["conf_high"] is None:
        return ["There is no interval around the number, so it should not be used alone."]
    if not trusted:
        return []
    worth = primary["smallest_worthwhile"] if primary else None
    if primary is None or worth is None:
        unsaid = "Nobody said beforehand how large a change would be worthwhile. Agree on that before you decide."
        none = "Do not read this as “no effect”: a rise and a fall are both still possible."
        return [none, unsaid] if head["conf_low"] <= 0 <= head["conf_high"] else [unsaid]
    return [_on_worth((head["conf_low"], head["conf_high"]), worth, primary["direction"])]


def _on_worth(ends: tuple[float, float], worth: float, direction: Direction) -> str:
    """What follows from the interval beside what is worthwhile; a large change for the worse is never passed over."""
    place = placed(*ends, worth, direction)
    if place != "none, and none large":
        return _ON_WORTH[place]
    worst = {"lower is better": ends[1], "higher is better": -ends[0], "neither": 0.0}[direction]
    said = _ON_WORTH[place].replace(" for the better", "", 1) if direction == "neither" else _ON_WORTH[place]
    return f"{said} {_AS_BAD}" if worst >= worth else said
