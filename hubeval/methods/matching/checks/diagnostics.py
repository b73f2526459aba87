"""Questions put to a matched sample: how alike, how much overlap, worth how many records, and who was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.checks.balance import COMMON, WWC_ADJUST, WWC_SATISFIED, reading
from hubeval.methods.matching.designs.balance import denominators
from hubeval.methods.matching.designs.scores import linear
from hubeval.methods.matching.designs.weights import effective
from hubeval.methods.matching.effects.effect import focal_lost
from hubeval.result import Diagnostic

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.matching.effects.outcome import Case
    from hubeval.result import Status


FEW_LEFT = (
    "So few leave few degrees of freedom: the interval is wide, and it holds only if the clusters vary about alike."
)
NEAR = 0.2  # standard deviations of the score's log-odds: as near as a usual caliper asks (Austin 2011)
ODDS = float(np.log(0.98 / 0.02))  # of a score beyond .98, with groups of equal size


def balance(table: pd.DataFrame) -> Diagnostic:
    """Largest standardised difference left, against the What Works Clearinghouse's and the usual threshold."""
    smd = table.smd_after[table.term != "distance"].to_numpy(dtype=float)
    worst = float(np.nanmax(np.abs(smd)))
    status: Status = "pass" if worst <= COMMON else "caution" if worst <= WWC_ADJUST else "fail"
    names = table.term[table.term != "distance"].to_numpy()
    largest = f" The largest is in {names[int(np.nanargmax(np.abs(smd)))]}." if worst > COMMON else ""
    words = reading(smd)
    return Diagnostic(
        name="balance",
        bears_on="sign",
        question="Are the groups alike on what was measured before?",
        statistic=worst,
        threshold=f"{WWC_SATISFIED} and {WWC_ADJUST} (What Works Clearinghouse), {COMMON} (Austin 2009)",
        status=status,
        reading=f"On what was measured, {words}{largest} Balance on these says nothing of what was not measured.",
    )


def overlap(matched: Matched) -> Diagnostic | None:
    """Share of the records the estimate is about that have nobody like them in the other group, by their scores.

    Scores are read as the odds they would be with groups of equal size: where few were treated, all scores are low, and
    that alone leaves nobody without a comparison. Only the estimand's own records count.
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
    about = {"ATT": on, "ATC": ~on}.get(matched.request.estimand, about)
    outside, extreme = float(alone[about].mean()), float(hardly[about].mean())
    worst = max(outside, extreme)
    status: Status = "pass" if worst <= 0.02 else "caution" if worst <= 0.2 else "fail"
    whom = {"ATT": "treated records", "ATC": "comparison records"}.get(matched.request.estimand, "records")
    return Diagnostic(
        name="overlap",
        bears_on="sign",
        question="Is there somebody comparable for everybody the estimate is about?",
        statistic=worst,
        threshold="2% and 20% of records [judgement]",
        status=status,
        reading=f"{outside:.1%} of the {whom} have a score beyond the other group's range, and {extreme:.1%} are more "
        "than 49 times as common among their own group as among the other. Score: " + matched.score.made_by + ".",
    )


def effective_size(matched: Matched) -> Diagnostic:
    """What the weighted comparison records are worth in equally weighted ones."""
    w, two = matched.analysis_weights, ~matched.study.treated
    used = int((w[two] > 0).sum())
    worth = effective(w[two])
    share = worth / used if used else 0.0
    status: Status = "pass" if share >= 0.5 else "caution" if share >= 0.1 else "fail"
    return Diagnostic(
        name="effective sample",
        bears_on="interval",
        question="How many comparison records does the estimate really rest on?",
        statistic=worth,
        threshold="half and a tenth of those used [judgement]",
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
    status: Status = "caution" if share <= 0.3 else "fail"
    return Diagnostic(
        name="left out",
        bears_on="scope",
        question="Who was left out?",
        statistic=share,
        threshold="none; 30% [judgement]",
        status=status,
        reading=f"{text}. The number is about those who were kept.",
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
        reading=f"Treated records stand in {g[0]} and comparison records in {g[1]} clusters ({study.cluster_name}). "
        + ("" if status == "pass" else FEW_LEFT),
    )
