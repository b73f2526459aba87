"""The outcome taken apart, so that a permuted estimate can be had of each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Columns of rows, (n,), that estimators are made of.

    Attributes
    ----------
    rest : (n,) float
        The outcome without the effects from the (anticipated) start on, as estimated by event time.
    effect : (n,) float
        Those effects.
    treated : (n,) float
        1 under treatment.
    trend : (n,) float
        A trend of the treated that grows by one a period up to the last one before the (anticipated) start.
    """

    rest: Floats
    effect: Floats
    treated: Floats
    trend: Floats


def layers(panel: Panel, keys: Floats, estimate: Floats, anticipation: int = 0) -> Layers:
    """The layers of a panel's outcome, given effects by event time.

    Parameters
    ----------
    panel : Panel
    keys, estimate : (k,) float
        Event times and effects.
    anticipation : int
    """
    at = {key: value for key, value in zip(keys.tolist(), estimate.tolist(), strict=True)
          if key >= -anticipation and np.isfinite(value)}
    event, where = np.unique(panel.event, return_inverse=True)
    effect = np.array([at.get(e, 0.0) for e in event.tolist()])[where]
    trend = np.where(np.isfinite(panel.event), np.minimum(panel.event, -1.0 - anticipation), 0.0)
    return Layers(rest=panel.y - effect, effect=effect, treated=panel.treated.astype(np.float64), trend=trend)
