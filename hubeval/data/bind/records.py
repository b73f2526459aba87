"""Individual records: no time; one row a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.bind.binding import counts_behind, made_table, no_blanks, numbers
from hubeval.data.bind.subgroups import bind_subgroups
from hubeval.protocol import RECORDS
from hubeval.result import FlowStep

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding
    from hubeval.data.table import Table


def records(binding: Binding) -> Table:
    """Individual records: no time; one row a unit."""
    design = binding.protocol.design
    assert isinstance(design, RECORDS)
    baselines = [outcome.baseline for outcome in binding.protocol.outcomes]
    named = [name for names in design.numbers.values() for name in names]
    frame = numbers(binding, extra=(getattr(design, "weights", None), *baselines, *named, *counts_behind(binding)))
    frame[design.unit] = binding.columns.text(design.unit)
    no_blanks(binding, frame, "design.unit", design.unit)
    if repeated := int(frame[design.unit].duplicated().sum()):
        binding.door.refuse(
            "design.unit",
            f"{repeated} row(s) repeat an id in {design.unit!r}",
            "one row a unit",
            "Keep one row for each, or name the column that tells them apart.",
        )
    if design.treated:
        frame[design.treated] = _known(binding, design.treated)
    labels = [name for names in design.labels.values() for name in names]
    for name in dict.fromkeys((*design.covariates, *labels)):
        if name not in frame:
            frame[name] = binding.columns.number_or_text(name)
    if design.cluster:
        frame[design.cluster] = _known(binding, design.cluster)
    bind_subgroups(binding, frame)
    n = len(frame)
    flow = (FlowStep(label="Records in the file", n_rows=n, n_units=int(frame[design.unit].nunique())),)
    return made_table(binding, frame, flow)


def _known(binding: Binding, name: str) -> pd.Series:
    """Labels, missing where blank or marked as such, so that the method counts whom it leaves out for it."""
    text = binding.columns.text(name)
    return text.mask(text.isin(["", *binding.protocol.data.missing_marks]), None)
