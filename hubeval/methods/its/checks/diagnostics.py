"""Questions put to a fitted series, each with a reading that says what the answer does and does not show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import fdtrc

from hubeval.engine.autoregression import whiten
from hubeval.engine.least_squares import least_squares
from hubeval.methods.its.door.model import Term, first_period
from hubeval.methods.its.door.options import CHANGING
from hubeval.methods.its.estimators.series import refit
from hubeval.methods.its.inference.leftover import leftover_p
from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question
from hubeval.result import Diagnostic
from hubeval.scale import on_scale
from hubeval.wording import amount, brief, move, p_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import SeriesModel
    from hubeval.methods.its.estimators.series import SeriesFit

    Floats = NDArray[np.float64]


def diagnose(result: SeriesFit) -> tuple[Diagnostic, ...]:
    """Every diagnostic that the series is long enough for."""
    asked = (leftover_autocorrelation, leftover_seasonality, changed_season, dispersion, functional_form, influence,
             left_after_end)
    found = (ask(result) for ask in (*asked, boundary))
    return tuple(answer for answer in found if answer is not None)


def leftover_autocorrelation(result: SeriesFit) -> Diagnostic | None:
    """Ljung & Box's (1978) statistic of the residuals with the modelled autocorrelation taken out, against chance."""
    n, lags = result.model.n, min(10, result.model.n // 5)
    if lags <= 2 or n - len(result.columns.names) < lags:
        return None
    p = leftover_p(result, lags)
    good = p >= 0.05
    reading = (
        f"Little autocorrelation is left over at lags 1 to {lags}; short series hide much, so this is weak comfort."
        if good
        else f"Autocorrelation is left over at lags 1 to {lags}: the intervals may be too narrow. "
        f"{_consider(result.model)}"
    )
    return Diagnostic(
        name="Autocorrelation left over", bears_on="interval",
        question="Do the residuals still follow one another once the modelled autocorrelation is taken out?",
        statistic=p,
        threshold="p below .05 (Ljung-Box statistic, against series drawn from the fit)",
        status="pass" if good else "caution",
        reading=reading,
    )


def leftover_seasonality(result: SeriesFit) -> Diagnostic | None:
    """F test of month (or quarter) indicators on the whitened residuals."""
    model = result.model
    season, cycle = np.array(model.axis.season), model.axis.cycle
    calendar = model.seasonality is not None and model.seasonality.kind == "calendar"
    if cycle == 0 or calendar or model.n < 2 * cycle + 4:
        return None
    p = _gained(result, result.columns.x, np.eye(cycle)[season][:, 1:])
    if p is None:
        return None
    good = p >= 0.05
    return Diagnostic(
        name="Seasonality left over", bears_on="interval",
        question="Do some months or quarters still stand out in the residuals?",
        statistic=p,
        threshold="p below .05 (F test of calendar terms)",
        status="pass" if good else "caution",
        reading="No season stands out beyond the declared terms."
        if good
        else f"A season is left over; unless the start falls evenly in the year it can pass for an effect. "
        f"{_fuller(model)}",
    )


def _fuller(model: SeriesModel) -> str:
    """What to declare of a season: one where there is none, else more of it."""
    if model.seasonality is None:
        return "Declare seasonality in the protocol before looking again."
    return ('The season declared is too smooth for it: declare more harmonics, or seasonality = "calendar", before '
            "looking again.")


def _consider(model: SeriesModel) -> str:
    """What may be missing where residuals still follow one another."""
    if model.seasonality is not None:
        return "The season is declared already; look for an event that is not."
    if not model.axis.cycle:
        return "Look for an event that is not declared."
    return "Consider a seasonal term or a missing event."


CHANGED = Question(
    name="Season changed at the start",
    asked="Did the season itself change at the start?",
    threshold="p below .05 (F test of the season after the start)",
    bears_on="sign",
)


LEFT = "left after the end"
RETURNED = Question(
    name="Return after the end",
    asked="Is the series back on its path once the service had ended, as the design takes for granted?",
    threshold="p below .05 for a level left after the end",
)


def changed_season(result: SeriesFit) -> Diagnostic | None:
    """F test of a season that changes at the start, beyond a steady one, on the whitened residuals."""
    model = result.model
    season, cycle = np.array(model.axis.season), model.axis.cycle
    declared = model.seasonality is not None and model.seasonality.changes
    if cycle == 0 or declared or min(int(model.before.sum()), int(model.after.sum())) < cycle:
        return None
    months = np.eye(cycle)[season][:, 1:]
    on = (np.arange(model.n) >= first_period(model, model.breaks[0])) & model.after
    p = _gained(result, np.column_stack([result.columns.x, months]), months * on[:, None])
    if p is None:
        return None
    if p >= 0.05:
        return CHANGED.answered("pass", "No change of the season at the start stands out.", p)
    after = int(model.after.sum())
    whole = after % cycle == 0
    reading = (
        f"The season is not the same after the start as before it ({p_words(p)}): the average effect over "
        f"{after} periods "
        + ("may hide that it differs from month to month" if whole else "is of those months, not of a whole year")
        + f'. Before looking again, declare seasonality = "calendar{CHANGING}" in the protocol.'
    )
    return CHANGED.answered("caution", reading, p)


def _gained(result: SeriesFit, base: Floats, extra: Floats) -> float | None:
    """p-value of terms beyond others on the residuals with autocorrelation taken out; None where none can be told."""
    # a negative second order is how an AR(2) imitates a season: it must not be taken out before looking for one
    partial = np.array([min(max(result.fitted.rho or 0.0, -0.999), 0.999), max(result.fitted.second, 0.0)])
    known, more = (whiten(x * result.fitted.root_weight[:, None], partial) for x in (base, extra))
    y = whiten(result.fitted.scaled[:, None], partial)[:, 0]
    small, large = least_squares(y, known), least_squares(y, np.column_stack([known, more]))
    gained, spare = large.rank - small.rank, result.model.n - large.rank
    if gained < 1 or spare < 2:
        return None
    rss, full = (float(fit.residuals @ fit.residuals) for fit in (small, large))
    if not full > 0:  # fitted exactly, or too small to square: nothing is left over to test
        return None
    return float(fdtrc(gained, spare, (rss - full) / gained / (full / spare)))


def dispersion(result: SeriesFit) -> Diagnostic | None:
    """How much more counts vary than Poisson counts would."""
    if not result.model.log_link:
        return None
    spare = result.model.n - len(result.columns.names)
    value = float(result.fitted.scaled @ result.fitted.scaled) / spare
    words = "negative binomial" if result.fitted.overdispersion else "Poisson"
    return Diagnostic(
        name="Dispersion", bears_on="interval",
        question=f"Do the counts vary more than {words} counts would?",
        statistic=value,
        threshold="1 is none beyond the model; the scale is never taken below 1",
        status="information",
        reading=f"Pearson dispersion is {brief(value, 2)}; the intervals allow for it.",
    )


def functional_form(result: SeriesFit) -> Diagnostic | None:
    """Whether a bend in the trend would take the effect's place."""
    model = result.model
    t = (np.arange(model.n) - model.start) / model.n
    bent = replace(model, terms=(*model.terms, Term(name="trend squared", column=t**2)))
    again = refit(bent)
    if again is None or not result.intervals:
        return None
    c = np.zeros((1, len(again.columns.names)))
    c[0, again.columns.names.index("trend squared")] = 1
    p = float(again.fitted.fit.contrasts(c).p_value[0])
    before, after = result.average().absolute, again.average().absolute
    bends = p < 0.05
    # an interval that merely widens with one more term says nothing; an effect that halves does
    changed = claims(before) != claims(after) and after.estimate / before.estimate < 0.5
    ends = " to ".join(move(one.estimate, one.unit) for one in (before, after))
    reading = (
        f"A bend in the trend {'is' if bends else 'is not'} called for ({p_words(p)}); with it the average effect goes "
        f"from {ends}{' and the conclusion changes' if changed else ''}."
    )
    return Diagnostic(
        name="Functional form", bears_on="sign",
        question="Is the trend straight, or does a bend explain the change?",
        statistic=p,
        threshold="p below .05 for a squared trend",
        status="caution" if bends or changed else "pass",
        reading=reading,
    )


def left_after_end(result: SeriesFit) -> Diagnostic | None:
    """Whether the series is back on its path once the service was withdrawn, which the design takes for granted."""
    model = result.model
    if not model.withdrawn.any() or not result.intervals:
        return None
    again = refit(replace(model, terms=(*model.terms, Term(name=LEFT, column=model.withdrawn.astype(float)))))
    if again is None:
        return None
    c = np.zeros((1, len(again.columns.names)))
    c[0, again.columns.names.index(LEFT)] = 1
    found = again.fitted.fit.contrasts(c)
    p = float(found.p_value[0])
    unit = on_scale(result.unit, "log") if model.log_link else result.unit
    ends = " to ".join(move(float(end), unit) for end in (found.low[0], found.high[0]))
    size = f"{amount(float(found.estimate[0]), unit)} ({ends})"
    before, after = result.average().absolute, again.average().absolute
    n = int(model.withdrawn.sum())
    reading = f"In the {n} periods after the end it lies {size} from the path it would have had"
    if p < 0.05:
        reading += (f": it did not go back, or went elsewhere. Allowing for that the average effect is {told(after)}, "
                    f"not {told(before)}.")
        return RETURNED.answered("caution", reading, p)
    return RETURNED.answered("pass", f"{reading}: none that stands out.", p)


def influence(result: SeriesFit) -> Diagnostic | None:
    """The largest change in the average effect when one period is left out, the error model held."""
    model = result.model
    if not result.intervals:
        return None
    effect = result.average().absolute
    partial = np.array([min(max(result.fitted.rho or 0.0, -0.999), 0.999), result.fitted.second])
    root = whiten(np.eye(model.n), partial)
    precision = root.T @ root
    x = result.columns.x * result.fitted.root_weight[:, None]
    spread = np.linalg.inv(x.T @ precision @ x)
    project = precision - precision @ x @ spread @ x.T @ precision
    spare = np.diag(project)
    alone = spare < 1e-9 * spare.max()  # a period with a term to itself: left out, its term goes too
    diagonal = np.where(model.silent | alone, np.inf, spare)
    shift = spread @ x.T @ precision * ((project @ result.fitted.scaled) / diagonal)[None, :]
    change = (result.columns.x - result.columns.without)[model.after].mean(axis=0) @ shift
    worst = int(np.abs(change).argmax())
    # the odd period itself must not widen the yardstick it is measured by
    rest = result.fitted.scaled @ project @ result.fitted.scaled
    without = 1 - float((project @ result.fitted.scaled)[worst] ** 2 / diagonal[worst] / rest)
    size = float(abs(change[worst]) / np.sqrt(_variance_of_average(result) * max(without, 1e-6)))
    if not np.isfinite(size):  # so few periods beyond the terms that the error has no standard deviation
        return None
    where = model.axis.labels[worst]
    good = size < 1
    return Diagnostic(
        name="Influence",
        question="Does one period carry the result?",
        statistic=size,
        threshold="one standard error of the average effect, the period left out",
        status="pass" if good else "caution",
        reading=f"Leaving out {where} would move the average effect ({move(effect.estimate, effect.unit)}) most, by "
                f"{brief(size, 2)} of its "
        f"standard error{'.' if good else '; look at what happened then.'}",
    )


def _variance_of_average(result: SeriesFit) -> float:
    c = (result.columns.x - result.columns.without)[result.model.after].mean(axis=0)
    return float(c @ result.fitted.fit.covariance @ c)


def boundary(result: SeriesFit) -> Diagnostic | None:
    """Whether trend and persistence can be told apart at all."""
    rho = result.fitted.rho
    if rho is None:
        return None
    good = rho <= 0.9
    return Diagnostic(
        name="Autocorrelation", bears_on="interval",
        question="How strongly does each period follow the one before, once trend and effect are taken out?",
        statistic=rho,
        threshold="above .9 trend and persistence can hardly be told apart",
        status="information" if good else "caution",
        reading=f"The autocorrelation is put at {rho:.2f}; the interval allows for it and for not knowing it."
        if good
        else f"The autocorrelation is put at {rho:.2f}: a series this persistent wanders by itself, and a trend "
        "carried forward is a weak guide to what would have happened.",
    )
