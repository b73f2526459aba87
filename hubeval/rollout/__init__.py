"""In which order sites should open, so that what opening them did can be told.

`read_rollout` reads a sites.toml, `rollout` draws its orders: by lot, by lot within strata, in even steps, and by
need with lots within bands; each with what it could find, what it costs in waiting, and why it cannot be analysed
where it cannot.
"""

from __future__ import annotations

from hubeval.rollout.answer import Rollout, rollout
from hubeval.rollout.declared import RolloutCase
from hubeval.rollout.reading import read_rollout

__all__ = ["Rollout", "RolloutCase", "read_rollout", "rollout"]
