"""Names of units that are no one place, and names that may be one place written twice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOTALS = frozenset({
    *("total", "totals", "grand total", "all", "overall", "england", "wales", "scotland", "northern ireland"),
    *("united kingdom", "great britain", "england and wales", "national", "average", "england average", "uk", "gb"),
    *("mean", "median", "sum", "subtotal", "sub total"),
    *("north east", "north west", "yorkshire and the humber", "east midlands", "west midlands", "east of england"),
    *("london", "south east", "south west", "inner london", "outer london", "statistical neighbours"),
})  # fmt: skip
_TOTAL_CODES = re.compile(r"(?:[ewskn]92|k0[234]|e12|e13)0{3}\d{3}", re.IGNORECASE)
_CODE_LENGTH = 9
_TOTAL_WORDS = re.compile(
    r"(?:grand |sub ?)?totals?(?: (?:for|of|all|in|across|number|count)\b.*)?|.* (?:total|average|mean)|"
    r"(?:all|every) (?:the )?(?:english )?(?:local )?"
    r"(?:authorit(?:y|ies)|las?|councils?|areas?|sites?|hubs?|places?|units?|regions?|districts?|wards?|schools?)"
)


def is_total(name: str) -> bool:
    """Whether a unit's name or code is that of a country, a region or a total, and not of one place.

    Examples
    --------
    >>> [is_total(name) for name in ("E92000001", "England", "TOTAL", "E12000003", "E06000001", "Leeds")]
    [True, True, True, True, False, False]
    >>> [is_total(name) for name in ("All authorities", "Total for region", "UK", "All Saints Children's Centre")]
    [True, True, True, False]
    """
    if name.isascii() and name.isalnum():  # one word or a code, as most of a million ids are
        plain = name.casefold()
        return plain in _TOTALS or ("total" in plain and bool(_TOTAL_WORDS.fullmatch(plain))) or (
            len(plain) == _CODE_LENGTH and bool(_TOTAL_CODES.fullmatch(plain)))
    plain = " ".join(re.sub(r"[^\w&]+", " ", name.casefold()).split())
    return plain in _TOTALS or bool(_TOTAL_CODES.fullmatch(plain) or _TOTAL_WORDS.fullmatch(plain))


def alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Names that differ only in case, spaces, marks or leading noughts: perhaps one unit written two ways.

    Examples
    --------
    >>> alike(["Leeds", "LEEDS ", "York", "St. Helens", "St Helens", "01", "1", "10"])
    [('Leeds', 'LEEDS '), ('St. Helens', 'St Helens'), ('01', '1')]
    """
    found: dict[str, list[str]] = {}
    for name in names:
        plain = name.casefold()
        if not (name.isascii() and name.isalnum()):
            plain = unicodedata.normalize("NFKC", name).casefold().replace("&", "and")
            plain = re.sub(r"(?<=\d)[\W_]+(?=\d)", "-", plain)
            plain = re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", plain)
        if "0" in plain:
            plain = re.sub(r"(?<!\d)0+(?=\d)", "", plain)
        found.setdefault(plain, []).append(name)
    return [tuple(same) for same in found.values() if len(same) > 1]
