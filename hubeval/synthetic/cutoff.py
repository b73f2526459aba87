"""Synthetic neighbourhoods by need: those at or above a cut-off were offered a hub, and the effect is known.

No place in them is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

CUTOFF = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffTruth:
    """What is true in a set of made-up neighbourhoods.

    Attributes
    ----------
    ready : float
        True effect of being offered a hub, at the cut-off, in percentage points.
    absence : float
        The same on absence.
    raw : float
        What a plain comparison of means shows instead.
    seed : int
    """

    ready: float
    absence: float
    raw: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticCutoff:
    """Made-up neighbourhoods with their truth."""

    frame: pd.DataFrame
    truth: CutoffTruth


def neighbourhoods(*, n: int = 2_000, effect: float = 5.0, step: float = 0.0, seed: int = 20261122) -> SyntheticCutoff:
    """Neighbourhoods with a need score, of which those at or above the cut-off were offered a hub.

    Parameters
    ----------
    n : int
        How many.
    effect : float
        Effect on the share of children with a good level of development, at the cut-off; it grows with need.
    step : float
        Scores are rounded down to multiples of this; 0 for none.
    seed : int

    Returns
    -------
    SyntheticCutoff
        One row a neighbourhood: ``area``, ``authority``, ``need_score``, ``offered`` (0/1); before: ``ready_before``,
        ``under_fives``; after: ``ready``, ``absence``, ``dental`` (nothing to do with hubs).

    Examples
    --------
    >>> made = neighbourhoods(n=400, seed=1)
    >>> made.frame.shape, made.truth.raw < 2 < made.truth.ready
    ((400, 9), True)
    """
    import pandas as pd  # noqa: PLC0415 - kept out of the fast path

    rng = np.random.default_rng(seed)
    score = 100 * rng.beta(4.5, 3.6, n)
    score = (np.floor(score / step) * step if step else score).round(3)
    authority = rng.integers(0, 40, n)
    place = rng.normal(0, 1.0, 40)[authority]
    far = (score - CUTOFF) / 10
    before = 66 - 2.2 * far - 0.25 * far**2 + place + rng.normal(0, 3.0, n)
    offered = (score >= CUTOFF).astype(int)
    ready = before + 1.5 + 0.3 * far + offered * (effect + 0.4 * far) + rng.normal(0, 2.5, n)
    absence = 6 + 0.5 * far + 0.2 * place - 0.15 * effect * offered + rng.normal(0, 1.0, n)
    dental = 24 + 1.5 * far + place + rng.normal(0, 4.0, n)
    frame = pd.DataFrame({
        "area": [f"N{i:04d}" for i in range(n)], "authority": [f"A{a:02d}" for a in authority], "need_score": score,
        "offered": offered, "ready_before": before.clip(0, 100).round(1),
        "under_fives": rng.integers(60, 260, n), "ready": ready.clip(0, 100).round(1),
        "absence": absence.clip(0, 100).round(2), "dental": dental.clip(0, 100).round(1)})
    raw = float(frame.ready[offered == 1].mean() - frame.ready[offered == 0].mean())
    return SyntheticCutoff(frame=frame, truth=CutoffTruth(
        ready=effect, absence=-0.15 * effect, raw=raw, seed=seed))
