"""Do two coders read the same interview the same way? Cohen's kappa, Krippendorff's alpha, Gwet's AC1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hubeval.errors import Door
from hubeval.result import Estimate, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS = ("nominal", "ordinal", "interval", "ratio")
Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One coefficient with its interval, and the raw agreement that it corrects for chance."""

    estimate: Estimate | NotComputed
    observed: float
    reading: str


def alpha(
    ratings: ArrayLike,
    *,
    level: Level = "nominal",
    conf_level: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha with an interval that holds with few units, and when all of them agree.

    Parameters
    ----------
    ratings : array_like, shape (n_coders, n_units)
        Numbers, or words for ``"nominal"``; None, NaN or an empty string where a coder did not code a unit.
    level : {"nominal", "ordinal", "interval", "ratio"}
    conf_level : float

    Returns
    -------
    Agreement
        The estimate is `NotComputed` where every value is the same: chance agreement is then undefined.

    Raises
    ------
    BadInput
        Fewer than two coders, words at a level that needs numbers, or no unit coded twice.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. The interval is that of Clopper & Pearson (1934,
    Biometrika 26) for the disagreement within units, over the disagreement expected by chance; see `interval_of`.

    Examples
    --------
    >>> found = alpha([[1, 1, 0, 1, 0, 0], [1, 1, 0, 0, 0, 0]])
    >>> round(found.estimate.estimate, 3)
    0.686
    >>> same = alpha([["a", "b", "a", "b", "a", "b"]] * 2).estimate
    >>> same.estimate, round(same.conf_low, 2), same.conf_high
    (1.0, 0.16, 1.0)
    """
    codes, values = _coded(ratings, level, conf_level)
    counts = _counts(codes, values.size)
    observed = _raw_agreement(counts)
    point = _alpha_of(counts, values, level)
    if np.isnan(point):
        reason = "every coder gave every unit the same value, so agreement by chance cannot be worked out"
        return Agreement(
            estimate=NotComputed(what="Krippendorff's alpha", reason=reason),
            observed=observed,
            reading=f"Coders agree on {100 * observed:.0f}% of pairs, but {reason}.",
        )
    totals = counts[counts.sum(1) > 1].sum(0)
    distance = _distance(values, totals, level)
    chance = float((np.outer(totals, totals) * distance).sum() / (totals.sum() * (totals.sum() - 1)))
    low, high = interval_of(*_apart(counts, distance), chance, conf_level)
    return _agreement("Krippendorff's alpha", point, (low, high, conf_level), observed, _words(counts))


def ac1(ratings: ArrayLike, *, conf_level: float = 0.95) -> Agreement:
    """Gwet's AC1: steadier than kappa where one code is much commoner than the others.

    Parameters
    ----------
    ratings : array_like, shape (n_coders, n_units)
        As for `alpha` at the nominal level.
    conf_level : float

    References
    ----------
    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61; the standard error is
    that over units of Gwet (2014), Handbook of Inter-Rater Reliability, ch. 5; the interval is as for `alpha`.

    Examples
    --------
    >>> round(ac1([[1, 1, 0, 1, 1, 1], [1, 1, 0, 0, 1, 1]]).estimate.estimate, 3)
    0.733
    """
    codes, values = _coded(ratings, "nominal", conf_level)
    counts = _counts(codes, values.size)
    observed = _raw_agreement(counts)
    q = values.size
    if q < 2:
        reason = "only one code was ever used"
        return Agreement(estimate=NotComputed(what="Gwet's AC1", reason=reason), observed=observed, reading=reason)
    coded = counts.sum(1)
    n, twice = counts.shape[0], coded > 1
    share = (counts / coded[:, None]).mean(0)
    chance = float((share * (1 - share)).sum() / (q - 1))
    own = np.where(twice, (counts * (counts - 1)).sum(1) / np.maximum(coded * (coded - 1), 1), 0.0)
    own_chance = ((counts / coded[:, None]) * (1 - share)).sum(1) / (q - 1)
    point = (observed - chance) / (1 - chance)
    unit = np.where(twice, n / twice.sum() * (own - chance) / (1 - chance), 0.0)
    unit -= 2 * (1 - point) * (own_chance - chance) / (1 - chance)
    error = float(np.sqrt(((unit - point) ** 2).sum() / (n * (n - 1))))
    low, high = interval_of(*_apart(counts, 1 - np.eye(q)), 1 - chance, conf_level)
    return _agreement("Gwet's AC1", point, (low, high, conf_level), observed, _words(counts), error)


def cohen(
    first: Sequence[object],
    second: Sequence[object],
    *,
    weights: Weights = "none",
    conf_level: float = 0.95,
) -> Agreement:
    """Cohen's kappa for two coders who each coded every unit.

    Parameters
    ----------
    first, second : sequence, shape (n_units,)
    weights : {"none", "linear", "quadratic"}
        Weighted kappa counts near misses as part agreement; codes must then be ordered numbers.
    conf_level : float

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20; weighted: Cohen (1968).

    Examples
    --------
    >>> round(cohen(["yes", "yes", "no", "no"], ["yes", "no", "no", "no"]).estimate.estimate, 2)
    0.5
    """
    door = Door()
    door.choice("weights", weights, ("none", "linear", "quadratic"))
    if len(first) != len(second):
        door.refuse("second", f"{len(second)} units against {len(first)}", "the same units in the same order", "")
    door.close()
    codes, values = _coded([list(first), list(second)], "nominal" if weights == "none" else "interval", conf_level)
    if (codes < 0).any():
        door.refuse(
            "first, second",
            f"{int((codes < 0).any(0).sum())} units lack a code",
            "both codes for each unit",
            "Use alpha, which takes gaps.",
        )
    door.close()
    point = _kappa_of(codes.T, values.size, weights)
    observed = float((codes[0] == codes[1]).mean())
    if np.isnan(point):
        reason = "both coders used one and the same code throughout"
        return Agreement(estimate=NotComputed(what="Cohen's kappa", reason=reason), observed=observed, reading=reason)
    counts, miss = _counts(codes, values.size), _miss(values.size, weights)
    first_share, second_share = (np.bincount(row, minlength=values.size) / codes.shape[1] for row in codes)
    low, high = interval_of(*_apart(counts, miss), float(first_share @ miss @ second_share), conf_level)
    return _agreement("Cohen's kappa", point, (low, high, conf_level), observed, _words(counts))


def interval_of(
    apart: NDArray[np.float64], weight: NDArray[np.float64], worst: float, chance: float, conf_level: float
) -> tuple[float, float]:
    """Interval of a coefficient ``1 - D / E``, for disagreement D within units and E by chance.

    The bootstrap over units says "1.00 to 1.00" where all agreed. Here D, as a share of the most that coders can
    disagree, has the interval of Clopper & Pearson (1934) for as many units as its spread between units is worth; one
    more unit that disagrees most is counted into that spread, so that it is never put at nothing.

    Parameters
    ----------
    apart : (n,) float
        Mean distance between the codes of each unit.
    weight : (n,) float
        Weight of each unit in D.
    worst : float
        The largest mean distance that a unit could show.
    chance : float
        E.
    conf_level : float

    Examples
    --------
    >>> [round(end, 2) for end in interval_of(np.zeros(20), np.ones(20), 1.0, 0.5, 0.95)]
    [0.66, 1.0]
    """
    from scipy import stats  # noqa: PLC0415 - kept off the way of 'hubeval plan'

    share, mass = apart / worst, weight / weight.sum()
    n = 1 / float((mass**2).sum())
    mean = float(share @ mass)
    wider = np.append(mass * n, 1.0) / (n + 1)
    shares = np.append(share, 1.0)
    middle = float(wider @ shares)
    spread = float(wider @ (shares - middle) ** 2)
    units = n * middle * (1 - middle) / spread if spread > 0 else n
    tail, events = (1 - conf_level) / 2, units * mean
    low = float(stats.beta.ppf(tail, events, units - events + 1)) if events > 1e-9 else 0.0
    high = float(stats.beta.ppf(1 - tail, events + 1, units - events)) if units - events > 1e-9 else 1.0
    return 1 - high * worst / chance, 1 - low * worst / chance


def _apart(
    counts: NDArray[np.float64], distance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Mean distance within each unit coded twice, its weight (how often it was coded), and the largest possible."""
    counts = counts[counts.sum(1) > 1]
    coded = counts.sum(1)
    apart = np.einsum("ui,ij,uj->u", counts, distance, counts) / (coded * (coded - 1))
    most, q = int(coded.max()), distance.shape[0]
    even = np.full(q, most // q) + (np.arange(q) < most % q)
    halves = np.zeros(q)
    halves[list(np.unravel_index(int(distance.argmax()), distance.shape))] = [most - most // 2, most // 2]
    spread = max(float(way @ distance @ way) for way in (even, halves)) / (most * (most - 1))
    return apart, coded, max(spread, float(apart.max()))


def _words(counts: NDArray[np.float64]) -> str:
    return f"Clopper-Pearson for the disagreement in {int((counts.sum(1) > 1).sum())} units"


def _agreement(
    name: str,
    point: float,
    interval: tuple[float | None, float | None, float],
    observed: float,
    inference: str,
    error: float | None = None,
) -> Agreement:
    low, high, conf_level = interval
    span = f", {100 * conf_level:g}% interval {low:.2f} to {high:.2f}" if low is not None else ""
    return Agreement(
        estimate=Estimate(
            term=name,
            estimand="agreement beyond chance between coders",
            outcome="codes",
            unit="1 is perfect, 0 is chance",
            estimate=point,
            std_error=error,
            conf_low=low,
            conf_high=high,
            conf_level=conf_level,
            inference=inference,
        ),
        observed=observed,
        reading=f"{name} is {point:.2f}{span}; coders agree on {100 * observed:.0f}% of pairs. "
        "Krippendorff asks "
        "for .80 to rely on codes, and .667 for tentative conclusions; look at the low end of the interval.",
    )


def _coded(ratings: Any, level: str, conf_level: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Codes as positions in the sorted values, -1 for none, shape (n_coders, n_units); and the values."""
    door = Door()
    door.choice("level", level, LEVELS)
    raw = np.asarray(ratings, dtype=object)
    if raw.ndim != 2 or raw.shape[0] < 2:
        door.refuse("ratings", f"shape {raw.shape}", "one row for each of two or more coders", "Turn the table round?")
        door.close()
    blank = np.array([[v is None or v == "" or v != v for v in row] for row in raw], dtype=bool)  # noqa: PLR0124 - NaN
    seen = raw[~blank]
    if level != "nominal" and any(isinstance(v, str) for v in seen):
        door.refuse(
            "ratings",
            f"hold words at level {level!r}",
            "numbers",
            "Number the codes in order, or say 'nominal'.",
        )
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level:g}", "between 0 and 1", "Write 0.95.")
    if level != "nominal" and any(isinstance(v, float) and np.isinf(v) for v in seen):
        door.refuse("ratings", "hold infinite numbers", "finite numbers", "Correct them.")
    twice = int(((~blank).sum(0) > 1).sum())
    if twice < 2:  # one unit alone has no spread: its interval would be a point
        found = f"{'one' if twice else 'no'} unit is coded by two coders"
        door.refuse("ratings", found, "two or more units coded twice", "Have some coded again, blind.")
    door.close()
    values = sorted(set(seen.tolist()), key=lambda v: (isinstance(v, str), v))
    place = {value: i for i, value in enumerate(values)}
    codes = np.array(
        [[-1 if b else place[v] for v, b in zip(row, gaps, strict=True)] for row, gaps in zip(raw, blank, strict=True)]
    )
    codes = codes[:, (codes >= 0).any(0)]
    numbers = [float(i) for i in range(len(values))] if level == "nominal" else [float(v) for v in values]
    return codes, np.array(numbers)


def _counts(codes: NDArray[np.int64], q: int) -> NDArray[np.float64]:
    """How many coders gave each unit each value, shape (n_units, n_values)."""
    return np.asarray((codes[:, :, None] == np.arange(q)).sum(0), dtype=float)


def _raw_agreement(counts: NDArray[np.float64]) -> float:
    """Mean share of agreeing pairs of coders over units coded twice or more."""
    coded = counts.sum(1)
    twice = coded > 1
    return float(((counts * (counts - 1)).sum(1)[twice] / (coded * (coded - 1))[twice]).mean())


def _alpha_of(counts: NDArray[np.float64], values: NDArray[np.float64], level: str) -> float:
    """Alpha from counts of values in units; NaN where all values are the same."""
    coded = counts.sum(1)
    counts, coded = counts[coded > 1], coded[coded > 1]
    if not coded.size:
        return float("nan")
    scaled = counts / (coded - 1)[:, None]
    pairs = scaled.T @ counts - np.diag(scaled.sum(0))
    totals = counts.sum(0)
    distance = _distance(values, totals, level)
    expected = float((np.outer(totals, totals) * distance).sum()) / (totals.sum() - 1)
    return float(1 - (pairs * distance).sum() / expected) if expected > 0 else float("nan")


def _distance(values: NDArray[np.float64], totals: NDArray[np.float64], level: str) -> NDArray[np.float64]:
    """Squared differences between values at a level of measurement."""
    if level == "nominal":
        return 1 - np.eye(values.size)
    if level == "ordinal":
        rank = np.cumsum(totals) - totals / 2
        return np.asarray((rank[:, None] - rank[None, :]) ** 2)
    gap = values[:, None] - values[None, :]
    if level == "interval":
        return np.asarray(gap**2)
    both = values[:, None] + values[None, :]
    return np.asarray((gap / np.where(both == 0, 1, both)) ** 2)


def _kappa_of(codes: NDArray[np.int64], q: int, weights: str) -> float:
    """Kappa from codes of shape (n_units, 2); NaN where chance agreement is complete."""
    table = np.zeros((q, q))
    np.add.at(table, (codes[:, 0], codes[:, 1]), 1 / len(codes))
    miss = _miss(q, weights)
    expected = float((np.outer(table.sum(1), table.sum(0)) * miss).sum())
    return float(1 - (table * miss).sum() / expected) if expected > 0 else float("nan")


def _miss(q: int, weights: str) -> NDArray[np.float64]:
    """Cost of each pair of codes."""
    gap = np.abs(np.arange(q)[:, None] - np.arange(q)[None, :])
    costs = {"none": (gap > 0).astype(float), "linear": gap.astype(float), "quadratic": gap.astype(float) ** 2}
    return np.asarray(costs[weights])
