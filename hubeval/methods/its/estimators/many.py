"""The same analysis for thousands of series at once: one design, one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from hubeval.engine.batch import fit_ar1_many, small_sample_table
from hubeval.engine.integrated import AR1, AR2, ErrorGrid, error_grid, posterior
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.its.door.axis import AxisProblem, axis_of
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.limits import intervals_possible
from hubeval.methods.its.door.model import design
from hubeval.methods.its.door.request import Request
from hubeval.methods.its.estimators.error_models import BOUNDARY, orthonormal
from hubeval.methods.its.estimators.series import fit_series
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.door.options import Errors, Family, InferenceName, Interruption, Seasonality, Shock

    Floats = NDArray[np.float64]

CHUNK = 500  # series whose grids are in memory together


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Shown):
    """Results for many series.

    Attributes
    ----------
    by : str
    names : tuple
        One a series, in order of first appearance.
    terms : tuple of str
        Every effect term, and "average effect" (a log ratio for counts).
    estimate, std_error, conf_low, conf_high, p_value : (N, m) float
        NaN in the last four where the series are too short for an interval; see `not_computed`.
    autocorrelation : (N,) float
    guarded : (N,) bool
        The plug-in method met its boundary and the integrated AR(1) answer stands instead.
    not_computed : str
        Why there are no intervals; empty when there are.
    """

    by: str
    names: tuple[Any, ...]
    terms: tuple[str, ...]
    estimate: Floats
    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    p_value: Floats
    autocorrelation: Floats
    guarded: NDArray[np.bool_]
    not_computed: str = ""

    def to_frame(self) -> pd.DataFrame:
        """One row a series and term, broom's columns."""
        n, m = self.estimate.shape
        parts = {name: getattr(self, name).ravel() for name in _COLUMNS}
        return pd.DataFrame(
            {
                self.by: [name for name in self.names for _ in range(m)],
                "term": np.tile(np.array(self.terms, dtype=object), n),
                **parts,
                "autocorrelation": np.repeat(self.autocorrelation, m),
            }
        )


_COLUMNS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")


def segmented_many(
    frame: pd.DataFrame,
    *,
    by: str,
    outcome: str,
    time: str,
    start: str | int | Interruption | Sequence[str | int | Interruption],
    covariates: Sequence[str | Shock] = (),
    exposure: str | None = None,
    family: Family = "gaussian",
    errors: Errors = "ar",
    inference: InferenceName = "integrated",
    seasonality: str | Seasonality | None = None,
    transition: tuple[Any, Any] | None = None,
) -> Many:
    """`segmented` for every value of `by`, in one pass over one design.

    Gaussian series with ``integrated``, ``kenward-roger`` or ``satterthwaite`` inference go through
    vectorised code and give what `segmented` gives series by series; counts, and the comparison methods,
    are fitted one after the other.

    Parameters
    ----------
    frame : DataFrame
        One row a series and period; every series covers the same periods.
    by : str
        Column that names the series.
    outcome, time, start, covariates, exposure, family, errors, inference, seasonality, transition
        As in `segmented`. Covariates are known events only: they must be the same for every series.

    Raises
    ------
    BadInput
        As in `segmented`, with the series at fault named.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draw = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"site": np.repeat(list("abc"), 40), "t": np.tile(np.arange(40), 3)})
    >>> frame["y"] = 5.0 * (frame.t >= 20) + draw.normal(size=120)
    >>> segmented_many(frame, by="site", outcome="y", time="t", start=20).to_frame().shape
    (9, 8)
    """
    if named := [one for one in covariates if isinstance(one, str)]:
        cure = "They differ from series to series: fit one series at a time with 'segmented'."
        raise BadInput([Problem("covariates", f"columns: {listed(named)}", "Shock values", cure)])
    names, y = _wide(frame, by, outcome, time)
    ask = Request(
        outcome=outcome,
        time=time,
        start=start,
        covariates=tuple(covariates),
        exposure=exposure,
        family=family,
        errors=errors,
        inference=inference,
        seasonality=seasonality,
        transition=transition,
    )
    first = bind(frame[(frame[by] == names[0]).to_numpy()], ask)
    if family != "gaussian" or inference not in {"integrated", "kenward-roger", "satterthwaite"}:
        return _one_by_one(by, {name: bind(part, ask) for name, part in frame.groupby(by, sort=False)})
    _check(y, names, first)
    columns = design(first)
    y = np.where(first.silent[:, None], y[~first.silent].mean(axis=0), y)
    _noise(y, names, columns, outcome)
    answer = _integrated if inference == "integrated" else _plug_in
    return _finished(by, tuple(names), first, columns, answer(y, columns, first))


def _wide(frame: pd.DataFrame, by: str, outcome: str, time: str) -> tuple[list[Any], Floats]:
    """Names and outcomes (n, N); the axis must be whole and common."""
    door = Door()
    for argument, column in (("by", by), ("outcome", outcome), ("time", time)):
        if column not in frame.columns:
            door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}", "Check its name.")
    door.close()
    codes, found_names = pd.factorize(frame[by])
    names = np.asarray(found_names, dtype=object)
    when, periods = pd.factorize(frame[time])
    read = axis_of(list(periods))
    if isinstance(read, AxisProblem):
        raise BadInput([Problem(f"time ({time})", read.found, read.allowed, read.cure)])
    n, series = len(read[0].labels), len(names)
    if bool((codes < 0).any()):
        raise BadInput(
            [Problem("by", f"{int((codes < 0).sum())} rows without a name", "a name in every row", "Fill it.")]
        )
    flat = read[1][when] * series + codes
    counts = np.bincount(flat, minlength=n * series).reshape(n, series)
    for bad, said, cure in (
        ((counts > 1).any(axis=0), "periods that appear more than once", "Keep one row a series and period."),
        ((counts == 0).any(axis=0), "missing periods", "Add those rows, or leave those series out."),
    ):
        if bad.any():
            found = f"{said} in {int(bad.sum())} series: {listed(names[bad])}"
            door.refuse(f"time ({time})", found, "the same unbroken periods in every series", cure)
    values = pd.to_numeric(frame[outcome], errors="coerce").to_numpy(float)
    door.close()
    y = np.empty(n * series)
    y[flat] = values
    return list(names), y.reshape(n, series)


def _check(y: Floats, names: list[Any], model: SeriesModel) -> None:
    """Every heard outcome is a number, and every series varies."""
    door = Door()
    heard = y[~model.silent]
    for bad, said, cure in (
        (~np.isfinite(heard).all(axis=0), "missing or not a number", "Supply them, or leave those series out."),
        ((heard == heard[0]).all(axis=0), "the same in every period", "There is nothing to estimate in those series."),
    ):
        if bad.any():
            found = f"{said} in {int(bad.sum())} series: {listed(np.array(names, dtype=object)[bad])}"
            door.refuse(f"outcome ({model.outcome})", found, "numbers that vary", cure)
    door.close()


def _noise(y: Floats, names: list[Any], columns: DesignMatrix, outcome: str) -> None:
    """No series may be fitted exactly by the declared terms."""
    q, _ = orthonormal(columns.x)
    rest = y - q @ (q.T @ y)
    bad = np.abs(rest).max(axis=0) <= 1e-11 * np.abs(y).max(axis=0)
    if bad.any():
        found = f"fitted exactly by the declared terms in {int(bad.sum())} series: {listed(np.array(names)[bad])}"
        raise BadInput([Problem(f"outcome ({outcome})", found, "series with noise", "Leave those series out.")])


def _rows(model: SeriesModel, columns: DesignMatrix) -> tuple[tuple[str, ...], Floats]:
    """Names and contrasts, (m, k): every effect term, and the average effect."""
    which = np.flatnonzero(columns.effect)
    average = (columns.x - columns.without)[model.after].mean(axis=0)
    names = (*(columns.names[i] for i in which), "average effect")
    return names, np.vstack([np.eye(len(columns.names))[which], average])


_Arrays = tuple["Floats", "Floats", "NDArray[np.bool_]"]


def _integrated(y: Floats, columns: DesignMatrix, model: SeriesModel) -> _Arrays:
    """(5, N, m) columns of the answer, autocorrelations, and no guard."""
    grid = error_grid(model.n, AR1 if model.errors == "ar1" else AR2)
    found, rho = _by_grid(y, columns, model, grid)
    return found, rho, np.zeros(y.shape[1], dtype=bool)


def _by_grid(y: Floats, columns: DesignMatrix, model: SeriesModel, grid: ErrorGrid) -> tuple[Floats, Floats]:
    q, basis = orthonormal(columns.x)
    contrasts = _rows(model, columns)[1] @ basis
    parts, rhos = [], []
    for part in np.array_split(y, -(-y.shape[1] // CHUNK), axis=1):  # alike in size: no small one is left over
        post = posterior(np.ascontiguousarray(part), q, grid)
        answers = [post.summary(c) for c in contrasts]
        fields = ("estimate", "std_error", "low", "high", "p_value")
        parts.append(np.stack([np.column_stack([getattr(a, field) for a in answers]) for field in fields]))
        rhos.append(post.autocorrelation)
    return np.concatenate(parts, axis=1), np.concatenate(rhos)


def _plug_in(y: Floats, columns: DesignMatrix, model: SeriesModel) -> _Arrays:
    """REML with small-sample inference; integrated AR(1) where REML met its boundary."""
    q, basis = orthonormal(columns.x)
    contrasts = _rows(model, columns)[1] @ basis
    fit = fit_ar1_many(y, q)
    guarded = fit.rho > BOUNDARY
    rho = np.minimum(fit.rho, BOUNDARY)
    model_variance, adjusted, df = small_sample_table(q, contrasts, highest=BOUNDARY).at(rho)
    chosen = adjusted if model.inference == "kenward-roger" else model_variance
    error = np.sqrt(fit.variance[:, None] * chosen)
    df = np.maximum(df, 2.0)
    estimate = fit.coef @ contrasts.T
    reach = stdtrit(df, 0.975) * error
    p = 2 * stdtr(df, -np.abs(estimate) / error)
    out = np.stack([estimate, error, estimate - reach, estimate + reach, p])
    if guarded.any():
        out[:, guarded], _ = _by_grid(y[:, guarded], columns, model, error_grid(model.n, AR1))
    return out, fit.rho, guarded


def _one_by_one(by: str, models: dict[Any, SeriesModel]) -> Many:
    """Series fitted one after the other."""
    parts, rhos, guards = [], [], []
    for model in models.values():
        fit = fit_series(model)
        found = fit.fitted.fit.contrasts(_rows(model, fit.columns)[1])
        parts.append(np.stack([found.estimate, found.std_error, found.low, found.high, found.p_value]))
        rhos.append(np.nan if fit.fitted.rho is None else fit.fitted.rho)
        guards.append(fit.fitted.guarded)
    first = next(iter(models.values()))
    arrays = np.stack(parts, axis=1), np.array(rhos), np.array(guards)
    return _finished(by, tuple(models), first, design(first), arrays)


def _finished(by: str, names: tuple[Any, ...], model: SeriesModel, columns: DesignMatrix, found: _Arrays) -> Many:
    values, rho, guarded = found
    why = ""
    if not intervals_possible(model):
        values[1:] = np.nan
        why = "too few periods on a side for an interval (6 a side and 12 in all are needed)"
    estimate, error, low, high, p = values
    return Many(
        by=by,
        names=names,
        terms=_rows(model, columns)[0],
        estimate=estimate,
        std_error=error,
        conf_low=low,
        conf_high=high,
        p_value=p,
        autocorrelation=rho,
        guarded=guarded,
        not_computed=why,
    )
