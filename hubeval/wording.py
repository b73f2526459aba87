"""Numbers in words, in one place: what a sentence, a table cell and a headline show of the same number is made here."""

from __future__ import annotations

import math
import re

from hubeval.scale import OF_ODDS, PER_CENT, change, change_unit, of_share, scale_of

POINTS = "percentage points"


def brief(value: float, digits: int = 3) -> str:
    """A number for a sentence: `digits` significant digits, thousands set apart, never in powers of ten.

    Parameters
    ----------
    value : float
    digits : int
        Significant digits; whole parts are never rounded to tens or hundreds.

    Examples
    --------
    >>> brief(-5.30769), brief(2941.2), brief(0.000345), brief(12.0), brief(-0.0), brief(float("inf"))
    ('−5.31', '2,941', '0.000345', '12', '0', 'infinite')
    """
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    places = max(0, places)
    text = f"{round(value, places):,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return minus(text) if text not in {"-0", "0"} else "0"


def signed(value: float, unit: str, digits: int = 3) -> str:
    """A change with its unit and its sign.

    Examples
    --------
    >>> signed(303.0, "visits"), signed(-2941.2, "visits"), signed(0.0, "visits"), signed(0.2, "visits [log scale]")
    ('+303 visits', '−2,941 visits', '0 visits', '+22.1%')
    """
    text = amount(value, unit, digits)
    return f"+{text}" if value > 0 and not text.startswith("0 ") else text


def amount(value: float, unit: str, digits: int = 3) -> str:
    """A change with its unit, in the singular where it is one.

    A change in a share is one in percentage points; one estimated as a logarithm is a change in per cent.

    Examples
    --------
    >>> amount(1.0, "visits a year"), amount(1200.0, "per 10,000"), amount(7.25, "%"), amount(0.052, "share of babies")
    ('1 visit a year', '1,200 per 10,000', '7.25 percentage points', '5.2 percentage points')
    >>> amount(-1.05, "visits [log scale]"), amount(12.3, "% change"), amount(0.2, "% [log-odds scale]")
    ('−65%', '12.3%', '22.1% of the odds')
    """
    value, unit = change(value, unit), change_unit(unit)
    if share := of_share(unit):
        value, unit = value * 100 / share[1], POINTS
    text = brief(value, digits)
    if unit in {PER_CENT, OF_ODDS}:
        return f"{text}%" if unit == PER_CENT else f"{text}% of the odds"
    if text == "1":
        unit = re.sub(r"^([a-z-]*[a-rt-z]|percentage point)s\b", r"\1", unit)
    return f"{text} {unit}".rstrip()


def level_words(value: float, unit: str) -> str:
    """A level for a sentence: a share in per cent, anything else as it is.

    Examples
    --------
    >>> level_words(0.712, "share of children"), level_words(71.2, "% of children"), level_words(41.2, "per 10,000")
    ('71.2%', '71.2%', '41.2')
    """
    share = of_share(unit)
    return f"{brief(100 * value / share[1])}%" if share else brief(value)


def amount_of(value: float, unit: str) -> str:
    """A level with its unit: a share in per cent, anything else as it is.

    Examples
    --------
    >>> amount_of(0.712, "share of children"), amount_of(41.2, "per 10,000")
    ('71.2%', '41.2 per 10,000')
    """
    return level_words(value, unit) if of_share(unit) else f"{brief(value)} {unit}"


def move(value: float, unit: str, digits: int = 3) -> str:
    """A change in the fewest words: its number, with a sign for per cent where it is on a logarithmic scale.

    Examples
    --------
    >>> move(-2.0, "visits"), move(-1.05, "visits [log scale]"), move(0.052, "share of families"), move(7.0, "%")
    ('−2', '−65%', '5.2 points', '7')
    """
    text = brief(change(value, unit), digits)
    if scale_of(unit) != "level" or unit in {PER_CENT, OF_ODDS}:
        return f"{text}%"
    return f"{brief(100 * value, digits)} points" if of_share(unit) == (0.0, 1.0) else text


def extent(value: float, unit: str, digits: int = 3) -> str:
    """How far a change goes, with its unit and without its sign.

    Examples
    --------
    >>> extent(-2.0, "visits"), extent(-1.05, "visits [log scale]")
    ('2 visits', '65%')
    """
    return amount(value, unit, digits).removeprefix("−")


def distance(value: float, unit: str, digits: int = 3) -> str:
    """How far a change goes, without its sign: a fall of 65% and not of the logarithm's mirror.

    Examples
    --------
    >>> distance(-2.0, "visits"), distance(-1.05, "visits [log scale]")
    ('2', '65%')
    """
    return move(value, unit, digits).removeprefix("−")


def between(low: float, high: float, unit: str = "") -> str:
    """An interval of a change in plain words: which way each end points.

    Examples
    --------
    >>> between(-8.0, -2.0), between(303.0, 2941.0), between(-502.0, 163.0), between(0.0, 3.0)
    ('2 to 8 lower', '303 to 2,941 higher', '502 lower to 163 higher', '0 to 3 higher')
    >>> between(-8.0, -2.0, "% change"), between(-0.08, 0.02, "share of families")
    ('2% to 8% lower', '8 points lower to 2 points higher')
    """
    near, far = distance(low, unit), distance(high, unit)
    if low >= 0:
        return f"{near} to {far} higher"
    if high <= 0:
        return f"{far} to {near} lower"
    return f"{near} lower to {far} higher"


def p_words(p: float) -> str:
    """A p-value in a sentence: three decimals, and never nought.

    Examples
    --------
    >>> p_words(0.0312), p_words(6.2e-7)
    ('p 0.031', 'p below 0.001')
    """
    return "p below 0.001" if p < 0.001 else f"p {p:.3f}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count with its noun in the right number.

    Examples
    --------
    >>> counted(1, "check"), counted(3, "check"), counted(2, "authority", "authorities")
    ('1 check', '3 checks', '2 authorities')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def said_once(text: str) -> str:
    """A paragraph without the sentences that it has said before: two checks may end in the same warning.

    Examples
    --------
    >>> said_once("It holds to 0.15. Few are treated. It holds to no bend. Few are treated.")
    'It holds to 0.15. Few are treated. It holds to no bend.'
    """
    return " ".join(dict.fromkeys(re.split(r"(?<=[.?!]) (?=[A-Z])", text)))


def minus(text: str) -> str:
    """Words with a true minus sign before their numbers, as in the tables beside them.

    Examples
    --------
    >>> minus("from -18.1 to -15.4, 2019-12")
    'from −18.1 to −15.4, 2019-12'
    """
    return re.sub(r"(?<![\w-])-(?=[\d.£])", "−", text)
