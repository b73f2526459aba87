"""Difference-in-differences: every modern estimator on one vocabulary, few clusters taken seriously."""

from hubeval.methods.did.event_study import event_study, pretrend
from hubeval.methods.did.group_time import GroupTime, group_time
from hubeval.methods.did.panel import Panel, read_panel, start_from_treated
from hubeval.methods.did.two_way import two_way

__all__ = ["GroupTime", "Panel", "event_study", "group_time", "pretrend", "read_panel", "start_from_treated", "two_way"]
