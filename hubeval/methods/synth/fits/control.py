"""A fitted synthetic control: weights, gaps, placebos, intervals, and what cannot be had."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hubeval.errors import Door
from hubeval.methods.readings.level import share_of_level
from hubeval.methods.synth.estimators.donor_weights import range_of_perfect_fits
from hubeval.methods.synth.inference import conformal
from hubeval.methods.synth.inference.placebo_units import in_space
from hubeval.result import Estimate, NotComputed
from hubeval.scale import scale_of
from hubeval.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.estimators.donor_weights import Fits
    from hubeval.methods.synth.inference.placebo_units import PlaceboTest, Pool

    Floats = NDArray[np.float64]

Inference = Literal["placebo", "conformal"]
_WORDS = {
    "placebo": "exact rank of the post/pre RMSPE ratio among all {n} units; interval by inverting that test",
    "conformal": "conformal: cyclic shifts of the {t} periods; interval by inverting that test",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ControlFit(Shown):
    """A fitted synthetic control. Made by `control` or `augmented`; nothing in it changes.

    Attributes
    ----------
    panel : Panel
        The balanced panel it was fitted on.
    fits : Fits
        Weights of every unit's fit, one row a unit of the panel.
    tests : PlaceboTest
        The in-space placebo test.
    inference : {"placebo", "conformal"}
    conf_level : float
    augment : bool
        Whether the ridge step was added.
    penalty : float or None
        The ridge penalty asked for; None where it was chosen from the data.
    pool : {"all", "donors"}
        Whether placebo fits may use the treated unit.
    """

    panel: Panel
    fits: Fits
    tests: PlaceboTest
    inference: Inference = "placebo"
    conf_level: float = 0.95
    augment: bool = False
    penalty: float | None = None
    pool: Pool = "all"

    @property
    def treated(self) -> int:
        """Column of the treated unit in the panel."""
        return self.panel.treated[0]

    @property
    def weights(self) -> pd.Series[float]:
        """Weight of each donor, largest first; they sum to one. Only the augmented form has negative ones."""
        row, donors = self.fits.weights[self.treated], list(self.panel.donors)
        index = pd.Index([self.panel.units[j] for j in donors], name="donor")
        return pd.Series(row[donors], index=index, name="weight").sort_values(ascending=False, kind="stable")

    @property
    def predictor_weights(self) -> pd.Series[float]:
        """Weight of each predictor in the match; empty where the path itself was matched."""
        index = pd.Index(self.panel.predictors, name="predictor")
        return pd.Series(self.fits.predictor_weights[self.treated], index=index, name="weight")

    @property
    def relative_gap(self) -> float:
        """Certificate: the fit's duality gap as a share of its objective (1e-9 or less: optimal)."""
        return float(self.fits.relative_gap[self.treated])

    @property
    def pre_rmspe(self) -> float:
        """Root mean squared gap before the start."""
        return float(self.tests.pre[self.treated])

    @property
    def estimate(self) -> float:
        """Mean gap from the start on."""
        return float(self.tests.gaps[self.panel.t0 :, self.treated].mean())

    @property
    def perfect(self) -> bool:
        """Whether the fit before the start is perfect within rounding."""
        return bool(self.tests.perfect[self.treated])

    def gap(self) -> pd.DataFrame:
        """One row a period: ``time``, ``after`` (from the start on), ``observed``, ``synthetic``, ``gap``."""
        observed, gap = self.panel.y[:, self.treated], self.tests.gaps[:, self.treated]
        after = np.arange(len(gap)) >= self.panel.t0
        return pd.DataFrame(
            {
                "time": list(self.panel.times),
                "after": after,
                "observed": observed,
                "synthetic": observed - gap,
                "gap": gap,
            }
        )

    def placebos(self) -> PlaceboTest:
        """The in-space placebo test: every unit fitted on all the others."""
        return self.tests

    def perfect_range(self) -> tuple[float, float] | None:
        """Least and largest estimate among perfect fits; see `fit.range_of_perfect_fits`. None without one."""
        return range_of_perfect_fits(self.panel) if self.perfect and not self.augment else None

    def estimates(self, label: str = "", unit: str = "") -> tuple[Estimate, ...]:
        """The mean effect, the mean effect as a percentage, and the effect in each period from the start on."""
        label = label or self.panel.outcome
        rows = np.arange(self.panel.t0, len(self.panel.times))
        mean = self._estimate("ATT", rows, label, unit)
        each = (self._estimate(f"effect at {self.panel.times[r]}", np.array([r]), label, unit) for r in rows)
        relative = self._relative(mean)
        return (mean, *([relative] if relative else []), *each)

    def not_computed(self) -> tuple[NotComputed, ...]:
        """What a reader might expect of this fit and cannot have, with reasons."""
        found = []
        n, t0 = len(self.panel.donors), self.panel.t0
        if self.perfect:
            why = (
                f"{n} donors can reproduce {t0} periods exactly whatever they are: the fit is overfitted"
                if n > t0
                else "the fit before the start is perfect"
            )
            found.append(
                NotComputed(
                    what="Post/pre RMSPE ratio and its rank",
                    reason=f"{why}; a ratio to zero error "
                    "means nothing. Use fewer donors, a longer history or predictors",
                )
            )
        if self.inference == "placebo" and not self.perfect and 1 / (n + 1) > 1 - self.conf_level:
            found.append(
                NotComputed(
                    what=f"{self.conf_level:.0%} interval",
                    reason=f"{n + 1} units can give no p-value "
                    f"below {1 / (n + 1):.3f}, so no effect can be ruled out at that level",
                )
            )
        elif self.estimates()[0].conf_low is None and not (self.inference == "placebo" and self.perfect):
            found.append(
                NotComputed(
                    what=f"{self.conf_level:.0%} interval",
                    reason="the constant effects that the test does not reject have no end on one side, or there are "
                    "none: the effect then varies too much over time to be called constant",
                )
            )
        return tuple(found)

    def _figures(self) -> tuple[Any, ...]:
        return (import_module("hubeval.methods.synth.figures").paths(self, "Outcome", ""),)

    def to_frame(self) -> pd.DataFrame:
        """The estimates, one row each, in broom's columns."""
        return pd.DataFrame([asdict(e) for e in self.estimates()])

    def _estimate(self, term: str, rows: NDArray[np.int64], label: str, unit: str) -> Estimate:
        value = float(self.tests.gaps[rows, self.treated].mean())
        p, low, high = self._inference(rows, value)
        words = _WORDS[self.inference].format(n=len(self.panel.units), t=len(self.panel.times))
        if self.pool == "donors" and self.inference == "placebo":
            words = words.replace("exact rank", "rank").replace("units;", "units, placebos without the treated unit;")
        if low is None or high is None:
            words = words.replace("; interval by inverting that test", "; no interval")
        return Estimate(
            term=term,
            estimand="mean effect on the treated unit over those periods, of what was done there",
            outcome=label,
            unit=unit,
            estimate=value,
            conf_low=low,
            conf_high=high,
            conf_level=self.conf_level,
            p_value=p,
            inference=words if p is not None else "none: the fit before the start is perfect",
            n_treated=1,
            n_comparison=len(self.panel.donors),
            n_observations=self.panel.y.size,
        )

    def _inference(self, rows: NDArray[np.int64], value: float) -> tuple[float | None, float | None, float | None]:
        """p-value and ends of the interval; an interval open on one side is no interval."""
        if self.inference == "placebo":
            test = self.tests.test(rows.tolist(), self.conf_level)
            if test is None:
                return None, None, None
            ends = (test.conf_low, test.conf_high)
            return (test.p_value, *ends) if None not in ends else (test.p_value, None, None)
        kept = np.concatenate([np.arange(self.panel.t0), rows])
        y, after = self.panel.y[kept], np.arange(self.panel.t0, len(kept))
        p = float(conformal.p_values(y, self.treated, after, np.zeros(1))[0])
        found = conformal.interval(y, self.treated, after, value, self.conf_level)
        return (p, *found) if found else (p, None, None)

    def _relative(self, mean: Estimate) -> Estimate | None:
        """The mean effect as a percentage of what would have been; its ends are those of the effect, rescaled."""
        if scale_of(mean.unit) != "level":
            return None  # of logarithms, it is a percentage itself
        observed = float(self.panel.y[self.panel.t0 :, self.treated].mean())

        low = None if mean.conf_high is None else observed - mean.conf_high

        def share(effect: float | None) -> float | None:
            part = None if effect is None else share_of_level(effect, observed - effect, low, mean.unit)
            return None if part is None else 100 * part

        value = share(mean.estimate)
        if value is None:
            return None
        fields = asdict(mean) | {
            "term": "ATT, relative",
            "unit": "% of the synthetic path",
            "estimate": value,
            "conf_low": share(mean.conf_low),
            "conf_high": share(mean.conf_high),
        }
        return Estimate(**fields)


def control_of(
    panel: Panel,
    *,
    inference: Inference = "placebo",
    conf_level: float = 0.95,
    augment: bool = False,
    penalty: float | None = None,
    pool: Pool = "all",
) -> ControlFit:
    """Fit a panel that has passed the door; for callers that hold one already."""
    if len(panel.treated) > 1:
        door = Door()
        door.refuse(
            "treated",
            f"{len(panel.treated)} units",
            "one unit",
            "Analyse each in turn with the others left out, or use synthetic_did.",
        )
        door.close()
    tests, fits = in_space(panel, augment=augment, penalty=penalty, pool=pool)
    return ControlFit(
        panel=panel,
        fits=fits,
        tests=tests,
        inference=inference,
        conf_level=conf_level,
        augment=augment,
        penalty=penalty,
        pool=pool,
    )
