"""The tests of one difference-in-differences taken together: what is raised is more than so many raise by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.paths import steps_around_start
from hubeval.methods.readings.raised_together import Member, raised_together
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.did.door.panel import Panel

Found = Diagnostic | NotComputed
BY_STATISTIC = ("pre-trend", "placebo outcomes", "placebo starts", "choice of comparison units")
CHANGE = "change before the start"


def as_one_family(found: Sequence[Found], panel: Panel, span: int, anticipation: int) -> list[Found]:
    """The same readings, those tests among them that bear on the sign counted together (`raised_together`).

    They are the test of earlier trends, the change before the start, placebo outcomes, the false start and the choice
    of comparison units. The other scale is no test of a fault, and what is no test (how many are treated, bounds,
    leaving one out, declared cautions) is left as it is.

    Parameters
    ----------
    found : sequence of Diagnostic or NotComputed
    panel : Panel
    span : int
        Periods of the stretch that the change before the start is read over.
    anticipation : int
    """
    steps = steps_around_start(panel, span, anticipation)
    p_values = {one.name: one.statistic for one in found if isinstance(one, Diagnostic) and one.name in BY_STATISTIC}
    if steps is not None and np.isfinite(steps.error):
        p_values[CHANGE] = steps.p_value
    tests = [Member(check=one, p_value=p_values[one.name]) for one in found
             if isinstance(one, Diagnostic) and one.name in p_values]
    said = {one.name: one for one in raised_together(tests) if isinstance(one, Diagnostic)}
    return [said.get(one.name, one) if isinstance(one, Diagnostic) else one for one in found]
