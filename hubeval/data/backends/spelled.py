"""Periods and starts that an engine holds as text: where each stands, and which are one written in two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hubeval.data.backends.queries import never_words
from hubeval.data.bind.binding import Binding
from hubeval.data.bind.starts import ZERO
from hubeval.data.bind.times import periods_of
from hubeval.data.columns import Columns
from hubeval.data.source import Source
from hubeval.errors import Door
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from hubeval.data.clock import Clock
    from hubeval.protocol import Protocol


def positions(protocol: Protocol, texts: list[str]) -> tuple[dict[str, int], Clock] | None:
    """The place of each period as written, by the rule of `bind`, and its clock; None where it refuses any.

    Parameters
    ----------
    texts : list of str
        Distinct periods.

    Returns
    -------
    mapping of str to int, and Clock; or None
    """
    design, door = protocol.design, Door()
    assert isinstance(design, DidDesign)
    frame = pd.DataFrame({design.time: pd.Series(texts, dtype=object)})
    source = Source(frame=frame, name="", sha256="")
    read = periods_of(Binding(protocol, source, Columns(frame, door), door), design.time, "design.time")
    if read is None:
        return None
    return dict(zip(texts, (int(at) for at in read[0]), strict=True)), read[1]


def twice_written(protocol: Protocol, frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    """By key (t, s), each spelling of a period or start that another one stands for; empty where `bind` refuses any.

    A unit whose rows say ``2013`` and ``2013.0``, or ``never`` and nothing, has one start.

    Parameters
    ----------
    frame : DataFrame
        t and s, as text.
    """
    read = positions(protocol, sorted(frame["t"].unique()))
    if read is None:
        return {}
    written, clock = read
    starts = sorted(frame["s"].unique())
    never = {text for text in starts if text.casefold() in never_words(protocol)}
    placed = {text: clock.place(text) for text in starts if text not in never}
    if any(at is None for at in placed.values()):
        return {}
    where: dict[str, object] = {text: at.ordinal for text, at in placed.items() if at is not None}
    where |= {text: "0" if text in ZERO else "" for text in never}
    made = {"t": _onto_first(dict(written)), "s": _onto_first(where)}
    return {key: spelled for key, spelled in made.items() if spelled}


def _onto_first(where: dict[str, object]) -> dict[str, str]:
    """Each text whose place an earlier one has, and that one.

    Examples
    --------
    >>> _onto_first({"2013": 3, "2013.0": 3, "2014": 4})
    {'2013.0': '2013'}
    """
    first: dict[object, str] = {}
    for text, at in where.items():
        first.setdefault(at, text)
    return {text: first[at] for text, at in where.items() if first[at] != text}
