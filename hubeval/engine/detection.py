"""How often an inference finds an effect: the one idea of power, whatever the method that draws and infers.

A method draws outcomes without effect, and hands each to its own headline. What comes back is the interval of
that headline. Where an effect moves estimate and interval alike, an effect of size e is found wherever the
interval, moved by e, leaves out zero: power against every size is then a comparison with the ends already made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, ndtr, ndtri, stdtrit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.result import NotComputed

    Floats = NDArray[np.float64]

FINE = 0.003  # how closely the smallest size is looked for, as a share of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Intervals that a headline gave of outcomes drawn without effect; infinite where it has no end.

    Attributes
    ----------
    low, high : (R,) float

    Examples
    --------
    >>> ends = Ends(low=np.array([-3.0, -1.0]), high=np.array([1.0, 2.0]))
    >>> ends.power(0.0), ends.power(2.0), ends.power(4.0), ends.power(-1.5)
    (0.0, 0.5, 1.0, 0.5)
    """

    low: Floats
    high: Floats

    def power(self, effect: float) -> float:
        """Share of the draws in which an effect of this size, with its sign, is found."""
        return float(((self.low + effect > 0) | (self.high + effect < 0)).mean())

    @property
    def scale(self) -> float:
        """An effect of the right order, above 0."""
        reach = np.concatenate([self.low, self.high])
        reach = np.abs(reach[np.isfinite(reach)])
        return float(np.median(reach)) if len(reach) and np.median(reach) > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The same where a few units take their turn: power between two turns is read off the line between them.

    The k-th smallest of n sizes at which an effect is found is one that k in n + 1 others would be found at. Units that
    take turns share one history; another would move all of them further, or less far.

    Attributes
    ----------
    low, high : (n,) float
    history : float
        Degrees of freedom that the spread of units after the start is known with, in this history as in another;
        infinite where all would move them alike.

    Examples
    --------
    >>> turns = Turns(low=np.array([-1.0, -2.0, -3.0, -np.inf]), high=np.array([1.0, 2.0, 3.0, np.inf]))
    >>> turns.power(0.0), turns.power(2.0), turns.power(2.5), turns.power(99.0)
    (0.0, 0.4, 0.5, 0.6)
    >>> bool(Turns(low=turns.low, high=turns.high, history=8.0).power(2.5) < 0.5)
    True
    """

    low: Floats
    high: Floats
    history: float = np.inf

    def power(self, effect: float) -> float:
        """Share of units in which an effect of this size, with its sign, would be found."""
        if effect == 0:
            return float(((self.low > 0) | (self.high < 0)).mean())
        sizes = np.sort(-self.low if effect > 0 else self.high)
        sizes = np.maximum(sizes[np.isfinite(sizes)], 0.0)
        if not len(sizes) or (np.isinf(self.history) and abs(effect) < sizes[0]):
            return 0.0
        places = np.arange(1, len(sizes) + 1) / (len(self.low) + 1)
        if np.isinf(self.history):
            return float(np.interp(abs(effect), sizes, places))
        spread = roots(self.history, 40)
        reaches = abs(effect) * spread[:, None] / spread[None, :]
        return float(np.interp(reaches, sizes, places, left=0.0).mean())

    @property
    def scale(self) -> float:
        """An effect of the right order, above 0."""
        return Ends(low=self.low, high=self.high).scale


@dataclass(frozen=True, slots=True, kw_only=True)
class ByError:
    """Power by formula, from the standard error and the critical value of the headline's own interval.

    The truth about the error is as uncertain as its degrees of freedom leave it, and other data will see another:
    with few clusters a size that took the error as known would be found less often than it says.

    Attributes
    ----------
    error : float
    critical : float
        Half the interval over the error; the quantile of a t law, or of the normal.

    Examples
    --------
    >>> known, few = ByError(error=1.0, critical=1.959964), ByError(error=1.0, critical=2.776445)
    >>> round(known.power(2.8), 2), few.power(2.8) < known.power(2.8)
    (0.8, True)
    """

    error: float
    critical: float

    @property
    def df(self) -> float:
        """Degrees of freedom of the t law that has this quantile; infinite for the normal's."""
        if self.critical <= ndtri(0.975) + 1e-4:
            return np.inf
        return float(brentq(lambda df: stdtrit(df, 0.975) - self.critical, 0.3, 1e7))

    def power(self, effect: float) -> float:
        """Share of other data in which an effect of this size would be found."""
        away, reach = abs(effect) / self.error, self.critical
        df = self.df
        if np.isinf(df):
            return float(ndtr(away - reach) + ndtr(-away - reach))
        root = roots(df, 200)
        size, least = away * root[:, None], reach * root[None, :]
        return float((ndtr(size - least) + ndtr(-size - least)).mean())


def roots(df: float, count: int) -> Floats:
    """Even quantiles of a standard error over its truth, where so many degrees of freedom made it, largest first."""
    return np.asarray(np.sqrt(chdtri(df, (np.arange(count) + 0.5) / count) / df))


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How often a protocol's own headline would find an effect in data like these.

    Attributes
    ----------
    power : function of float, or None
        Share of drawn data in which an effect of this size, with its sign, is found; None where nothing can be
        said, and then `missing` says why.
    scale : float
        An effect of the right order, to search from.
    least, most : float
        The smallest and the largest effect that the outcome allows (a count cannot fall by more than it is).
    draws : int
        Data sets drawn; 0 where power came by formula.
    method, inference : str
        How outcomes were drawn, and whose test it was, in words.
    floor : float or None
        The smallest p-value that the test can give.
    level, level_low : float or None
        The outcome before the start, and the lower end of its interval, to read sizes against.
    """

    power: Callable[[float], float] | None
    scale: float = 1.0
    least: float = -np.inf
    most: float = np.inf
    draws: int = 0
    method: str = "Not worked out."
    inference: str = "none"
    floor: float | None = None
    level: float | None = None
    level_low: float | None = None
    n_units: int = 0
    n_treated: int = 0
    n_periods: int = 0
    notes: tuple[str, ...] = ()
    missing: tuple[NotComputed, ...] = ()

    def smallest(self, target: float, sign: int) -> float | None:
        """The smallest size in one direction that is found with power `target`; None where none is.

        Examples
        --------
        >>> found = Detection(power=lambda e: min(1.0, abs(e) / 10), scale=1.0, least=-9.0)
        >>> round(found.smallest(0.8, 1), 2), found.smallest(0.95, -1)
        (8.0, None)
        """
        if self.power is None:
            return None
        power, reach = self.power, abs(self.most if sign > 0 else self.least)
        return smallest(lambda size: power(sign * size), target, self.scale, reach)


def smallest(power: Callable[[float], float], target: float, scale: float, most: float = np.inf) -> float | None:
    """The smallest size whose power reaches the target; None where none up to `most` does.

    Parameters
    ----------
    power : function
        From a size to its power, which grows with it.
    scale : float
        A size of the right order, above 0.
    most : float
        The largest size that makes sense.

    Examples
    --------
    >>> round(smallest(lambda size: min(1.0, size / 10), 0.8, 1.0), 2)
    8.0
    >>> round(smallest(lambda size: size / 10 if size < 9 else 0.0, 0.8, 1.0, 10.0), 1)
    8.0
    """
    low, high = 0.0, min(scale, most / 2)
    for _ in range(30):
        if power(high) >= target:
            break
        # a fall may be found less again as it nears the whole, where nothing is left to fit: come near in halves
        low, high = high, min(2 * high, (high + most) / 2)
        if high > 0.98 * most:
            return None
    else:
        return None
    while high - low > FINE * high:
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= target else (middle, high)
    return high


def low_end(values: Floats) -> float | None:
    """The lower end of a 95% interval for the mean of independent values; None for fewer than two.

    Examples
    --------
    >>> round(low_end(np.array([9.0, 10.0, 11.0])), 2), low_end(np.array([3.0]))
    (7.52, None)
    """
    n = len(values)
    if n < 2:
        return None
    return float(values.mean() - stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n))
