"""How small an effect the headline of a panel would find: its own estimator and test, on panels like this one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.detection import Detection, Ends, low_end
from hubeval.errors import BadInput
from hubeval.methods.did.inference.family import FAMILY
from hubeval.methods.did.inference.headline import average, compared, settled
from hubeval.methods.did.inference.noise import noise_of
from hubeval.result import NotComputed
from hubeval.ways import smallest_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Plan
    from hubeval.methods.did.inference.noise import Noise
    from hubeval.protocol import DidDesign
    from hubeval.result import Estimate

    Floats = NDArray[np.float64]

DRAWS = 200  # panels drawn at most: each is given to the headline's own inference
ROWS = 600_000  # rows in all draws together beyond which fewer panels are drawn
FEWEST = 100
MANY_WAYS = 6_000  # ways to give the starts out, all of them tried, beyond which fewer panels are drawn


def detect(panel: Panel, design: DidDesign, *, draws: int = DRAWS, seed: int = 20261122) -> Detection:
    """How often the headline's average effect would be found in panels like this one.

    Cohort means by period are taken out, and with them any effect. Panels are drawn with the covariance over time of
    what is left, of clusters and of units within them: one shape, with a size of its own for treated and untreated
    where there are enough to tell, each as uncertain as so few units leave it. Each is given to the estimator and
    the test that the design has on this panel. An effect is constant from the start on: it moves estimate and
    interval alike, so one set of draws answers for every size.

    Parameters
    ----------
    panel : Panel
    design : DidDesign
    draws, seed : int

    Examples
    --------
    >>> from hubeval.methods.did import read_panel
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> from hubeval.protocol import DidDesign
    >>> panel = read_panel(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> found = detect(panel, DidDesign(unit="la", time="year", start="opened"), draws=100)
    >>> found.n_treated, found.power(0.0) < 0.2 < found.power(50.0)
    (8, True)
    """
    plan = settled(design, panel, seed=seed)
    treated, others = compared(panel, plan.design).sides
    before = ~panel.treated & panel.ever[panel.unit]
    means = np.bincount(panel.cluster[panel.unit][before], panel.y[before], panel.n_clusters)
    number = np.bincount(panel.cluster[panel.unit][before], minlength=panel.n_clusters)
    known = Detection(
        power=None, level=float(panel.y[before].mean()) if before.any() else None,
        level_low=None if panel.made else low_end(means[number > 0] / number[number > 0]),
        n_units=treated + others, n_treated=treated,
        n_periods=panel.n_periods, floor=_floor(panel) if plan.method == "permutation" else None)
    noise = noise_of(panel)
    if noise.silent:
        reason = ("the outcome does not vary beside what all units with one start share: there is no noise to find an "
                  "effect in")
        return replace(known, missing=(NotComputed(what="power", reason=reason),))
    ends, first = ends_of(panel, plan, noise, draws, seed)
    return replace(known, power=ends.power, scale=ends.scale, draws=len(ends.low), inference=_named(first.inference),
                   method=_method(plan, panel, len(ends.low)), notes=_notes(noise, panel))


def quick(panel: Panel, plan: Plan) -> bool:
    """Whether asking all drawn panels takes no longer than an evaluation may: no permuting, no refits, few rows."""
    simple = plan.design.estimator not in FAMILY and plan.method in {"welch", "cluster"} and not panel.x.shape[1]
    return simple and panel.n_rows * DRAWS <= ROWS


def ends_of(panel: Panel, plan: Plan, noise: Noise, draws: int, seed: int) -> tuple[Ends, Estimate]:
    """The headline's interval of the average effect in drawn panels, and one of the estimates it is the interval of."""
    rng = np.random.default_rng(seed)
    dear = plan.design.estimator in FAMILY or (plan.method == "permutation" and _floor(panel) < 1 / MANY_WAYS)
    most = FEWEST if dear else min(draws, DRAWS, max(FEWEST, ROWS // panel.n_rows))
    made: list[Estimate | None] = []
    for _ in range(most):
        drawn = replace(panel, y=noise.draw(panel, rng))
        try:
            made.append(average(drawn, plan))
        except BadInput:
            made.append(None)
    low = [-np.inf if one is None or one.conf_low is None else one.conf_low for one in made]
    high = [np.inf if one is None or one.conf_high is None else one.conf_high for one in made]
    first = next((one for one in made if one is not None), None)
    return Ends(low=np.array(low), high=np.array(high)), first or average(panel, plan)


def _floor(panel: Panel) -> float:
    """The smallest p-value that permuting this panel's starts can give."""
    lowest, highest = np.full(panel.n_clusters, panel.n_periods), np.zeros(panel.n_clusters, dtype=np.intp)
    np.minimum.at(lowest, panel.cluster, panel.first)
    np.maximum.at(highest, panel.cluster, panel.first)
    first = lowest if np.array_equal(lowest, highest) else panel.first
    sizes = np.bincount(first, minlength=panel.n_periods + 1)[:-1]
    return smallest_p(len(first), sizes[sizes > 0].tolist())


def _named(inference: str) -> str:
    """The inference without the reason for which it was chosen."""
    return f"{inference.split('; chosen', maxsplit=1)[0]}, as for the headline"


def _method(plan: Plan, panel: Panel, draws: int) -> str:
    what = "people in the protocol's own areas and waves" if panel.repeated else "the protocol's own panel"
    return (f"{draws:,} draws of {what}, cohort means taken out and with them any effect, each given to the headline's "
            f"own {plan.design.estimator} estimator and test; effects are constant from the start on.")


def _notes(noise: Noise, panel: Panel) -> tuple[str, ...]:
    if noise.apart:
        return ()
    name = panel.cluster_name if panel.repeated or panel.n_clusters < panel.n_units else "unit"
    said = (f"The noise of the treated is taken to be that of the others, which so few on a side, or a {name} that is "
            "both, cannot tell apart: if theirs is larger, less is found and more found by chance.")
    return (said,)
