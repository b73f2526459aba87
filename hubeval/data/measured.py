"""Whether an outcome is the measure it says it is: its id is known, and its children are counted as the rate's are."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hubeval.data.calendar import measures
from hubeval.data.catalogue import breaks_of, outcomes

if TYPE_CHECKING:
    from hubeval.data.findings import Findings
    from hubeval.errors import Door
    from hubeval.protocol import Outcome, Protocol

MEASURE = "measure"
ASKED = "What is known of measures like this one?"
_SOCIAL_CARE = frozenset({"cin", "referrals", "cpp", "s47"})
_AGES = re.compile(r"(?<!\d)0\s*(?:to|-|–|_)\s*(1[5-9])(?!\d)")
_UNDER = re.compile(r"\bunder[\s_-]?(1[5-9])s?\b")


def check_measures(protocol: Protocol, door: Door) -> None:
    """Refuse a measure that is a slip for one that is known: its breaks would be missed, unsaid."""
    known = sorted({*measures(), *(item.id for item in outcomes())})
    for outcome in protocol.outcomes:
        if outcome.measure and outcome.measure not in known:
            near = get_close_matches(outcome.measure, known, n=1, cutoff=0.8)
            if near:
                where, wrote = f"outcomes ({outcome.column}): measure", f"found {outcome.measure!r}"
                cure = f"Did you mean {near[0]!r}? Another measure needs an id less like it."
                door.refuse(where, wrote, "a measure by its id", cure)


def check_catalogue(protocol: Protocol, found: Findings) -> None:
    """Say of an outcome with an id what the catalogue says to beware of, and raise a direction the other way."""
    listed = {item.id: item for item in outcomes()}
    for outcome in protocol.outcomes:
        item = listed.get(outcome.measure)
        if item is None:
            continue
        ways = {outcome.direction, item.direction}
        if ways == {"lower is better", "higher is better"}:
            found.say(MEASURE, ASKED, "caution", f"{outcome.label} is declared as '{outcome.direction}', and the "
                      f"catalogue has {item.id} as '{item.direction}': one of them turns a gain into a loss.")
        elif item.note:
            found.say(MEASURE, ASKED, "information", f"{outcome.label} is {item.words} ({item.id}) of the catalogue. "
                      f"To beware of: {item.note}.")


def check_denominators(protocol: Protocol, found: Findings) -> None:
    """Raise rates whose children are of one age in one place and of another elsewhere."""
    exposure = getattr(protocol.design, "exposure", None) or ""
    for outcome in protocol.outcomes:
        texts = {f"unit {outcome.unit!r}": outcome.unit, f"column {outcome.column!r}": outcome.column}
        texts |= {f"column {name!r}": name for name in (outcome.behind, exposure) if name}
        ages = {where: top for where, text in texts.items() if (top := oldest(text))}
        if len(set(ages.values())) > 1:
            said = ", ".join(f"0 to {top} in the {where}" for where, top in ages.items())
            found.say("denominator", "Are the children counted the same everywhere?", "caution",
                      f"{outcome.label}: the children are aged {said}. Rates and counts of the two do not go together.")
        elif ages and _of_social_care(outcome) and set(ages.values()) != {17}:
            found.say("denominator", "Are the children counted as in the published rates?", "caution",
                      f"{outcome.label}: per children aged 0 to {next(iter(ages.values()))}. The Department for "
                      "Education's rates of referrals, children in need and child protection are per children aged 0 "
                      "to 17: do not mix the two.")


def oldest(text: str) -> int:
    """The oldest age of the children that a text speaks of; 0 where it speaks of none.

    Examples
    --------
    >>> oldest("per 10,000 children aged 0 to 17"), oldest("pop_0_16"), oldest("under 18s"), oldest("per 10,000")
    (17, 16, 17, 0)
    """
    band, under = _AGES.search(text.casefold()), _UNDER.search(text.casefold().replace("_", " "))
    return int(band.group(1)) if band else int(under.group(1)) - 1 if under else 0


def _of_social_care(outcome: Outcome) -> bool:
    words = f"{outcome.label} {outcome.column}".casefold().replace("_", " ")
    said = any(word in words for word in ("referral", "children in need", "protection plan", "section 47"))
    return bool(breaks_of(outcome.measure) & _SOCIAL_CARE) if outcome.measure else said
