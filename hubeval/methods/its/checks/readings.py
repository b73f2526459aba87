"""What the comparison did, and where the treated series stands among those beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.ranks import rank_among
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.methods.its.inference.permutation import PermutationRank


def beside_comparison(alone: SeriesFit, main: SeriesFit) -> Diagnostic | None:
    """What the comparison series did to the answer."""
    if not main.model.controls:
        return None
    one, two = alone.average().absolute, main.average().absolute
    names = ", ".join(main.model.controls[:3]) + (" and others" if len(main.model.controls) > 3 else "")
    gone = claims(one) != 0 and claims(two) == 0
    turned = claims(one) * claims(two) < 0
    verdict = "The effect claimed from this series alone does not stand once the comparison is set beside it."
    if turned:
        verdict = "The comparison turns the answer round."
    elif not gone:
        verdict = "The comparison does not overturn the answer."
    return Diagnostic(
        name="With and without the comparison", bears_on="sign",
        question="Does the answer survive a series that had the same times but not the service?",
        statistic=one.estimate - two.estimate,
        threshold="the interval comes to include no change, or changes sign",
        status="caution" if gone or turned else "pass",
        reading=f"{verdict} Alone, the average effect would be {told(one)}; set against {names} it is {told(two)}.",
    )


def rank_reading(found: PermutationRank | NotComputed, main: SeriesFit) -> Diagnostic | None:
    """The treated series among series that had nothing happen to them."""
    if isinstance(found, NotComputed):
        return None
    what = "The treated series' change, in standard errors,"
    claimed = claims(main.average().absolute) != 0
    return rank_among(found.rank, found.of, what=what, of="series", name="permutation rank", claimed=claimed)
