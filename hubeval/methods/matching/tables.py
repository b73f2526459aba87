"""Tables of a matched sample as data: balance, and what became of the records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hubeval.result import ResultTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.methods.matching.designs.matched import Matched


def balance_table(balance: pd.DataFrame, behind: Mapping[str, int]) -> ResultTable:
    """Balance of every covariate, before and after, as the report shows it; `behind` counts who stands behind each."""
    columns = (
        "term",
        "mean_treated_before",
        "mean_comparison_before",
        "smd_before",
        "mean_treated_after",
        "mean_comparison_after",
        "smd_after",
        "variance_ratio_after",
        "ks_after",
    )
    rows = tuple(
        tuple(None if isinstance(v, float) and pd.isna(v) else v for v in row)
        for row in balance[list(columns)].itertuples(index=False, name=None)
    )
    return ResultTable(
        name="balance",
        caption="Balance before and after; differences over one standard deviation fixed before",
        columns=columns,
        rows=rows,
        holds=("label", "mean", "mean", "model", "mean", "mean", "model", "model", "model"),
        n=tuple(behind.get(str(row[0])) for row in rows),
        of=tuple(str(row[0]).split("=")[0] if "=" in str(row[0]) else "" for row in rows),
    )


def counts(made: Matched) -> ResultTable:
    """Records of each group by what became of them."""
    rows = tuple(made.sample.itertuples(index=False, name=None))
    return ResultTable(
        name="records",
        caption="Records by what became of them",
        columns=("sample", "comparison", "treated"),
        rows=rows,
        holds=("label", "count", "count"),
    )
