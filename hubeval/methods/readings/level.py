"""An effect as a share of a level: given only where that level is clearly above zero."""

from __future__ import annotations

from hubeval.scale import OF_ODDS, PER_CENT, change, change_unit, is_log


def share_of_level(
    effect: float | None, level: float | None, low: float | None, unit: str = ""
) -> float | None:
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
    unit : str
        The effect's. A difference of logarithms is a share already, whatever level it is set against; one of log-odds
        is a share of the odds, and of no level; nor is one in logarithms that the protocol brings along.

    Examples
    --------
    >>> share_of_level(-2.0, 10.0, 8.0), share_of_level(-2.0, 0.02, -1.0), share_of_level(-2.0, 10.0, None)
    (-0.2, None, -0.2)
    >>> round(share_of_level(-1.05, 5.1, 4.9, "visits [log scale]"), 2), share_of_level(-65.0, 90.0, 80.0, "% change")
    (-0.65, -0.65)
    >>> share_of_level(-1.05, 5.1, 4.9, "log points")
    """
    if effect is not None and change_unit(unit) != unit:
        effect, unit = change(effect, unit), change_unit(unit)
    if unit == PER_CENT:
        return None if effect is None else effect / 100
    if unit == OF_ODDS or is_log(unit):
        return None
    if effect is None or level is None or level <= 0 or (low is not None and low <= 0):
        return None
    return effect / level
