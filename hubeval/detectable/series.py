"""Power of one interrupted series: the protocol's own design matrix, with the noise of its own pre-period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from hubeval.detectable import formula
from hubeval.detectable.others import MULTIPLES, nothing
from hubeval.detectable.values import CurvePoint, Point
from hubeval.engine.autoregression import correlation
from hubeval.methods.its.checks.detectable import detectable
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.model import design
from hubeval.methods.its.door.protocols import request
from hubeval.protocol import ItsDesign
from hubeval.result import ResultTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.methods.its.door.model import SeriesModel
    from hubeval.protocol import Protocol
    from hubeval.result import Cell

    Floats = NDArray[np.float64]

ASSUMED = (0.0, 0.2, 0.4, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Standard errors, for noise of one, of the level change, the average effect and the effect in the last period."""

    level: float
    average: float
    last: float


def series_power(protocol: Protocol, table: Table, level: float, target: float) -> dict[str, Any]:
    """The smallest detectable average effect after the start; of the outcome, only what came before is looked at.

    The design matrix is the room's own: impact, season, transition, declared shocks and comparison series
    included. Noise and autocorrelation are those around the trend before the start.
    """
    declared = protocol.design
    assert isinstance(declared, ItsDesign)
    model = bind(*request(protocol, declared, protocol.primary, table))
    before, after = int(model.before.sum()), int(model.after.sum())
    baseline = float(model.y[model.before].mean())
    noise = detectable(model).residual_sd
    x = design(model).x
    df = model.n - int(np.linalg.matrix_rank(x))
    if noise is None or noise <= 0 or df < 1:
        reason = f"{before} periods before and {after} after leave too few to know the noise around the trend"
        return nothing(reason, {"baseline": baseline})
    own = _autocorrelation(model)
    times = formula.multiplier(level=level, power=target, df=df) * noise
    scale = baseline if model.log_link else 0.0
    by_rho = {rho: _errors(model, rho) for rho in sorted({*ASSUMED, own})}
    error = by_rho[own].average
    inside = [times * error * m for m in MULTIPLES]
    return {
        "smallest_detectable": _back(times * error, scale),
        "baseline": baseline,
        "points": tuple(
            Point(effect=_back(e, scale), power=_t_power(e / (noise * error), df, level)) for e in inside
        ),
        "periods": _follow_up(declared, before, after, times, own, scale),
        "tables": (_table(by_rho, own, times, scale, protocol.primary.unit),),
        "method": f"Formula for the average effect after the start, in the protocol's own design: {before} periods "
        f"before, {after} after, noise of {noise:.3g} around the trend before the start"
        f"{' (as a share)' if model.log_link else ''}, autocorrelation {own:.2f} there (corrected for short series).",
        "inference": "generalised least squares, autocorrelation taken as known; estimated or integrated over, "
        "intervals are 1.0 to 1.3 times as wide, so read the size as a floor",
        "n_units": 1 + len(model.controls), "n_treated": 1, "n_periods": model.n,
    }


def _errors(model: SeriesModel, rho: float) -> Errors:
    columns = design(model)
    after = np.flatnonzero(model.after)
    change = columns.x - columns.without
    rows = np.stack([change[after[0]], change[after].mean(axis=0), change[after[-1]]])
    inverse = np.linalg.inv(correlation(rho, model.n))
    spread = np.linalg.pinv(columns.x.T @ inverse @ columns.x, hermitian=True)
    level, average, last = np.sqrt(np.einsum("mi,ij,mj->m", rows, spread, rows))
    return Errors(level=float(level), average=float(average), last=float(last))


def _autocorrelation(model: SeriesModel) -> float:
    """First autocorrelation around the trend and season before the start, corrected for short series; at least 0.

    Around a fitted trend its bias is about ``-(2 + 4 r) / n`` (Kendall 1954; Sawa 1978).
    """
    seen = np.flatnonzero(model.before)
    y = np.log(np.maximum(model.y, 0.5)) - model.offset if model.log_link else model.y - model.offset
    x = design(model).without[seen]
    e = y[seen] - x @ np.linalg.lstsq(x, y[seen], rcond=None)[0]
    if e @ e <= 0:
        return 0.0
    r = float(e[1:] @ e[:-1] / (e @ e))
    return float(np.clip(r + (2 + 4 * r) / len(e), 0.0, 0.9))


def _t_power(away: float, df: int, level: float) -> float:
    critical = stats.t.ppf(1 - level / 2, df)
    return float(stats.nct.sf(critical, df, away) + stats.nct.cdf(-critical, df, away))


def _follow_up(
    declared: ItsDesign, before: int, after: int, times: float, own: float, scale: float
) -> tuple[CurvePoint, ...]:
    """Other lengths of follow-up, for a plain level and slope change only."""
    if declared.impact != "level and slope" or declared.transition or declared.more_starts or before < 3 or after < 3:
        return ()
    sizes = {n: times * formula.series_error(before, n, own, average=True) for n in sorted({3, 6, 12, 24, after})}
    return tuple(CurvePoint(n_units=1, n_treated=1, n_periods=before + n, smallest_detectable=_back(size, scale))
                 for n, size in sizes.items())


def _back(size: float, baseline: float) -> float:
    """From the log scale to the outcome's, about a baseline; unchanged where there is none."""
    return float((np.exp(size) - 1) * baseline) if baseline else float(size)


def _table(by_rho: dict[float, Errors], own: float, times: float, scale: float, unit: str) -> ResultTable:
    rows: list[tuple[Cell, ...]] = []
    for rho, error in by_rho.items():
        sizes = [_back(times * size, scale) for size in (error.level, error.average, error.last)]
        rows.append((f"{rho:.2f}{' (estimated)' if rho == own else ''}", *sizes))
    return ResultTable(
        name="power-autocorrelation", caption=f"Smallest detectable effects by autocorrelation ({unit})",
        rows=tuple(rows), columns=("autocorrelation", "level change", "average after the start", "in the last period"),
    )
