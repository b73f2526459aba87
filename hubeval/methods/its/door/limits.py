"""What the length of a series can carry, and the lines below which it is said instead of guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.door.model import design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.errors import Door
    from hubeval.methods.its.door.model import SeriesModel

    Floats = NDArray[np.float64]

LEAST = 3  # points a side below which there is no interrupted time series (EPOC)
LEAST_INTERVAL = 6  # points a side below which no interval is given
LEAST_TOTAL = 12
LEAST_EVENTS = 5  # counts: events before the start below which there is no level to compare with (our judgement)


def intervals_possible(model: SeriesModel) -> bool:
    """Whether the series is long enough for an interval to mean anything."""
    before, after = int(model.before.sum()), int(model.after.sum())
    return min(before, after) >= LEAST_INTERVAL and before + after >= LEAST_TOTAL


def enough(model: SeriesModel, door: Door) -> None:
    """Refuse what the length of the series cannot carry."""
    before, after = int(model.before.sum()), int(model.after.sum())
    if before < LEAST or after < LEAST:
        door.refuse(
            "start",
            f"{before} usable periods before and {after} after",
            f"at least {LEAST} each side (12 or more to be of use)",
            "Wait for more data, or use shorter periods if they are recorded.",
        )
        return
    season = model.seasonality
    if season is not None and model.axis.cycle == 0:
        found = "the periods are neither months nor quarters"
        door.refuse("seasonality", found, "months or quarters", "Leave seasonality out, or write dates.")
        return
    most = max(model.axis.cycle // 2, 1)
    if season is not None and not 1 <= season.harmonics <= most:
        door.refuse("seasonality", f"{season.harmonics} harmonics", f"1 to {most}", "Use fewer.")
        return
    if season is not None and season.changes and after < model.axis.cycle:
        found = f"may change at the start, with {after} periods after it"
        door.refuse("seasonality", found, f"a whole year ({model.axis.cycle})", "Wait, or let the season be steady.")
        return
    x = design(model).x
    x = x / np.maximum(np.linalg.norm(x, axis=0), 1e-300)
    if model.n - x.shape[1] < 2:
        found = f"{model.n} periods for {x.shape[1]} terms"
        door.refuse("frame", found, "at least 2 periods more than terms", "Leave out seasonality or other terms.")
    elif np.linalg.matrix_rank(x, tol=1e-9) < x.shape[1]:
        door.refuse(
            "covariates",
            "a declared term is a combination of the others (a shock that lasts as long as the effect, say)",
            "terms that can be told apart",
            "Leave it out or change its dates.",
        )
    elif model.log_link:
        _events(model, door)
    else:
        _noise(model, x, door)


def _events(model: SeriesModel, door: Door) -> None:
    """A ratio needs events before the start; how many came after it is the answer, and never a reason to refuse."""
    events = int(model.y[model.before].sum())
    if events < LEAST_EVENTS:
        cure = "There is no level to compare with: describe the counts instead."
        found = f"{events or 'no'} events before the start"
        door.refuse(f"outcome ({model.outcome})", found, f"at least {LEAST_EVENTS} before the start", cure)


def _noise(model: SeriesModel, x: Floats, door: Door) -> None:
    """A series that its terms fit exactly leaves nothing to judge uncertainty by."""
    y = model.y - model.offset
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    if float(np.abs(rest).max()) <= 1e-11 * float(np.abs(model.y).max()):
        cure = "Check that the outcome is not computed from the time, a covariate or the comparison series."
        door.refuse(
            f"outcome ({model.outcome})", "is fitted exactly by the declared terms", "a series with noise", cure
        )
