"""What a council has sent before: a second packet less the first is a sum of few, and may be one family's whole row.

Every packet that is written is noted in a ledger beside it (the same chain of hashes as that of releases). A later one
of the same council may say more (further outcomes, further periods), but of what both hold it must say the same.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.federation.packet import Packet
    from hubeval.release.ledger import Ledger

_SEP = "\x1f"
_NAME = "packets.ledger"
_CLOSE = 1e-9  # of the size that sums can have; one unit of a million is more
_CURE = (
    "Send the earlier packet again. If it was never sent, delete it with its ledger, and make a new one. If records "
    "were corrected, have the earlier one destroyed first. Nothing was written."
)


def sent_beside(out: str | Path) -> Path:
    """Where the ledger of a folder's packets lies.

    Examples
    --------
    >>> sent_beside("packets/ashby.json").as_posix()
    'packets/packets.ledger'
    """
    return Path(out).with_name(_NAME)


def cells_of(packet: Packet) -> dict[str, float]:
    """Every sum in a packet by name: units, sums and raw cross-products of each group.

    Two cells of a pair are named in order of their names, so that packets whose outcomes stand in another order are
    alike.
    """
    names = [f"{column}, {period}" for column in packet.columns for period in packet.periods]
    found: dict[str, float] = {}
    for group in packet.groups:
        whose = _SEP.join((packet.council, group.start, group.cluster))
        n, mean, cross = group.sums.n, group.sums.mean, group.sums.cross
        found[f"{whose}{_SEP}n"] = n
        for i, one in enumerate(names):
            found[f"{whose}{_SEP}{one}"] = float(n * mean[i])
            for j, other in enumerate(names[: i + 1]):
                found[_SEP.join((whose, *sorted((one, other))))] = float(cross[i, j] + n * mean[i] * mean[j])
    return found


def require_apart(packet: Packet, ledger: Ledger) -> None:
    """Refuse a packet that differs from one that this council sent before, in what both hold.

    Parameters
    ----------
    packet : Packet
    ledger : Ledger
        Of packets written before.

    Raises
    ------
    BadInput
        Other groups, other units or other values than before; or, where no outcome is held by both, numbers of units
        that differ by a few.
    """
    now = cells_of(packet)
    for entry in ledger.entries:
        before = {key: n for key, n in entry.cells.items() if n is not None and key.startswith(packet.council + _SEP)}
        if before and (found := _differs(now, before, packet.threshold)):
            said = f"{found} the packet of {entry.dated}: the difference would be the sums of a few units"
            raise BadInput([Problem("packet", said, "the same sums of what both hold", _CURE)])


def _differs(now: Mapping[str, float], before: Mapping[str, float], threshold: int) -> str | None:
    """How one packet differs from another where it may not; None where it does not."""
    sizes = {key: n for key, n in now.items() if _is_size(key)}
    if sizes.keys() != set(filter(_is_size, before)):
        return "its groups are not those of"
    shared = [key for key in now.keys() & before.keys() if key not in sizes]
    gaps = [abs(n - before[key]) for key, n in sizes.items()]
    if any(gaps) and (shared or any(0 < gap < threshold for gap in gaps)):
        return "it holds other numbers of units than"
    if any(abs(now[key] - before[key]) > _CLOSE * _size(key, now, before) for key in shared):
        return "its sums are not those of"
    return None


def _is_size(key: str) -> bool:
    return key.endswith(f"{_SEP}n") and key.count(_SEP) == 3


def _size(key: str, now: Mapping[str, float], before: Mapping[str, float]) -> float:
    """How large a sum can be, by Cauchy and Schwarz, from the squares of what is summed."""
    council, start, cluster, *cells = key.split(_SEP)
    whose = _SEP.join((council, start, cluster))
    one, other = cells if len(cells) == 2 else (cells[0], "")

    def squares(cell: str) -> float:
        own = _SEP.join((whose, cell, cell) if cell else (whose, "n"))
        return max(abs(now[own]), abs(before[own]))

    return math.sqrt(squares(one) * squares(other))
