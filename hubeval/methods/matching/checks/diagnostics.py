"""Questions put to a matched sample: how alike, how much overlap, worth how many records, and who was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from hubeval.methods.matching.checks.balance import COMMON, WWC_ADJUST, WWC_SATISFIED, reading
from hubeval.methods.matching.checks.held import WIDER
from hubeval.methods.matching.designs.balance import denominators
from hubeval.methods.matching.designs.scores import linear
from hubeval.methods.matching.designs.weights import effective
from hubeval.methods.matching.effects.effect import focal_lost
from hubeval.methods.matching.effects.unlearned import MARK, SEEN
from hubeval.result import Diagnostic

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.matching.effects.outcome import Case
    from hubeval.result import Estimate, Status


FEW_LEFT = (
    "So few leave few degrees of freedom: the interval is wide, and it holds only if the clusters vary about alike."
)
SOME, MANY = 0.02, 0.2  # shares of the records asked about that have nobody like them
NEAR = 0.2  # standard deviations of the score's log-odds: as near as a usual caliper asks (Austin 2011)
ODDS = float(np.log(0.98 / 0.02))  # of a score beyond .98, with groups of equal size


def balance(table: pd.DataFrame, matched: Matched) -> Diagnostic:
    """Largest standardised difference left, against the usual thresholds and against what chance leaves.

    Groups of 60 made by lot differ by more than 0.1 on one of five covariates most of the time. A difference above the
    usual threshold is a caution where it is also above what a lot would exceed in 5 of 100 samples of this size, and a
    failure above the What Works Clearinghouse's where it is above what a lot would exceed in 1 of 100.
    """
    smd = table.smd_after[table.term != "distance"].to_numpy(dtype=float)
    worst = float(np.nanmax(np.abs(smd)))
    often, seldom = (by_lot(matched, smd.size, level) for level in (0.05, 0.01))
    status: Status = "pass"
    if worst > WWC_ADJUST:
        status = "fail" if worst > seldom else "caution"
    elif worst > COMMON:
        status = "caution" if worst > often else "information"
    names = table.term[table.term != "distance"].to_numpy()
    largest = f" The largest is in {names[int(np.nanargmax(np.abs(smd)))]}." if worst > COMMON else ""
    if worst > COMMON and worst <= (seldom if status == "caution" and worst > WWC_ADJUST else often):
        largest += f" Groups this small, made by lot, would now and then differ as much (up to {often:.2f})."
    words = reading(smd)
    return Diagnostic(
        name="balance",
        bears_on="sign",
        question="Are the groups alike on what was measured before?",
        statistic=worst,
        threshold=f"{WWC_SATISFIED} and {WWC_ADJUST} (What Works Clearinghouse), {COMMON} (Austin 2009); beyond chance",
        status=status,
        reading=f"On what was measured, {words}{largest} Balance on these says nothing of what was not measured.",
    )


def by_lot(matched: Matched, terms: int, level: float) -> float:
    """The largest of so many standardised differences that groups of this size, made by lot, exceed so seldom."""
    w, on = matched.analysis_weights, matched.study.treated
    worth = [max(effective(w[group]), 1.0) for group in (on, ~on)]
    return float(scipy.stats.norm.isf(level / 2 / max(terms, 1)) * np.sqrt(1 / worth[0] + 1 / worth[1]))


def overlap(matched: Matched) -> Diagnostic | None:
    """Share of the records the estimate is about that have nobody like them in the other group, by their scores.

    Scores are read as the odds they would be with groups of equal size: where few were treated, all scores are low, and
    that alone leaves nobody without a comparison. Only the estimand's own records count, and only those that were kept.
    A share is held against chance: a few of a hundred may stand at the end of the line in any sample.
    """
    if matched.score is None or not matched.score.probability:
        return None
    on, odds = matched.study.treated, linear(matched.score)
    even = odds - np.log(on.sum() / (~on).sum())
    reach = NEAR * float(odds.std())
    alone, hardly = np.zeros(on.size, dtype=bool), np.zeros(on.size, dtype=bool)
    about = np.ones(on.size, dtype=bool)
    for group, sign, estimands in ((on, 1, ("ATT", "ATE")), (~on, -1, ("ATC", "ATE"))):
        if matched.request.estimand in estimands:
            alone |= group & ((odds < odds[~group].min() - reach) | (odds > odds[~group].max() + reach))
            hardly |= group & (sign * even > ODDS)
    about = {"ATT": on, "ATC": ~on}.get(matched.request.estimand, about) & (matched.links.weights > 0)
    outside, extreme = float(alone[about].mean()), float(hardly[about].mean())
    worst = max(outside, extreme)
    status: Status = "pass"
    if _clearly_over(worst, int(about.sum()), SOME):
        status = "fail" if _clearly_over(worst, int(about.sum()), MANY) else "caution"
    whom = {"ATT": "treated records", "ATC": "comparison records"}.get(matched.request.estimand, "records")
    return Diagnostic(
        name="overlap",
        bears_on="sign",
        question="Is there somebody comparable for everybody the estimate is about?",
        statistic=worst,
        threshold="2% and 20% of records, where clearly more (one-sided binomial test at 5%) [judgement]",
        status=status,
        reading=f"{outside:.1%} of the {whom} have a score beyond the other group's range, and {extreme:.1%} are more "
        "than 49 times as common among their own group as among the other. Score: " + matched.score.made_by + ".",
    )


def _clearly_over(share: float, n: int, limit: float) -> bool:
    """Whether so large a share of n would be rare (5%) if no more than `limit` were to be expected."""
    return bool(share > limit and scipy.stats.binom.sf(round(share * n) - 1, n, limit) <= 0.05)


def effective_size(matched: Matched) -> Diagnostic:
    """What the weighted comparison records are worth in equally weighted ones."""
    w, two = matched.analysis_weights, ~matched.study.treated
    used = int((w[two] > 0).sum())
    worth = effective(w[two])
    share = worth / used if used else 0.0
    status: Status = "pass" if share >= 0.25 else "caution" if share >= 0.1 else "fail"
    return Diagnostic(
        name="effective sample",
        bears_on="interval",
        question="How many comparison records does the estimate really rest on?",
        statistic=worth,
        threshold="a quarter and a tenth of those used [judgement]",
        status=status,
        reading=f"The {used} comparison records used are worth {worth:.0f} equally weighted ones ({share:.0%}).",
    )


def left_out(matched: Matched) -> Diagnostic:
    """How many of those the estimate is meant for were left out, and how they differ from those kept."""
    lost = focal_lost(matched)
    study, used = matched.study, matched.links.weights > 0
    group = {"ATT": study.treated, "ATC": ~study.treated}.get(matched.request.estimand, np.ones(study.n, dtype=bool))
    size = int(group.sum())
    if not lost:
        text = f"All {size} records that the estimate is about were used."
        return Diagnostic(name="left out", question="Who was left out?", statistic=0.0, status="pass", reading=text)
    share = lost / size
    text = f"{lost} of {size} records ({share:.0%}) found no match or fell outside the common support"
    if min(lost, size - lost) >= 10:
        spread = denominators(study.terms, study.binary, study.treated, np.ones(study.n), "ATE")
        gap = (study.terms[group & ~used].mean(axis=0) - study.terms[group & used].mean(axis=0)) / spread
        j = int(np.abs(gap).argmax())
        way = "higher" if gap[j] > 0 else "lower"
        text += f"; most of all they were {way} on {study.term_names[j]} ({gap[j]:+.2f} SD)"
    status: Status = "pass" if share <= 0.1 else "caution" if share <= 0.3 else "fail"
    return Diagnostic(
        name="left out",
        bears_on="scope",
        question="Who was left out?",
        statistic=share,
        threshold="10%: an effect twice as large among them would move the number by a tenth; 30% [judgement]",
        status=status,
        reading=f"{text}. The number is about those who were kept.",
    )


def learned(main: Estimate, *, asked: bool) -> Diagnostic | None:
    """Whether held-out records are predicted as well as noise allows; None where no learner was asked."""
    if not asked or main.term == "ATO":
        return None
    wider = MARK in main.inference
    reading = (
        "Records held out are predicted about as well as noise allows, so the interval is as the error gives it. What "
        "no record holds is not seen here."
    )
    if wider:
        reading = (
            "Records held out are predicted worse than noise allows: the outcome has steps or products that the "
            f"learners do not catch, and what drives both use and outcome may be among them. {WIDER}"
        )
    return Diagnostic(
        name="what the learners miss",
        bears_on="interval",
        question="Did the learners catch what the outcome hangs on?",
        threshold=f"{SEEN:.0f} degrees of freedom beyond noise widen the interval [settled on made-up worlds]",
        status="caution" if wider else "pass",
        reading=reading,
    )


def outcome_known(case: Case) -> Diagnostic | None:
    """Whether the outcome is known for about as many treated as comparison records."""
    if not sum(case.missing):
        return None
    used = case.matched.links.weights > 0
    shares = [
        lost / int((used & side).sum()) for lost, side in zip(case.missing, (case.treated, ~case.treated), strict=True)
    ]
    gap, most = abs(shares[0] - shares[1]), max(shares)
    status: Status = "pass" if most <= 0.05 else "caution" if most <= 0.3 and gap <= 0.1 else "fail"
    return Diagnostic(
        name="outcome known",
        bears_on="sign",
        question="Is the outcome known for about as many in both groups?",
        statistic=gap,
        threshold="5% lost in either; 30% lost, or 10 points apart [judgement]",
        status=status,
        reading=f"The outcome is missing for {case.missing[0]} of the treated records used ({shares[0]:.0%}) and "
        f"{case.missing[1]} of the comparison records ({shares[1]:.0%}); balance was checked with them, the number is "
        "made without them. Who is lost may differ from who stays.",
    )


def clusters(matched: Matched) -> Diagnostic | None:
    """Whether there are enough clusters for a clustered error to be trusted."""
    study = matched.study
    if study.cluster is None:
        return None
    g = [
        int(np.unique(study.cluster[side & (matched.links.weights > 0)]).size)
        for side in (study.treated, ~study.treated)
    ]
    few = min(g)
    status: Status = "pass" if few >= 20 else "caution" if few >= 6 else "fail"
    return Diagnostic(
        name="clusters",
        bears_on="interval",
        question="Are there enough clusters for the error to be trusted?",
        statistic=float(few),
        threshold="20 and 6 a side (Cameron & Miller 2015)",
        status=status,
        reading=f"Treated records stand in {g[0]} and comparison records in {g[1]} clusters ({study.cluster_name})."
        + ("" if status == "pass" else f" {FEW_LEFT}"),
    )
