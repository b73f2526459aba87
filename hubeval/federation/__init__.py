"""Across councils by file: each sends sums, the funder pools them, and no record travels.

`packet` makes one council's file, `pool` evaluates many; `synthesise` pools released results of unlike designs.
"""

from __future__ import annotations

from hubeval.federation.packet import Packet, packet, read_packet
from hubeval.federation.pool import pool
from hubeval.federation.synthesis import Synthesis, synthesise

__all__ = ["Packet", "Synthesis", "packet", "pool", "read_packet", "synthesise"]
