"""Comparison series: the analysis without them, against one at a time, and with each left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubeval.methods.its.estimators.series import fit_again

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.effects import Effect
    from hubeval.methods.its.estimators.series import OneFit, SeriesFit


def uncontrolled(result: OneFit) -> OneFit:
    """The same analysis without its comparison series: what an evaluation of the one series alone would have said."""
    model = result.model
    if model.comparison is None:
        return result
    alone = replace(model, offset=model.comparison.own, controls=(), comparison=None)
    return fit_again(result, alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneControl:
    """The average effect against one comparison series alone, and against all others but it."""

    name: str
    alone: Effect
    left_out: Effect | None


def by_control(result: SeriesFit) -> tuple[OneControl, ...]:
    """The average effect against each comparison series, and with each left out.

    A result that hangs on one comparison series is as good as that series.
    """
    model = result.model
    if model.comparison is None:
        return ()
    everyone = list(range(len(model.controls)))
    found = []
    for j, name in enumerate(model.controls):
        rest = [i for i in everyone if i != j]
        left = _against(result, rest).average() if rest else None
        found.append(OneControl(name=name, alone=_against(result, [j]).average(), left_out=left))
    return tuple(found)


def _against(result: SeriesFit, which: list[int]) -> SeriesFit:
    model = result.model
    assert model.comparison is not None
    chosen = model.comparison.only(which)
    names = tuple(model.controls[i] for i in which)
    offset = chosen.offset(log_link=model.log_link)
    return fit_again(result, replace(model, offset=offset, controls=names, comparison=chosen))
