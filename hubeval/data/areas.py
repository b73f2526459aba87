"""How councils are written: one key for one council, and a council that stands in the data twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.errors import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def area_key(name: str) -> str:
    """A council's name or code without the words that differ between files.

    Examples
    --------
    >>> area_key("Bristol, City of") == area_key("Bristol City Council") == area_key("bristol")
    True
    >>> area_key("County Durham") == area_key("Durham")
    True
    """
    if name.isalnum():  # no space: none of these words
        return name.casefold()
    key = " ".join(name.casefold().replace("&", " and ").replace(".", "").replace(",", " ").split())
    for start in ("london borough of ", "royal borough of ", "city of ", "county "):
        key = key.removeprefix(start)
    for end in (" council", " city", " county", " metropolitan borough", " borough", " district", " ua"):
        key = key.removesuffix(end)
    return key.removesuffix(" city of").removesuffix(" county of")


def side_by_side(
    areas: Sequence[str], gone: Sequence[str], codes: Mapping[str, Sequence[str]], names: Iterable[object]
) -> list[str]:
    """What of a boundary change stands in the data both as it was and as it became, in words.

    Parameters
    ----------
    areas, gone : sequence of str
        All areas of the change, and those of them that ceased to be.
    codes : mapping
        The codes that each area has had.
    names : iterable
        The units of the data, as they are written.

    Examples
    --------
    >>> areas, codes = ("Cumbria", "Cumberland"), {"Cumbria": ("E10000006",)}
    >>> side_by_side(areas, ("Cumbria",), codes, ["Cumbria", "Cumberland", "Leeds"])
    ['Cumbria and Cumberland stand side by side']
    >>> side_by_side(areas, ("Cumbria",), codes, ["Cumberland", "Leeds"])
    []
    """
    here = {area_key(str(name)): str(name) for name in names}

    def of(wanted: Sequence[str]) -> list[str]:
        keys = (area_key(text) for name in wanted for text in (name, *codes.get(name, ())))
        return [here[key] for key in keys if key in here]

    found = [f"{listed(both)} are one area under two codes" for both in (of([name]) for name in areas) if len(both) > 1]
    old, new = of(gone), of([name for name in areas if name not in gone])
    return [*found, *([f"{listed(old)} and {listed(new)} stand side by side"] if old and new else [])]
