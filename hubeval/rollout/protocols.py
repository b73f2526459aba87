"""The protocol of an order, as a value and as the file that says the same."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.protocol.declared import DataSource
from hubeval.rollout.history import BLOCK, STARTS

if TYPE_CHECKING:
    from datetime import date

    from hubeval.rollout.declared import RolloutCase

_UNSET = Outcome(column="outcome", label="The outcome", unit="its unit")


def protocol_of(case: RolloutCase, today: date) -> Protocol:
    """Difference-in-differences of the order: sites that have not opened yet are the comparison.

    The inference is left to `hubeval`'s own rule, in which the last wave stands for the untreated.

    Parameters
    ----------
    case : RolloutCase
    today : date
        The day it is registered.
    """
    history = case.history
    design = DidDesign(unit=history.unit if history else "site", time=history.time if history else "period",
                       start=STARTS, control="not-yet", cluster=BLOCK if case.together else None)
    data = DataSource(file="panel.csv", units="site", missing_marks=history.missing_marks if history else (),
                      year=history.year if history else None)
    return Protocol(area=case.area, question=case.question, registered=today, outcomes=(case.outcome or _UNSET,),
                    design=design, data=data, seed=case.seed)


def protocol_text(protocol: Protocol, order: str, before: str) -> str:
    """The protocol as a TOML file that reads back as the same value."""
    head = [
        f"# The protocol of sites that open {order}, filled in by 'hubeval rollout'. Register it before they do.",
        f"# panel.csv: a row for each site and period, from before {before}, with the columns of order.csv beside it.",
    ]
    top = {"area": protocol.area, "question": protocol.question, "registered": protocol.registered,
           "profile": protocol.profile, "seed": protocol.seed}
    out = [*head, *(f"{key} = {_said(value)}" for key, value in top.items())]
    out += ["", "[data]", *_keys(protocol.data, DataSource()), "", "[design]", 'kind = "did"']
    out += _keys(protocol.design, DidDesign(time=""))
    for outcome in protocol.outcomes:
        out += ["", "[[outcomes]]", *_keys(outcome, Outcome(column="", label="", unit=""))]
    return "\n".join(out) + "\n"


def _keys(value: Any, standard: Any) -> list[str]:
    """The keys that differ from what is meant where they are left out."""
    found = ((one.name, getattr(value, one.name)) for one in fields(value))
    return [f"{name} = {_said(item)}" for name, item in found if item != getattr(standard, name)]


def _said(value: Any) -> str:
    """A value as TOML writes it; text as JSON does, which TOML reads alike."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_said, value)) + "]"
    if isinstance(value, (str, float, int)):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value.isoformat())
