"""What could be seen, what the comparison did, and where the treated series stands among those beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.ranks import rank_among
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.methods.its.checks.detectable import Detectable
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.methods.its.inference.permutation import PermutationRank
    from hubeval.protocol import Outcome


def detectable_reading(found: Detectable, main: SeriesFit, outcome: Outcome) -> Diagnostic:
    """The smallest detectable change beside the smallest worthwhile one: the first thing to read."""
    average = max(found.average)
    before, after = int(main.model.before.sum()), int(main.model.after.sum())
    sizes = f"an average effect of {brief(min(found.average), 2)} to {brief(average, 2)}"
    if found.level != found.average:
        sizes = f"a level change of {brief(min(found.level), 2)} to {brief(max(found.level), 2)} and {sizes}"
    said = (
        f"With {before} periods before and {after} after, this design can detect {sizes} residual standard deviations"
    )
    if found.residual_sd is None:
        return _detectable(average, "information", f"{said}.")
    level = float(main.model.y[main.model.before].mean()) if main.model.log_link else 1.0
    size = average * found.residual_sd * level
    said += f", that is {brief(size)} {outcome.unit}"
    worth = outcome.smallest_worthwhile
    if worth is None:
        return _detectable(average, "information", f"{said}.")
    enough = size <= worth
    more = "which is fine enough" if enough else "so a change worth having can go unseen"
    return _detectable(average, "pass" if enough else "caution", f"{said}; {worth:g} is declared worthwhile, {more}.")


def _detectable(size: float, status: str, reading: str) -> Diagnostic:
    return Diagnostic(
        name="Smallest detectable change", bears_on="interval",
        question="How large must a change be to be seen at all in a series of this length?",
        statistic=size,
        threshold="80% power, autocorrelation .2 to .6",
        status=status,  # type: ignore[arg-type]
        reading=reading,
    )


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


def rank_reading(found: PermutationRank | NotComputed) -> Diagnostic | None:
    """The treated series among series that had nothing happen to them."""
    if isinstance(found, NotComputed):
        return None
    what = "The treated series' change, in standard errors,"
    return rank_among(found.rank, found.of, what=what, of="series", name="permutation rank")
