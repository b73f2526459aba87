"""Registered plans: what a protocol said on which day, and what has become of it since.

A ledger beside the protocol holds its registrations and every run of it, each entry chained to the one before by its
hash. It shows whether what was run is what was registered; it cannot show that nobody looked at the data.
"""

from __future__ import annotations

from hubeval.registry.ledger import Entry, PlanLedger, ledger_beside, read_plan_ledger, write_plan_ledger
from hubeval.registry.register import note_run, recorded, register
from hubeval.registry.standing import Change, Standing, standing, standing_now

__all__ = [
    "Change",
    "Entry",
    "PlanLedger",
    "Standing",
    "ledger_beside",
    "note_run",
    "read_plan_ledger",
    "recorded",
    "register",
    "standing",
    "standing_now",
    "write_plan_ledger",
]
