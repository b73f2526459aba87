"""Power of one treated unit against donors, and of matched records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.data.panel_checks import grid
from hubeval.data.record_checks import exposed
from hubeval.detectable import formula
from hubeval.detectable.assignments import smallest
from hubeval.detectable.values import Point
from hubeval.engine.least_squares import least_squares
from hubeval.protocol import MatchingDesign
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]
    Answer = dict[str, Any]

MULTIPLES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


def donor_power(protocol: Protocol, table: Table, level: float, target: float) -> Answer:
    """One treated unit against donors: each donor takes its turn, with the others for its comparison."""
    g = grid(protocol, table)
    y = g.y[:, g.used]
    whole = np.isfinite(y).all(axis=1)
    donors = y[whole & ~g.treated]
    first = int(g.used[: g.first].sum())
    baseline = float(np.nanmean(g.y[g.treated][0][: g.first]))
    n = len(donors)
    base = {"baseline": baseline, "floor": 1 / (n + 1), "n_units": n + 1, "n_treated": 1, "n_periods": y.shape[1],
            "method": f"Each of {n} donors was taken for the treated unit in turn, the equal-weight mean of the others "
            "(levels aligned before the start) for its comparison. A fitted synthetic control follows more closely and "
            "may find smaller effects.",
            "inference": "rank of the ratio of post to pre gaps among all units (placebo)"}
    if 1 / (n + 1) > level:
        return nothing(f"{n} donors give no p-value below {1 / (n + 1):.2g}", base)
    if first < 2 or y.shape[1] - first < 1:
        return nothing("fewer than 2 periods before the start", base)
    gap = donors - (donors.sum(axis=0) - donors) / (n - 1)
    gap = gap - gap[:, :first].mean(axis=1)[:, None]
    scale = np.sqrt((gap[:, :first] ** 2).mean(axis=1))
    post = gap[:, first:]
    null = np.sqrt((post**2).mean(axis=1)) / scale
    sign = -1 if protocol.primary.direction == "lower is better" else 1

    def found(effect: float) -> float:
        moved = np.sqrt(((post + sign * effect) ** 2).mean(axis=1)) / scale
        larger = (null[None, :] >= moved[:, None]).sum(axis=1) - (null >= moved)
        return float(((larger + 1) / (n + 1) <= level).mean())

    size = smallest(found, target, float(np.std(post.mean(axis=1))) or 1.0)
    shown = size or float(np.std(post.mean(axis=1)))
    points = tuple(Point(effect=shown * f, power=found(shown * f)) for f in MULTIPLES)
    notes = (f"Power moves in steps of 1/{n}: as many donors take their turn.",)
    return {**base, "smallest_detectable": size, "points": points, "notes": notes, "false_alarms": found(0.0)}


def record_power(protocol: Protocol, table: Table, level: float, target: float) -> Answer:
    """Matched records, by formula; the spread is that of the comparison group, so no effect is looked at."""
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    frame = table.frame.dropna(subset=[protocol.primary.column])
    groups = exposed(frame[design.treated])
    if groups is None or groups.all() or not groups.any():
        return nothing("there is no comparison group")
    y = frame[protocol.primary.column].to_numpy(dtype=float)[~groups]
    treated = int(groups.sum())
    matched = min(treated * design.ratio, len(y))
    explained = _explained(frame[~groups], y, design.covariates)
    inflate, icc = 1.0, None
    if design.cluster:
        inflate, icc = _clustering(frame[~groups], y, design.cluster)
    deviation = float(np.std(y, ddof=1)) * float(np.sqrt((1 - explained) * inflate))
    size = formula.two_groups_mde(deviation, treated, matched, level=level, power=target)
    notes = [f"Covariates explain {explained:.0%} of the outcome's variance among the others."]
    if icc is not None:
        notes.append(f"Correlation within {design.cluster} is {icc:.3f}: the variance grows {inflate:.2f} times.")
    binary = set(np.unique(y)) <= {0.0, 1.0}
    expected = float(y.mean()) * treated
    if binary and expected < 100:
        ratio = formula.rare_event_ratio(expected, level=level, power=target) if expected > 0 else None
        said = "not even none at all would be found" if ratio is None else f"a fall to {ratio:.2f} times is found"
        notes.append(f"Rare events: about {expected:.0f} expected among the exposed; {said}.")
    error = size / formula.multiplier(level=level, power=target, df=treated + matched - 2)
    return {
        "smallest_detectable": size,
        "baseline": float(y.mean()),
        "points": tuple(Point(effect=size * f, power=_normal_power(size * f / error, level))
                        for f in MULTIPLES),
        "notes": tuple(notes),
        "method": f"Formula for two groups: {treated} exposed against {matched} of {len(y)} others once matched, "
        f"standard deviation {float(np.std(y, ddof=1)):.3g} among the others.",
        "inference": "difference of means between matched groups, normal; records dropped for want of a match, and the "
        "estimation of the score, are not in it",
        "n_units": treated + matched, "n_treated": treated,
    }


def nothing(reason: str, rest: Answer | None = None) -> Answer:
    """An answer that says why there is none, with what is known all the same."""
    unknown = {"smallest_detectable": None, "method": "Not worked out.", "inference": "none"}
    return {**unknown, "not_computed": (NotComputed(what="power", reason=reason),), **(rest or {})}


def _explained(frame: pd.DataFrame, y: Floats, covariates: Sequence[str]) -> float:
    """Adjusted share of the variance that the number covariates explain; 0 where none does."""
    named = [name for name in covariates if pd.api.types.is_numeric_dtype(frame[name].dtype)]
    numbers = [frame[name].to_numpy(dtype=float) for name in named]
    if not numbers or len(y) < len(numbers) + 5:
        return 0.0
    x = np.column_stack([np.ones(len(y)), *numbers])
    known = np.isfinite(x).all(axis=1)
    if known.sum() < len(numbers) + 5:
        return 0.0
    fit = least_squares(y[known], x[known])
    total = float(np.sum((y[known] - y[known].mean()) ** 2))
    n = int(known.sum())
    left = float(fit.residuals @ fit.residuals) / (n - fit.rank) * (n - 1)
    return max(0.0, 1 - left / total) if total > 0 else 0.0


def _clustering(frame: pd.DataFrame, y: Floats, cluster: str) -> tuple[float, float]:
    """Design effect and intra-cluster correlation, by one-way analysis of variance."""
    codes, names = pd.factorize(frame[cluster])
    size = np.bincount(codes).astype(float)
    means = np.bincount(codes, y) / size
    between = float((size * (means - y.mean()) ** 2).sum()) / max(len(names) - 1, 1)
    within = float(((y - means[codes]) ** 2).sum()) / max(len(y) - len(names), 1)
    typical = (size.sum() - (size**2).sum() / size.sum()) / max(len(names) - 1, 1)
    icc = max(0.0, (between - within) / (between + (typical - 1) * within)) if between + within > 0 else 0.0
    weighted = float((size**2).sum() / size.sum())
    return formula.design_effect(weighted, icc), icc


def _normal_power(away: float, level: float) -> float:
    from scipy import stats  # noqa: PLC0415 - slow to import, and used here alone

    critical = stats.norm.ppf(1 - level / 2)
    return float(stats.norm.sf(critical - away) + stats.norm.cdf(-critical - away))
