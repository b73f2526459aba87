"""The same analysis on the other scale: whether what is found hangs on counting in units or in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question
from hubeval.scale import level, on_scale, own_unit, scale_of
from hubeval.wording import p_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.result import Diagnostic, Estimate, NotComputed, Status

    Floats = NDArray[np.float64]
    Again = Callable[[Floats, str], Estimate]

ASKED = Question(
    name="other scale",
    asked="Does the finding hang on the scale of the outcome?",
    threshold="a change found on one scale only is a caution; changes found in opposite directions fail",
    bears_on="sign",
)


def other_scale(shown: Estimate, values: Floats, again: Again) -> Diagnostic | NotComputed:
    """The headline beside the same estimate of logarithms; or, where it is one of logarithms, of the measure itself.

    Groups of unlike level cannot move alike both in numbers and in per cent, so at most one of the two assumptions
    holds, and data before the start seldom tell which.

    Parameters
    ----------
    shown : Estimate
        The headline, in a unit that says its scale (`hubeval.scale`).
    values : (n,) or (T, N) float
        The outcome as it was fitted; missing values stay missing.
    again : function
        From values of the same shape, and their unit, to the headline's estimate of them.

    Returns
    -------
    Diagnostic or NotComputed
        The latter where the outcome is not above zero throughout.

    References
    ----------
    Roth, J. & Sant'Anna, P. H. C. (2023). When is parallel trends sensitive to functional form? Econometrica 91,
    737-747.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", outcome="visits", inference="")
    >>> shown = Estimate(unit="visits", estimate=-2.0, conf_low=-5.0, conf_high=1.0, p_value=0.2, **made)
    >>> logs = lambda values, unit: Estimate(unit=unit, estimate=-0.2, conf_low=-0.3, conf_high=-0.1, p_value=0.03,
    ...                                      **made)
    >>> other_scale(shown, np.array([4.0, 9.0]), logs).status
    'caution'
    >>> other_scale(shown, np.array([0.0, 9.0]), logs).what
    'other scale'
    """
    if shown.conf_low is None and shown.p_value is None:
        return ASKED.unanswered("there is neither an interval nor a test, so nothing is found on either scale")
    unit = own_unit(shown.unit)
    if scale_of(shown.unit) == "level":
        if not bool((values[np.isfinite(values)] > 0).all()):
            return ASKED.unanswered("some values are not above zero, and have no logarithm")
        other = again(np.log(values), on_scale(unit, "log"))
    else:
        own = [level(v, shown.unit) if np.isfinite(v) else np.nan for v in values.ravel().tolist()]
        other = again(np.array(own).reshape(values.shape), unit)
    one, two = claims(shown), claims(other)
    status: Status = "pass" if one == two else "fail" if one * two < 0 else "caution"
    reading = f"{_named(shown)} it is {_said(shown)}; {_named(other).casefold()}, {_said(other)}."
    reading += {
        "pass": " Both find a change the same way." if one else " Neither finds a change.",
        "caution": " So whether a change is found hangs on the scale: groups of unlike level cannot move alike both in "
        "numbers and in per cent. Say which of the two is the more credible, and why.",
        "fail": " The two scales find changes in opposite directions: neither says which way the outcome went.",
    }[status]
    return ASKED.answered(status, reading, other.p_value)


def _named(one: Estimate) -> str:
    scale = scale_of(one.unit)
    return {"level": "In the outcome's own unit", "log": "As logarithms"}.get(scale, "As log-odds")


def _said(one: Estimate) -> str:
    p = "" if one.p_value is None else f", {p_words(one.p_value)}"
    return f"{told(one, unit=True)}{p}"
