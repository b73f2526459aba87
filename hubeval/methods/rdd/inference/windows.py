"""The window about a cut-off within which covariates look as if a lot had drawn the sides.

Windows grow from the cut-off; in each, every covariate's means on the two sides are held against permuted sides. The
widest window counts up to which no test of any covariate rejects (Cattaneo, Frandsen and Titiunik 2015). Outcomes are
not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.rdd.inference.randomisation import in_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Cut

    Floats = NDArray[np.float64]

LEAST, STEP, MOST = 10, 5, 40  # records a side in the narrowest, how many more a side in each next one, windows
LEVEL = 0.15  # higher than usual: a difference that is overlooked here is the harm


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How alike the two sides of one window are.

    Attributes
    ----------
    width : float
        From the cut-off to either side.
    n : (int, int)
        Records below and above.
    p_values : (k,) tuple of float
        By permuted sides, a covariate each.
    p_normal : (k,) tuple of float
        By the normal law.
    """

    width: float
    n: tuple[int, int]
    p_values: tuple[float, ...]
    p_normal: tuple[float, ...]

    @property
    def worst(self) -> int:
        """The place of the covariate with the smallest p-value."""
        return int(np.argmin(self.p_values))

    @property
    def least(self) -> float:
        """The smallest p-value of any covariate."""
        return min(self.p_values)


def nested(cut: Cut, *, least: int = LEAST, step: int = STEP, most: int = MOST) -> tuple[float, ...]:
    """Widths of windows, each the narrowest with `step` more records on either side than the one before.

    Parameters
    ----------
    cut : Cut
    least : int
        Records on either side in the narrowest.
    step, most : int

    Returns
    -------
    tuple of float
        Empty where a side has fewer than `least`.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> x = np.array([-4.0, -3.0, -2.0, -1.0, 0.5, 1.5, 2.5, 6.0])
    >>> nested(cut_at(x, x), least=2, step=1)
    (2.0, 3.0, 6.0)
    """
    found: list[float] = []
    wanted = [least, least]
    while len(found) < most and all(n <= side.n for n, side in zip(wanted, cut.sides, strict=True)):
        width = max(abs(float(side.x[n - 1])) for n, side in zip(wanted, cut.sides, strict=True))
        found.append(width)
        wanted = [side.within(width, edge=True) + step for side in cut.sides]
    return tuple(found)


def balance(cut: Cut, width: float, *, seed: int) -> Balance:
    """How alike the sides of a window are in each covariate of a cut: every column of its values but the first.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(-1, 1, 300)
    >>> made = balance(cut_at(x, x, covariates=x[:, None] + rng.normal(0, 0.2, (300, 1))), 0.8, seed=1)
    >>> made.p_values
    (0.0005,)
    """
    tests = [in_window(cut, width, column=1 + cut.fuzzy + place, seed=seed) for place in range(cut.covariates)]
    return Balance(width=width, n=tests[0].n_h, p_values=tuple(one.p_value for one in tests),
                   p_normal=tuple(one.p_normal for one in tests))


def grown(cut: Cut, *, seed: int, level: float = LEVEL) -> tuple[Balance, ...]:
    """Windows from the narrowest on, up to and with the first in which a covariate is out of balance.

    Parameters
    ----------
    cut : Cut
        With covariates.
    seed : int
    level : float
        A p-value below it is out of balance.

    Returns
    -------
    tuple of Balance
        The last is out of balance, unless all of them were in it.
    """
    found: list[Balance] = []
    for width in nested(cut):
        found.append(balance(cut, width, seed=seed))
        if found[-1].least < level:
            break
    return tuple(found)
