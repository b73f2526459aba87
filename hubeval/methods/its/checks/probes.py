"""Attempts to break a fitted series: other transition windows, other error models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.methods.its.estimators.series import refit
from hubeval.methods.readings.estimates import claims
from hubeval.result import Diagnostic
from hubeval.wording import move

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Estimate


def probe(result: SeriesFit) -> tuple[Diagnostic, ...]:
    """Attempts to break the result by refitting it: transition windows, error models. Placebo dates stand apart."""
    found = (ask(result) for ask in (transition_sensitivity, error_model_sensitivity))
    return tuple(answer for answer in found if answer is not None)


def transition_sensitivity(result: SeriesFit) -> Diagnostic | None:
    """The average effect with up to three more periods set aside as phase-in."""
    model = result.model
    if not result.intervals:
        return None
    begin, end = model.transition or (model.start, model.start - 1)
    found = []
    for more in (1, 2, 3):
        window = (begin, end + more)
        silent = model.silent.copy()
        silent[window[0] : window[1] + 1] = True
        again = refit(replace(model, transition=window, silent=silent))
        if again is not None and again.intervals:
            found.append(again.average().absolute)
    return _compared(
        result.average().absolute,
        found,
        name="Transition window",
        question="Does the answer hang on where the phase-in is taken to end?",
        moved=f"When 1 to {len(found)} more periods after the start are set aside",
    )


def error_model_sensitivity(result: SeriesFit) -> Diagnostic | None:
    """The average effect under the other error models whose intervals hold."""
    model = result.model
    if not result.intervals or model.inference != "integrated":
        return None
    others = [
        replace(model, errors="ar1" if model.errors == "ar" else "ar"),
        replace(model, inference="kenward-roger"),
        replace(model, inference="satterthwaite"),
    ]
    fits = [again.average().absolute for again in map(refit, others) if again is not None and not again.fitted.guarded]
    return _compared(
        result.average().absolute,
        fits,
        name="Error model",
        question="Does the answer hang on how the autocorrelation is modelled?",
        moved="Under AR(1) or AR(2), integrated or plugged in",
    )


def _compared(main: Estimate, others: list[Estimate], *, name: str, question: str, moved: str) -> Diagnostic | None:
    if not others:
        return None
    low, high = (side(one.estimate for one in (main, *others)) for side in (min, max))
    turned = [one for one in others if claims(one) != claims(main)]
    return Diagnostic(
        name=name,
        question=question,
        statistic=high - low,
        threshold="the interval comes to include, or to exclude, no change",
        status="caution" if turned else "pass",
        reading=f"{moved}, the average effect runs from {move(low, main.unit)} to {move(high, main.unit)}"
        + (f"; in {len(turned)} of {len(others)} {_turn(main)}." if turned else "; the conclusion stands."),
    )


def _turn(main: Estimate) -> str:
    """What a change of conclusion is, for this headline."""
    return "a change is no longer clear" if claims(main) else "a change becomes clear"
