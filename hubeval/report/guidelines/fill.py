"""A guideline filled from a released result: each item with what is given, and what the authors must still write."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from hubeval.report.guidelines.facts import FACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = ("target", "robins-i", "trend", "strobe", "tidier")
OURS = "The wording is ours, and the published checklist is what counts."
_EMULATES = ("matching",)  # the designs that emulate a trial of two parallel groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a guideline: its number there, what it asks in our words, the facts that answer it, the rest."""

    id: str
    section: str
    asks: str
    facts: tuple[str, ...] = ()
    write: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """A published guideline as data. The wording is ours: the published checklist is what counts.

    `checked` says against what the items' numbers were held, where that is not the published checklist.
    """

    name: str
    title: str
    source: str
    items: tuple[Item, ...]
    checked: str = ""

    @property
    def note(self) -> str:
        """What stands with it wherever it is shown."""
        return f"{self.checked} {OURS}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One item as a result fills it: `given` is empty where the result holds nothing of it."""

    item: Item
    given: str


@cache
def guideline(name: str) -> Guideline:
    """A shipped guideline.

    Parameters
    ----------
    name : {"target", "robins-i", "trend", "strobe", "tidier"}

    Examples
    --------
    >>> len(guideline("target").items), guideline("target").items[2].asks
    (21, 'The causal question that the study asks')
    """
    text = (resources("hubeval.report.guidelines") / f"{name}.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    items = tuple(Item(**{**one, "facts": tuple(one.get("facts", ()))}) for one in raw["items"])
    return Guideline(name=name, title=raw["title"], source=raw["source"], items=items,
                     checked=raw.get("checked", ""))


def applicable(result: Mapping[str, Any]) -> tuple[str, ...]:
    """The guidelines that speak of a result's design, the one that fits it best first.

    TARGET is for studies that emulate a trial with two parallel groups, which of the designs here only matching does.

    Examples
    --------
    >>> [applicable({"protocol": {"design": {"kind": kind}}})[0] for kind in ("matching", "did")]
    ['target', 'trend']
    """
    emulates = result["protocol"]["design"]["kind"] in _EMULATES
    return SHIPPED if emulates else ("trend", *(name for name in SHIPPED if name not in {"target", "trend"}))


def filled(result: Mapping[str, Any], name: str) -> tuple[Filled, ...]:
    """Every item of a guideline with what a released result gives of it.

    Parameters
    ----------
    result : mapping
        The canonical result, as released.
    name : str
        A shipped guideline.
    """
    made = []
    for item in guideline(name).items:
        said = [text for fact in item.facts if (text := FACTS[fact](result).strip())]
        made.append(Filled(item=item, given=" ".join(said)))
    return tuple(made)
