"""A measure before and after, described without a causal word and with regression to the mean in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door
from hubeval.result import Diagnostic, NotComputed
from hubeval.theory.numbers import as_numbers
from hubeval.wording import brief

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class PrePost:
    """A measure before and after in the same families or places. Descriptive: it says nothing of cause."""

    label: str
    n: int
    before: float
    after: float
    difference: float
    conf_low: float
    conf_high: float
    conf_level: float
    expected_by_chance_alone: float | NotComputed
    diagnostics: tuple[Diagnostic, ...]
    text: str


def pre_post(
    before: ArrayLike,
    after: ArrayLike,
    *,
    label: str,
    reliability: float | None = None,
    population_mean: float | None = None,
    conf_level: float = 0.95,
) -> PrePost:
    """Paired change with the regression to the mean that selection alone would bring.

    Parameters
    ----------
    before, after : array_like, shape (n,)
        The same families or places twice, in the same order.
    label : str
    reliability : float, optional
        Correlation of the measure with itself over the same gap in people to whom nothing was done. Not the
        correlation in these data.
    population_mean : float, optional
        Mean of the measure in the population they were drawn from.
    conf_level : float

    Returns
    -------
    PrePost
        With `reliability` and `population_mean`, the change expected if nothing at all was done:
        ``(1 - reliability) * (population_mean - mean(before))`` (Galton; Barnett et al. 2005, IJE 34).

    Examples
    --------
    >>> found = pre_post([9, 8, 10, 9], [7, 8, 8, 7], label="stress", reliability=0.7, population_mean=5)
    >>> round(found.difference, 2), round(found.expected_by_chance_alone, 2)
    (-1.5, -1.2)
    """
    from scipy import stats  # noqa: PLC0415 - kept off the way of 'hubeval plan'

    first, second = as_numbers(before, "before"), as_numbers(after, "after")
    _check_pairs(first, second, reliability, population_mean, conf_level)
    change = second - first
    half = float(stats.t.ppf((1 + conf_level) / 2, change.size - 1) * change.std(ddof=1) / np.sqrt(change.size))
    mean = float(change.mean())
    drift = _drift(float(first.mean()), reliability, population_mean)
    said = (
        f"Selection alone would move the mean by about {brief(drift)}."
        if isinstance(drift, float)
        else f"How much of that selection alone would bring is not known: {drift.reason}."
    )
    return PrePost(
        label=label, n=change.size, before=float(first.mean()), after=float(second.mean()), difference=mean,
        conf_low=mean - half, conf_high=mean + half, conf_level=conf_level, expected_by_chance_alone=drift,
        diagnostics=(_warning(mean, drift, said),),
        text=f"{label}: mean {brief(first.mean())} before and {brief(second.mean())} after in {change.size} pairs, a "
        f"difference of {brief(mean)} ({100 * conf_level:g}% interval {brief(mean - half)} to "
        f"{brief(mean + half)}). There is "
        f"no comparison, so this is a description of change and not evidence of what brought it about. {said}",
    )  # fmt: skip


def _drift(before: float, reliability: float | None, population_mean: float | None) -> float | NotComputed:
    """The change that choosing people by their first score would bring if nothing were done."""
    if reliability is None or population_mean is None:
        return NotComputed(
            what="change that selection alone would bring",
            reason="needs 'reliability' (the measure's correlation with itself where nothing was done) and "
            "'population_mean'",
        )
    return (1 - reliability) * (population_mean - before)


def _warning(mean: float, drift: float | NotComputed, said: str) -> Diagnostic:
    covered = isinstance(drift, float) and min(0, drift) <= mean <= max(0, drift)
    return Diagnostic(
        name="regression to the mean",
        question="Would the measure have moved anyway?",
        statistic=drift if isinstance(drift, float) else None,
        status="caution",
        reading="People who come when things are at their worst are better later on average, whatever is done. "
        + said
        + (" The whole difference lies within that." if covered else ""),
    )


def _check_pairs(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    reliability: float | None,
    population_mean: float | None,
    conf_level: float,
) -> None:
    door = Door()
    if first.shape != second.shape or first.ndim != 1:
        door.refuse(
            "after",
            f"{second.size} values against {first.size} before",
            "pairs in the same order",
            "Keep only those measured twice, and say how many were not.",
        )
    elif first.size < 3:
        door.refuse("before", f"{first.size} pairs", "3 or more", "Describe so few in words.")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        door.refuse(
            "before, after",
            "some values are missing",
            "a number in each",
            "Leave unpaired ones out, saying so.",
        )
    if reliability is not None and not 0 <= reliability <= 1:
        door.refuse("reliability", f"found {reliability:g}", "0 to 1", "It is a correlation.")
    if (reliability is None) != (population_mean is None):
        door.refuse("reliability, population_mean", "only one is given", "both or neither", "Give the other too.")
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level:g}", "between 0 and 1", "Write 0.95.")
    door.close()
