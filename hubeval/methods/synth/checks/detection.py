"""How small an effect the headline of one treated unit would find: every unit takes its turn as the treated one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.detection import Detection, Turns, low_end
from hubeval.methods.synth.fits.control import ControlFit, control_of
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.synthetic_did import SyntheticDid
    from hubeval.result import Estimate

    Floats = NDArray[np.float64]
    Fit = ControlFit | SyntheticDid

REFITS = 1_600  # fits in all, where every turn needs as many as there are units
ACCIDENT = (
    "the ridge step follows the time before the start so closely that the error the test divides by is an accident of "
    "these data: others like them would be judged by another, and no size would hold for them"
)
FEW = 20  # donors
TRIED = (
    "With so few donors take it for a lower bound: in made-up panels of 12, sizes that this estimator was said to find "
    "80% of the time were found 75% of the time (docs/power.md)."
)
MOVEMENTS = 22.0  # degrees of freedom, were units to move after the start by as many independent parts as there can be
FEWEST, MOST = 2.0, 12.0  # of them: bounds for paths that move as one, and for those that seem not to
UNSTEADY = 1.5  # times as far from its donors before the start as others are, beyond which sizes grow with it


def detect(own: Fit, fit: Callable[[Panel], Fit], *, seed: int = 20261122) -> Detection:
    """How often the headline would find an effect, had it been any of these units that was treated.

    The treated unit's estimated effect is taken out; it takes its turn like the others. Each turn is the headline's
    own fit and test, with all other units for donors. An effect is constant from the start on: it moves estimate and
    interval alike.

    Parameters
    ----------
    own : ControlFit or SyntheticDid
        The headline's fit.
    fit : function of Panel
        The same fit of another panel, as the protocol names it.
    seed : int
        Which units take a turn, where a turn is too dear for all.

    Examples
    --------
    >>> from hubeval.methods.synth.door.frames import read_panel
    >>> from hubeval.methods.synth.fits.control import control_of
    >>> from hubeval.synthetic.synth import donor_panel
    >>> panel = read_panel(donor_panel(n_donors=25).frame, outcome="referrals_per_10k", unit="authority",
    ...                    time="quarter", treated="Hubcaster", start="2019Q1")
    >>> found = detect(control_of(panel), control_of)
    >>> round(found.floor, 3), found.power(0.0) < 0.08, found.power(1.0) < found.power(40.0)
    (0.038, True, True)
    """
    panel = own.panel
    n = len(panel.units)
    before = panel.y[: panel.t0, panel.treated[0]]
    whole = isinstance(own, ControlFit) and own.inference == "placebo"
    known = Detection(power=None, level=float(before.mean()), level_low=low_end(before), floor=1 / n if whole else None,
                      n_units=n, n_treated=1, n_periods=len(panel.times))
    if isinstance(own, ControlFit) and own.augment:
        return replace(known, missing=(NotComputed(what="power", reason=ACCIDENT),))
    y = panel.y.copy()
    y[panel.t0 :, panel.treated[0]] -= own.estimate
    quiet = replace(panel, y=y)
    count = n if whole else min(n, max(REFITS // n, 10))
    turns = np.sort(np.random.default_rng(seed).permutation(n)[:count])
    heads = _by_rank(quiet, own, turns) if whole else [fit(_turned(quiet, i)).estimates()[0] for i in turns.tolist()]
    found = Turns(low=np.array([_end(one.conf_low, -1) for one in heads]),
                  high=np.array([_end(one.conf_high, 1) for one in heads]))
    wider = _unsteady(quiet)
    found = Turns(low=found.low * wider, high=found.high * wider, history=_history(quiet))
    note = (f"Before the start the treated unit moved {wider:.1f} times as much about the others' mean as they did: "
            "sizes are larger by as much.")
    short = not isinstance(own, ControlFit) and len(panel.donors) < FEW
    notes = (*((note,) if wider > 1 else ()), *((TRIED,) if short else ()))
    return replace(known, power=found.power, scale=found.scale, draws=count, method=_method(n, count),
                   inference=f"{own.estimates()[0].inference.split(';')[0]}, as for the headline", notes=notes)


def _by_rank(quiet: Panel, own: Fit, turns: NDArray[np.int64]) -> list[Estimate]:
    """The headline of every turn, from one set of fits: each unit is fitted on all the others in any case."""
    assert isinstance(own, ControlFit)
    made = control_of(quiet, inference=own.inference, augment=own.augment, penalty=own.penalty, pool=own.pool)
    heads = []
    for i in turns.tolist():
        turn = replace(made, panel=_turned(quiet, i), tests=replace(made.tests, treated=i))
        heads.append(turn.estimates()[0])
    return heads


def _turned(panel: Panel, unit: int) -> Panel:
    return replace(panel, treated=(unit,))


def _end(value: float | None, sign: int) -> float:
    return sign * np.inf if value is None else value


def _unsteady(panel: Panel) -> float:
    """How much further from the mean of the others the treated unit was before the start, where clearly further."""
    y = panel.y[: panel.t0]
    gap = y - (y.sum(axis=1, keepdims=True) - y) / (y.shape[1] - 1)
    change = np.diff(gap, axis=0)
    spread = np.sqrt((change**2).mean(axis=0)) if len(change) else np.ones(y.shape[1])
    typical = float(np.median(np.delete(spread, panel.treated[0])))
    ratio = float(spread[panel.treated[0]]) / typical if typical > 0 else 1.0
    return ratio if ratio > UNSTEADY else 1.0


def _history(panel: Panel) -> float:
    """Degrees of freedom that the units' spread after the start is known with: fewer, the more they move as one.

    All units share what moved them. Of the paths after the start, about their own levels before it and about the mean,
    the number of independent movements is the participation ratio of their variances (the squared sum over the sum of
    squares); beside the most that so many units and periods can show it says how much of a history is chance that
    another history would not repeat. The factor was settled on made-up panels (docs/power.md).

    Examples
    --------
    >>> from hubeval.methods.synth.door.frames import read_panel
    >>> from hubeval.synthetic.synth import donor_panel
    >>> panel = read_panel(donor_panel(n_donors=25).frame, outcome="referrals_per_10k", unit="authority",
    ...                    time="quarter", treated="Hubcaster", start="2019Q1")
    >>> 2.0 <= _history(panel) <= 12.0
    True
    """
    after = panel.y[panel.t0 :] - panel.y[: panel.t0].mean(axis=0)
    own = np.linalg.svd(after - after.mean(axis=1, keepdims=True), compute_uv=False) ** 2
    if not own.sum() > 0:
        return np.inf
    k, n = after.shape
    share = own.sum() ** 2 / (own**2).sum() * (k + n) / (k * (n - 1))
    return float(np.clip(MOVEMENTS * share, FEWEST, MOST))


def _method(n: int, count: int) -> str:
    who = f"Each of {n} units" if count == n else f"{count} of {n} units, picked at random,"
    return (f"{who} took its turn as the treated one (the treated unit with its estimated effect taken out), the "
            "others its donors, by the headline's own fit and test; effects are constant from the start on. Power "
            f"moves in steps of 1/{count}, and is averaged over how far another history might move all units.")
