"""Permutation: every comparison series analysed as if it had been treated, and the treated one ranked among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.estimators.series import refit
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.series import SeriesFit


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationRank:
    """Where the treated series stands among the comparison series, each analysed as if treated.

    Attributes
    ----------
    rank : int
        1 is the largest |average effect / standard error|.
    of : int
        Number of series ranked.
    p_value, smallest_p : float
        ``rank / of`` (ties count against the treated series), and the smallest value it could have had.
    statistics : tuple of (name, value)
        Treated series first.
    """

    rank: int
    of: int
    p_value: float
    smallest_p: float
    statistics: tuple[tuple[str, float], ...]


LEAST_CONTROLS = 4


def permutation_rank(result: SeriesFit) -> PermutationRank | NotComputed:
    """Rank the treated series' average effect among those of its comparison series.

    Each comparison series is set against the others (the treated one is kept out), with the same design
    and inference. Exchangeability of the series, not a model, is what the p-value rests on.
    """
    model = result.model
    if model.comparison is None or len(model.controls) < LEAST_CONTROLS:
        n = len(model.controls)
        return NotComputed(
            what="permutation rank", reason=f"{n} comparison series; fewer than {LEAST_CONTROLS} cannot rank anything"
        )
    own, everyone = model.comparison, list(range(len(model.controls)))
    statistics = [("the treated series", _ratio(result))]
    for j, name in enumerate(model.controls):
        rest = [i for i in everyone if i != j]
        beside = replace(own.only(rest), own=np.log(own.exposure[j]))
        names = tuple(model.controls[i] for i in rest)
        offset = beside.offset(log_link=model.log_link)
        pretend = replace(model, y=own.series[j], offset=offset, controls=names, comparison=beside)
        fitted = refit(pretend)
        if fitted is None:
            return NotComputed(what="permutation rank", reason=f"{name} cannot be analysed as if it were treated")
        statistics.append((name, _ratio(fitted)))
    if not np.isfinite([value for _, value in statistics]).all():
        return NotComputed(what="permutation rank", reason="too few periods beyond the terms for a standard error")
    rank = sum(value >= statistics[0][1] for _, value in statistics)
    return PermutationRank(
        rank=rank,
        of=len(statistics),
        p_value=rank / len(statistics),
        smallest_p=1 / len(statistics),
        statistics=tuple(statistics),
    )


def _ratio(result: SeriesFit) -> float:
    """Size of the average change on the model's own scale, in standard errors."""
    row = (result.columns.x - result.columns.without)[result.model.after].mean(axis=0)
    fit = result.fitted.fit
    return abs(float(row @ fit.coef)) / float(np.sqrt(row @ fit.covariance @ row))
