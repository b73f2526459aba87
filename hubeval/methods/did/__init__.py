"""Difference-in-differences: every modern estimator on one vocabulary, few clusters taken seriously."""

from hubeval.methods.did.panel import Panel, read_panel, start_from_treated

__all__ = ["Panel", "read_panel", "start_from_treated"]
