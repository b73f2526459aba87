"""The headline's number beside that of a library that others keep: what was found, and whether the two agree."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.readings.question import Question
from hubeval.scale import scale_of
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.result import Diagnostic, Estimate, NotComputed

SAME = 1e-5  # of the number or its error, whichever is larger: what rounding and stopping rules may part
WHAT = "cross-check"
EXACT = Question(name=WHAT, asked="Does another library find the same number?",
                 threshold=f"further apart than {SAME:g} of the number or of its standard error is a caution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the other library found.

    Attributes
    ----------
    estimate : float
        In the headline's own unit.
    library : str
        The distribution's name: its version is looked up.
    how : str
        What it was asked for, in words.
    std_error : float or None
        Its own error, where it has one; said, not judged: errors are made in many ways.
    differs : str
        Where the library's estimator is another than the headline's: in what. Empty where the two are one.
    apart : float
        Standard errors that the two may then lie apart; no such distance was met, or hardly ever, in data where both
        are right.
    """

    estimate: float
    library: str
    how: str
    std_error: float | None = None
    differs: str = ""
    apart: float = 0.0


def compared(shown: Estimate, found: Found) -> Diagnostic | NotComputed:
    """The headline beside what another library found.

    Where the estimators are one and the same, anything above rounding is a caution. Where they are not, some part
    of a standard error is allowed, and what sets them apart is said.

    Parameters
    ----------
    shown : Estimate
        The headline's own number.
    found : Found

    Returns
    -------
    Diagnostic or NotComputed
        The latter where the library gave no number.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> shown = Estimate(term="ATT", estimand="", outcome="visits", unit="visits", inference="", estimate=-2.0,
    ...                  std_error=0.5)
    >>> compared(shown, Found(estimate=-2.0, library="statsmodels", how="WLS")).status
    'pass'
    >>> compared(shown, Found(estimate=-2.1, library="statsmodels", how="WLS")).status
    'caution'
    >>> plainer = Found(estimate=-2.1, library="statsmodels", how="OLS", differs="it is plainer", apart=0.3)
    >>> compared(shown, plainer).status
    'pass'
    """
    who = f"{found.library} {version(found.library)} ({found.how})"
    if not np.isfinite(found.estimate):
        return EXACT.unanswered(f"{who} gave no number")
    apart, error = abs(found.estimate - shown.estimate), shown.std_error
    both = f"{who} finds {_number(found, shown.unit)}; the headline on {shown.outcome} is {_told(shown)}."
    if not found.differs:
        same = apart <= SAME * max(abs(shown.estimate), error or 0.0)
        said = (" The two agree: the number does not hang on our own code." if same else
                " They should be the same and are not: one of the two is wrong. Do not use the number before it is "
                "known which.")
        return EXACT.answered("pass" if same else "caution", both + said, float(apart))
    close = Question(name=WHAT, asked="Does another library find nearly the same number?",
                     threshold=f"further apart than {found.apart:g} of a standard error is a caution")
    if not error:
        said = f" The headline has no standard error to measure the distance by; {found.differs}."
        return close.answered("information", both + said, float(apart))
    share = apart / error
    near = share <= found.apart
    said = (f" They are {brief(share, 2)} of a standard error apart; {found.differs}, so they need not be equal"
            f"{'.' if near else ', but this is further than that should part them.'}")
    return close.answered("pass" if near else "caution", both + said, float(share))


def _number(found: Found, unit: str) -> str:
    error = f" (its own standard error {brief(found.std_error)})" if found.std_error is not None else ""
    return f"{brief(found.estimate, 6)}{_on(unit)}{error}"


def _told(shown: Estimate) -> str:
    return brief(shown.estimate, 6) + _on(shown.unit)


def _on(unit: str) -> str:
    """What is said beside a number that is left on its scale."""
    return {"log": " as a difference of logarithms", "log-odds": " as a difference of log-odds"}.get(scale_of(unit), "")


def nobody_else(estimator: str, because: str) -> NotComputed:
    """That no installed library fits an estimator, and why.

    Examples
    --------
    >>> nobody_else("synthetic control", "its weights are found by our own solver").what
    'cross-check'
    """
    return EXACT.unanswered(f"neither statsmodels nor linearmodels fits {estimator}: {because}")
