"""An effect as a share of a level: given only where that level is clearly above zero."""

from __future__ import annotations


def share_of_level(effect: float | None, level: float | None, low: float | None) -> float | None:
    """`effect` as a share of `level`, or None where the level is not clearly above zero.

    One rule for every percentage: of a counterfactual, of a synthetic path, of a mean before the start.

    Parameters
    ----------
    effect : float or None
        In the outcome's unit.
    level : float or None
        What it is set against.
    low : float or None
        Lower end of the level's interval; None where it has none, and then the level itself must be above zero.

    Examples
    --------
    >>> share_of_level(-2.0, 10.0, 8.0), share_of_level(-2.0, 0.02, -1.0), share_of_level(-2.0, 10.0, None)
    (-0.2, None, -0.2)
    """
    if effect is None or level is None or level <= 0 or (low is not None and low <= 0):
        return None
    return effect / level
