"""Every column that a protocol names is there, and has one part to play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.bind.binding import beside
from hubeval.data.record_checks import check_record_names
from hubeval.protocol import DidDesign, MatchingDesign, require_starter

if TYPE_CHECKING:
    from hubeval.data.bind.binding import Binding


def check_names(binding: Binding) -> None:
    """Every column that the protocol names is there."""
    design = binding.protocol.design
    require_starter(design, binding.door)
    for key in ("unit", "time", "weights", "cluster", "exposure"):
        binding.columns.present(f"design.{key}", getattr(design, key, None))
    for key in ("covariates", "predictors"):
        for name in getattr(design, key, ()):
            binding.columns.present(f"design.{key}", name)
    if isinstance(design, DidDesign):
        binding.columns.present("design.start", design.start)
    for name in beside(binding):
        binding.columns.present("design.control", name)
    if isinstance(design, MatchingDesign):
        check_record_names(design, binding.columns)
    for outcome in binding.protocol.outcomes:
        binding.columns.present("outcomes", outcome.column)
        binding.columns.present("outcomes.baseline", outcome.baseline or None)
        binding.columns.present("outcomes.behind", outcome.behind or None)
    roles = {getattr(design, key, None): key for key in ("unit", "time", "start", "treated", "cluster")}
    for outcome in binding.protocol.outcomes:
        if outcome.column in roles:
            found = f"column {outcome.column!r} is given two parts: outcome and design.{roles[outcome.column]}"
            binding.door.refuse("outcomes", found, "one part a column", "Name the outcome's own column.")
