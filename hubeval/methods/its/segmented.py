"""Segmented regression of one series: the room's front function, and its result with all that may be asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval.methods.its import figures
from hubeval.methods.its.checks.diagnostics import diagnose
from hubeval.methods.its.checks.placebo_starts import placebo_dates, placebo_reading
from hubeval.methods.its.checks.probes import probe
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.request import Request
from hubeval.methods.its.estimators.series import SeriesFit, fit_series

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hubeval.methods.its.checks.placebo_starts import PlaceboDate
    from hubeval.methods.its.door.options import Errors, Family, InferenceName, Interruption, Seasonality, Shock
    from hubeval.result import Diagnostic, Figure, NotComputed


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Segmented(SeriesFit):
    """A fitted interrupted time series, and the questions that may be asked of it. Attributes as in `SeriesFit`."""

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Does the design hold: what is left over, dispersion, a bend, influence; each with a reading."""
        return diagnose(self)

    def probes(self) -> tuple[Diagnostic, ...]:
        """Attempts to break the result: placebo dates, the end of the transition, the error model."""
        placebo = placebo_reading(self.placebo_dates(), self.average().absolute)
        return (*((placebo,) if placebo else ()), *probe(self))

    def placebo_dates(self) -> tuple[PlaceboDate, ...] | NotComputed:
        """The average effect at every admissible date before the start, from earlier data alone."""
        return placebo_dates(self)

    def figures(self) -> tuple[Figure, ...]:
        """Series with counterfactual and band, comparison, placebo dates and residuals, as data."""
        drawn = (
            figures.series_figure(self, "series"),
            figures.comparison_figure(self, "comparison"),
            figures.placebo_figure(self, self.placebo_dates(), "placebo-dates"),
            figures.residual_figure(self, "residuals"),
        )
        return tuple(figure for figure in drawn if figure is not None)


def segmented(
    frame: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    start: str | int | Interruption | Sequence[str | int | Interruption],
    covariates: Sequence[str | Shock] = (),
    exposure: str | None = None,
    unit: str | None = None,
    treated: Any = None,
    family: Family = "gaussian",
    errors: Errors = "ar",
    inference: InferenceName = "integrated",
    seasonality: str | Seasonality | None = None,
    transition: tuple[Any, Any] | None = None,
    control: str | Sequence[Any] | None = None,
) -> Segmented:
    """Level and slope change of one series after a dated start, with intervals that hold on short series.

    Parameters
    ----------
    frame : DataFrame
        One row a period (and unit). Not changed.
    outcome : str
        Column with the outcome: a number or rate (``gaussian``) or counts.
    time : str
        Column with the period: dates, months, quarters, years or whole numbers, one style, no gaps.
    start : period, Interruption, or several
        First treated period. Its position is where level and slope changes are counted from.
    covariates : sequence of str or Shock
        Columns, or known events, given terms of their own.
    exposure : str, optional
        Column with the population or person-time of counts; its log is the offset.
    unit, treated : str, optional
        With several series in one frame: the column that names them, and the treated one.
    family : {"gaussian", "poisson", "negative-binomial"}
        ``poisson`` is quasi-Poisson: dispersion is estimated, and never taken below 1.
    errors : {"ar", "ar1", "independent"}
        ``ar`` is AR(2) with its second order shrunk for ``integrated``, AR(1) for every other inference.
    inference : str
        A name in ``options.INFERENCE``, which says how often each one's intervals were measured to cover.
    seasonality : {"calendar", "1 harmonic", "2 harmonics", "3 harmonics"} or Seasonality, optional
        Each also with ", changing at the start": then the change of the season counts as effect.
    transition : (first, last), optional
        Phase-in window: its periods get terms of their own, and the effect begins after it.
    control : str or sequence, optional
        Comparison series: values of `unit`, or columns where there is no `unit`. Their mean (pooled rate
        for counts) is differenced out, so changes they share are not counted as effect.

    Returns
    -------
    Segmented

    Raises
    ------
    BadInput
        With every problem found: gaps, duplicates, missing values, too few periods, options that do not apply.

    References
    ----------
    Lopez Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiology 46:348. Turner et al. (2021), BMC Medical
    Research Methodology 21:181. For the default's intervals, docs/its.md.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> t = np.arange(40)
    >>> noise = np.random.default_rng(1).normal(size=40)
    >>> frame = pd.DataFrame({"month": pd.period_range("2020-01", periods=40, freq="M").astype(str),
    ...                       "visits": 50 + .5 * t + 8 * (t >= 20) + noise})
    >>> fit = segmented(frame, outcome="visits", time="month", start="2021-09")
    >>> fit.to_frame().term.tolist()
    ['level change', 'slope change']
    >>> bool(fit.effect_at("2022-08").absolute.conf_low > 0)
    True
    """
    controls = () if control is None else (control,) if isinstance(control, str) else tuple(control)
    ask = Request(
        outcome=outcome,
        time=time,
        start=start,
        covariates=tuple(covariates),
        exposure=exposure,
        unit=unit,
        treated=treated,
        family=family,
        errors=errors,
        inference=inference,
        seasonality=seasonality,
        transition=transition,
        control=controls,
    )
    fit = fit_series(bind(frame, ask))
    return Segmented(model=fit.model, columns=fit.columns, fitted=fit.fitted, unit=fit.unit)
