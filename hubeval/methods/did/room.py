"""The room's door: a protocol of kind ``did`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door, did_you_mean, listed
from hubeval.methods.did import adoption, continuous, exposed, figures
from hubeval.methods.did.capabilities import CAPABILITIES
from hubeval.methods.did.checks import diagnostics, probes
from hubeval.methods.did.checks.composition import composition
from hubeval.methods.did.checks.cross_check import cross_check as crossed
from hubeval.methods.did.checks.together import as_one_family
from hubeval.methods.did.checks.trends import asked as trends
from hubeval.methods.did.checks.uncompared import left_out
from hubeval.methods.did.door.modelled import refuse_modelled
from hubeval.methods.did.door.panel import Panel, read_panel
from hubeval.methods.did.door.support import at_event_times, overall_support
from hubeval.methods.did.door.unseen import without_unseen
from hubeval.methods.did.estimators.cells import without_idle
from hubeval.methods.did.inference import detection
from hubeval.methods.did.inference.fitted import Fitted, Plan, labelled
from hubeval.methods.did.inference.headline import average, headline, settled
from hubeval.methods.did.inference.joint import joint, permuted_average
from hubeval.methods.did.inference.rule import GROUP_TIME_METHODS, METHODS
from hubeval.methods.did.tables import cell_table
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared, periods_a_year
from hubeval.methods.readings.detectable import smallest_change, too_dear
from hubeval.methods.readings.estimates import claims
from hubeval.methods.readings.other_scale import other_scale
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.readings.several import families
from hubeval.methods.room import Room
from hubeval.protocol import DidDesign, Outcome
from hubeval.result import Answer, Diagnostic, FlowStep, NotComputed, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.engine.specifications import Permuted
    from hubeval.engine.step_down import JointNull
    from hubeval.methods.room import Answering, CrossChecking, Progress
    from hubeval.protocol import Protocol
    from hubeval.result import Estimate, Figure

CROSS_SECTIONS = ("group-time",)
# estimators with answers of their own: what answers, what says how often an effect is found, and what asks again
APART: dict[str, tuple[Answering, Callable[[Protocol, Table], Detection], CrossChecking]] = {
    **dict.fromkeys(adoption.CAPABILITIES, (adoption.answer, adoption.detect, adoption.cross_check)),
    **dict.fromkeys(continuous.CAPABILITIES, (continuous.answer, continuous.detect, continuous.cross_check)),
    **dict.fromkeys(exposed.CAPABILITIES, (exposed.answer, exposed.detect, exposed.cross_check)),
}
LIMITS = (
    ("Difference-in-differences assumes that, without the treatment, treated units would have moved as the comparison "
     "did; no test can show that."),
    "The number is the average over the units treated here, not what hubs would do elsewhere.",
)


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome of a difference-in-differences protocol, and try to break the primary one.

    Parameters
    ----------
    protocol : Protocol
        With a `DidDesign`.
    table : Table
    progress : function of str

    Raises
    ------
    BadInput
        An option that this estimator does not read, or a table it cannot use.
    """
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return APART[protocol.design.estimator][0](protocol, table, progress)
    design = _settled(protocol.design, _panel(table, protocol.design, protocol.primary.column))
    _check(design, protocol)
    fits: dict[str, tuple[Outcome, Panel, Fitted]] = {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        panel = _panel(table, design, outcome.column)
        _comparable(panel)
        fit = _fit(panel, design, protocol.seed)
        fits[outcome.column] = (outcome, panel, _supported(labelled(fit, outcome.label, outcome.unit), panel))
    main, panel, fitted = fits[protocol.primary.column]
    progress("asking whether the design holds")
    span = periods_a_year(table.periods)
    asked = _diagnostics(protocol, table, fits, design, span)
    trend, pictures = trends.trend_checks(panel, fitted, main.label, main.unit)
    own = {o.label: (f.pretrend, _before(p, f, span)) for o, p, f in fits.values()}
    each, together = by_outcome(own, main.label)
    asked += [together] if together else []
    weighed, more = trends.comparisons(panel, main.label, main.unit, table.periods)
    asked += [*trend, *weighed]
    progress("trying to break the result")
    tried = _tried(panel, fitted, main, design, protocol.seed)
    checked = as_one_family([*asked, *tried], panel, span, fitted.anticipation)
    overall = [fits[protocol.primary.column][2].overall]
    overall += [f.overall for o, _, f in fits.values() if o is not main]
    return Answer(
        estimates=(*overall, *(e for _, _, f in fits.values() for e in f.events)), headline_terms=tuple(overall),
        diagnostics=tuple(d for d in checked[:len(asked)] if isinstance(d, Diagnostic)),
        probes=tuple(d for d in checked[len(asked):] if isinstance(d, Diagnostic)),
        figures=(*_drawn(fits, main, table.periods, design), *pictures, *more),
        not_computed=(*(d for d in (*asked, *tried) if isinstance(d, NotComputed)),
                      *(n for _, _, f in fits.values() for n in f.not_computed)),
        tables=(*(cell_table(f.cells, o.unit, o.label) for o, _, f in fits.values() if f.cells),
                *((each,) if each else ())),
        flow=_flow(panel, main), limits=(*_limits(panel, design), *trends.not_shown(trend, fitted)),
        method=_method(design), sample=_sample(panel, table, fitted), joint=_joint(protocol, fits))


def _drawn(
    fits: dict[str, tuple[Outcome, Panel, Fitted]], main: Outcome, periods: Sequence[str], design: DidDesign
) -> list[Figure]:
    """Every outcome over time and by time since the start, the primary one's first: those a short report shows."""
    drawn = []
    for o, p, f in sorted(fits.values(), key=lambda fit: fit[0].role != "primary"):
        drawn.append(figures.trends(p, periods, f.overall, by_cohort=design.estimator == "group-time"))
        drawn += [figure] if (figure := figures.event_figure(f, p, o.label, o.unit)) else []
    fitted = fits[main.column][2]
    drawn += [cohorts] if (cohorts := figures.cohort_figure(fitted, main.label, main.unit)) else []
    drawn += [spread] if (spread := figures.placebo_figure(fitted, main.label, main.unit)) else []
    return drawn


def _joint(protocol: Protocol, fits: dict[str, tuple[Outcome, Panel, Fitted]]) -> JointNull | NotComputed | None:
    """How the outcomes of the declared families vary together; None where none is declared."""
    asked = {one.column for members in families(protocol.outcomes).values() for one in members}
    kept = [(panel, fit) for column, (_, panel, fit) in fits.items() if column in asked]
    return joint(kept, seed=protocol.seed) if kept else None


def _supported(fitted: Fitted, panel: Panel) -> Fitted:
    """The same with how many units stand behind each number."""
    behind = at_event_times(panel, fitted.event_times)
    return replace(fitted, overall=replace(fitted.overall, support=overall_support(panel)),
                   events=tuple(replace(e, support=n) for e, n in zip(fitted.events, behind, strict=True)))


def _settled(design: DidDesign, panel: Panel) -> DidDesign:
    return settled(design, panel).design


def _fit(panel: Panel, design: DidDesign, seed: int) -> Fitted:
    return headline(panel, settled(design, panel, seed=seed))


def _tried(
    panel: Panel, fitted: Fitted, outcome: Outcome, design: DidDesign, seed: int
) -> tuple[Diagnostic | NotComputed, ...]:
    """Attempts to break the primary outcome's number."""
    def again(y: NDArray[np.float64], unit: str) -> Estimate:
        return labelled(_fit(replace(panel, y=y), design, seed), outcome.label, unit).overall

    return (probes.placebo_start(panel, fitted, lambda p: _fit(p, replace(design, anticipation=0), seed)),
            probes.leave_one_out(panel, fitted), probes.comparison_sets(panel, fitted),
            other_scale(fitted.overall, panel.y, again))


def _check(design: DidDesign, protocol: Protocol) -> None:
    door = Door()
    if design.estimator not in CAPABILITIES:
        known = (*CAPABILITIES, *APART)
        door.refuse("design.estimator", f"found {design.estimator!r}", f"allowed: auto, {listed(known, 20)}",
                    did_you_mean(design.estimator, known))
        door.close()
    door.choice("design.inference", design.inference, (*METHODS, *GROUP_TIME_METHODS))
    capability = CAPABILITIES[design.estimator]
    if not design.unit and design.estimator not in CROSS_SECTIONS:
        door.refuse("design.estimator", f"{design.estimator!r} follows units, and design.unit names none",
                    f"for repeated cross-sections: auto, {listed(CROSS_SECTIONS)}", "Choose one of those.")
    standard = DidDesign(time="", start="")
    for option in ("control", "anticipation", "base", "gaps", "adjustment", "average", "mix", "window"):
        asked = getattr(design, option, None)
        if asked != getattr(standard, option, None) and option not in capability.options:
            door.refuse(f"design.{option}", f"{design.estimator!r} does not read it",
                        f"read by: {listed(n for n, c in CAPABILITIES.items() if option in c.options)}",
                        "Leave it out or choose one of those.")
    if design.inference not in ("auto", *capability.inference):
        door.refuse("design.inference", f"{design.estimator!r} does not offer {design.inference!r}",
                    f"allowed: {listed(('auto', *capability.inference))}", "Choose one of those.")
    refuse_modelled(
        door, protocol.cautions, "Period effects absorb what hit both groups; drop the periods of what did not."
    )
    door.close()


def _comparable(panel: Panel) -> None:
    """Refuse a panel in which all units are treated from one period on: nothing is left to compare them with."""
    door = Door()
    if panel.ever.all() and len(panel.cohorts) == 1:
        door.refuse("design.start", f"every unit with usable rows ({panel.n_units}) starts in the same period",
                    "units that start later or never, as the comparison",
                    "Bring units without a start, or read one series with kind = 'its'.")
    door.close()


def _panel(table: Table, design: DidDesign, column: str) -> Panel:
    panel = read_panel(table.frame, outcome=column, unit=design.unit, time=design.time, start=design.start,
                       covariates=design.covariates, weights=design.weights, cluster=design.cluster,
                       anticipation=design.anticipation, latecomers=design.gaps == "rows")
    paired = design.estimator == "group-time"
    if design.gaps == "pairs":
        panel = without_unseen(panel, anticipation=design.anticipation, stay=not paired)
    if paired and design.gaps == "pairs":
        panel = without_idle(panel, control=design.control, anticipation=design.anticipation)
    if not table.periods:
        return panel
    labels = np.array([table.periods[int(position)] for position in panel.clock])
    return replace(panel, periods=labels, made=table.made)


def _diagnostics(
    protocol: Protocol, table: Table, fits: dict[str, tuple[Outcome, Panel, Fitted]], design: DidDesign, span: int,
) -> list[Diagnostic | NotComputed]:
    _, panel, fitted = fits[protocol.primary.column]
    plan = settled(design, panel, seed=protocol.seed)
    by_role = {role: [f.overall for o, _, f in fits.values() if o.role == role] for role in ("downstream", "placebo")}
    asked: list[Diagnostic | NotComputed | None] = [
        _smallest(protocol, panel, plan),
        composition(panel, plan),
        left_out(fitted),
        fitted.pretrend,
        _before(panel, fitted, span),
        downstream(fitted.overall, by_role["downstream"], protocol.outcomes),
        placebo_outcomes(by_role["placebo"], smallest_p=fitted.placebo.floor if fitted.placebo else 0.0),
        diagnostics.number_treated(fitted.cells.panel if fitted.cells else panel, fitted),
        diagnostics.noise_of_treated(panel, fitted),
        *panel.cautions,
        *declared(protocol.cautions, table.periods, [int(panel.clock[c]) for c in panel.cohorts]),
    ]
    return [found for found in asked if found is not None]


def _before(panel: Panel, fitted: Fitted, span: int) -> Diagnostic | NotComputed:
    """Whether the change came before the start, of one outcome's own headline."""
    return diagnostics.change_before_start(panel, span, fitted.overall.unit, anticipation=fitted.anticipation,
                                           claimed=claims(fitted.overall) != 0)


def _smallest(protocol: Protocol, panel: Panel, plan: Plan) -> Diagnostic | NotComputed:
    """The smallest change that would be found, by the path of `hubeval power`, where that is quick."""
    if not detection.quick(panel, plan):
        return too_dear("starts are permuted" if plan.method == "permutation" else "the panel is large or adjusted")
    return smallest_change(detection.detect(panel, plan.design, seed=protocol.seed), protocol.primary)


def _flow(panel: Panel, outcome: Outcome) -> tuple[FlowStep, ...]:
    return tuple(replace(step, label=f"{outcome.label}: {step.label}") for step in panel.flow)


def _sample(panel: Panel, table: Table, fitted: Fitted) -> Sample:
    """Who is in: the sides of the effects, where the last wave may be the comparison."""
    labels = table.periods
    first, last = (labels[int(panel.clock[i])] if labels else str(panel.label(i)) for i in (0, -1))
    treated, others = (fitted.cells.panel if fitted.cells else panel).sides
    return Sample(n_units=treated + others, n_treated=treated, n_comparison=others,
                  n_periods=panel.n_periods, first_period=first, last_period=last)


def _method(design: DidDesign) -> str:
    capability = CAPABILITIES[design.estimator]
    return f"Difference-in-differences, {capability.label} ({capability.reference})"


def _limits(panel: Panel, design: DidDesign) -> tuple[str, ...]:
    more = []
    if design.estimator == "two-way" and len(panel.cohorts) > 1:
        more.append("Starts are staggered, and two-way fixed effects weights cohorts in a way that need not be an "
                    "average of their effects.")
    if panel.repeated:
        held = "" if design.mix == "as found" else " beyond the covariates whose mix is held"
        more.append("Different people answer each time: if opening hubs, or anything else, changed who lives in an "
                    f"area or who answers there{held}, that is in the number.")
    if panel.clusters_treated == 1:
        more.append("One place is treated: whatever else happened there at the time is in the number.")
    return (*LIMITS, *more)


def panel_for(protocol: Protocol, table: Table) -> tuple[Panel, DidDesign]:
    """The primary outcome's panel and the design settled for it, refused as `answer` would refuse it.

    The estimator is settled once, on all units: without those that are in no effect fewer cohorts may be left, and a
    second look would choose another.
    """
    assert isinstance(protocol.design, DidDesign)
    design = _settled(protocol.design, _panel(table, protocol.design, protocol.primary.column))
    _check(design, protocol)
    panel = _panel(table, design, protocol.primary.column)
    _comparable(panel)
    return panel, design


def ask(protocol: Protocol, table: Table) -> tuple[Diagnostic, ...]:
    """What can be asked of the data before any effect: whether other people's mix moved with the treatment."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.by_amount or protocol.design.unit:
        return ()
    panel, design = panel_for(protocol, table)
    found = composition(panel, settled(design, panel, seed=protocol.seed))
    return (found,) if isinstance(found, Diagnostic) else ()


def detect(protocol: Protocol, table: Table, *, draws: int, seed: int) -> Detection:
    """How often the headline of a protocol would find an effect in data like these."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return APART[protocol.design.estimator][1](protocol, table)
    panel, design = panel_for(protocol, table)
    return detection.detect(panel, design, draws=draws, seed=seed)


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
    """The headline once more, by linearmodels or statsmodels, on the same rows."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return APART[protocol.design.estimator][2](protocol, table, shown)
    return crossed(*panel_for(protocol, table), shown)


def accepts(protocol: Protocol) -> None:
    """Refuse options that the estimator named does not read, or that nothing here offers."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return
    door = Door()
    door.choice("design.inference", protocol.design.inference, (*METHODS, *GROUP_TIME_METHODS))
    door.close()
    if protocol.design.estimator != "auto":
        _check(protocol.design, protocol)


def head(protocol: Protocol, table: Table) -> Estimate:
    """The primary outcome's average alone, by the functions of `answer`."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return answer(protocol, table, lambda _line: None).headline_terms[0]
    (panel, design), main = panel_for(protocol, table), protocol.primary
    found = average(panel, settled(design, panel, seed=protocol.seed))
    return replace(found, outcome=main.label, unit=main.unit, support=overall_support(panel))


def permuted(protocol: Protocol, table: Table) -> Permuted | NotComputed:
    """The primary outcome's average under permuted starts, whatever its own inference."""
    assert isinstance(protocol.design, DidDesign)
    if protocol.design.estimator in APART:
        return NotComputed(what="permutation", reason=f"{protocol.design.estimator!r} is not permuted here")
    panel, design = panel_for(protocol, table)
    return permuted_average(panel, settled(design, panel, seed=protocol.seed))


AMOUNTS = {**continuous.CAPABILITIES, **adoption.CAPABILITIES, **exposed.CAPABILITIES}
ROOM = Room(kind="did", capabilities={**CAPABILITIES, **AMOUNTS}, answer=answer, detect=detect,
            cross_check=cross_check, ask=ask, accepts=accepts, head=head, permuted=permuted)
