"""The check of the data as a user asks for it: what they say of themselves, and what a method asks of them first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.data.checks import check as check_data
from hubeval.data.clock import placed
from hubeval.data.scales import measured
from hubeval.data.taken import taken
from hubeval.errors import BadInput
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from hubeval.data.backends import Elsewhere
    from hubeval.data.checks import Check
    from hubeval.protocol import Protocol
    from hubeval.result import Diagnostic


def check(protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere, *, today: date | None = None) -> Check:
    """`hubeval.data.checks.check`, with what the protocol's own method asks of the data before any effect.

    Of repeated cross-sections: whether the mix of the people asked moved in treated areas, by the estimator and the
    inference of the headline.

    Parameters
    ----------
    protocol : Protocol
    data : path, DataFrame or Elsewhere
    today : date, optional
        The day written on the facts.

    Returns
    -------
    Check

    Raises
    ------
    BadInput
        The data cannot be read with this protocol.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.protocol import Outcome, Protocol
    >>> from hubeval.synthetic.survey import repeated_survey
    >>> protocol = Protocol(area="Example", question="Did it work?", registered=date(2026, 1, 1),
    ...     outcomes=(Outcome(column="stress", label="Stress", unit="points"),),
    ...     design=DidDesign(time="year", start="hub_opened", cluster="area", covariates=("lone_parent",)))
    >>> found = check(protocol, repeated_survey().frame)
    >>> [one.status for one in found.diagnostics if one.name == "composition"]
    ['information']
    """
    found = check_data(protocol, data, today=today)
    return replace(found, diagnostics=(*found.diagnostics, *_asked(protocol, data)))


def _asked(protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere) -> tuple[Diagnostic, ...]:
    """What the room asks; nothing where the data cannot carry its estimator, which `evaluate` refuses."""
    if not isinstance(protocol.design, DidDesign) or protocol.design.unit:
        return ()
    ask = room_for(protocol.design.kind).ask
    try:
        _, table = taken(protocol, data)
        return ask(*measured(placed(protocol, table.clock), table)) if ask else ()
    except BadInput:
        return ()
