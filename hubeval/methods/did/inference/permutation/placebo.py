"""Randomisation inference: how far the estimate stands out among other assignments of the starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.wording import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """Estimates under other assignments of the starts, the real one among them.

    Attributes
    ----------
    estimate : (k,) float
        Under the real starts.
    draws : (m, k) float
        Under permuted starts, no effect assumed.
    slope : (m, k) float
        How far a draw moves when an effect of one is taken out of the outcome: it makes the
        inversion of the test exact.
    exact : bool
        Every assignment was tried.
    assignments : float
        How many different assignments there are.
    over : str
        What was permuted: ``"units"``, or the cluster column's name.
    """

    estimate: Floats
    draws: Floats
    slope: Floats
    exact: bool
    assignments: float
    over: str

    @property
    def floor(self) -> float:
        """The smallest p-value that any estimate could get."""
        return 1 / (self.assignments if self.exact else len(self.draws))

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
        m = len(self.draws)
        rejected = int(np.floor((1 - conf_level) * m + 1e-9))
        return np.sort(low, axis=0)[rejected], np.sort(high, axis=0)[m - 1 - rejected]

    def joint_p_value(self, which: NDArray[np.bool_]) -> float:
        """p-value for no effect in all of `which` together, by a distance scaled by the draws' own spread."""
        draws, estimate = self.draws[:, which], self.estimate[which]
        spread = np.linalg.pinv(draws.T @ draws / len(draws), rcond=1e-10, hermitian=True)
        distance = np.einsum("ij,jk,ik->i", draws, spread, draws)
        return float((distance >= estimate @ spread @ estimate * (1 - 1e-9)).mean())

    def quiet(self) -> Floats:
        """The draws with the effect itself taken out of them, (m, k)."""
        return np.asarray(self.draws - np.nan_to_num(self.slope) * self.estimate)

    def band(self, which: NDArray[np.bool_], conf_level: float) -> tuple[Floats, Floats]:
        """Ends of a band that holds all of `which` together, by the largest of the scaled draws."""
        quiet = self.quiet()[:, which]
        scale = np.sqrt(np.mean(quiet**2, axis=0))
        scale[scale == 0] = 1.0
        reach = np.quantile(np.abs(quiet / scale).max(axis=1), conf_level) * scale
        return self.estimate[which] - reach, self.estimate[which] + reach

    def words(self) -> str:
        """How it was done, for `Estimate.inference`."""
        how = f"all {self.assignments:,.0f} assignments" if self.exact else f"{len(self.draws):,} random assignments"
        return (f"permutation of the start dates over {self.over} ({how}; smallest attainable p "
                f"{brief(self.floor, 2)}); interval by inversion of the test")
