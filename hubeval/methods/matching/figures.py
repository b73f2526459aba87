"""Figures as data: the love plot and the overlap of scores. Aggregates only; no mark stands for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.checks.balance import COMMON, WWC_ADJUST, reading
from hubeval.result import Figure, Mark, Series

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hubeval.methods.matching.designs.matched import Matched

FEWEST = 10  # records a bar of the overlap plot must stand for; the release gate sees that the rest do not tell


def love_plot(table: pd.DataFrame, behind: Mapping[str, int] | None = None) -> Figure:
    """Absolute standardised differences before and after, covariate by covariate, worst first."""
    order = table.smd_before.abs().sort_values(ascending=False, kind="stable").index
    shown = table.loc[order]
    names = tuple(shown.term)
    series = tuple(
        Series(
            label=label,
            x=names,
            y=tuple(_plain(v) for v in shown[column].abs()),
            style="points",
            holds="effect",
            n=tuple((behind or {}).get(name) for name in names),
        )
        for label, column in (("before matching", "smd_before"), ("after matching", "smd_after"))
    )
    covariates = table[table.term != "distance"]
    worst = covariates.smd_after.abs().max()
    words = reading(covariates.smd_after.to_numpy(dtype=float))
    return Figure(
        name="balance",
        title=f"After matching, the largest difference in a covariate is {worst:.2f} standard deviations",
        x_label="absolute standardised difference",
        y_label="covariate",
        series=series,
        horizontal=True,
        marks=(
            Mark(label=f"{COMMON}: usual threshold", x=COMMON),
            Mark(label=f"{WWC_ADJUST}: WWC limit", x=WWC_ADJUST),
        ),
        text=f"Absolute standardised differences of {len(covariates)} covariates. Before: largest "
        f"{covariates.smd_before.abs().max():.2f}. After: {words}",
    )


def overlap_plot(matched: Matched, bins: int = 20) -> Figure | None:
    """Share of treated and of comparison records by score; thin bars are left out rather than shown."""
    if matched.score is None or not matched.score.probability:
        return None
    p, treated = matched.score.value, matched.study.treated
    edges = np.linspace(0, 1, bins + 1)
    middle = tuple(float(m) for m in (edges[1:] + edges[:-1]) / 2)
    series, hidden = [], 0
    for label, group in (("treated", treated), ("comparison", ~treated)):
        count = np.histogram(p[group], edges)[0]
        thin = (count > 0) & (count < FEWEST)
        hidden += int(thin.sum())
        n = int(group.sum())
        y = tuple(None if gone else float(c / n) for c, gone in zip(count, thin, strict=True))
        series.append(Series(label=label, x=middle, y=y, style="steps", holds="share", n=(n,) * bins))
    low, high = p[~treated].min(), p[~treated].max()
    inside = float(((p[treated] >= low) & (p[treated] <= high)).mean())
    return Figure(
        name="overlap",
        title=f"{inside:.0%} of treated records have a score within the comparison group's range",
        x_label="estimated probability of treatment",
        y_label="share of the group",
        series=tuple(series),
        text=f"Shares of {int(treated.sum())} treated and {int((~treated).sum())} comparison records by score, in "
        f"{bins} bars; {hidden} bars standing for fewer than {FEWEST} records are left out.",
    )


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
