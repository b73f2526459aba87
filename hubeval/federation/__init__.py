"""Across councils by file: each sends sums, the funder pools them, and no record travels.

`packet` makes one council's file, `pool` evaluates many.
"""

from __future__ import annotations

from hubeval.federation.packet import Packet, packet, read_packet
from hubeval.federation.pool import pool

__all__ = ["Packet", "packet", "pool", "read_packet"]
