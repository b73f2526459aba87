"""Lots that anybody can draw again: a site's lot is a hash of the public seed and its name, and nothing else."""

from __future__ import annotations

from hashlib import sha256

RECIPE = (
    "Each site's lot is the SHA-256 of the text '{seed}:{order}:{draw}:{site}', read as hexadecimal; the smallest lot "
    "is drawn first, and sites that open together share the lot of the one whose name sorts first. Any program that "
    "makes SHA-256 gives the same lots, whatever order the sites are listed in."
)


def lot(seed: int, order: str, draw: int, site: str) -> str:
    """The lot of a site, as hexadecimal: smaller is drawn earlier.

    Parameters
    ----------
    seed : int
    order : str
        The kind of order, so that two kinds are drawn apart.
    draw : int
        0 for the draw that counts; others say what chance could have given.
    site : str

    Examples
    --------
    >>> lot(1, "lottery", 0, "Hill Street")[:8]
    'a7f2c009'
    >>> lot(1, "lottery", 0, "Hill Street") == lot(1, "lottery", 0, "Hill Street")
    True
    """
    return sha256(f"{seed}:{order}:{draw}:{site}".encode("utf-8", "surrogatepass")).hexdigest()
