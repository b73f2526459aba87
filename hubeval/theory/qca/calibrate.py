"""From a raw measure to membership in a set: the step that a person must be able to defend.

Calibration turns a number into "how far is this case in the set?". The anchors are knowledge from
outside the data, stated and argued; they are not quantiles.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import Door
from hubeval.theory.numbers import as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

Method = Literal["logistic", "linear", "indirect", "ecdf", "rank", "crisp"]
METHODS = ("logistic", "linear", "indirect", "ecdf", "rank", "crisp")


def calibrate(
    x: ArrayLike,
    *,
    anchors: Sequence[float] = (),
    method: Method = "logistic",
    inclusion: float = 0.95,
    below: float = 1.0,
    above: float = 1.0,
) -> NDArray[np.float64]:
    """Membership scores for raw values.

    Parameters
    ----------
    x : array_like, shape (n_cases,)
        The raw measure, with no gaps.
    anchors : sequence of float
        Three for one slope: full exclusion, crossover, full inclusion (falling anchors make a falling
        set: "few days of absence"). Six for a bell: exclusion, crossover, inclusion, inclusion,
        crossover, exclusion (``"linear"`` only). For ``"crisp"`` and ``"indirect"``: rising cut points between
        groups. None for ``"rank"``.
    method : {"logistic", "linear", "indirect", "ecdf", "rank", "crisp"}
        Ragin's direct method (log odds); straight lines; his indirect method (groups set by hand, scores
        smoothed by a fractional polynomial logit; values above 0 only); the empirical distribution between
        the anchors; the share of other cases below (Cheli and Lemmi's totally fuzzy and relative); or whole
        levels 0, 1, 2, ...
    inclusion : float
        Membership at full inclusion under ``"logistic"`` (exclusion is 1 minus it).
    below, above : float
        Shape exponents of ``"linear"`` below and above the crossover.

    Returns
    -------
    ndarray, shape (n_cases,)
        Scores from 0 to 1; whole levels for ``"crisp"``.

    Raises
    ------
    BadInput
        Crossed anchors, a wrong number of them, gaps in `x`, or options that do not apply.

    References
    ----------
    Ragin, C. C. (2008). Redesigning Social Inquiry. University of Chicago Press, ch. 5.
    Cheli, B. and Lemmi, A. (1995). Economic Notes 24.

    Examples
    --------
    >>> calibrate([400, 550, 900], anchors=[400, 550, 900]).round(2).tolist()
    [0.05, 0.5, 0.95]
    >>> calibrate([1, 12, 30], anchors=[10, 20], method="crisp").tolist()
    [0.0, 1.0, 2.0]
    """
    values, points = as_numbers(x, "x"), as_numbers(list(anchors), "anchors")
    _check(values, points, method, inclusion, below, above)
    if points.size == 6 and method == "linear":
        return np.minimum(_linear(values, points[:3], below, above), _linear(values, points[:2:-1], below, above))
    by_method: dict[str, Callable[[], NDArray[np.float64]]] = {
        "logistic": lambda: _logistic(values, points, inclusion),
        "linear": lambda: _linear(values, points, below, above),
        "indirect": lambda: _indirect(values, points),
        "ecdf": lambda: _ecdf(values, points),
        "rank": lambda: _rank(values),
        "crisp": lambda: np.searchsorted(points, values, side="right").astype(float),
    }
    return by_method[method]()


def _logistic(x: NDArray[np.float64], points: NDArray[np.float64], inclusion: float) -> NDArray[np.float64]:
    """Log odds that rise straight from the crossover to the odds of `inclusion` at the anchor on either side."""
    out, cross, full = points
    slope = np.where((x - cross) * np.sign(full - cross) >= 0, full - cross, cross - out)
    return np.asarray(1 / (1 + np.exp(-np.log(inclusion / (1 - inclusion)) * (x - cross) / slope)))


def _linear(x: NDArray[np.float64], points: NDArray[np.float64], below: float, above: float) -> NDArray[np.float64]:
    """Straight (or bent) lines from 0 at exclusion through .5 at the crossover to 1 at inclusion."""
    out, cross, full = points
    under = np.clip((x - out) / (cross - out), 0, 1)
    over = np.clip((full - x) / (full - cross), 0, 1)
    past = (x - cross) * np.sign(full - cross) >= 0
    return np.asarray(np.where(past, 1 - 0.5 * over**above, 0.5 * under**below))


def _indirect(x: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Group scores smoothed by a logit in log, root, value and square; scores within .0001 of an end are set to it."""
    groups = np.searchsorted(points, x, side="left") / points.size
    columns = [np.ones_like(x), np.log(x), np.sqrt(x), x, x**2]
    basis, _ = np.linalg.qr(np.column_stack([c / max(np.abs(c).max(), 1e-12) for c in columns]))
    mu = (groups + 0.5) / 2
    last = np.inf
    for _ in range(100):  # stops where R's glm does, so that flat likelihoods end at the same place
        weight = mu * (1 - mu)
        eta = np.log(mu / (1 - mu)) + (groups - mu) / weight
        root = np.sqrt(weight)
        eta = basis @ np.linalg.lstsq(basis * root[:, None], eta * root, rcond=None)[0]
        mu = np.clip(1 / (1 + np.exp(-eta)), 1e-12, 1 - 1e-12)
        fit = -2 * float((groups * np.log(mu) + (1 - groups) * np.log(1 - mu)).sum())
        if abs(fit - last) < 1e-8 * (abs(fit) + 0.1):
            break
        last = fit
    return np.asarray(np.where(mu > 0.9999, 1.0, np.where(mu < 0.0001, 0.0, mu)))


def _rank(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The empirical distribution, set to 0 at the lowest value."""
    rank = np.searchsorted(np.sort(x), x, side="right") / x.size
    low = rank.min()
    return np.asarray((rank - low) / (1 - low) if low < 1 else np.zeros_like(x))


def _ecdf(x: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The empirical distribution between the anchors, 0.5 at the crossover."""
    out, cross, full = points
    sign = np.sign(full - out)
    x, out, cross, full = x * sign, out * sign, cross * sign, full * sign
    rank = np.searchsorted(np.sort(x), np.concatenate([x, [out, cross, full]]), side="right") / x.size
    own, (low, middle, high) = rank[:-3], rank[-3:]
    lower = (own - low) / max(middle - low, np.finfo(float).tiny) / 2
    upper = 0.5 + (own - middle) / max(high - middle, np.finfo(float).tiny) / 2
    return np.asarray(np.clip(np.where(x < cross, lower, upper), 0, 1))


def _check(
    x: NDArray[np.float64],
    points: NDArray[np.float64],
    method: str,
    inclusion: float,
    below: float,
    above: float,
) -> None:
    door = Door()
    door.choice("method", method, METHODS)
    if x.ndim != 1 or x.size == 0 or not np.isfinite(x).all():
        door.refuse(
            "x",
            f"{int((~np.isfinite(x)).sum())} of {x.size} values are missing or not numbers",
            "one number for each case",
            "Leave those cases out, or find their values.",
        )
    if not 0.5 < inclusion < 1:
        door.refuse("inclusion", f"found {inclusion:g}", "between 0.5 and 1", "0.95 is the usual choice.")
    if min(below, above) <= 0:
        door.refuse("below, above", f"found {below:g} and {above:g}", "above 0", "1 draws straight lines.")
    if method == "indirect" and x.size and np.isfinite(x).all() and x.min() <= 0:
        door.refuse("x", f"the lowest value is {x.min():g}", "above 0 for 'indirect'", "Use another method.")
    if method != "linear" and (below, above) != (1.0, 1.0):
        door.refuse("below, above", f"do nothing under method {method!r}", "used by 'linear'", "Remove them.")
    _check_anchors(points, method, door)
    door.close()


def _check_anchors(points: NDArray[np.float64], method: str, door: Door) -> None:
    """The anchors must be as many as the method needs, and in order."""
    shown = ", ".join(f"{point:g}" for point in points)
    steps = [later - earlier for earlier, later in pairwise(points)]
    if method == "rank":
        if points.size:
            door.refuse("anchors", "do nothing under method 'rank'", "none", "Remove them.")
    elif method in {"crisp", "indirect"}:
        if not points.size or any(step <= 0 for step in steps):
            door.refuse("anchors", f"cut points are {shown or 'none'}", "one or more, rising", "Put them in order.")
    elif points.size == 6 and method == "linear":
        if any(step <= 0 for step in (*steps[:2], *steps[3:])) or steps[2] < 0:
            door.refuse("anchors", f"anchors cross: {shown}", "six that rise", "Put them in order.")
    elif points.size != 3:
        door.refuse(
            "anchors",
            f"found {points.size} ({shown})",
            "three: exclusion, crossover, inclusion",
            "Six are for a bell under method 'linear'.",
        )
    elif not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        door.refuse(
            "anchors",
            f"anchors cross: exclusion, crossover, inclusion are {shown}",
            "rising, or falling for a falling set",
            "Put the crossover between the other two.",
        )
