"""Attempts to break a matched estimate: hidden bias, omitted variables, another estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.checks.bounds import aligned_sets, critical, set_bound
from hubeval.methods.matching.checks.sensitivity import e_value, omitted_variable, ratio_of_standardised
from hubeval.methods.matching.checks.support import term_support
from hubeval.methods.matching.effects.outcome import read_case
from hubeval.methods.readings.estimates import told
from hubeval.methods.readings.measure import table_of_changes
from hubeval.result import Diagnostic, NotComputed, ResultTable
from hubeval.wording import move

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.checks.bounds import Sets
    from hubeval.methods.matching.checks.sensitivity import Omitted
    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.matching.effects.outcome import Case
    from hubeval.result import Estimate, Status

Found = Diagnostic | NotComputed

HAIR = 1.1  # odds of hidden bias: a result that so little undoes hangs by a hair
FRAGILE = 0.05  # of what is left of both treatment and outcome


def rosenbaum(matched: Matched, outcome: str) -> Found:
    """Odds of hidden bias at which the matched sets alone would no longer tell an effect."""
    what = "Rosenbaum bound"
    case = read_case(matched, outcome, None, None)
    made = _sets(case, matched)
    if isinstance(made, str):
        return NotComputed(what=what, reason=made)
    sets, test = made
    gamma = critical(lambda odds: set_bound(sets, odds))
    status: Status = "information" if gamma == 1.0 else "caution" if gamma < HAIR else "pass"
    if gamma == 1.0:
        reading = (
            f"The matched sets alone show no clear difference ({test}), so there is nothing for hidden bias to undo."
        )
    else:
        reading = (
            f"Two children alike on everything measured could differ up to {gamma:.2f}-fold in their odds of treatment "
            f"before the {test} of the matched sets would lose its result at 5%."
        )
    return Diagnostic(
        name=what,
        bears_on="sign",
        question="How much hidden bias in who was treated would undo the result?",
        statistic=gamma,
        threshold=f"below {HAIR} is a caution [judgement]",
        status=status,
        reading=reading,
    )


def _sets(case: Case, matched: Matched) -> tuple[Sets, str] | str:
    """The sets that have the outcome, and the name of their test; or why there is none."""
    stratum, on = matched.links.stratum, case.treated
    held = case.has & (stratum >= 0)
    size = int(stratum.max()) + 1 if held.any() else 0
    one, two = (np.bincount(stratum[held & side], minlength=size) for side in (on, ~on))
    whole = (one > 0) & (two > 0)
    if whole.sum() < 10 or ((one > 1) & (two > 1)).any():
        return "defined here for ten or more sets of one treated or one comparison record, each used once"
    keep = held.copy()
    keep[held] = whole[stratum[held]]
    meant = {"ATT": one, "ATC": two}.get(matched.request.estimand, one + two).astype(float)
    sets = aligned_sets(case.y[keep], on[keep], stratum[keep], meant[stratum[keep]])
    if not case.binary:
        return sets, "signed-rank test"
    return sets, "McNemar test" if (one + two)[whole].max() == 2 else "Mantel-Haenszel test"


FARTHEST = 10  # standard deviations; beyond, reading a difference as a ratio of risks says nothing


def e_values(matched: Matched, outcome: str, estimate: Estimate, ratio: Estimate | None) -> Found:
    """How strongly an unmeasured confounder would have to act, for the estimate and for its interval."""
    what = "E-value"
    if estimate.conf_low is None or estimate.conf_high is None:
        return NotComputed(what=what, reason="the estimate has no interval")
    if ratio is not None and ratio.conf_low is not None and ratio.conf_high is not None:
        values, how = (ratio.estimate, ratio.conf_low, ratio.conf_high), "on the ratio of risks"
    else:
        case = read_case(matched, outcome, None, None)
        spread = float(np.nanstd(case.y[case.w > 0], ddof=1))
        if not spread > 0:
            return NotComputed(what=what, reason="the outcome does not vary")
        triple = (estimate.estimate, estimate.conf_low, estimate.conf_high)
        if max(map(abs, triple)) > FARTHEST * spread:
            return NotComputed(
                what=what,
                reason=f"the estimate or its interval reaches beyond {FARTHEST} standard "
                "deviations of the outcome among those kept: look for a wrong value first",
            )
        values = tuple(ratio_of_standardised(v, spread) for v in triple)  # type: ignore[assignment]
        how = "on the standardised difference, read as a ratio of risks"
    point, low, high = values
    near = 1.0 if low <= 1 <= high else e_value(low if point > 1 else high)
    status: Status = "information" if near == 1.0 else "caution" if near < 1.25 else "pass"
    return Diagnostic(
        name=what,
        bears_on="sign",
        question="How strong would an unmeasured confounder have to be?",
        statistic=e_value(point),
        threshold="for the interval: 1 means it already includes no effect",
        status=status,
        reading=f"To explain the estimate away, a confounder would need to raise the risk of both treatment and "
        f"outcome {e_value(point):.2f}-fold beyond what was measured; to move the interval to no effect, "
        f"{near:.2f}-fold ({how}).",
    )


def omitted(matched: Matched, outcome: str, unit: str = "") -> tuple[Found, ResultTable | None]:
    """Robustness value, and what a confounder as strong as the strongest observed covariate would do.

    From a regression over all records in support, not the matched ones: matching has cut the ties between known
    covariates and treatment, so that on its sample each would look harmless, and an unknown one as strong as it too.
    """
    what = "omitted variable"
    case = read_case(matched, outcome, None, None)
    rows = case.has & matched.usable
    if rows.sum() <= matched.study.x.shape[1] + 3:
        return NotComputed(what=what, reason="fewer records than covariates"), None
    made, behind = _omitted(case, matched, rows), term_support(matched)
    if not made.benchmarks:
        return NotComputed(what=what, reason="no covariate to benchmark against"), None
    worst = made.benchmarks[0]
    status: Status = "information" if not made.clear else "caution" if made.robustness < FRAGILE else "pass"
    reading = (
        f"In a regression over all records, as before matching, a confounder explaining {made.robustness:.0%} of what "
        f"is left of both treatment and outcome would bring the estimate to zero; one as strong as {worst.covariate} "
        f"would leave {move(worst.estimate, unit)} of {move(made.estimate, unit)}."
    )
    if not made.clear:
        reading = (
            "In a regression over all records, as before matching, the estimate is not clearly different from zero, so "
            "there is nothing for a confounder to bring to zero; what one as strong as each covariate would do stands "
            "in the table."
        )
    columns = ("covariate", "share of treatment", "share of outcome", "estimate left")
    table = ResultTable(
        name="omitted-variable",
        caption="What a confounder as strong as each covariate would leave of a regression over all records",
        columns=columns,
        rows=tuple((b.covariate, b.with_treatment, b.with_outcome, b.estimate) for b in made.benchmarks),
        holds=("label", "effect", "effect", "effect"),
        n=tuple(behind.get(b.covariate) for b in made.benchmarks),
    )
    found = Diagnostic(
        name=what,
        bears_on="sign",
        question="What would a confounder as strong as a known covariate do?",
        statistic=made.robustness,
        threshold="below 5%, where there is an estimate to lose, is a caution [judgement]",
        status=status,
        reading=reading,
    )
    return found, table_of_changes(table, unit, columns[3:])


def _omitted(case: Case, matched: Matched, rows: NDArray[np.bool_]) -> Omitted:
    treated, given = case.treated[rows].astype(float), matched.study.weights
    weights = np.ones(treated.size) if given is None else given[rows]
    return omitted_variable(case.y[rows], treated, case.x[rows], matched.study.x_names, weights)


def other_estimator(headline: Estimate, plain: Estimate) -> Found:
    """Whether a plainer estimate on the same sample tells another story."""
    if headline.std_error is None or plain.std_error is None:
        return NotComputed(what="another estimator", reason="one of the two has no standard error")
    gap = abs(headline.estimate - plain.estimate) / max(plain.std_error, headline.std_error)
    apart = gap > 2
    words = "They tell different stories: the models matter here." if apart else "They tell the same story."
    return Diagnostic(
        name="another estimator",
        bears_on="sign",
        question="Does the number hang on the estimator?",
        statistic=gap,
        threshold="more than 2 standard errors apart is a caution [judgement]",
        status="caution" if apart else "pass",
        reading=f"The headline is {move(headline.estimate, headline.unit)}; the plain weighted difference "
        f"on the matched sample is {told(plain)}. {words}",
    )
