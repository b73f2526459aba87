"""Whether the unit of an effect and the numbers that turn it into a count of things say the same thing.

A rate per 10,000 a quarter that is multiplied up as if it were per 1,000 a year is wrong by a factor of 2.5 and looks
like any other number. The unit says what it is per and how often; the case must not say otherwise.
"""

from __future__ import annotations

import re

from hubeval.scale import is_log, of_share, scale_of

_PER = re.compile(r"\b(?:per|for each|for every|in every)\s+(\d[\d,]*)(?!\d)")
_OFTEN = (
    ("month", "monthly", 12.0), ("quarter", "quarterly", 4.0), ("year", "yearly", 1.0), ("annum", "annually", 1.0),
    ("day", "daily", 365.25), ("week", "weekly", 365.25 / 7), ("fortnight", "fortnightly", 365.25 / 14),
    ("term", "termly", 3.0),
)  # fmt: skip
_WHOLE_YEAR = (1.0, 4.0, 12.0)  # days, weeks and terms may be fewer: a service need not be open in all of them
_RELATIVE = re.compile(r"%\s*change|\bof (?:the )?(?:counterfactual|synthetic path|expected)\b")
_NEAR = 0.02


def no_count(unit: str, term: str) -> str:
    """Why an effect in this unit is no number of anything that has a price; empty where it is one.

    Examples
    --------
    >>> no_count("proportion of the counterfactual", "average effect, relative")
    "in 'proportion of the counterfactual', which is no number of them"
    >>> no_count("contacts a month", "average effect")
    ''
    """
    said = unit.casefold()
    if _RELATIVE.search(said) or is_log(unit) or scale_of(unit) != "level":
        return f"in {unit!r}, which is no number of them"
    if term.startswith("per unit of ") or re.search(r"\b(slope|trend)\b", term.casefold()):
        return f"{term}, which is no number of them"
    if term.startswith(("effect at ", "event time ", "ATT of ")) or "summed over" in said:
        return f"{term} ({unit}), not the average over the time it was followed"
    return ""


def per_of(unit: str) -> float | None:
    """How many people one unit of the effect is on, where the unit says it.

    Examples
    --------
    >>> per_of("referrals per 10,000 children a quarter"), per_of("% of children"), per_of("share of families")
    (10000.0, 100.0, 1.0)
    >>> per_of("percentage points"), per_of("contacts a month") is None
    (100.0, True)
    """
    said = unit.casefold()
    found = _PER.search(said)
    if found:
        return float(found.group(1).replace(",", ""))
    if "percentage point" in said:
        return 100.0
    whole = of_share(unit)
    return whole[1] if whole else None


def often_of(unit: str) -> float | None:
    """How many times a year, where the unit says it.

    Examples
    --------
    >>> often_of("referrals per 10,000 children a quarter"), often_of("visits a year"), often_of("points") is None
    (4.0, 1.0, True)
    """
    said = unit.casefold()
    for noun, adverb, times in _OFTEN:
        if re.search(rf"\b(?:{adverb}|(?:a|an|per|each|every)\s+(?:school\s+)?{noun}(?!\s+of\b))\b", said):
            return times
    return None


def disagrees(unit: str, per: float, periods_per_year: float) -> tuple[tuple[str, str, str], ...]:
    """What of `per` and `periods_per_year` the unit contradicts: (which, found, allowed).

    Examples
    --------
    >>> disagrees("referrals per 10,000 children a quarter", 10_000.0, 4.0)
    ()
    >>> disagrees("% of children", 1.0, 1.0)
    (('per', "is 1, and the effect is in '% of children'", '100'),)
    """
    said = []
    wanted, often = per_of(unit), often_of(unit)
    if wanted is not None and per != wanted:
        said.append(("per", f"is {per:.10g}, and the effect is in {unit!r}", f"{wanted:.10g}"))
    if often is not None and not _fits(periods_per_year, often):
        found = f"is {periods_per_year:.10g}, and the effect is in {unit!r}"
        said.append(("periods_per_year", found, f"{often:.4g}" + ("" if often in _WHOLE_YEAR else " or fewer")))
    return tuple(said)


def _fits(times: float, often: float) -> bool:
    return abs(times / often - 1) <= _NEAR if often in _WHOLE_YEAR else 1 < times <= often * (1 + _NEAR)
