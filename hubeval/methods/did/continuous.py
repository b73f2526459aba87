"""A protocol whose exposure is an amount and not a start: fixed effects of units and periods, an answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput, Door
from hubeval.methods.did.door.modelled import refuse_modelled
from hubeval.methods.did.inference.fixed_effects import ESTIMAND, fixed_effects
from hubeval.methods.did.inference.on_exposure import per_unit, sample_of
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import Found, compared
from hubeval.methods.readings.detectable import from_interval, smallest_change
from hubeval.methods.readings.estimates import told
from hubeval.methods.readings.leave_one_out import leave_one_out
from hubeval.methods.readings.other_scale import other_scale
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.readings.question import Question
from hubeval.methods.room import Capability
from hubeval.protocol import DidDesign
from hubeval.result import Answer, Diagnostic, Figure, NotComputed, Series
from hubeval.wording import p_words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.methods.did.inference.fixed_effects import Slope
    from hubeval.methods.room import Progress
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Estimate

NAME = "fixed-effects"
CAPABILITY = Capability(
    estimator=NAME, label="fixed effects of units and periods on an amount of exposure", estimand=ESTIMAND,
    options=frozenset({"exposure"}), inference=("cr2", "cluster", "driscoll-kraay"),
    reference="de Chaisemartin & D'Haultfoeuille 2020 on its weights")
CAPABILITIES = {NAME: CAPABILITY}
LIMITS = (
    ("It assumes that places whose exposure changed otherwise would have moved alike, that the effect grows in "
     "proportion to the exposure, and that it is alike everywhere; no test can show that."),
    "Exposure that answers to need (more where things get worse) is in the number as if it were the effect.",
    "The number is for one unit more of the exposure; beyond the exposures seen here it says nothing.",
)
AHEAD = Question(
    name="exposure to come", asked="Does exposure that has not happened yet go with the outcome?",
    threshold="p below 0.05 for the next period's exposure, beside this period's, is a caution", bears_on="sign")
MOST = 40  # exposed units that are left out in turn


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome on an amount of exposure, and try to break the primary one.

    Raises
    ------
    BadInput
        An option that this estimator does not read, or an exposure that units and periods say already.
    """
    design = protocol.design
    assert isinstance(design, DidDesign)
    check(design, protocol)
    fits = {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        fits[outcome.column] = _fit(table.frame, design, outcome)
    main, first = protocol.primary, fits[protocol.primary.column]
    progress("trying to break the result")
    by_role = {role: [fits[o.column].estimate for o in protocol.outcomes if o.role == role]
               for role in ("placebo", "downstream")}
    starts = sorted(int(at) for at in table.frame[design.start].dropna().unique())
    each, together = by_outcome({o.label: fits[o.column].cautions for o in protocol.outcomes}, main.label)
    asked = (smallest_change(detect(protocol, table), main), *first.cautions,
             downstream(first.estimate, by_role["downstream"], protocol.outcomes), placebo_outcomes(by_role["placebo"]),
             *declared(protocol.cautions, table.periods, starts), together)
    tried = (_ahead(table.frame, design, main), _without_each(table.frame, design, main, first.estimate),
             other_scale(first.estimate, table.frame[main.column].to_numpy(dtype=float),
                         lambda y, unit: _again(table.frame, design, main, y, unit)))
    estimates = (first.estimate, *(fits[o.column].estimate for o in protocol.outcomes if o is not main))
    return Answer(
        estimates=estimates, headline_terms=estimates, diagnostics=tuple(d for d in asked if isinstance(d, Diagnostic)),
        probes=tuple(d for d in tried if isinstance(d, Diagnostic)), figures=(_figure(table, design),),
        not_computed=tuple(d for d in (*asked, *tried) if isinstance(d, NotComputed)),
        tables=(each,) if each else (), flow=first.flow[1:], limits=LIMITS,
        method=f"Difference-in-differences, {CAPABILITY.label} ({CAPABILITY.reference})",
        sample=sample_of(table, first.estimate))


def check(design: DidDesign, protocol: Protocol) -> None:
    """Refuse what this estimator does not read."""
    door, plain = Door(), DidDesign(time="", start="")
    for option in ("control", "anticipation", "base", "gaps", "adjustment", "window", "average"):
        if getattr(design, option) != getattr(plain, option):
            door.refuse(f"design.{option}", f"{NAME!r} does not read it", "left out", "Leave it out.")
    door.choice("design.inference", design.inference, ("auto", *CAPABILITY.inference))
    if design.inference == "driscoll-kraay" and design.cluster:
        door.refuse("design.cluster", "does not apply to inference 'driscoll-kraay'", "'cluster' or 'cr2'",
                    "Leave it out.")
    refuse_modelled(door, protocol.cautions)
    door.close()


def _fit(
    frame: pd.DataFrame, design: DidDesign, outcome: Outcome, *, exposure: str = "", also: tuple[str, ...] = ()
) -> Slope:
    """The slope of one outcome, named and in its unit."""
    assert design.unit is not None
    assert design.exposure is not None
    found = fixed_effects(
        frame, outcome=outcome.column, unit=design.unit, time=design.time, exposure=exposure or design.exposure,
        covariates=(*design.covariates, *also), weights=design.weights, cluster=design.cluster,
        inference=design.inference)  # type: ignore[arg-type]
    named = replace(found.estimate, term=f"per unit of {design.exposure}", outcome=outcome.label, unit=outcome.unit)
    return replace(found, estimate=named)


def _again(frame: pd.DataFrame, design: DidDesign, outcome: Outcome, y: NDArray[np.float64], unit: str) -> Estimate:
    return replace(_fit(frame.assign(**{outcome.column: y}), design, outcome).estimate, unit=unit)


def _ahead(frame: pd.DataFrame, design: DidDesign, outcome: Outcome) -> Diagnostic | NotComputed:
    """The next period's exposure beside this one's: what has not happened yet can have done nothing."""
    lead, time, unit = "exposure of the next period", design.time, design.unit
    later = frame[[unit, time, design.exposure]].assign(**{time: frame[time] - 1})
    later = later.rename(columns={design.exposure: lead})
    both = frame.merge(later, on=[unit, time], how="left")
    assert design.exposure is not None
    try:
        found = _fit(both, design, outcome, exposure=lead, also=(design.exposure,)).estimate
    except BadInput as problem:
        return AHEAD.unanswered("; ".join(p.found for p in problem.problems))
    p = found.p_value if found.p_value is not None else 1.0
    said = f"One unit more of exposure in the period to come goes with {told(found, unit=True)}, {p_words(p)}"
    if p < 0.05:
        said += ": it can have caused nothing yet, so exposure may follow the outcome, or both something else."
        return AHEAD.answered("caution", said, p)
    return AHEAD.answered("pass", f"{said}: nothing that stands out where nothing should.", p)


def _without_each(
    frame: pd.DataFrame, design: DidDesign, outcome: Outcome, whole: Estimate
) -> Diagnostic | NotComputed:
    """The slope without each exposed unit."""
    exposed = frame.loc[frame[design.exposure] > 0, design.unit].unique()
    if not 2 <= len(exposed) <= MOST:
        many = f"more than {MOST} exposed units: no single one can carry the number"
        reason = "one unit is exposed" if len(exposed) < 2 else many
        return NotComputed(what="leave one exposed unit out", reason=reason)
    made = []
    for unit in exposed:
        try:
            rest = replace(design, inference="cluster" if design.inference == "auto" else design.inference)
            made.append(_fit(frame[frame[design.unit] != unit], rest, outcome).estimate.estimate)
        except BadInput:
            made.append(float("nan"))
    return leave_one_out(made, whole, of="exposed unit")


def _figure(table: Table, design: DidDesign) -> Figure:
    """Mean exposure by period, of the units that were ever exposed."""
    frame = table.frame[table.frame[design.start].notna()]
    amount = frame.groupby(design.time)[str(design.exposure)]
    means, counts = amount.mean(), amount.count()
    x = tuple(float(at) for at in means.index)
    return Figure(
        name="exposure", title=f"Mean {design.exposure} of the units that were exposed at some time", x_label="period",
        y_label=str(design.exposure), ticks=tuple((at, table.periods[int(at)]) for at in x),
        series=(Series(label="exposed at some time", x=x, y=tuple(float(v) for v in means), holds="mean",
                       n=tuple(int(n) for n in counts)),),
        text=f"Mean {design.exposure} by period, {table.periods[int(x[0])]} to {table.periods[int(x[-1])]}, of the "
        "units that were exposed at some time.")


def detect(protocol: Protocol, table: Table) -> Detection:
    """Power by the headline's own error and interval."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    check(design, protocol)
    y = table.frame[protocol.primary.column].to_numpy(dtype=float)
    found = from_interval(_fit(table.frame, design, protocol.primary).estimate, y[np.isfinite(y)])
    return per_unit(found, design, table)


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
    """The slope once more, by statsmodels: weighted least squares on dummies of units and periods."""
    import pandas as pd  # noqa: PLC0415
    from statsmodels.regression.linear_model import WLS  # noqa: PLC0415 - imported only where it is used

    design, column = protocol.design, protocol.primary.column
    assert isinstance(design, DidDesign)
    names = [column, design.exposure, *design.covariates, *([design.weights] if design.weights else [])]
    rows = table.frame.dropna(subset=[n for n in names if n])
    x = pd.concat([
        rows[[design.exposure]].astype(float),
        *(pd.get_dummies(rows[[name]], drop_first=True, dtype=float) for name in design.covariates),
        *(pd.get_dummies(rows[n].astype(str), prefix=n, drop_first=n == design.time, dtype=float)
          for n in (design.unit, design.time))], axis=1)
    w = rows[design.weights].to_numpy(dtype=float) if design.weights else np.ones(len(rows))
    fit = WLS(rows[column].to_numpy(dtype=float), x.to_numpy(), weights=w).fit()
    return compared(shown, Found(estimate=float(fit.params[0]), library="statsmodels",
                                 how="WLS on the exposure and dummies of units and periods"))
