"""Tables that stay where they are: an engine is asked for sums, in SQL, and no row leaves it."""

from __future__ import annotations

from hubeval.data.backends.named import Elsewhere, elsewhere

__all__ = ["Elsewhere", "elsewhere"]
