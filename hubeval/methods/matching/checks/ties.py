"""Whether the number hangs on who was taken among equals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.designs.matched import match_study
from hubeval.result import Diagnostic
from hubeval.wording import move

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.result import Estimate

DRAWS = 8  # other lots
MOST = 20_000  # records; with more, a range over ties is far inside the error
WIDE = 0.5  # standard errors


def ties(made: Matched, main: Estimate, estimate: Callable[[Matched], Estimate]) -> Diagnostic | None:
    """The range of the estimate over other lots among tied records; None where nothing is tied, or it does not matter.

    Parameters
    ----------
    made : Matched
    main : Estimate
        The headline.
    estimate : function of Matched
        The same estimate on a sample matched with another lot.
    """
    study = made.study
    if study.lot is None or study.n > MOST or main.std_error is None:
        return None
    drawn = np.random.default_rng(20261122)
    found = [main.estimate]
    for _ in range(DRAWS):
        lot = drawn.permutation(study.n).astype(np.uint64)
        other = match_study(replace(study, lot=lot), made.request)
        if np.array_equal(other.links.weights, made.links.weights):
            continue
        found.append(estimate(other).estimate)
    low, high = min(found), max(found)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return None
    wide = high - low > WIDE * main.std_error
    said = (
        "which is wide beside its error: use calipers, full matching or the doubly robust estimator."
        if wide
        else ("which is small beside its error.")
    )
    return Diagnostic(
        name="ties",
        bears_on="sign",
        question="Does the number hang on who was taken among equals?",
        statistic=(high - low) / main.std_error,
        threshold="a range over half a standard error is a caution [judgement]",
        status="caution" if wide else "pass",
        reading="Some records are equally near, and which of them is taken is drawn by lot. "
        f"Over {DRAWS} other lots the estimate lies between {move(low, main.unit)} and {move(high, main.unit)}, {said}",
    )
