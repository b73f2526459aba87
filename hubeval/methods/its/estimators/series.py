"""A fitted series: coefficients, effects at dates and over windows, the counterfactual; and how one is fitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.its.door.limits import LEAST_INTERVAL, LEAST_TOTAL, enough, intervals_possible
from hubeval.methods.its.door.model import design
from hubeval.methods.its.door.options import INFERENCE
from hubeval.methods.its.estimators.effects import Contrast, Effect, contrast, number
from hubeval.methods.its.estimators.error_models import estimate
from hubeval.methods.readings.level import share_of_level
from hubeval.result import Estimate, NotComputed
from hubeval.scale import RELATIVE, a_total, is_log, on_scale, own_unit, scale_of
from hubeval.shown import Shown
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.estimators.error_models import Fitted

    Floats = NDArray[np.float64]

OneFit = TypeVar("OneFit", bound="SeriesFit")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SeriesFit(Shown):
    """A fitted interrupted time series.

    Attributes
    ----------
    model : SeriesModel
        What was asked, checked.
    columns : DesignMatrix
    fitted : Fitted
    unit : str
        Unit of the outcome, for labels.
    conf_level : float
    """

    model: SeriesModel
    columns: DesignMatrix
    fitted: Fitted
    unit: str
    conf_level: float = 0.95

    def __repr__(self) -> str:
        said = []
        for one in (*self.estimates, self.average().absolute):
            low, high = one.conf_low, one.conf_high
            interval = "no interval" if low is None or high is None else f"{brief(low, 4)} to {brief(high, 4)}"
            said.append(f"{one.term} {brief(one.estimate, 4)} ({interval})")
        kind, start = type(self).__name__, self.model.axis.labels[self.model.start]
        return f"{kind} {self.model.outcome} from {start}: {'; '.join(said)}"

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every level and slope change, on the scale of the model (log for counts)."""
        rows = np.flatnonzero(self.columns.effect)
        found = self.fitted.fit.contrasts(np.eye(len(self.columns.names))[rows], self.conf_level)
        return tuple(
            self.estimate(
                term=self.columns.names[row],
                estimand=self.estimand,
                unit=self._term_unit(self.columns.names[row]),
                values=(found.estimate[i], found.std_error[i], found.low[i], found.high[i], found.p_value[i]),
            )
            for i, row in enumerate(rows)
        )

    def _term_unit(self, name: str) -> str:
        scale = f"log of {self.unit}" if self.model.log_link else own_unit(self.unit)
        each = f"{scale} per {self.model.axis.unit}" if name.startswith("slope") else scale
        return on_scale(each, scale_of(self.unit))

    @property
    def estimand(self) -> str:
        """Whose effect it is, in a sentence."""
        against = f" and the comparison ({', '.join(self.model.controls)})" if self.model.controls else ""
        return (
            "effect on this series after the interruption, against its own trend before it"
            f"{against}, had that continued"
        )

    def estimate(self, *, term: str, estimand: str, unit: str, values: tuple[Any, ...]) -> Estimate:
        """An `Estimate` from (estimate, error, low, high, p); only the first where no interval can be given."""
        point, *rest = (number(value) for value in values)
        error, low, high, p = rest if self.intervals else (None, None, None, None)
        assert point is not None
        return Estimate(
            term=term,
            estimand=estimand,
            outcome=self.model.outcome,
            unit=unit,
            estimate=point,
            std_error=error,
            conf_low=low,
            conf_high=high,
            conf_level=self.conf_level,
            p_value=p,
            inference=f"{self.inference}{self._covers(term)}",
            n_treated=1,
            n_comparison=len(self.model.controls),
            n_observations=int((~self.model.silent).sum()),
        )

    @property
    def inference(self) -> str:
        """How errors and intervals were made."""
        how = INFERENCE[self.model.inference]
        if self.fitted.guarded:
            return (
                f"{how.label} met its boundary (autocorrelation {self.fitted.rho:.2f}: trend and persistence cannot "
                f"be separated); interval from the {INFERENCE['integrated'].label}, AR(1)"
            )
        order = {"ar": ", AR(2) with the second order shrunk", "ar1": ", AR(1)"}.get(self.model.errors, "")
        order = order if self.model.inference == "integrated" else ""
        return f"{how.label}{order}"

    def _covers(self, term: str) -> str:
        """How often intervals like this term's were measured to cover."""
        if self.fitted.guarded or not self.intervals:
            return ""
        if term.startswith("change of"):
            return ""
        if term.startswith("level") or all(one.impact in {"level", "ramp"} for one in self.model.breaks):
            kind = "level"
        else:
            kind = "slope" if term.startswith("slope") else "single" if term.startswith("effect at") else "average"
        return f"; {INFERENCE[self.model.inference].covers(kind, counts=self.model.log_link)}"

    @property
    def intervals(self) -> bool:
        """Whether the series is long enough for an interval to mean anything."""
        return intervals_possible(self.model)

    @property
    def not_computed(self) -> tuple[NotComputed, ...]:
        """What a reader might expect and will not find, with the reason."""
        unused = tuple(
            NotComputed(
                what=f"{self.model.outcome} beside {name}",
                reason=f"left out of the comparison: {counted(blank, 'period')} without a number there, and nothing is "
                "filled in",
            )
            for name, blank in self.model.left_out
        )
        if self.intervals:
            return unused
        before, after = int(self.model.before.sum()), int(self.model.after.sum())
        return (
            *unused,
            NotComputed(
                what="intervals and p-values",
                reason=f"{before} periods before and {after} after: below {LEAST_INTERVAL} a side or {LEAST_TOTAL} "
                "in all the autocorrelation cannot be learnt and no method's interval covers as often as it says",
            ),
        )

    @property
    def autocorrelation(self) -> float | None:
        """Lag-one autocorrelation of the errors as the method sees it; None for independent errors."""
        return self.fitted.rho

    def _figures(self) -> tuple[Any, ...]:
        return (import_module("hubeval.methods.its.figures").series_figure(self, "series"),)

    def to_frame(self, *, exponentiate: bool = False) -> pd.DataFrame:
        """Level and slope changes in broom's columns.

        Parameters
        ----------
        exponentiate : bool
            With counts, ratios instead of logs (the standard error stays on the log scale).
        """
        if exponentiate and not self.model.log_link:
            raise BadInput(
                [
                    Problem(
                        "exponentiate",
                        "is for counts",
                        "family 'poisson' or 'negative-binomial'",
                        "Leave it out.",
                    )
                ]
            )
        rows = []
        for one in self.estimates:
            values = [one.estimate, one.conf_low, one.conf_high]
            if exponentiate:
                values = [None if value is None else float(np.exp(value)) for value in values]
            rows.append(
                {
                    "term": one.term,
                    "estimate": values[0],
                    "std_error": one.std_error,
                    "conf_low": values[1],
                    "conf_high": values[2],
                    "p_value": one.p_value,
                    "conf_level": one.conf_level,
                    "unit": one.unit,
                }
            )
        return pd.DataFrame(rows)

    def position(self, time: Any) -> int:
        """Position of a period at or after the start that carries an effect.

        Raises
        ------
        BadInput
            The period is outside the series, before the start, or silent.
        """
        where = self.model.axis.find(time)
        labels = self.model.axis.labels
        usable = np.flatnonzero(self.model.after)
        if where is None or where not in usable:
            raise BadInput(
                [
                    Problem(
                        "time",
                        f"no effect is defined at {time!s}",
                        f"from {labels[usable[0]]} to {labels[usable[-1]]}, outside any transition",
                        "Name a period after the start.",
                    )
                ]
            )
        return where

    def effect_at(self, time: Any) -> Effect:
        """Effect in one period: absolute, relative, and the counterfactual it is taken against."""
        where = self.position(time)
        return self._effect(np.array([where]), f"effect at {self.model.axis.labels[where]}", mean=True)

    def average(self, first: Any = None, last: Any = None) -> Effect:
        """Effect a period, averaged over a window (all periods after the start unless named)."""
        return self._effect(self.window(first, last), "average effect", mean=True)

    def cumulative(self, first: Any = None, last: Any = None) -> Effect:
        """Effect summed over a window: events averted or added, in the outcome's unit."""
        return self._effect(self.window(first, last), "cumulative effect", mean=False)

    def _effect(self, window: NDArray[np.intp], term: str, *, mean: bool) -> Effect:
        found = contrast(self.model, self.columns, self.fitted, window, mean=mean, conf_level=self.conf_level)
        change, expected = found.absolute, found.expected
        unit = self.unit if mean else f"{a_total(self.unit)}, summed over {len(window)} {self.model.axis.unit}s"
        counterfactual = self.estimate(
            term=f"{term}: counterfactual",
            estimand="what would have been expected without the interruption",
            unit=unit,
            values=(expected[0], found.std_error, expected[2], expected[1], None),
        )
        return Effect(
            absolute=self.estimate(
                term=term,
                estimand=self.estimand,
                unit=unit,
                values=(change[0], found.std_error, *change[1:], found.p_value),
            ),
            relative=self._relative(found, term),
            counterfactual=counterfactual,
        )

    def _relative(self, found: Contrast, term: str) -> Estimate | NotComputed:
        """Proportion of the counterfactual, where that is above zero throughout."""
        expected = found.expected
        low = float(np.min(expected)) if self.intervals else None
        if share_of_level(float(found.absolute[0]), float(expected[0]), low, self.unit) is None:
            return NotComputed(
                what=f"{term}, relative",
                reason="logarithms are no shares of their level" if is_log(self.unit)
                else "the counterfactual is not clearly above zero, so a ratio to it means nothing",
            )
        pairs = zip(found.absolute.tolist(), expected.tolist(), strict=True)
        ratio = [share_of_level(effect, level, None, self.unit) for effect, level in pairs]
        return self.estimate(
            term=f"{term}, relative",
            estimand=self.estimand,
            unit=RELATIVE,
            values=(ratio[0], None, ratio[1], ratio[2], found.p_value),
        )

    def window(self, first: Any = None, last: Any = None) -> NDArray[np.intp]:
        """Positions of the periods that carry an effect between two named periods."""
        usable = np.flatnonzero(self.model.after)
        low = usable[0] if first is None else self.position(first)
        high = usable[-1] if last is None else self.position(last)
        if low > high:
            raise BadInput([Problem("first", "is later than 'last'", "", "Swap them.")])
        return usable[(usable >= low) & (usable <= high)]

    def counterfactual(self) -> pd.DataFrame:
        """Observed, fitted and counterfactual series; the band carries the uncertainty of the parameters.

        After the start the band is the fitted series less the ends of the effect's interval, so it leaves
        out the fitted line exactly where the effect's interval leaves out zero. It is for the expected
        series, not for single observations. Silent periods (transition, dropped) have neither.
        """
        model, fit = self.model, self.fitted.fit
        rows = self.columns.x - self.columns.without
        line = (np.log(self.fitted.mean) if model.log_link else self.fitted.mean) - rows @ fit.coef
        line = np.where(model.silent, np.nan, line)
        after = model.after
        change = fit.contrasts(rows[after], self.conf_level)
        low, high = np.full(model.n, np.nan), np.full(model.n, np.nan)
        if self.intervals:
            low[after] = line[after] - (change.high - change.estimate)
            high[after] = line[after] - (change.low - change.estimate)
        back = np.exp if model.log_link else np.asarray
        return pd.DataFrame(
            {
                "time": model.axis.labels,
                "observed": np.where(model.silent, np.nan, model.y),
                "fitted": np.where(model.silent, np.nan, self.fitted.mean),
                "counterfactual": back(line),
                "conf_low": back(low),
                "conf_high": back(high),
                "after": (np.arange(model.n) >= model.start) & ~model.withdrawn,
            }
        )

    def named(self, outcome: str, unit: str) -> Self:
        """The same result with the outcome's label and unit in words."""
        return replace(self, model=replace(self.model, outcome=outcome), unit=unit)


def fit_series(model: SeriesModel) -> SeriesFit:
    """Fit a request that has passed the door."""
    columns = design(model)
    return SeriesFit(model=model, columns=columns, fitted=estimate(model, columns), unit=model.outcome)


def fit_again(result: OneFit, model: SeriesModel) -> OneFit:
    """The same kind of result for a changed request, with the same unit and confidence level."""
    columns = design(model)
    return replace(result, model=model, columns=columns, fitted=estimate(model, columns))


def refit(model: SeriesModel) -> SeriesFit | None:
    """A fit of a changed request, or None where the change is more than the series can carry."""
    door = Door()
    enough(model, door)
    try:
        return None if door.problems else fit_series(model)
    except BadInput:
        return None
