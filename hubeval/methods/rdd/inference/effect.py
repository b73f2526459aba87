"""The effect as a protocol asks for it, by whichever estimator, in one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.data.cutoff import FEW_VALUES, FEWEST_SIDE
from hubeval.errors import Door
from hubeval.methods.rdd.estimators.bandwidth import Bandwidths
from hubeval.methods.rdd.inference.honest import Honest, honest_jump
from hubeval.methods.rdd.inference.randomisation import Randomised, in_window
from hubeval.methods.rdd.inference.robust import Robust, jump
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.protocol import RddDesign

Estimator = Literal["robust", "honest", "randomisation"]
FEW_RECORDS = 200  # on a side
FEWEST_CLUSTERS = 2
FEWEST_WINDOW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Treated less untreated at the cut-off.

    Attributes
    ----------
    estimator : str
        ``"robust"``, ``"honest"`` or ``"randomisation"``.
    estimate, std_error, low, high, p_value : float
    inference : str
        In words.
    n : (int, int)
        Units used on the treated side and on the other.
    h : float
        The bandwidth (the wider of two), or the window.
    made : Robust, Honest or Randomised
    """

    estimator: Estimator
    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    inference: str
    n: tuple[int, int]
    h: float
    made: Robust | Honest | Randomised


def few_values(given: Given) -> bool:
    """Whether the running variable takes too few values on a side for a bandwidth to shrink."""
    return min(len(side.first) for side in given.cut.sides) < FEW_VALUES


def estimator_of(given: Given, design: RddDesign) -> Estimator:
    """The estimator asked for; of ``"auto"``, the honest one where there are few values, or few records.

    With few records the robust interval comes out somewhat short (docs/rdd.md); it is still the one for what the
    honest interval is not made for.
    """
    if design.estimator != "auto":
        return design.estimator
    few = min(side.n for side in given.cut.sides) < FEW_RECORDS and not (design.treated or design.covariates)
    return "honest" if few or few_values(given) else "robust"


def effect_of(given: Given, design: RddDesign, *, seed: int, h: float | None = None) -> Effect:
    """The effect on the records given, as the design asks; `h` in place of its own bandwidth.

    Raises
    ------
    BadInput
        The estimator that the data call for does not read what the design declares, or the window is empty.
    """
    how = estimator_of(given, design)
    _check(given, design, how)
    width = h if h is not None else design.bandwidth
    if how == "robust":
        chosen = design.selector if width is None else Bandwidths(h=(width, width), b=(width, width))
        found = jump(given.cut, kernel=design.kernel, bandwidths=chosen)
        words = (f"robust bias-corrected interval of a local line, {design.kernel} kernel, bandwidth "
                 f"{_both(found.bandwidths.h)}, of the bias {_both(found.bandwidths.b)}; "
                 + ("errors clustered" if design.cluster else "errors from nearest neighbours"))
        _enough(given, found, how)
        return _shaped(given, found, how, words, found.corrected, found.se_robust, max(found.bandwidths.h))
    if how == "honest":
        fair = honest_jump(given.cut, bound=design.bound, h=width, kernel=design.kernel)
        rule = "declared" if design.bound else "by a rule of thumb"
        words = (f"honest interval of a local line, {design.kernel} kernel, bandwidth {brief(fair.h)}; worst bias "
                 f"{brief(fair.bias)} under a second derivative up to {brief(fair.bound)}, {rule}; "
                 + ("errors clustered" if design.cluster else "errors from nearest neighbours"))
        _enough(given, fair, how)
        return _shaped(given, fair, how, words, fair.estimate, fair.std_error, fair.h)
    window = h if h is not None else design.window
    assert window is not None
    drawn = in_window(given.cut, window, seed=seed)
    words = f"permutation of sides within {brief(window)} of the cut-off, the same effect on all"
    _enough(given, drawn, how)
    return _shaped(given, drawn, how, words, drawn.estimate, drawn.std_error, window)


def _enough(given: Given, made: Robust | Honest | Randomised, how: Estimator) -> None:
    """Refuse a number that too few rows stand behind, or an outcome that does not vary where it is asked."""
    door = Door()
    error = made.se_robust if isinstance(made, Robust) else made.std_error
    near = [side.values[:n, 0] for side, n in zip(given.cut.sides, made.n_h, strict=True)]
    least = FEWEST_WINDOW if how == "randomisation" else FEWEST_SIDE
    if min(made.n_h) < least:
        door.refuse("design.running", f"fewer than {least} records on one side lie within the bandwidth that these "
                    "data call for", f"{least} or more", "Declare a wider bandwidth, look for one wild outcome, or "
                    "bring more records.")
    elif not error > 1e-9 * float(np.abs(np.concatenate(near)).max()) or min(map(np.ptp, near)) == 0:
        door.refuse("outcomes", "one does not vary near the cut-off on one side", "an outcome that varies there",
                    "Nothing says how unsure the number is: leave it out, or widen the bandwidth.")
    door.close()


def _shaped(
    given: Given, made: Robust | Honest | Randomised, how: Estimator, words: str, estimate: float, error: float,
    h: float,
) -> Effect:
    low, high = sorted((given.sign * made.low, given.sign * made.high))
    return Effect(
        estimator=how, estimate=given.sign * estimate, std_error=error, low=low, high=high, p_value=made.p_value,
        inference=words, n=given.sizes(made.n_h), h=h, made=made)


def _both(pair: tuple[float, float]) -> str:
    low, high = pair
    return brief(low) if low == high else f"{brief(low)} below and {brief(high)} above"


def _check(given: Given, design: RddDesign, how: Estimator) -> None:
    """What only the data can tell of options: few values call for an interval that some options are not made for."""
    door = Door()
    if how == "honest" and design.estimator == "auto":
        for name, cure in (("treated", "Leave it out: the effect of lying on that side can still be told."),
                           ("covariates", "Leave them out: they narrow the interval and do not move the effect.")):
            if getattr(design, name):
                door.refuse(f"design.{name}", f"{design.running!r} takes few values, and the honest interval that this "
                            "calls for does not read it", "estimator = 'robust' reads it", cure)
    if how == "robust" and design.estimator == "auto" and design.bound is not None:
        enough = f"{design.running!r} takes values enough, on records enough, for the robust interval"
        door.refuse("design.bound", f"{enough}, which does not read it", "estimator = 'honest'",
                    "Leave it out, or choose that estimator.")
    if design.cluster and (given.n_clusters or 0) < 2 * FEWEST_CLUSTERS:
        door.refuse("design.cluster", f"{given.n_clusters} cluster(s)", f"{2 * FEWEST_CLUSTERS} or more",
                    "Leave it out, or name a finer one.")
    width = design.window if how == "randomisation" else design.bandwidth
    if width is not None:
        few = min(side.within(width, edge=True) for side in given.cut.sides)
        points = min(int((side.points < width).sum()) for side in given.cut.sides)
        least = 1 if how == "randomisation" else 3
        if few < FEWEST_WINDOW or points < least:
            name = "window" if how == "randomisation" else "bandwidth"
            door.refuse(f"design.{name}", f"{few} record(s) with {points} value(s) of {design.running!r} lie within it "
                        "on one side", f"{FEWEST_WINDOW} or more records", "Widen it.")
    door.close()
