"""Randomisation inference: how far the estimate stands out among other assignments of the starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.wording import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.inference.permutation.assignments import Assignments

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """Estimates under other assignments of the starts, the real one among them.

    Where the noise of those treated is known, draws are divided by the noise of the clusters they treat, as a
    multiple of that of the clusters really treated: so they can be compared with the estimate as it is.

    Attributes
    ----------
    estimate : (k,) float
        Under the real starts.
    draws : (m, k) float
        Under permuted starts, no effect assumed.
    slope : (m, k) float
        How far a draw moves when an effect of one is taken out of the outcome: it makes the
        inversion of the test exact.
    quiet : (m, k) float
        The draws with all effects, as estimated, taken out.
    earlier : (m, k) float
        The draws with the effects from the start on taken out: for tests of what was there before.
    drift : (m, k) float or None
        The draws of a trend of the treated that grows by one a period up to the start: for the power of such tests.
    real : int
        Which of the draws is the real one.
    exact : bool
        Every assignment was tried.
    assignments : float
        How many different assignments there are.
    over : str
        What was permuted: ``"units"``, or the cluster column's name.
    things : int
        How many clusters (or units) the starts were permuted over.
    ratio : (m,) float or None
        The noise of the clusters really treated over that of those a draw treats, by which it was multiplied.
    ways : (m, 2 J) int
        What starts, and as which cohort, in each draw: draws of two outcomes whose rows are alike belong together.
    cohorts : int
        How many cohorts there are; a start as that or more stands for nothing.
    mass : (A,) float
        What each of the things weighs.
    """

    estimate: Floats
    draws: Floats
    slope: Floats
    quiet: Floats
    earlier: Floats
    drift: Floats | None = None
    real: int = 0
    exact: bool
    assignments: float
    over: str
    things: int = 0
    ratio: Floats | None = None
    ways: NDArray[np.intp] = field(repr=False, default_factory=lambda: np.empty((0, 0), dtype=np.intp))
    cohorts: int = 0
    mass: Floats = field(repr=False, default_factory=lambda: np.empty(0))

    @property
    def floor(self) -> float:
        """The smallest p-value that any estimate could get."""
        return 1 / (self.assignments if self.exact else min(self.assignments, len(self.draws)))

    def part(self, which: NDArray[np.bool_]) -> Placebo:
        """The terms in `which` alone."""
        return Placebo(
            estimate=self.estimate[which], draws=self.draws[:, which], slope=self.slope[:, which],
            quiet=self.quiet[:, which], earlier=self.earlier[:, which],
            drift=None if self.drift is None else self.drift[:, which], real=self.real, exact=self.exact,
            assignments=self.assignments, over=self.over, things=self.things, ratio=self.ratio, ways=self.ways,
            cohorts=self.cohorts, mass=self.mass)

    def p_values(self) -> Floats:
        """Two-sided p-values for no effect, (k,): the share of draws at least as large.

        The real starts are among the draws, so the floor holds whatever rounding does to that tie.
        """
        tiny = 1e-9 * np.abs(self.estimate) + 1e-300
        share = (np.abs(self.draws) >= np.abs(self.estimate) - tiny).mean(axis=0)
        return np.asarray(np.maximum(share, self.floor))

    def intervals(self, conf_level: float) -> tuple[Floats, Floats]:
        """Constant effects that the test does not reject, (k,) and (k,); infinite where it rejects none."""
        gap = self.estimate - self.draws
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([gap / (1 - self.slope), (self.estimate + self.draws) / (1 + self.slope)])
        ends[:, np.abs(self.slope) >= 1 - 1e-10] = np.nan
        low = np.where(np.isnan(ends).any(axis=0), -np.inf, ends.min(axis=0))
        high = np.where(np.isnan(ends).any(axis=0), np.inf, ends.max(axis=0))
        return self._kept(low, high, conf_level)

    def _kept(self, low: Floats, high: Floats, conf_level: float) -> tuple[Floats, Floats]:
        m = len(self.draws)
        rejected = int(np.floor((1 - conf_level) * m + 1e-9))
        if self.floor > 1 - conf_level + 1e-12:
            rejected = 0
        return np.sort(low, axis=0)[rejected], np.sort(high, axis=0)[m - 1 - rejected]

    def band(self, which: NDArray[np.bool_], conf_level: float) -> tuple[Floats, Floats]:
        """Ends of a band that holds all of `which` together, by the largest of the scaled draws.

        Never inside the pointwise intervals. Taking the effects out takes the noise of the treated with them, which a
        test of the real effects would meet again in every assignment that shares some of them: the normal tail beyond
        the largest is therefore read as Student's, with the clusters less two for degrees of freedom, and the scale of
        what is left made as large as that of errors.
        """
        free = max(self.things - 2, 1)
        quiet = self.quiet[:, which]
        scale = np.sqrt(np.mean(quiet**2, axis=0))
        scale[scale == 0] = 1.0
        largest = np.sort(np.delete(np.abs(quiet / scale).max(axis=1), self.real))
        rejected = max(1, int(np.floor((1 - conf_level) * len(self.draws) + 1e-9)))
        critical = float(largest[len(largest) - rejected])
        wider = np.sqrt(max(self.things / free, 1.0))
        reach = max(critical, float(stats.t.isf(stats.norm.sf(critical), free))) * wider * scale
        low, high = self.part(which).intervals(conf_level)
        if self.floor > 1 - conf_level + 1e-12:
            return np.full_like(low, -np.inf), np.full_like(high, np.inf)
        return np.minimum(self.estimate[which] - reach, low), np.maximum(self.estimate[which] + reach, high)

    def words(self, conf_level: float = 0.95) -> str:
        """How it was done, for `Estimate.inference`."""
        how = f"all {self.assignments:,.0f} assignments" if self.exact else f"{len(self.draws):,} random assignments"
        against = ", each estimate against the noise of those it treats" if self.ratio is not None else ""
        said = (f"permutation of the start dates over {self.over}{against} ({how}; smallest attainable p "
                f"{brief(self.floor, 2)}); ")
        return said + ("no interval: the test can reject nothing" if self.floor > 1 - conf_level + 1e-12
                       else "interval by inversion of the test")


def placebo_of(
    ways: Assignments, ratio: Floats | None, estimate: Floats, draws: Floats, slope: Floats, quiet: Floats,
    earlier: Floats, drift: Floats | None = None,
) -> Placebo:
    """A `Placebo` from estimates under each way; ways under which one cannot be made are left out.

    Parameters
    ----------
    ways : Assignments
    ratio : (m,) float or None
        The noise of the real assignment over that of each way.
    estimate : (k,) float
    draws, slope, quiet, earlier, drift : (m, k) float
    """
    whole = np.asarray(np.isfinite(np.hstack([draws, slope])).all(axis=1))
    whole[ways.real] = True
    factor = (np.ones(len(draws)) if ratio is None else ratio)[whole, None]
    made = [factor * part[whole] for part in (draws, slope, quiet, earlier)]
    real = int(whole[: ways.real].sum())
    made[0][real], made[1][real] = estimate, 1.0  # the real starts reject nothing
    return Placebo(estimate=estimate, draws=made[0], slope=made[1], quiet=made[2], earlier=made[3],
                   drift=None if drift is None else factor * drift[whole], real=real, exact=ways.exact,
                   assignments=ways.total, over=ways.over, things=ways.things,
                   ratio=None if ratio is None else factor[:, 0],
                   ways=np.hstack([ways.chosen, ways.kind])[whole], cohorts=len(ways.kinds), mass=ways.mass)
