"""An event study's path: effects before and after the reference period, ready for tests of its trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import Door
from hubeval.methods.did.estimators.aggregate import Aggregate
from hubeval.methods.did.estimators.effects import Effects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.inference.regression import Regression

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPath:
    """Effects by periods since the start, against one reference period that is zero by construction.

    Attributes
    ----------
    before, after : (p,) and (q,) float
        Event times before and after the reference, one step apart.
    estimate : (p + q,) float
    covariance : (p + q, p + q) float
    reference : float
        Event time of the reference period.
    method, inference : str
    """

    before: Floats
    after: Floats
    estimate: Floats
    covariance: Floats
    reference: float
    method: str = ""
    inference: str = ""

    @property
    def average(self) -> Floats:
        """Weights of the mean over the periods from the start on, (q,)."""
        counted = self.after >= 0
        return np.asarray(counted / counted.sum())

    def weights(self, horizon: float | None) -> Floats:
        """Weights of one horizon, or of the mean over all from the start on, (q,)."""
        if horizon is None:
            return self.average
        door = Door()
        if horizon not in self.after:
            door.refuse("horizon", f"found {horizon:g}", f"{self.after[0]:g} to {self.after[-1]:g}", "Choose one.")
        door.close()
        return np.asarray(self.after == horizon, dtype=np.float64)


def event_path(effects: Effects | Aggregate | Regression, reference: float = -1.0) -> EventPath:
    """Check that effects form a path about one reference period, and split them there.

    Raises
    ------
    BadInput
        They are not by event time, have a varying base, gaps, or no period before or after.

    Examples
    --------
    >>> import numpy as np
    >>> effects = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-2.0, 0.0, 1.0),
    ...                   estimate=np.zeros(3), covariance=np.eye(3))
    >>> event_path(effects).before, event_path(effects).average
    (array([-2.]), array([0.5, 0.5]))
    """
    times, estimate, covariance, method, inference = _parts(effects)
    door = Door()
    if not len(times):
        door.refuse("effects", "are not by event time", "an event study", "Use aggregate('event') or event_study.")
        door.close()
    order = np.argsort(times)
    times, estimate, covariance = times[order], estimate[order], covariance[np.ix_(order, order)]
    at = times == reference
    if at.any() and float(np.nan_to_num(covariance[at, at]).max()) > 0:
        door.refuse("effects", f"event time {reference:g} has an estimate of its own", "one reference period for all",
                    "Use base='universal', or name the reference.")
    times, estimate, covariance = times[~at], estimate[~at], covariance[np.ix_(~at, ~at)]
    if not np.isfinite(covariance).all():
        door.refuse("effects", "some standard errors could not be computed", "errors for every event time",
                    "Read 'not_computed'; cohorts of one unit need randomisation inference.")
    if not (times < reference).any() or not (times >= 0).any():
        door.refuse("effects", f"event times are {times.min():g} to {times.max():g}",
                    f"some before {reference:g} and some from 0 on", "Widen the window or name the reference.")
    whole = np.sort(np.append(times, reference))
    if len(whole) > 2 and not np.allclose(np.diff(whole), whole[1] - whole[0]):
        door.refuse("effects", "event times have gaps", "one step apart throughout",
                    "Leave out the far periods, or aggregate to longer ones.")
    door.close()
    return EventPath(before=times[times < reference], after=times[times > reference], estimate=estimate,
                     covariance=covariance, reference=reference, method=method, inference=inference)


def _parts(effects: Any) -> tuple[Floats, Floats, Floats, str, str]:
    """Event times, effects and covariance of any of the room's event studies, with method and inference."""
    if isinstance(effects, Effects):
        keys = effects.keys if effects.by == "event_time" else ()
        method, inference = effects.method, effects.inference
    elif isinstance(effects, Aggregate):
        keys = tuple(effects.keys.tolist()) if effects.kind == "event" else ()
        method, inference = "group-time effects", "influence functions"
    else:
        keys, method, inference = effects.event_times, "two-way event study", "cluster-robust (CR1)"
    if not keys:
        return np.empty(0), np.empty(0), np.empty((0, 0)), method, inference
    seen = np.isfinite(effects.estimate)
    return (np.array(keys, dtype=np.float64)[seen], effects.estimate[seen],
            effects.covariance[np.ix_(seen, seen)], method, inference)
