"""Replicates of a synthetic difference-in-differences: placebo sets, jackknife, bootstrap; each with its error."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from hubeval.methods.synth.estimators.double_difference import effect, refit, unsteadiness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.estimators.double_difference import Weights

    Floats = NDArray[np.float64]

ENUMERATED = 2000  # placebo sets up to this number are all used


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """Replicates of an estimate, and the law that its error takes from them.

    Attributes
    ----------
    draws : (b,) float
    error : float or None
        Standard error; None where there is none, for `reason`.
    df : float
        Degrees of freedom of the t law.
    wider : float
        By how much the error was widened because the treated were less steady before the start than placebo units.
    """

    draws: Floats
    error: float | None = None
    df: float = float("inf")
    wider: float = 1.0
    reason: str = ""


def interval(
    estimate: float, error: float | None, df: float, conf_level: float
) -> tuple[float | None, float | None, float | None]:
    """Low end, high end and two-sided p-value by the t law; three times None where there is no error.

    Examples
    --------
    >>> [round(value, 2) for value in interval(2.0, 1.0, 3, 0.95)]
    [-1.18, 5.18, 0.14]
    """
    if not error:
        return None, None, None
    half = float(stdtrit(df, (1 + conf_level) / 2)) * error
    return estimate - half, estimate + half, float(2 * stdtr(df, -abs(estimate) / error))


def placebo_law(draws: Floats, spreads: Floats, own: float, *, n_donors: int, t0: int) -> Replicates:
    """The law of placebo estimates: as many independent ones as donors less one, however many sets of them.

    Their root mean square about zero is the error. Placebo units are assumed to be like the treated; where the
    treated path was less steady about its donors before the start than theirs were, the error is as much wider, and
    wider again for what so few periods leave unknown of that.

    Parameters
    ----------
    draws, spreads : (b,) float
        Placebo estimates, and how unsteady each placebo was before the start.
    own : float
        How unsteady the treated were.
    n_donors, t0 : int
    """
    typical = float(np.sqrt(np.mean(spreads**2)))
    unknown = float(stdtrit(max(t0 - 1, 1), 0.975) / ndtri(0.975))
    wider = max(1.0, unknown * own / typical) if typical > 0 else 1.0
    error = float(np.sqrt(np.mean(draws**2))) * wider
    return Replicates(draws=draws, error=error, df=n_donors - 1, wider=wider)


def placebo(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Replicates:
    """Every set of donors, or some, in the treated units' place."""
    pool, size = np.array(panel.donors), len(panel.treated)
    if len(pool) <= size + 1:
        why = f"{len(pool)} donors are too few to stand in for {size} treated unit(s)"
        return Replicates(draws=np.empty(0), reason=why)
    if comb(len(pool), size) <= ENUMERATED:
        sets = [np.array(s) for s in combinations(pool.tolist(), size)]
    else:
        sets = [rng.choice(pool, size, replace=False) for _ in range(replications)]
    made = np.array([refit(panel, np.setdiff1d(pool, s), s, fitted.zeta) for s in sets])
    own = unsteadiness(panel, pool, np.array(panel.treated), fitted.omega)
    return placebo_law(made[:, 0], made[:, 1], own, n_donors=len(pool), t0=panel.t0)


def jackknife(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Replicates:
    """Each unit left out in turn, weights held."""
    del replications, rng  # nothing is drawn
    donors, treated, omega = np.array(panel.donors), np.array(panel.treated), fitted.omega
    if len(treated) == 1:
        return Replicates(
            draws=np.empty(0), reason="the jackknife needs two treated units or more; use errors='placebo'"
        )
    if (omega > 0).sum() == 1:
        return Replicates(
            draws=np.empty(0), reason="one donor carries all the weight: the jackknife cannot leave it out"
        )
    draws = []
    for j in range(len(donors)):
        rest = np.delete(omega, j)
        draws.append(effect(panel, np.delete(donors, j), treated, rest / rest.sum(), fitted.lam))
    draws += [effect(panel, donors, np.delete(treated, j), omega, fitted.lam) for j in range(len(treated))]
    made = np.array(draws)
    return Replicates(draws=made, error=float(np.sqrt((len(made) - 1) * made.var())), df=_fewer(panel))


def bootstrap(panel: Panel, fitted: Weights, replications: int, rng: np.random.Generator) -> Replicates:
    """Units drawn with replacement, weights fitted anew."""
    donors, treated = np.array(panel.donors), np.array(panel.treated)
    if len(treated) == 1:
        return Replicates(
            draws=np.empty(0), reason="the bootstrap needs two treated units or more; use errors='placebo'"
        )
    everyone = np.concatenate([donors, treated])
    draws: list[float] = []
    while len(draws) < replications:
        drawn = np.sort(rng.integers(0, len(everyone), len(everyone)))
        first, second = everyone[drawn[drawn < len(donors)]], everyone[drawn[drawn >= len(donors)]]
        if len(first) and len(second):
            draws.append(refit(panel, first, second, fitted.zeta)[0])
    made = np.array(draws)
    return Replicates(draws=made, error=float(made.std()), df=_fewer(panel))


def _fewer(panel: Panel) -> int:
    """Degrees of freedom where both sides are resampled: those of the smaller side."""
    return min(len(panel.treated), len(panel.donors)) - 1
