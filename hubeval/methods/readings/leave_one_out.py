"""Leaving one out: whether the number hangs on one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question
from hubeval.wording import move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.result import Diagnostic, Estimate, NotComputed, Status

    Floats = NDArray[np.float64]


def leave_one_out(
    values: Sequence[float], whole: Estimate, *, of: str, names: Sequence[str] = ()
) -> Diagnostic | NotComputed:
    """The range of an estimate when each of several units is left out in turn.

    A sign can hang on one unit only where a sign is claimed: where the interval includes no change, the answer is
    measured against that interval instead. Otherwise every true zero would seem to hang on somebody.

    Parameters
    ----------
    values : sequence of float
        The estimate without each; those that are not finite could not be made.
    whole : Estimate
        The headline: the estimate with all.
    of : str
        What is left out, in the singular: "treated unit", "donor".
    names : sequence of str
        Their names, where they may be told.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = Estimate(term="ATT", estimand="", outcome="y", unit="points", inference="", estimate=2.0, conf_low=1.0,
    ...                 conf_high=3.0)
    >>> [leave_one_out(v, made, of="donor").status for v in ([1.8, 2.2], [0.5, 2.2], [-0.1, 2.2])]
    ['pass', 'caution', 'fail']
    """
    asked = Question(
        name=f"leave one {of} out",
        asked=f"Does the number hang on one {of}?",
        threshold="where a sign is claimed: a change of sign fails, a loss of more than half is a caution; "
        "where none is: a move beyond the interval is a caution",
        bears_on="sign" if claims(whole) else "size",
    )
    made = np.asarray(values, dtype=float)
    kept = np.isfinite(made)
    if not kept.any():
        return asked.unanswered("without any one of them the effect cannot be estimated")
    moved = np.where(kept, np.abs(made - whole.estimate), 0.0)
    swing = float(moved.max() / abs(whole.estimate)) if whole.estimate else float("inf")
    status, verdict = _verdict(made[kept], moved, whole, of)
    most = f"; leaving out {names[int(moved.argmax())]} moves it most" if len(names) == len(made) else ""
    lost = f" Without {int((~kept).sum())} of them it cannot be estimated." if not kept.all() else ""
    low, high = (move(float(end), whole.unit) for end in (made[kept].min(), made[kept].max()))
    reading = (
        f"Leaving out each {of} in turn ({len(made)}) gives {low} to {high} "
        f"(all of them: {told(whole)}){most}. {verdict}{lost}"
    )
    return asked.answered(status, reading, swing if np.isfinite(swing) else None)


def _verdict(made: Floats, moved: Floats, whole: Estimate, of: str) -> tuple[Status, str]:
    claimed = claims(whole)
    if claimed and (made * claimed <= 0).any():
        return "fail", f"Its sign hangs on one {of}."
    if claimed and moved.max() > 0.5 * abs(whole.estimate):
        return "caution", f"One {of} moves it by more than half."
    if claimed:
        return "pass", f"No single {of} carries it."
    if whole.conf_low is None or whole.conf_high is None:
        return "information", "No interval says how far it may move by chance."
    if (made < whole.conf_low).any() or (made > whole.conf_high).any():
        return "caution", f"No sign is claimed, but one {of} moves it out of its own interval."
    return "pass", f"No sign is claimed, and no single {of} moves it out of its interval."
