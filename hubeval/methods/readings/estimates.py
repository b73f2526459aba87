"""An estimate in words: the number with its interval, and which side of no change it claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.wording import amount, move

if TYPE_CHECKING:
    from hubeval.result import Estimate


def claims(one: Estimate) -> int:
    """-1 or 1 when an estimate clearly lies below or above no change, else 0.

    By its interval where it has one, else by its p-value.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> made = dict(term="ATT", estimand="", outcome="visits", unit="visits", inference="")
    >>> claims(Estimate(estimate=-2.0, conf_low=-3.0, conf_high=-1.0, **made)), claims(Estimate(estimate=2.0, **made))
    (-1, 0)
    """
    if one.conf_low is not None and one.conf_high is not None:
        return int(one.conf_low > 0) - int(one.conf_high < 0)
    if one.p_value is not None and one.p_value < 1 - one.conf_level:
        return 1 if one.estimate > 0 else -1
    return 0


def told(one: Estimate, *, unit: bool = False) -> str:
    """The number, in its unit where asked, with the ends of its interval where it has one.

    Examples
    --------
    >>> from hubeval.result import Estimate
    >>> told(Estimate(term="ATT", estimand="", outcome="visits", unit="visits a month", inference="", estimate=-1234.5,
    ...               conf_low=-2000.0, conf_high=-469.0), unit=True)
    '−1,234 visits a month (−2,000 to −469)'
    >>> told(Estimate(term="ATT", estimand="", outcome="visits", unit="visits [log scale]", inference="",
    ...               estimate=-1.05))
    '−65%'
    """
    said = amount(one.estimate, one.unit) if unit else move(one.estimate, one.unit)
    if one.conf_low is None or one.conf_high is None:
        return said
    return f"{said} ({move(one.conf_low, one.unit)} to {move(one.conf_high, one.unit)})"
