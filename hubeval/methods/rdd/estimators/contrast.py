"""Which sum of a side's columns is the effect: the outcome, less covariates, over what treatment moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Side
    from hubeval.methods.rdd.estimators.polynomial import Local

    Floats = NDArray[np.float64]


def slopes(sides: Sequence[Side], fits: Sequence[Local], lead: int) -> Floats:
    """Common slopes of covariates within the fits, (lead + m, lead): `lead` outcomes less covariates times these.

    The rows are the combination itself: 1 for the column, minus the slope for each covariate
    (Calonico, Cattaneo, Farrell and Titiunik 2019). Without covariates it is the identity.
    """
    k = sides[0].values.shape[1]
    own = np.eye(k)[:, :lead]
    if k == lead:
        return own
    crossed = np.zeros((k, k))
    for side, local in zip(sides, fits, strict=True):
        values, weight = side.values[: local.n], local.weighted[:, 0]
        rough = local.weighted.T @ values
        crossed += values.T @ (values * weight[:, None]) - rough.T @ local.inverse @ rough
    own[lead:] = -np.linalg.pinv(crossed[lead:, lead:], hermitian=True) @ crossed[lead:, :lead]
    return own


def ratio(jumps: Floats) -> Floats:
    """What one outcome (or an outcome over treatment) weighs, to first order: (lead,).

    Examples
    --------
    >>> import numpy as np
    >>> ratio(np.array([3.0])), ratio(np.array([1.0, 0.5]))
    (array([1.]), array([ 2., -4.]))
    """
    if len(jumps) == 1:
        return np.ones(1)
    outcome, treatment = jumps
    return np.array([1 / treatment, -outcome / treatment**2])
