"""A protocol whose service comes and goes, or comes in strengths: `switching` or `dose`, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.door.modelled import refuse_modelled
from hubeval.methods.did.estimators.dose import dose
from hubeval.methods.did.estimators.switching import switching
from hubeval.methods.did.figures import effects_figure
from hubeval.methods.did.inference.on_exposure import per_unit, sample_of
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import nobody_else
from hubeval.methods.readings.detectable import from_interval, smallest_change
from hubeval.methods.readings.estimates import told
from hubeval.methods.readings.leave_one_out import leave_one_out
from hubeval.methods.readings.other_scale import other_scale
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.several import adjusted
from hubeval.methods.room import Capability
from hubeval.protocol import DidDesign
from hubeval.result import Answer, Diagnostic, Estimate, FlowStep, NotComputed
from hubeval.wording import p_words

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.methods.did.estimators.effects import Effects
    from hubeval.methods.room import Progress
    from hubeval.protocol import Outcome, Protocol

    Floats = NDArray[np.float64]

SWITCHING, DOSE = "switching", "dose-response"
CAPABILITIES = {
    SWITCHING: Capability(
        estimator=SWITCHING, label="effects of a service that comes and goes, by first change",
        estimand="effect per unit of treatment, on units whose treatment changed", options=frozenset({"exposure"}),
        inference=("cluster",), reference="de Chaisemartin & D'Haultfoeuille 2024"),
    DOSE: Capability(
        estimator=DOSE, label="dose-response of units that start at different strengths",
        estimand="average effect on the treated of the dose that each got",
        options=frozenset({"exposure", "control", "anticipation"}), inference=("cluster",),
        reference="Callaway, Goodman-Bacon & Sant'Anna 2024"),
}
LIMITS = {
    SWITCHING: (
        ("It assumes that, without a change, units that changed would have moved as units with the same service before "
         "that had not changed yet; no test can show that."),
        ("After a first change a unit's later changes are part of what it had: the number is per unit of all of it."),
    ),
    DOSE: (
        ("It assumes that, without the service, units would have moved as those not (yet) treated did; no test can "
         "show that."),
        ("The change of the effect with the dose is the dose's doing only if units at one dose would have answered to "
         "another as those there did."),
    ),
}
FEWEST = 4  # clusters a side below which the errors say too little for an interval
LEADS = 3
LINE = 2  # coefficients of the effect in the dose
MOST = 40
BEFORE = Question(
    name="pre-trend", asked="Did units move apart before the change?", bears_on="sign",
    threshold="p below 0.05 among the periods before (Holm) is a caution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One outcome's answer.

    Attributes
    ----------
    head : Estimate
    rest : tuple of Estimate
        By time since the first change, or by dose; then the slope.
    keys : tuple of float
        Beside those of `rest` that the figure shows.
    early : tuple of Estimate
        Of periods before the change, where nothing should stand.
    flow : tuple of FlowStep
        What became of the records.
    """

    head: Estimate
    rest: tuple[Estimate, ...]
    keys: tuple[float, ...]
    early: tuple[Estimate, ...]
    flow: tuple[FlowStep, ...]


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome, and try to break the primary one.

    Raises
    ------
    BadInput
        An option that this estimator does not read, or data without a change or a dose to compare.
    """
    design = protocol.design
    assert isinstance(design, DidDesign)
    check(design, protocol)
    _no_blank_exposure(table.frame, design)
    fits = {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        fits[outcome.column] = fit(table.frame, design, outcome)
    main, first = protocol.primary, fits[protocol.primary.column]
    progress("trying to break the result")
    by_role = {role: [fits[o.column].head for o in protocol.outcomes if o.role == role]
               for role in ("placebo", "downstream")}
    starts = sorted(int(at) for at in table.frame[design.start].dropna().unique())
    asked = (smallest_change(detect(protocol, table), main), _before(first),
             downstream(first.head, by_role["downstream"], protocol.outcomes), placebo_outcomes(by_role["placebo"]),
             *declared(protocol.cautions, table.periods, starts))
    tried = (_without_each(table.frame, design, main, first.head),
             other_scale(first.head, table.frame[main.column].to_numpy(dtype=float),
                         lambda y, unit: _again(table.frame, design, main, y, unit)))
    heads = (first.head, *(fits[o.column].head for o in protocol.outcomes if o is not main))
    drawn = effects_figure(first.rest[: len(first.keys)], first.keys, main.label, main.unit, _axis(design))
    return Answer(
        estimates=(*heads, *(one for f in fits.values() for one in f.rest)), headline_terms=heads,
        diagnostics=tuple(d for d in asked if isinstance(d, Diagnostic)),
        probes=tuple(d for d in tried if isinstance(d, Diagnostic)), figures=(drawn,) if drawn else (),
        not_computed=tuple(d for d in (*asked, *tried) if isinstance(d, NotComputed)),
        flow=first.flow, limits=LIMITS[design.estimator], method=_method(design), sample=sample_of(table, first.head))


def check(design: DidDesign, protocol: Protocol) -> None:
    """Refuse what this estimator does not read."""
    door, plain, reads = Door(), DidDesign(time="", start=""), CAPABILITIES[design.estimator].options
    for option in ("control", "anticipation", "base", "gaps", "adjustment", "average", "mix", "window", "covariates"):
        if option not in reads and getattr(design, option) != getattr(plain, option):
            door.refuse(f"design.{option}", f"{design.estimator!r} does not read it", "left out", "Leave it out.")
    door.choice("design.inference", design.inference, ("auto", *CAPABILITIES[design.estimator].inference))
    refuse_modelled(door, protocol.cautions)
    door.close()


def _no_blank_exposure(frame: pd.DataFrame, design: DidDesign) -> None:
    """Refuse rows that do not say what a unit had: of a switching service all, of a dose those of treated units."""
    asked = frame if design.estimator == SWITCHING else frame[frame[design.start].notna()]
    if blank := int(asked[design.exposure].isna().sum()):
        door, whose = Door(), "" if design.estimator == SWITCHING else " of treated units"
        door.refuse("design.exposure", f"{blank} row(s){whose} are blank in {design.exposure!r}", "a number in each",
                    "Fill them in, or leave those rows out: a blank is not taken for none.")
        door.close()


def fit(frame: pd.DataFrame, design: DidDesign, outcome: Outcome) -> Found:
    """One outcome's effects, each with the t interval of the smaller side's clusters.

    Raises
    ------
    BadInput
    """
    assert design.unit is not None
    assert design.exposure is not None
    side = _smaller_side(frame, design)
    shared = {"outcome": outcome.column, "unit": design.unit, "time": design.time, "weights": design.weights,
              "cluster": design.cluster}
    term = f"per unit of {design.exposure}"
    if design.estimator == SWITCHING:
        found = switching(frame, treated=design.exposure, placebos=LEADS, **shared)  # type: ignore[arg-type]
        if found.overall is None:
            raise BadInput([Problem("design.exposure", "what units got adds up to nothing", "a net change",
                                    "Look for rises and falls that cancel.")])
        behind = _behind(frame, design, found.keys)
        events = _estimates(found, [f"event time {key:g}" for key in found.keys], outcome, side, behind)
        early = tuple(one for one, key in zip(events, found.keys, strict=True) if float(key) < 0)
        return Found(head=_estimates(found.overall, [term], outcome, side, (found.n_treated,))[0], rest=events,
                     keys=tuple(float(key) for key in found.keys), early=early, flow=found.flow)
    made = dose(frame, start=design.start, exposure=design.exposure, control=design.control,
                anticipation=design.anticipation, **shared)  # type: ignore[arg-type]
    assert made.slope is not None
    assert made.level.overall is not None
    assert made.slope.overall is not None
    n = (made.level.n_treated,) * len(made.level.keys)
    levels = _estimates(made.level, [f"at {key:.3g} of {design.exposure}" for key in made.level.keys], outcome, side, n)
    slope = _estimates(made.slope.overall, [term], outcome, side, n[:1])
    return Found(head=_estimates(made.level.overall, ["ATT"], outcome, side, n[:1])[0], rest=(*levels, *slope),
                 keys=tuple(float(key) for key in made.level.keys), early=_earlier(frame, design, outcome, side),
                 flow=made.level.flow)


def _earlier(frame: pd.DataFrame, design: DidDesign, outcome: Outcome, side: int) -> tuple[Estimate, ...]:
    """The effects in the dose in the last period before anything could act; none where that has no period before it."""
    acts = float((frame[design.start] - design.anticipation).min())
    before = frame[frame[design.time] < acts]
    before = before.assign(**{design.start: before[design.start].where(before[design.start].isna(), acts - 1)})
    try:
        found = dose(before, outcome=outcome.column, unit=str(design.unit), time=design.time, start=design.start,
                     exposure=str(design.exposure), weights=design.weights, cluster=design.cluster,
                     control=design.control)
    except BadInput:
        return ()
    parts = [(found.level.overall, "ATT one period early"),
             (found.slope.overall if found.slope else None, f"per unit of {design.exposure}, one period early")]
    return tuple(_estimates(part, [name], outcome, side, (part.n_treated,))[0] for part, name in parts if part)


def _smaller_side(frame: pd.DataFrame, design: DidDesign) -> int:
    """Clusters on the smaller side of those that changed (or started) and those that never did."""
    changed = frame[design.start].notna().groupby(frame[design.cluster or design.unit]).any()
    return int(min(changed.sum(), (~changed).sum()))


def _behind(frame: pd.DataFrame, design: DidDesign, keys: tuple[float | str, ...]) -> tuple[int, ...]:
    """Units that can be seen so long after their first change, or before it."""
    at = frame.groupby(design.unit)[design.start].first().dropna().to_numpy(dtype=float)
    last = float(frame[design.time].max())
    return tuple(int(((at + float(key) <= last) & (at + min(float(key), 0.0) >= 0)).sum()) for key in keys)


def _estimates(
    found: Effects, terms: list[str], outcome: Outcome, side: int, behind: tuple[int, ...]
) -> tuple[Estimate, ...]:
    """Effects as values: t with the degrees of freedom of the smaller side, none where it is too small to tell."""
    side = min(side, found.n_treated)  # units without the outcomes it takes stand behind no error
    df = min(found.df, side - 1.0)
    # a line through few doses fits them too well: squared errors over clusters less two, not over clusters
    spent = np.sqrt(1 + LINE / found.df) if found.method == DOSE else 1.0
    error = np.where(np.isfinite(found.std_error) & (side >= FEWEST), found.std_error * spent, np.nan)
    reach = stats.t.ppf(0.975, df) * error if side >= FEWEST else error
    line = " with the degrees of freedom of the line counted" if found.method == DOSE else ""
    of = "the smaller side's clusters less one" if side - 1 <= found.df else "treated clusters less two for the line"
    errors = found.inference.split(", normal")[0].split(", t with")[0]
    said = f"{errors}{line}, t with {df:.0f} degrees of freedom ({of})"
    none = f"none: fewer than {FEWEST} clusters changed, or stayed as they were, and so few show no error"
    none = none if side < FEWEST else "none: what stands behind it shows no error"
    made = []
    for j, term in enumerate(terms):
        value, known = float(found.estimate[j]), bool(np.isfinite(error[j]) and error[j] > 0)
        p = float(2 * stats.t.sf(abs(value / error[j]), df)) if known else None
        low, high = (value - float(reach[j]), value + float(reach[j])) if known else (None, None)
        made.append(Estimate(
            term=term, estimand=found.estimand, outcome=outcome.label, unit=outcome.unit, estimate=value,
            std_error=float(error[j]) if known else None, conf_low=low, conf_high=high, p_value=p,
            inference=said if known else none, n_treated=found.n_treated, n_comparison=found.n_comparison,
            n_clusters=found.n_clusters, n_observations=found.n_observations, support=behind[j]))
    return tuple(made)


def _before(found: Found) -> Diagnostic | NotComputed:
    """Whether anything stands where nothing should: all the periods (or readings) before counted together."""
    known = [one for one in found.early if one.p_value is not None]
    if not known:
        return BEFORE.unanswered("too few periods before the change, or too few clusters for an error")
    holm = adjusted([one.p_value for one in known])[0]
    worst = int(np.argmin(holm))
    said = f"{known[worst].term}: {told(known[worst], unit=True)}, {p_words(holm[worst])} among {len(known)} (Holm)"
    if holm[worst] < 0.05:
        return BEFORE.answered("caution", f"Before the change, {said}: units were already moving apart.", holm[worst])
    return BEFORE.answered("pass", f"Before the change nothing stands out; the largest is {said}. A small drift can go "
                           "unseen.", holm[worst])


def _without_each(
    frame: pd.DataFrame, design: DidDesign, outcome: Outcome, whole: Estimate
) -> Diagnostic | NotComputed:
    """The number without each unit that changed."""
    changed = frame.loc[frame[design.start].notna(), design.unit].unique()
    if not 2 <= len(changed) <= MOST:
        many = f"more than {MOST} units changed: no single one can carry the number"
        return NotComputed(what="leave one treated unit out", reason=many if len(changed) > 1 else "one unit changed")
    made = []
    for unit in changed:
        try:
            made.append(fit(frame[frame[design.unit] != unit], design, outcome).head.estimate)
        except BadInput:
            made.append(float("nan"))
    return leave_one_out(made, whole, of="treated unit")


def _again(frame: pd.DataFrame, design: DidDesign, outcome: Outcome, y: Floats, unit: str) -> Estimate:
    return replace(fit(frame.assign(**{outcome.column: y}), design, outcome).head, unit=unit)


def _axis(design: DidDesign) -> str:
    return "periods since the first change" if design.estimator == SWITCHING else str(design.exposure)


def _method(design: DidDesign) -> str:
    capability = CAPABILITIES[design.estimator]
    return f"Difference-in-differences, {capability.label} ({capability.reference})"


def detect(protocol: Protocol, table: Table) -> Detection:
    """Power by the headline's own error and interval."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    check(design, protocol)
    _no_blank_exposure(table.frame, design)
    y = table.frame[protocol.primary.column].to_numpy(dtype=float)
    head = fit(table.frame, design, protocol.primary).head
    found = from_interval(head, y[np.isfinite(y)])
    if design.estimator == DOSE:
        return replace(found, n_periods=len(table.periods))
    return per_unit(found, design, table)


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
    """No library among those installed has these estimators."""
    del table, shown  # asked as every room is
    assert isinstance(protocol.design, DidDesign)
    return nobody_else(protocol.design.estimator, "it compares changes cohort by cohort, by code of our own")
