"""Every column that a protocol names is there, and has one part to play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.bind.binding import beside
from hubeval.data.periods import parse
from hubeval.data.record_checks import check_record_names
from hubeval.protocol import DidDesign, MatchingDesign, RddDesign, require_start, require_starter

if TYPE_CHECKING:
    from hubeval.data.bind.binding import Binding


def check_names(binding: Binding) -> None:
    """Every column that the protocol names is there."""
    design = binding.protocol.design
    require_starter(design, binding.door)
    require_start(design, binding.door)
    for key in ("unit", "time", "weights", "cluster", "exposure"):
        binding.columns.present(f"design.{key}", getattr(design, key, None))
    for key in ("covariates", "predictors"):
        for name in getattr(design, key, ()):
            binding.columns.present(f"design.{key}", name)
    if isinstance(design, DidDesign) and not design.by_amount:
        binding.columns.present("design.start", design.start)
    for name in beside(binding):
        binding.columns.present("design.control", name)
    if isinstance(design, MatchingDesign):
        check_record_names(design, binding.columns)
    if isinstance(design, RddDesign):
        binding.columns.present("design.running", design.running)
        binding.columns.present("design.treated", design.treated)
    _named_elsewhere(binding)
    binding.columns.present("data.linked", binding.protocol.data.linked or None)
    wanted = design.start if isinstance(design, DidDesign) and not design.by_amount else ""
    if wanted and wanted not in binding.columns.frame and parse(wanted):
        binding.door.refuse(
            "design.start",
            f"{wanted!r} is a date, and this design takes a column",
            "a column with the first treated period of each unit, blank for those never treated",
            "Add that column to the data and name it here.",
        )
    _one_part_each(binding)
    _wide(binding)


def _named_elsewhere(binding: Binding) -> None:
    """The columns of outcomes and subgroups."""
    for outcome in binding.protocol.outcomes:
        binding.columns.present("outcomes", outcome.column)
        binding.columns.present("outcomes.baseline", outcome.baseline or None)
        binding.columns.present("outcomes.behind", outcome.behind or None)
    for subgroup in binding.protocol.subgroups:
        binding.columns.present("subgroups", subgroup.column)


def _one_part_each(binding: Binding) -> None:
    """No column says both what is measured, or how rows count, and who or when a row is."""
    design = binding.protocol.design
    roles = {getattr(design, key, None): key for key in ("unit", "time", "start", "treated", "cluster")}
    if isinstance(design, RddDesign):
        for argument, named in [*(("outcomes", o.column) for o in binding.protocol.outcomes),
                                 *(("design.covariates", name) for name in design.covariates)]:
            if named == design.running:
                binding.door.refuse(argument, f"column {named!r} is design.running too", "one part a column",
                                    "Name another column: the score itself lies on both sides by design.")
    parts: list[tuple[str, str, str | None]] = [("outcomes", "outcome", o.column) for o in binding.protocol.outcomes]
    parts += [(f"design.{key}", key, getattr(design, key, None)) for key in ("weights", "exposure", "running")]
    for argument, part, column in parts:
        if column is not None and column in roles:
            found = f"column {column!r} is given two parts: {part} and design.{roles[column]}"
            binding.door.refuse(argument, found, "one part a column", f"Name the {part}'s own column.")


def _wide(binding: Binding) -> None:
    """Say of a sheet with periods along the top, where columns are wanting, that it looks like one."""
    headed = [str(name) for name in binding.columns.frame.columns if parse(str(name))]
    if binding.door.problems and len(headed) >= 3:
        binding.door.refuse(
            "data",
            f"{len(headed)} headings are periods ({headed[0]} to {headed[-1]}): this looks like a wide sheet",
            "one row for each unit and period",
            "Tidy it first: 'hubeval import FILE --shape wide --out tidy.csv'.",
        )
