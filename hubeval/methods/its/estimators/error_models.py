"""From a checked request to a fit: which engine answers, on which scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solve_triangular

from hubeval.engine.autoregression import whiten
from hubeval.engine.contrast import TFit
from hubeval.engine.counts import negative_binomial_dispersion, share_problem, working_problem
from hubeval.engine.integrated import AR1, AR2, MixtureFit, error_grid, posterior
from hubeval.engine.least_squares import least_squares
from hubeval.engine.reml import fit_ar1, small_sample
from hubeval.engine.serial import newey_west, prais_winsten
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.engine.contrast import Fit
    from hubeval.engine.counts import Working
    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel

    Floats = NDArray[np.float64]
    Answered = tuple[Fit, float | None, bool]
    Engine = Callable[[Floats, Floats, SeriesModel, float], Answered]

BOUNDARY = 0.95  # REML autocorrelation above which trend and persistence cannot be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fit with what was learnt about the errors on the way.

    Attributes
    ----------
    fit : Fit
    rho : float or None
        First partial autocorrelation of the errors (posterior mean, or estimate); None for independent errors.
    second : float
        Second partial autocorrelation; 0 for AR(1) and independent errors.
    overdispersion : float
        Negative binomial ``a``; 0 otherwise.
    scaled : (n,) float
        Residuals on the scale on which errors have constant variance (Pearson residuals of counts).
    root_weight : (n,) float
        What takes the design to that scale: ones, or square roots of working weights.
    mean : (n,) float
        Fitted values on the outcome's own scale; for counts those of the fit with independent errors, which
        follow the level of the series whatever the errors do.
    guarded : bool
        The plug-in method met its boundary, and the integrated interval stands in its place.
    rare : bool
        Counts so few that the bias of their logs was taken out, and that of the levels is too (see `effects`).
    """

    fit: Fit
    rho: float | None
    second: float
    overdispersion: float
    scaled: Floats
    root_weight: Floats
    mean: Floats
    guarded: bool = False
    rare: bool = False

    @property
    def whitened(self) -> Floats:
        """`scaled` with the autocorrelation taken out: what should look like noise, (n,)."""
        partial = np.array([min(max(self.rho or 0.0, -0.999), 0.999), self.second])
        return whiten(self.scaled[:, None], partial)[:, 0]


def estimate(model: SeriesModel, columns: DesignMatrix) -> Fitted:
    """Fit one series by the method and errors that its request names."""
    engine = _ENGINES[model.inference]
    if not model.log_link:
        y = model.y - model.offset
        fit, rho, guarded = engine(y, columns.x, model, 0.0)
        mean = model.offset + columns.x @ fit.coef
        return Fitted(
            fit=fit,
            rho=rho,
            second=_second(fit),
            overdispersion=0.0,
            scaled=model.y - mean,
            root_weight=np.ones(model.n),
            mean=mean,
            guarded=guarded,
        )
    a = 0.0
    if model.family == "negative-binomial":
        a = negative_binomial_dispersion(model.y, columns.x, model.offset)
    working, rare = _counts(model, columns, a)
    if not working.converged:
        cure = "Use fewer terms (impact 'level', no season), longer periods, or describe the counts instead."
        found = "has too few events for the declared terms: an estimate runs off to infinity"
        raise BadInput([Problem(f"outcome ({model.outcome})", found, "events throughout the series", cure)])
    fit, rho, guarded = engine(working.y, working.x, model, 1.0)
    scaled = working.y - working.x @ fit.coef
    return Fitted(
        fit=fit,
        rho=rho,
        second=_second(fit),
        overdispersion=a,
        scaled=scaled,
        root_weight=working.x[:, 0],
        mean=np.exp(np.clip(model.offset + columns.x @ working.coef, -30, 30)),
        guarded=guarded,
        rare=rare,
    )


def _second(fit: Fit) -> float:
    return float(fit.posterior.weight[0] @ fit.posterior.partial[:, 1]) if isinstance(fit, MixtureFit) else 0.0


def _counts(model: SeriesModel, columns: DesignMatrix, a: float) -> tuple[Working, bool]:
    """The counts' working problem, and whether first-order bias was taken out of it.

    It is where counts are rare before the start, and where an estimate would run off to infinity: no event after it.
    """
    beside = model.comparison
    rare = model.rare or (beside is not None and beside.rare)
    if not rare:
        weight = _joint_weight(model, columns, a)
        made = working_problem(model.y, columns.x, model.offset, overdispersion=a, weight=weight)
        if made.converged:
            return made, False
    if beside is None:
        return working_problem(model.y, columns.x, model.offset, overdispersion=a, reduced=True), True
    ratio = model.offset - np.log(beside.events)
    return share_problem(model.y, beside.series.sum(axis=0), columns.x, ratio, overdispersion=a), True


def _joint_weight(model: SeriesModel, columns: DesignMatrix, a: float) -> Floats | None:
    """With a comparison series: inverse variance of the log ratio of two counts, from each one's smooth mean."""
    beside = model.comparison
    if beside is None:
        return None
    own = working_problem(model.y, columns.x, beside.own, overdispersion=a).mean
    total, exposure = beside.series.sum(axis=0), np.log(beside.exposure.sum(axis=0))
    other = working_problem(total, columns.x, exposure).mean
    return np.asarray(1 / (1 / own + a + 1 / other))


def orthonormal(x: Floats) -> tuple[Floats, Floats]:
    """An orthonormal basis of the columns, (n, k), and the (k, k) matrix from its coefficients to theirs."""
    scale = np.sqrt(np.einsum("ij,ij->j", x, x))
    q, r = np.linalg.qr(x / scale)
    return q, solve_triangular(r, np.eye(len(scale))) / scale[:, None]


def _integrated(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    q, basis = orthonormal(x)
    prior = AR1 if model.errors == "ar1" else AR2
    found = posterior(y[:, None], q, error_grid(len(y), prior), floor=floor)
    return MixtureFit(found, basis), float(found.autocorrelation[0]), False


def _reml(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    q, basis = orthonormal(x)
    profile = fit_ar1(y[:, None], q)
    rho, variance = float(profile.rho[0]), max(float(profile.variance[0]), floor)
    if rho > BOUNDARY:
        found = posterior(y[:, None], q, error_grid(len(y), AR1), floor=floor)
        return MixtureFit(found, basis), rho, True
    table = small_sample(q, rho)
    kept = table.adjusted if model.inference == "kenward-roger" else table.model

    def back(v: Floats) -> Floats:
        return np.asarray(variance * basis @ v @ basis.T)

    slopes = np.stack([back(slope) for slope in table.slopes])
    fit = TFit(basis @ profile.coef[0], back(kept), len(y) - x.shape[1], back(table.model), slopes, table.parameters)
    return fit, rho, False


def _prais(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    coef, covariance, rho = prais_winsten(y, x)
    del model, floor
    return TFit(coef, covariance, len(y) - x.shape[1]), rho, False


def _arima(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    q, basis = orthonormal(x)
    profile = fit_ar1(y[:, None], q, restricted=False)
    rho = float(profile.rho[0])
    n, k = x.shape
    variance = max(float(profile.variance[0]) * (n - k) / n, floor)
    del model
    covariance = variance * basis @ small_sample(q, rho).model @ basis.T
    return TFit(basis @ profile.coef[0], covariance, np.inf), rho, False


def _newey(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    ols = least_squares(y, x)
    del model, floor
    return TFit(ols.coef, newey_west(x, ols.residuals, ols.bread, 1), len(y) - x.shape[1]), None, False


def _ols(y: Floats, x: Floats, model: SeriesModel, floor: float) -> Answered:
    ols = least_squares(y, x)
    del model
    df = len(y) - x.shape[1]
    variance = max(float(ols.residuals @ ols.residuals) / df, floor)
    return TFit(ols.coef, variance * ols.bread, df), None, False


_ENGINES: dict[str, Engine] = {
    "integrated": _integrated,
    "kenward-roger": _reml,
    "satterthwaite": _reml,
    "prais-winsten": _prais,
    "arima": _arima,
    "newey-west": _newey,
    "least-squares": _ols,
}
