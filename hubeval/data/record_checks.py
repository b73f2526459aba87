"""What individual records say of themselves: groups, overlap, balance, gaps, linkage; and pre-post records of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data import thresholds as cut
from hubeval.errors import did_you_mean, listed
from hubeval.protocol import MatchingDesign

if TYPE_CHECKING:
    from hubeval.data.columns import Columns
    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol
    from hubeval.result import Status

NO_COMPARISON = (
    "These are scores of users before and after, and of nobody else. A change in them supports no quasi-experiment: "
    "people come for help when things are worst, and would have changed anyway (regression to the mean). "
    "Bring the same scores for people who did not use the hub, or outcomes from records that cover both."
)


def check_record_names(design: MatchingDesign, columns: Columns) -> None:
    """Every column that only individual records have a part for is there; a score is a column or a word."""
    columns.present("design.treated", design.treated)
    for key, names in {**design.labels, "caliper": design.numbers["caliper"]}.items():
        for name in names:
            columns.present(f"design.{key}", name)
    known = [*design.WORDS, *map(str, columns.frame.columns)]
    if design.distance not in known:
        allowed = f"allowed: {listed(design.WORDS)}, or a column"
        cure = did_you_mean(design.distance, known)
        columns.door.refuse("design.distance", f"found {design.distance!r}", allowed, cure)


def check_records(protocol: Protocol, table: Table, found: Findings) -> None:
    """Put every question to individual records that their data can answer."""
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    groups = exposed(table.frame[design.treated])
    _sizes(groups, design, found)
    check_gaps(table, [protocol.primary.column, *design.covariates], found)
    if groups is not None and groups.any() and not groups.all():
        _covariates(table.frame, design, groups, found)


def check_users_only(found: Findings) -> None:
    """The verdict on pre and post scores of users with nobody to compare them with."""
    found.fact("CA1", 1, 2, "scores of hub users before and after; no comparison in the data")
    found.fact("DS2", 2, 2, "one score before for each user")
    found.say("comparison", "Is there a comparison?", "fail", NO_COMPARISON)


def exposed(column: pd.Series) -> np.ndarray | None:
    """Treated or not, (n,); None where the column does not say it in 0 and 1."""
    words = column.astype(str).str.strip().str.lower()
    yes, no = {"1", "1.0", "true", "yes", "y"}, {"0", "0.0", "false", "no", "n"}
    if not set(words) <= yes | no:
        return None
    return words.isin(yes).to_numpy()


def _sizes(groups: np.ndarray | None, design: MatchingDesign, found: Findings) -> None:
    if groups is None:
        found.say("groups", "Who was exposed?", "fail", f"{design.treated!r} holds values other than 0 and 1.")
        return
    treated, others = int(groups.sum()), int((~groups).sum())
    if others == 0:
        found.fact("CA1", 1, 2, "every record is of somebody exposed")
        found.say("comparison", "Is there a comparison?", "fail", NO_COMPARISON)
        return
    if treated == 0:
        found.say("groups", "Who was exposed?", "fail", "No record is of somebody exposed.")
        return
    few = treated < cut.EVENTS_PER_COVARIATE.value * max(1, len(design.covariates))
    found.say("groups", "How many are there to match?", "caution" if few else "pass",
              f"{treated} exposed and {others} other records; {len(design.covariates)} covariates.",
              statistic=float(treated), threshold=cut.EVENTS_PER_COVARIATE)


def check_gaps(
    table: Table, columns: list[str], found: Findings, words: str = "the outcome and every covariate"
) -> None:
    """How many records have all of these columns, as a reading and a fact."""
    absent = table.frame[columns].isna()
    whole = float((~absent.any(axis=1)).mean())
    worst = [str(name) for name in absent.columns[absent.mean() > cut.GAPS_SMALL.value]]
    share = 1 - whole
    quote = f"{whole:.1%} of records have {words}"
    low, high, status = 3, 4, "pass"
    if share > cut.GAPS_SMALL.value:
        low, high, status = (1, 2, "fail") if share > cut.GAPS_LARGE.value else (2, 3, "caution")
    found.fact("DS4", low, high, quote, f"small gaps: up to {cut.GAPS_SMALL}; large: above {cut.GAPS_LARGE}")
    tail = f"; most is missing in {listed(worst, 4)}" if worst else ""
    found.say("gaps", "Are the data complete enough?", status, f"{quote}{tail}.",  # type: ignore[arg-type]
              statistic=share, threshold=cut.GAPS_SMALL)


def check_linkage(linked: pd.Series, found: Findings) -> None:
    """The share of records linked to their outcome, from a column of 1 and 0."""
    groups = exposed(linked)
    if groups is None:
        found.say("linkage", "How many records were linked?", "fail", "The column of links holds other than 0 and 1.")
        return
    rate = float(groups.mean())
    quote = f"{rate:.1%} of {len(groups)} records are linked to their outcome"
    good = rate >= cut.LINKED.value
    found.fact("DS3", 4 if good else 3, 4, quote)
    found.say("linkage", "How many records were linked?", "pass" if good else "caution",
              f"{quote}; compare those linked with those not before relying on it.", statistic=rate,
              threshold=cut.LINKED)


def _covariates(frame: pd.DataFrame, design: MatchingDesign, treated: np.ndarray, found: Findings) -> None:
    """Overlap and balance before any matching, covariate by covariate."""
    if not design.covariates:
        found.fact("DS5", 1, 1, "no covariate is named")
        return
    inside = np.ones(int(treated.sum()), dtype=bool)
    gaps: dict[str, float] = {}
    for name in design.covariates:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            a, b = column.to_numpy(dtype=float)[treated], column.to_numpy(dtype=float)[~treated]
            inside &= ~((a < np.nanmin(b)) | (a > np.nanmax(b)))
            gaps[name] = _gap(a, b)
        else:
            seen = set(column[~treated].dropna())
            inside &= (column[treated].isin(seen) | column[treated].isna()).to_numpy()
    share = float(inside.mean())
    status: Status = "pass"
    if share < cut.SUPPORT_LOW.value:
        status = "fail"
        found.fact("CA1", 1, 2, f"only {share:.0%} of the exposed have covariate values seen among the others")
    elif share < cut.SUPPORT_CAUTION.value:
        status = "caution"
    found.fact("DS5", 2, 4, f"{len(design.covariates)} covariates recorded for each record")
    found.say("overlap", "Are there others like the exposed?", status,
              f"{share:.0%} of the exposed lie inside the others' range on every covariate taken alone.",
              statistic=share, threshold=cut.SUPPORT_CAUTION)
    far = [name for name, gap in gaps.items() if gap > cut.BALANCE_POOR.value]
    if gaps:
        said = f"Before matching, {len(far)} of {len(gaps)} number covariates differ by more than"
        found.say("balance", "How different are the groups before matching?", "information",
                  f"{said} {cut.BALANCE_POOR.value:g} SD{': ' + listed(far, 5) if far else ''}.",
                  statistic=max(gaps.values()), threshold=cut.BALANCE_POOR)


def _gap(a: np.ndarray, b: np.ndarray) -> float:
    """Absolute standardised difference, on the spread of both groups."""
    spread = float(np.sqrt((np.nanvar(a) + np.nanvar(b)) / 2))
    return float(abs(np.nanmean(a) - np.nanmean(b)) / spread) if spread > 0 else 0.0
