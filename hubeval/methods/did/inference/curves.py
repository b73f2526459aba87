"""The smallest effect that the headline would find with other numbers of units, and with shorter follow-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.door.panel import restrict
from hubeval.methods.did.inference.detection import ends_of
from hubeval.methods.did.inference.headline import compared, settled
from hubeval.methods.did.inference.noise import noise_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.engine.detection import Ends
    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.noise import Noise
    from hubeval.protocol import DidDesign

FACTORS = (0.5, 1.0, 2.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What the headline would find in a panel of another size."""

    n_units: int
    n_treated: int
    n_periods: int
    ends: Ends


def by_units(
    panel: Panel, design: DidDesign, *, draws: int, seed: int, say: Callable[[str], None]
) -> tuple[Elsewhere, ...]:
    """With fewer and more units like these, every wave in proportion; for whole panels of units without covariates."""
    plain = panel.balanced and panel.weights is None and not panel.x.shape[1] and panel.n_clusters == panel.n_units
    if not plain:
        return ()
    noise = noise_of(panel)
    out = []
    for factor in FACTORS:
        say(f"Power with {factor:g} times the units")
        other = _resized(panel, factor)
        side = other.ever.astype(np.intp) if noise.apart else np.zeros(other.n_units, dtype=np.intp)
        drawn = replace(noise, fixed=np.zeros(other.n_rows), within=replace(noise.within, side=side))
        out.append(_asked(other, design, drawn, draws, seed))
    return tuple(out)


def by_periods(
    panel: Panel, design: DidDesign, *, draws: int, seed: int, say: Callable[[str], None]
) -> tuple[Elsewhere, ...]:
    """With follow-up that ends sooner, from soon after the last start to the end of the data."""
    noise, out = noise_of(panel), []
    for end in sorted({int(end) for end in np.linspace(panel.cohorts.max() + 1, panel.n_periods, 4)}):
        say(f"Power with {end} periods")
        rows = panel.time < end
        shorter = restrict(panel, rows)
        if shorter.n_units < panel.n_units:
            continue
        out.append(_asked(shorter, design, noise.until(end, rows), draws, seed))
    return tuple(out)


def _asked(panel: Panel, design: DidDesign, noise: Noise, draws: int, seed: int) -> Elsewhere:
    plan = settled(design, panel, seed=seed)
    treated, others = compared(panel, plan.design).sides
    ends, _ = ends_of(panel, plan, noise, draws, seed)
    return Elsewhere(n_units=treated + others, n_treated=treated, n_periods=panel.n_periods, ends=ends)


def _resized(panel: Panel, factor: float) -> Panel:
    """A balanced panel with every cohort grown or shrunk; outcomes are drawn anew."""
    kinds, size = np.unique(panel.first, return_counts=True)
    first = np.repeat(kinds, np.maximum(1, np.round(size * factor)).astype(int))
    begin = {int(f): float(s) for f, s in zip(panel.first, panel.start, strict=True)}
    n, t = len(first), panel.n_periods
    return replace(
        panel, units=np.arange(n), unit=np.repeat(np.arange(n), t), time=np.tile(np.arange(t), n), y=np.zeros(n * t),
        x=np.empty((n * t, 0)), start=np.array([begin[int(f)] for f in first]), first=first.astype(np.intp),
        cluster=np.arange(n), extra={})
