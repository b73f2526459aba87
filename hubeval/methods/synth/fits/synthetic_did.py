"""Synthetic difference-in-differences: donor weights, time weights, and the double difference between them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import import_module
from math import comb
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hubeval.errors import Door
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.estimators.double_difference import curve, fit_weights
from hubeval.methods.synth.inference import replicates
from hubeval.result import Estimate, NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.estimators.double_difference import Weights

    Floats = NDArray[np.float64]

Errors = Literal["placebo", "jackknife", "bootstrap"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticDid(Shown):
    """A fitted synthetic difference-in-differences.

    Attributes
    ----------
    panel : Panel
    fitted : Weights
    draws : (b,) float
        Placebo estimates, or bootstrap or jackknife replicates, behind the error.
    errors : {"placebo", "jackknife", "bootstrap"}
    std_error : float or None
        Behind the interval; for placebos their root mean square about zero, widened where the treated were less steady.
    df : float
        Degrees of freedom of the t law that the interval follows.
    wider : float
        By how much the error was widened.
    reason : str
        Why there is no error, where there is none.
    exhaustive : bool
        Whether `draws` are all the placebo sets there are.
    conf_level : float
    """

    panel: Panel
    fitted: Weights
    draws: Floats
    errors: Errors
    std_error: float | None
    df: float = float("inf")
    wider: float = 1.0
    reason: str = ""
    exhaustive: bool = False
    conf_level: float = 0.95

    @property
    def estimate(self) -> float:
        """The average effect on the treated from the start on."""
        return float(self._curve()[self.panel.t0 :].mean())

    @property
    def weights(self) -> pd.Series[float]:
        """Weight of each donor, largest first."""
        index = pd.Index([self.panel.units[j] for j in self.panel.donors], name="donor")
        return pd.Series(self.fitted.omega, index=index, name="weight").sort_values(ascending=False, kind="stable")

    @property
    def time_weights(self) -> pd.Series[float]:
        """Weight of each period before the start, in order of time."""
        index = pd.Index(self.panel.times[: self.panel.t0], name="time")
        return pd.Series(self.fitted.lam, index=index, name="weight")

    def gap(self) -> pd.DataFrame:
        """One row a period: ``time``, ``after``, ``observed``, ``synthetic`` (at the treated level), ``gap``.

        The gaps average to zero over the periods before the start under the time weights, and to the
        estimate from the start on.
        """
        gap = self._curve()
        observed = self.panel.y[:, list(self.panel.treated)].mean(axis=1)
        return pd.DataFrame(
            {
                "time": list(self.panel.times),
                "after": np.arange(len(gap)) >= self.panel.t0,
                "observed": observed,
                "synthetic": observed - gap,
                "gap": gap,
            }
        )

    def placebo_rank(self) -> tuple[int, int] | None:
        """Place of the estimate's size among itself and the placebo estimates, and their number; None otherwise."""
        if self.errors != "placebo" or not len(self.draws):
            return None
        return 1 + int((np.abs(self.draws) >= abs(self.estimate)).sum()), 1 + len(self.draws)

    def estimates(self, label: str = "", unit: str = "") -> tuple[Estimate, ...]:
        """The average effect, with its error, then the effect in each period (without one)."""
        shared: dict[str, Any] = {
            "estimand": "average effect on the treated unit(s) from the start on",
            "outcome": label or self.panel.outcome,
            "unit": unit,
            "conf_level": self.conf_level,
            "n_treated": len(self.panel.treated),
            "n_comparison": len(self.panel.donors),
            "n_observations": self.panel.y.size,
        }
        low, high, p = replicates.interval(self.estimate, self.std_error, self.df, self.conf_level)
        mean = Estimate(
            term="ATT",
            estimate=self.estimate,
            std_error=self.std_error,
            conf_low=low,
            conf_high=high,
            p_value=p,
            inference=self._words(),
            **shared,
        )
        path = self._curve()
        each = (
            Estimate(
                term=f"effect at {self.panel.times[t]}",
                estimate=float(path[t]),
                inference="none for single periods",
                **shared,
            )
            for t in range(self.panel.t0, len(path))
        )
        return (mean, *each)

    def not_computed(self) -> tuple[NotComputed, ...]:
        """What could not be computed, with its reason."""
        return (NotComputed(what="Standard error and interval", reason=self.reason),) if self.reason else ()

    def _figures(self) -> tuple[Any, ...]:
        return (import_module("hubeval.methods.synth.figures").paths(self, "Outcome", ""),)

    def to_frame(self) -> pd.DataFrame:
        """The estimates, one row each, in broom's columns."""
        return pd.DataFrame([asdict(e) for e in self.estimates()])

    def _words(self) -> str:
        if self.std_error is None:
            return f"none: {self.reason}"
        how = {
            "placebo": f"spread of {'all ' if self.exhaustive else ''}{len(self.draws)} placebo estimates",
            "jackknife": f"jackknife over {len(self.draws)} units, weights held",
            "bootstrap": f"bootstrap of units, {len(self.draws)} replicates",
        }[self.errors]
        wider = (
            f"; {self.wider:.2f} times wider, the treated being less steady before the start" if self.wider > 1 else ""
        )
        return f"{how}; t interval, {self.df:g} degrees of freedom{wider}"

    def _curve(self) -> Floats:
        return curve(
            self.panel.y[:, list(self.panel.donors)],
            self.panel.y[:, list(self.panel.treated)].mean(axis=1),
            self.fitted.omega,
            self.fitted.lam,
        )


def synthetic_did(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: Any,
    start: Any,
    donors: Sequence[Any] | None = None,
    errors: Errors = "placebo",
    replications: int = 200,
    seed: int = 20261122,
    conf_level: float = 0.95,
) -> SyntheticDid:
    """Synthetic difference-in-differences for one or several units that start together.

    Parameters
    ----------
    frame, outcome, unit, time, start, donors, conf_level
        As in `control`.
    treated : label or sequence of labels
        Units that all start at `start`.
    errors : {"placebo", "jackknife", "bootstrap"}
        Placebo treats sets of donors as if treated (all of them where there are at most 2,000, else `replications`
        drawn) and assumes that the treated unit is as noisy as they are; jackknife and bootstrap need two treated
        units or more.
    replications, seed : int
        For draws.

    Returns
    -------
    SyntheticDid

    Examples
    --------
    >>> import pandas as pd
    >>> years = list(range(2010, 2018))
    >>> paths = {"hub": [5, 6, 5, 7, 6, 8, 4, 3], "a": [4, 5, 4, 6, 5, 7, 6, 7], "b": [6, 7, 7, 8, 7, 9, 8, 9],
    ...          "c": [9, 9, 8, 9, 9, 8, 9, 9]}
    >>> frame = pd.DataFrame([(u, t, v) for u, p in paths.items() for t, v in zip(years, p)],
    ...                      columns=["area", "year", "rate"])
    >>> fit = synthetic_did(frame, outcome="rate", unit="area", time="year", treated="hub", start=2016)
    >>> round(fit.estimate, 2), fit.placebo_rank()
    (-4.0, (1, 4))

    References
    ----------
    Arkhangelsky, D., Athey, S., Hirshberg, D., Imbens, G. and Wager, S. (2021). Synthetic
    difference-in-differences. American Economic Review 111, 4088-4118.
    """
    door = Door()
    door.choice("errors", errors, get_args(Errors))
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level!r}", "a number between 0 and 1", "Write 0.95.")
    if replications < 2:
        door.refuse("replications", f"found {replications!r}", "2 or more", "Write 200.")
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, donors=donors)
    return synthetic_did_of(panel, errors=errors, replications=replications, seed=seed, conf_level=conf_level)


def synthetic_did_of(
    panel: Panel, *, errors: Errors = "placebo", replications: int = 200, seed: int = 20261122, conf_level: float = 0.95
) -> SyntheticDid:
    """Fit a panel that has passed the door; for callers that hold one already."""
    fitted = fit_weights(panel)
    make = {
        "placebo": replicates.placebo,
        "jackknife": replicates.jackknife,
        "bootstrap": replicates.bootstrap,
    }[errors]
    made = make(panel, fitted, replications, np.random.default_rng(seed))
    sets = comb(len(panel.donors), len(panel.treated))
    return SyntheticDid(
        panel=panel,
        fitted=fitted,
        draws=made.draws,
        errors=errors,
        std_error=made.error,
        df=made.df,
        wider=made.wider,
        reason=made.reason,
        exhaustive=errors == "placebo" and len(made.draws) == sets,
        conf_level=conf_level,
    )
