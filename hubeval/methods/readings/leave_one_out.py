"""Leaving one out: whether the number hangs on one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.readings.question import Question
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Diagnostic, NotComputed, Status


def leave_one_out(
    values: Sequence[float], whole: float, *, of: str, names: Sequence[str] = ()
) -> Diagnostic | NotComputed:
    """The range of an estimate when each of several units is left out in turn.

    Parameters
    ----------
    values : sequence of float
        The estimate without each; those that are not finite could not be made.
    whole : float
        The estimate with all.
    of : str
        What is left out, in the singular: "treated unit", "donor".
    names : sequence of str
        Their names, where they may be told.

    Examples
    --------
    >>> [leave_one_out(v, 2.0, of="donor").status for v in ([1.8, 2.2], [0.5, 2.2], [-0.1, 2.2])]
    ['pass', 'caution', 'fail']
    """
    asked = Question(
        name=f"leave one {of} out",
        asked=f"Does the number hang on one {of}?",
        threshold="a change of sign fails; more than half of the number is a caution",
        bears_on="sign",
    )
    made = np.asarray(values, dtype=float)
    kept = np.isfinite(made)
    if not kept.any():
        return asked.unanswered("without any one of them the effect cannot be estimated")
    moved = np.where(kept, np.abs(made - whole), 0.0)
    swing = float(moved.max() / abs(whole)) if whole else float("inf")
    flips = bool((made[kept] * whole < 0).any())
    status: Status = "fail" if flips else "caution" if swing > 0.5 else "pass"
    most = f"; leaving out {names[int(moved.argmax())]} moves it most" if len(names) == len(made) else ""
    verdict = {
        "pass": f"No single {of} carries it.",
        "caution": f"One {of} moves it by more than half.",
        "fail": f"Its sign hangs on one {of}.",
    }[status]
    lost = f" Without {int((~kept).sum())} of them it cannot be estimated." if not kept.all() else ""
    reading = (
        f"Leaving out each {of} in turn ({len(made)}) gives {brief(made[kept].min())} to {brief(made[kept].max())} "
        f"(all of them: {brief(whole)}){most}. {verdict}{lost}"
    )
    return asked.answered(status, reading, swing if np.isfinite(swing) else None)
