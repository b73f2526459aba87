"""Other outcomes: those that the service cannot have moved, and those that should have moved with the primary one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from hubeval.methods.readings.estimates import claims, told
from hubeval.methods.readings.question import Question
from hubeval.wording import p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.protocol import Outcome
    from hubeval.result import Diagnostic, Estimate

LEVEL, SURE = 0.05, 0.01

PLACEBO = Question(
    name="placebo outcomes",
    asked="Did an outcome move that the service cannot have moved?",
    threshold=f"the smallest p-value times their number (Bonferroni): {SURE} or less fails, {LEVEL} is a caution",
    bears_on="sign",
)
DOWNSTREAM = Question(
    name="downstream outcomes",
    asked="Did what should follow move too?",
    threshold="all clearly move the same way as the primary outcome",
    bears_on="sign",
)


def placebo_outcomes(terms: Sequence[Estimate], *, smallest_p: float = 0.0) -> Diagnostic | None:
    """Whether any outcome that should not move has moved, all of them taken together.

    However many there are, chance alone raises them in at most 5 of 100 studies, and fails them in at most one.

    Parameters
    ----------
    terms : sequence of Estimate
        One for each placebo outcome.
    smallest_p : float
        The smallest p-value that the design can give: where even that could not fail, nothing is passed either.

    Returns
    -------
    Diagnostic or None
        None where there is no placebo outcome.

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. JASA 56, 52-64.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", unit="visits", inference="")
    >>> five = [Estimate(estimate=1.0, p_value=0.03, outcome=f"placebo {i}", **made) for i in range(5)]
    >>> placebo_outcomes(five).status, placebo_outcomes(five[:1]).status
    ('pass', 'caution')
    """
    if not terms:
        return None
    listed = "; ".join(f"{one.outcome} {told(one)}" for one in terms)
    known = [(one.p_value, one) for one in terms if one.p_value is not None]
    if not known:
        return PLACEBO.answered("information", f"Outcomes that should not move: {listed}. None of them has a p-value.")
    p, worst = min(known, key=lambda pair: pair[0])
    together = min(p * len(known), 1.0)
    untested = f" {len(terms) - len(known)} of them could not be tested." if len(known) < len(terms) else ""
    if together <= LEVEL:
        among = f", {together:.3f} among {len(known)}" if len(known) > 1 else ""
        reading = (
            f"{worst.outcome}, which should not move, did: {told(worst, unit=True)} ({p_words(p)}{among}). Something "
            f"other than the service is at work, or the comparison is off.{untested}"
        )
        return PLACEBO.answered("fail" if together <= SURE else "caution", reading, together)
    if smallest_p * len(known) > LEVEL:
        reading = (
            f"Outcomes that should not move: {listed}. The smallest p-value this design can give is {smallest_p:.3f}, "
            f"too large to show that {'one of them' if len(known) > 1 else 'it'} moved: this says little.{untested}"
        )
        return PLACEBO.answered("information", reading, together)
    reading = f"Outcomes that should not move: {listed}. None clearly moved; a small change can go unseen.{untested}"
    return PLACEBO.answered("pass", reading, together)


def downstream(
    primary: Estimate, others: Sequence[Estimate], outcomes: Sequence[Outcome] = ()
) -> Diagnostic | None:
    """Whether outcomes that should follow the primary effect moved with it; None where there are none.

    To move with it is to change for the better where it did, and for the worse where it did, by the directions that
    `outcomes` declare; where either has none, to rise or fall with it.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", unit="visits", inference="")
    >>> fell = Estimate(estimate=-2.0, conf_low=-3.0, conf_high=-1.0, outcome="referrals", **made)
    >>> still = Estimate(estimate=-0.1, conf_low=-1.0, conf_high=0.8, outcome="plans", **made)
    >>> downstream(fell, [still]).status, downstream(still, [fell]).status
    ('caution', 'information')
    """
    if not others:
        return None
    way, turn = claims(primary), _turns(primary, outcomes)
    reading = f"Further down the line: {'; '.join(f'{one.outcome} {told(one)}' for one in others)}."
    if not way:
        reading += " The primary outcome itself did not clearly move, so nothing is to be expected of them."
        return DOWNSTREAM.answered("information", reading, 0.0)
    against = [one for one in others if claims(one) * turn[one.outcome] == -way]
    still = [one for one in others if claims(one) * turn[one.outcome] != way]
    if against:
        count = f"{len(against)} of {len(others)}"
        reading += f" {primary.outcome} moved, and {count} that should follow moved the other way."
    elif still:
        count = f"{len(still)} of {len(others)}"
        reading += (
            f" {primary.outcome} moved and {count} that should follow did not clearly move with it."
            " A change in recording or at the front door would look like this, and so would too few events to see it."
        )
    else:
        same = all(turn[one.outcome] == 1 for one in others)
        reading += " They moved the same way." if same else " They moved as it did, for better or worse."
    return DOWNSTREAM.answered("caution" if still else "pass", reading, float(len(still)))


def _turns(primary: Estimate, outcomes: Sequence[Outcome]) -> defaultdict[str, int]:
    """By outcome, -1 where a change for the better is the other way than the primary outcome's, else 1."""
    signs = {"higher is better": 1, "lower is better": -1}
    better = {outcome.label: signs.get(outcome.direction, 0) for outcome in outcomes}
    own = better.get(primary.outcome, 0)
    return defaultdict(lambda: 1, {label: own * way or 1 for label, way in better.items()})
