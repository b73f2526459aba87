"""What a test of whether places differ leaves unsaid where it sees no difference."""

from __future__ import annotations

FEW = 10  # places below which the share of variation beyond chance is hardly known [judgement]


def unseen_differences(k: int, places: str) -> str:
    """What may be hidden among `k` places that differ by no more than chance.

    Parameters
    ----------
    k : int
    places : str
        What they are, in the plural.

    Examples
    --------
    >>> unseen_differences(3, "sites"), unseen_differences(40, "sites")
    ('So few sites hide much of how they differ.', 'Small differences between sites can go unseen.')
    """
    if k < FEW:
        return f"So few {places} hide much of how they differ."
    return f"Small differences between {places} can go unseen."
