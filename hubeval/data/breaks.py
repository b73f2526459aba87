"""A scan for jumps that the units of a panel share: a change of counting looks like that, and so does a shock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEASONS = {"month": 12, "quarter": 4}
UNUSUAL = 4.7  # in robust standard deviations of the shared path's own steps; more where they are few
NOISE_SHARE = 0.25  # steps smaller than this share of a unit's own noise are not worth a word
AGREE = 0.7  # share of the units that move the same way


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """One jump: the position of its first period, how unusual, its size, the units that share it, whether it lasts."""

    position: int
    unusual: float
    size: float
    share: float
    lasting: bool


def shared_jumps(y: Floats, *, frequency: str = "year", limit: int = 3) -> tuple[Jump, ...]:
    """Positions at which most units jump together, the most unusual first.

    The shared path is the median over units of the outcome less the unit's own median. Its steps, less
    the usual step of that season, are held against their own robust spread (median absolute deviation).
    A jump is reported where it is beyond `unusual` spreads and at least 70% of the units move the same way;
    it is `lasting` where the level of the periods after stays at least half the jump away from that
    before. A scan to ask questions with, not a test: a shared shock is found too, and a change of
    counting that comes in slowly, or in a few units, is not.

    Parameters
    ----------
    y : (N, T) float
        Units by periods, NaN where missing.
    frequency : str
        ``"month"``, ``"quarter"`` or another.
    limit : int
        At most so many.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(50, 1, (30, 24))
    >>> y[:, 15:] += 6
    >>> [(jump.position, jump.lasting) for jump in shared_jumps(y, frequency="quarter")]
    [(15, True)]
    """
    if y.shape[1] < 6:
        return ()
    path = median(y - median(y, axis=1)[:, None], axis=0)
    steps = np.diff(path)
    own = np.diff(y, axis=1)
    period = SEASONS.get(frequency, 1) if len(steps) >= 3 * SEASONS.get(frequency, 1) else 1
    usual = _seasonal(steps, period)
    moved = steps - usual
    noise = float(median(_spread(own), axis=0)) / np.sqrt(2)
    spread = float(_spread(moved[None, :])[0]) * np.sqrt(len(steps) / (len(steps) - period))
    scale = max(spread, NOISE_SHARE * noise)
    if not np.isfinite(scale) or scale <= 0:
        return ()
    threshold = unusual(len(steps), period)
    found: list[Jump] = []
    for i in np.argsort(-np.abs(np.nan_to_num(moved))):
        if abs(moved[i]) < threshold * scale or len(found) == limit:
            break
        known = np.isfinite(own[:, i])
        share = float((np.sign(own[known, i] - usual[i]) == np.sign(moved[i])).mean())
        if share >= AGREE:
            lasting = _lasts(path, int(i) + 1, float(moved[i]), SEASONS.get(frequency, 3))
            found.append(Jump(position=int(i) + 1, unusual=float(abs(moved[i]) / scale), size=float(moved[i]),
                              share=share, lasting=lasting))
    return tuple(found)


def unusual(steps: int, period: int) -> float:
    """Spreads beyond which a step counts as a jump: so many that 2 to 5 in 100 sound panels show one.

    A spread made of few steps, or of few years where each season has its own usual step, is often too small by
    chance. Fitted to simulated panels of 6 to 40 years, 14 to 40 quarters and 38 to 96 months
    (``tests/data/test_breaks.py`` draws others).

    Examples
    --------
    >>> [round(unusual(n, 1), 1) for n in (5, 11, 39)], [round(unusual(n, 12), 1) for n in (37, 59, 95)]
    ([8.7, 5.1, 4.7], [8.1, 5.5, 4.9])
    """
    return UNUSUAL + (500 / steps**3 if period == 1 else 100 * (period / steps) ** 3)


def _seasonal(steps: Floats, period: int) -> Floats:
    """The usual step at each position: the median of its season."""
    phase = np.arange(len(steps)) % period
    by_phase = np.array([float(median(steps[None, phase == p], axis=1)[0]) for p in range(period)])
    return by_phase[phase]


def _lasts(path: Floats, position: int, size: float, window: int) -> bool:
    before, after = path[max(0, position - window) : position], path[position : position + window]
    if len(after) < 2:
        return False
    change = float(np.nanmean(after[1:])) - float(np.nanmean(before))
    return bool(change / size >= 0.5)


def _spread(rows: Floats) -> Floats:
    """Robust standard deviation of each row."""
    return np.asarray(1.4826 * median(np.abs(rows - median(rows, axis=1)[:, None]), axis=1))


def median(values: Floats, axis: int) -> Floats:
    """Median of the known values along an axis, NaN where none is known; never a warning."""
    known = np.isfinite(values)
    ordered = np.sort(np.where(known, values, np.inf), axis=axis)
    n = known.sum(axis=axis)
    size = values.shape[axis]
    middle = [np.clip(k, 0, size - 1) for k in ((n - 1) // 2, n // 2)]
    pair = [np.take_along_axis(ordered, np.expand_dims(k, axis), axis).squeeze(axis) for k in middle]
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(n > 0, (pair[0] + pair[1]) / 2, np.nan))
