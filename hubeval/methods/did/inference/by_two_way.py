"""The two-way fixed-effects answer, as the room asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.estimators.two_way import fit_columns, treatment
from hubeval.methods.did.inference.fitted import Fitted, band_of, path_of, spread
from hubeval.methods.did.inference.rule import by_welch
from hubeval.methods.did.inference.two_way_read import fit_event_study, fit_two_way, trend_test
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.effects import Effects
from hubeval.methods.did.inference.fitted import Plan


def by_two_way(panel: Panel, plan: Plan) -> Fitted:
    """The two-way fixed-effects answer."""
    main = fit_two_way(panel, inference=plan.method, because=plan.because, seed=plan.seed)  # type: ignore[arg-type]

    def point(other: Panel) -> float:
        return float(fit_two_way(other, inference="cluster").estimate[0])

    def influence() -> tuple[Panel, NDArray[np.float64]]:
        found = main.found if main.found is not None else fit_columns(panel, treatment(panel), ("ATT",))
        return panel, found.influence[0]

    # those two compare with what others do by themselves
    moved = None if plan.method in {"conley-taber", "ferman-pinto"} else influence
    # those two are about one number; the path is then read by permuted starts
    studied = "permutation" if plan.method in {"conley-taber", "ferman-pinto"} else plan.method
    try:
        study = fit_event_study(panel, window=plan.design.window, inference=studied,  # type: ignore[arg-type]
                                because=plan.because, seed=plan.seed)
    except BadInput as problem:
        absent = NotComputed(what="event study", reason=str(problem))
        return Fitted(method=plan.method, overall=main.estimates[0], events=(), event_times=(),
                      trend_test=absent, point=point, not_computed=main.not_computed, placebo=main.placebo,
                      influence=moved)
    seen = np.isfinite(study.estimate)
    events = tuple(e for e, ok in zip(study.estimates, seen, strict=True) if ok)
    times = tuple(t for t, ok in zip(study.event_times, seen, strict=True) if ok)
    keys = np.array(study.event_times)

    def path() -> Effects:
        if plan.method == "permutation" and study.placebo is not None:
            return path_of(keys[seen], study.estimate[seen], spread(study.placebo.part(seen)), "permuted starts")
        assert study.found is not None
        covariance = by_welch(study.estimate, study.found.influence, panel, 0.95)[1]
        return path_of(keys[seen], study.estimate[seen], covariance[np.ix_(seen, seen)], "cluster errors")

    return Fitted(method=plan.method, overall=main.estimates[0], events=events, event_times=times,
                  trend_test=trend_test(study), point=point, not_computed=study.not_computed,
                  band=band_of(study.placebo, seen),
                  placebo=main.placebo, path=path, influence=moved)
