"""Weights that balance by construction: the covariate-balancing propensity score and entropy balancing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from hubeval.engine.tailored import tailored
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.tailored import Kind, Tailored

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def standardised(x: Floats) -> Floats:
    """Columns centred and scaled, with a constant in front; the span, and so the fit, is unchanged."""
    scale = x.std(axis=0)
    return np.column_stack([np.ones(x.shape[0]), (x - x.mean(axis=0)) / np.where(scale > 0, scale, 1)])


def balanced(x: Floats, treated: Flags, kind: Kind, weights: Floats | None = None) -> Tailored:
    """The fitted balancing model, or a refusal where no weights can balance."""
    made = tailored(standardised(x), treated, kind, weights)
    if not made.converged:
        raise BadInput(
            [
                Problem(
                    "method",
                    "no weights balance these covariates",
                    "a target inside the range of the weighted group",
                    "Trim with options.trim or discard='both', or drop a covariate that separates the groups.",
                )
            ]
        )
    return made


def cbps(x: Floats, treated: Flags, weights: Floats | None = None, *, estimand: str = "ATT") -> Floats:
    """Propensity scores, (n,), whose weights for `estimand` balance the means of `x` exactly (Imai & Ratkovic 2014).

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.], [2.], [3.], [4.], [2.], [3.]])
    >>> p = cbps(x, np.array([False, False, False, False, True, True]))
    >>> bool(np.all((p > 0) & (p < 1)))
    True
    """
    kind: Kind = "ATT" if estimand == "ATT" else "ATC" if estimand == "ATC" else "ATE"
    return np.asarray(expit(balanced(x, treated, kind, weights).eta))
