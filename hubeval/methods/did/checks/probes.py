"""Attempts to break the number: placebo starts, leaving out treated units, other comparison sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.checks.paths import grid
from hubeval.methods.did.door.panel import restrict
from hubeval.methods.did.estimators.cells import acting_from
from hubeval.methods.readings import leave_one_out as reading
from hubeval.methods.readings.placebo_starts import one_earlier
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.raised_together import LEVEL
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import amount, distance, p_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted

Found = Diagnostic | NotComputed
SPLITS = 19  # random halves: the fewest that can give p = 0.05
MORE = 199  # where no half of those is as far apart: its p is then told more finely


def placebo_start(panel: Panel, fitted: Fitted, refit: Callable[[Panel], Fitted]) -> Found:
    """The estimate when treatment is pretended to begin earlier, from data before the real start only."""
    what = "placebo starts"
    room = min(acting_from(panel, int(cohort), fitted.anticipation) for cohort in panel.cohorts)
    back = room // 2
    if back < 1 or room - back < 1:
        return NotComputed(what=what, reason="too few periods before the first start")
    rows = panel.time < room  # before anyone may act, so that a full panel stays full
    earlier = np.where(panel.ever, panel.clock[room - back], np.inf)
    try:
        made = refit(restrict(panel, rows, earlier))
    except (BadInput, ValueError) as problem:
        return NotComputed(what=what, reason=str(problem))
    return one_earlier(made.overall, back)


def leave_one_out(panel: Panel, fitted: Fitted, limit: int = 60) -> Found:
    """The range of the estimate when each treated unit is left out in turn."""
    what = "leave one treated unit out"
    who = panel.cluster if panel.repeated else np.arange(panel.n_units)  # of people asked once: their areas
    treated = np.unique(who[panel.ever])
    if len(treated) < 2:
        return NotComputed(what=what, reason="one unit is treated: there is nothing to leave out")
    if len(treated) > limit:
        return NotComputed(what=what, reason=f"more than {limit} treated units: no single one can carry the number")
    values = [fitted.point(restrict(panel, (who != unit)[panel.unit])) for unit in treated]
    return reading.leave_one_out(values, fitted.overall, of="treated unit")


def comparison_sets(panel: Panel, fitted: Fitted) -> Found:
    """The estimate against the half of the comparison units most like the treated beforehand, and the other half.

    Any two halves give different numbers; so the gap is held against those of random halves of the same units.
    """
    asked = Question(
        name="choice of comparison units",
        asked="Does the number hang on one comparison set?",
        threshold="a gap as rare among random halves as p 0.05 is a caution",
        bears_on="sign",
    )
    others = np.flatnonzero(~panel.ever)
    if panel.repeated:
        return asked.unanswered("nobody is followed over time in repeated cross-sections, so none has a level before")
    if len(others) < 8:
        return asked.unanswered("fewer than 8 never-treated units followed over time")
    y = grid(panel)
    before = y[:, : min(acting_from(panel, int(cohort), fitted.anticipation) for cohort in panel.cohorts)]
    level = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in before])
    far = np.abs(level[others] - np.nanmean(level[panel.ever]))
    ranked = others[np.argsort(np.where(np.isfinite(far), far, np.inf), kind="stable")]
    half = len(ranked) // 2

    def halves(order: NDArray[np.int64]) -> tuple[float, float]:
        parts = (order[half:], order[:half])
        near, rest = (fitted.point(restrict(panel, ~np.isin(panel.unit, gone))) for gone in parts)
        return near, rest

    near, rest = halves(ranked)
    rng = np.random.default_rng(0)
    unit, gap = fitted.overall.unit, abs(near - rest)
    gaps = [abs(one - two) for one, two in (halves(rng.permutation(ranked)) for _ in range(SPLITS))]
    if gap > max(gaps):
        gaps += [abs(one - two) for one, two in (halves(rng.permutation(ranked)) for _ in range(MORE - SPLITS))]
    usual, p = float(np.median(gaps)), (1 + sum(other >= gap for other in gaps)) / (1 + len(gaps))
    hangs = p <= LEVEL
    verdict = f"Random halves differ by {distance(usual, unit)} as a rule"
    verdict += (f", and hardly any by as much ({p_words(p)}): the number depends on who is compared with." if hangs
                else ": the choice matters no more than chance.")
    reading = (f"Against the {half} comparison units nearest in level before the start: {amount(near, unit)}; against "
               f"the others: {amount(rest, unit)}. {verdict}")
    return asked.answered("caution" if hangs else "pass", reading, p)
