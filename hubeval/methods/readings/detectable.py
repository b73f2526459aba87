"""The smallest change that a protocol would find, in the direction it declares: one number wherever it is quoted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.detection import ByError, Detection, low_end
from hubeval.methods.readings.measure import detected
from hubeval.methods.readings.question import Question
from hubeval.result import NotComputed
from hubeval.scale import change_unit
from hubeval.wording import amount, brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.protocol import Outcome
    from hubeval.result import Diagnostic, Estimate

TARGET = 0.8
ASKED = Question(
    name="Smallest detectable change",
    asked="How large must a change be to be found at all?",
    threshold=f"found {TARGET:.0%} of the time at the 5% level",
    bears_on="interval",
)
WAYS = {"lower is better": (-1,), "higher is better": (1,), "neither": (1, -1)}
WORDS = {"lower is better": "fall", "higher is better": "rise", "neither": "change either way"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The smallest size that is found, and what it is the size of.

    Attributes
    ----------
    size : float or None
        None where no size reaches the power aimed at.
    word : str
        ``"fall"``, ``"rise"``, or ``"change either way"``.
    sign : int
        The direction that is the harder one to find.
    note : str
        What must be said beside it; empty where nothing must.
    """

    size: float | None
    word: str
    sign: int
    note: str = ""


def stated(found: Detection, direction: str, target: float = TARGET) -> Stated:
    """The smallest change that is found with power `target`, in the direction declared; in both where none is.

    Examples
    --------
    >>> from hubeval.engine.detection import Detection
    >>> found = Detection(power=lambda e: min(1.0, abs(e) / 10), scale=1.0, least=-5.0)
    >>> stated(found, "lower is better").size, round(stated(found, "higher is better").size, 2)
    (None, 8.0)
    >>> stated(found, "neither").note
    'A fall is not found so often however large it is; the size is that of a rise.'
    """
    ways = WAYS[direction]
    sizes = {sign: found.smallest(target, sign) for sign in ways}
    known = {sign: size for sign, size in sizes.items() if size is not None}
    if not known:
        return Stated(size=None, word=WORDS[direction], sign=ways[0])
    sign = max(known, key=lambda s: known[s])
    if len(known) == len(ways):
        return Stated(size=known[sign], word=WORDS[direction], sign=sign)
    names = {1: "rise", -1: "fall"}
    note = f"A {names[-sign]} is not found so often however large it is; the size is that of a {names[sign]}."
    return Stated(size=known[sign], word=names[sign], sign=sign, note=note)


def smallest_change(found: Detection, outcome: Outcome) -> Diagnostic | NotComputed:
    """The smallest change that is found, beside the smallest worthwhile one.

    Examples
    --------
    >>> from hubeval.engine.detection import Detection
    >>> from hubeval.protocol import Outcome
    >>> found = Detection(power=lambda e: min(1.0, abs(e) / 10), scale=1.0)
    >>> visits = Outcome(column="v", label="Visits", unit="visits", direction="lower is better",
    ...                  smallest_worthwhile=2.0)
    >>> print(smallest_change(found, visits).reading)
    A fall of 8 visits would be found 80% of the time; 2 visits is declared worthwhile, so a change worth having can \
go unseen.
    """
    if found.power is None:
        return ASKED.unanswered("; ".join(item.reason for item in found.missing))
    found, unit = detected(found, outcome.unit), change_unit(outcome.unit)
    made = stated(found, outcome.direction)
    if made.size is None:
        return ASKED.answered("caution", f"No {made.word} would be found {TARGET:.0%} of the time, however large.")
    said = f"A {made.word} of {amount(made.size, unit)} would be found {TARGET:.0%} of the time"
    note = "".join(f" {said}" for said in (made.note, *found.notes) if said)
    worth = outcome.smallest_worthwhile
    if worth is None:
        return ASKED.answered("information", f"{said}.{note}", made.size)
    enough = made.size <= worth
    more = "which is fine enough" if enough else "so a change worth having can go unseen"
    reading = f"{said}; {amount(worth, unit)} is declared worthwhile, {more}.{note}"
    return ASKED.answered("pass" if enough else "caution", reading, made.size)


def too_dear(why: str) -> NotComputed:
    """Say why an evaluation leaves the smallest change out, and which command gives it.

    Examples
    --------
    >>> print(too_dear("starts are permuted").reason)
    starts are permuted, so each set of data like these takes as long as this evaluation: run hubeval power on it
    """
    return ASKED.unanswered(f"{why}, so each set of data like these takes as long as this evaluation: run hubeval "
                            "power on it")


def from_interval(one: Estimate, outcomes: NDArray[np.float64]) -> Detection:
    """Power by formula, from the headline's own error and interval; where drawing and fitting anew would take too long.

    Parameters
    ----------
    one : Estimate
        The headline; of it, only the width of the interval is used.
    outcomes : (n,) float
        Of those not treated, to read sizes against.
    """
    known = Detection(
        power=None, level=float(outcomes.mean()), level_low=low_end(outcomes),
        least=-float(outcomes.mean()) if outcomes.min() >= 0 else -np.inf,
        n_units=(one.n_treated or 0) + (one.n_comparison or 0), n_treated=one.n_treated or 0)
    law = law_of(one)
    if law is None:
        reason = f"the headline has no interval with an error ({one.inference})"
        return replace(known, missing=(NotComputed(what="power", reason=reason),))
    named = "the normal" if np.isinf(law.df) else f"t with {law.df:.0f} degrees of freedom"
    return replace(
        known, power=law.power, scale=3 * law.error,
        method=f"Formula, from the headline's own standard error on these data ({brief(law.error)}) and its law "
        f"({named}), the error itself as uncertain as that law says. It leaves out that an effect may "
        "change the outcome's spread, and whatever bias the design leaves.",
        inference=f"{one.inference.split(';')[0]}, as for the headline")


def law_of(one: Estimate) -> ByError | None:
    """Error and critical value of an estimate's own interval; None where it has none."""
    if one.conf_low is None or one.conf_high is None or not one.std_error:
        return None
    return ByError(error=one.std_error, critical=(one.conf_high - one.conf_low) / 2 / one.std_error)
