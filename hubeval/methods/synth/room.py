"""The room's door: a protocol of kind ``synth`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hubeval.errors import Door, listed
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import nobody_else
from hubeval.methods.readings.detectable import smallest_change
from hubeval.methods.readings.other_scale import ASKED, other_scale
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.room import Room
from hubeval.methods.synth import figures, tables
from hubeval.methods.synth.capabilities import CAPABILITIES
from hubeval.methods.synth.checks import detection, diagnostics
from hubeval.methods.synth.checks.leave_one_out import leave_one_out
from hubeval.methods.synth.checks.placebo_starts import tried as tried_earlier
from hubeval.methods.synth.door.protocols import panel_of
from hubeval.methods.synth.fits.control import ControlFit, Inference, control_of
from hubeval.methods.synth.fits.synthetic_did import SyntheticDid, synthetic_did_of
from hubeval.protocol import SynthDesign
from hubeval.result import Answer, Diagnostic, FlowStep, NotComputed, ResultTable, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.methods.room import Progress
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Estimate

    Fit = ControlFit | SyntheticDid
    Floats = NDArray[np.float64]

LIMITS = (
    (
        "A synthetic control assumes that what joined the treated unit to its donors before the start would have gone "
        "on after it; no test can show that."
    ),
    "One place is treated: whatever else happened there at the time is in the number.",
    "Donors touched by the programme, or by families moving to it, would pull the estimate towards zero.",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for one outcome."""

    outcome: Outcome
    fit: Fit
    left_out: tuple[str, ...]


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome of a synthetic-control protocol, and try to break the primary one.

    Parameters
    ----------
    protocol : Protocol
        With a `SynthDesign`.
    table : Table
        Its frame's `time` column holds positions; `start` is the position of the first treated period.
    progress : function of str

    Raises
    ------
    BadInput
        An option that this estimator does not read, or a table it cannot use.
    """
    design = protocol.design
    assert isinstance(design, SynthDesign)
    _check(design, protocol)
    found = _fitted(protocol, design, table, progress)
    main = found[protocol.primary.column]
    ordered = (main, *(f for f in found.values() if f is not main))
    estimates = {f.outcome.column: f.fit.estimates(f.outcome.label, f.outcome.unit) for f in ordered}
    heads = tuple(estimates[f.outcome.column][0] for f in ordered)
    progress("asking whether the design holds")
    by_role = {role: [e for e, f in zip(heads, ordered, strict=True) if f.outcome.role == role]
               for role in ("placebo", "downstream")}
    each, together = by_outcome({f.outcome.label: _own(f.fit, f.outcome.unit) for f in ordered}, main.outcome.label)
    asked = [
        smallest_change(_detected(main.fit, protocol, protocol.seed), main.outcome),
        *_asked(main.fit, main.outcome.unit),
        diagnostics.variability(main.fit),
        placebo_outcomes(by_role["placebo"], smallest_p=_smallest_p(main.fit)),
        downstream(heads[0], by_role["downstream"], protocol.outcomes),
        *declared(protocol.cautions, table.periods, [table.start or 0]),
        together,
    ]
    progress("trying to break the result")
    tried, drawn, shown = _probed(main)
    tried.append(_other_scale(main, heads[0], design, protocol.seed))
    others = [figures.paths(f.fit, f.outcome.label, f.outcome.unit) for f in ordered[1:]]
    return Answer(
        estimates=tuple(e for f in ordered for e in estimates[f.outcome.column]),
        headline_terms=heads,
        diagnostics=tuple(d for d in asked if isinstance(d, Diagnostic)),
        probes=tuple(d for d in tried if isinstance(d, Diagnostic)),
        figures=(*drawn, *others),
        tables=(*shown, *((each,) if each else ())),
        not_computed=(*(d for d in (*asked, *tried) if isinstance(d, NotComputed)), *_gaps(ordered)),
        flow=tuple(step for f in ordered for step in _flow(f)),
        limits=LIMITS,
        method=_method(design),
        sample=_sample(main.fit.panel),
    )


def _gaps(found: Sequence[_Found]) -> tuple[NotComputed, ...]:
    """What the fits themselves could not give, each with its outcome."""
    return tuple(replace(n, what=f"{f.outcome.label}: {n.what}") for f in found for n in f.fit.not_computed())


def _fitted(protocol: Protocol, design: SynthDesign, table: Table, progress: Progress) -> dict[str, _Found]:
    """Every outcome's fit, by column."""
    found = {}
    for outcome in protocol.outcomes:
        progress(f"weighting donors for {outcome.label}")
        panel, left_out = panel_of(table, design, outcome.column)
        found[outcome.column] = _Found(outcome, _fit(panel, design, protocol.seed), left_out)
    return found


def _check(design: SynthDesign, protocol: Protocol) -> None:
    door = Door()
    capability = CAPABILITIES[design.estimator]
    if design.inference not in capability.inference:
        door.refuse(
            "design.inference",
            f"{design.estimator!r} does not offer {design.inference!r}",
            f"allowed: {listed(capability.inference)}",
            "Choose one of those.",
        )
    if design.predictors and "predictors" not in capability.options:
        door.refuse(
            "design.predictors",
            f"{design.estimator!r} does not read it",
            "read by: synthetic-control",
            "Leave it out: the path itself is matched.",
        )
    if design.predictors and design.inference == "conformal":
        door.refuse(
            "design.inference",
            "'conformal' refits the path with each effect removed",
            "no predictors",
            "Match on the path, or use 'placebo'.",
        )
    if design.treated in design.donors:
        door.refuse("design.donors", f"{design.treated!r} is the treated unit", "units never treated", "Leave it out.")
    for caution in protocol.cautions:
        if caution.handling == "model it":
            door.refuse(
                f"cautions ({caution.label})",
                "handling is 'model it': a synthetic control cannot",
                "'shared with the comparison' or 'drop the periods'",
                "The donors' path holds what hit all alike; drop the periods of what did not.",
            )
    door.close()


def _fit(panel: Panel, design: SynthDesign, seed: int) -> Fit:
    if design.estimator == "synthetic-did":
        return synthetic_did_of(panel, seed=seed)
    inference: Inference = "conformal" if design.inference == "conformal" else "placebo"
    return control_of(panel, inference=inference, augment=design.estimator == "augmented")


def _smallest_p(fit: Fit) -> float:
    """The smallest p-value that the fit's test could give."""
    return 0.0 if isinstance(fit, SyntheticDid) or fit.inference == "conformal" else fit.tests.smallest_p


def _asked(fit: Fit, unit: str) -> list[Diagnostic]:
    panel = fit.panel
    shared = [diagnostics.history(panel), diagnostics.concentration(fit)]
    if isinstance(fit, SyntheticDid):
        return [*shared, diagnostics.certificate(fit.fitted.relative_gap)]
    return [
        diagnostics.pre_fit(fit, unit),
        diagnostics.overfit(fit, unit),
        diagnostics.inside_range(panel),
        *shared,
        *([diagnostics.smallest_p(panel, fit.conf_level)] if fit.inference == "placebo" else []),
        diagnostics.certificate(fit.relative_gap),
    ]


def _own(fit: Fit, unit: str) -> list[Diagnostic]:
    """The checks that another outcome of the same units and periods could answer otherwise."""
    inside = diagnostics.inside_range(fit.panel)
    return [inside] if isinstance(fit, SyntheticDid) else [diagnostics.pre_fit(fit, unit), inside]


def _probed(main: _Found) -> tuple[list[Diagnostic | NotComputed], list[Any], tuple[ResultTable, ...]]:
    """Probes, figures and tables of the primary outcome."""
    fit, label, unit = main.fit, main.outcome.label, main.outcome.unit
    drawn = [figures.paths(fit, label, unit)]
    made = [tables.table("weights", f"{label}: donor weights", fit.weights[fit.weights.abs() > 1e-6].reset_index())]
    if isinstance(fit, SyntheticDid):
        drawn += [figures.weights(fit, label), figures.time_weights(fit, label)]
        return [diagnostics.sdid_placebo(fit)], drawn, tuple(made)
    earlier = tried_earlier(fit)
    without = leave_one_out(fit.panel, fit.fits.weights[fit.treated], augment=fit.augment, penalty=fit.penalty)
    drawn += [figures.gaps(fit, label, unit), figures.weights(fit, label)]
    if not isinstance(earlier, NotComputed) and len(earlier.frame):
        drawn.append(figures.placebo_starts(fit, earlier.frame, label, unit))
        title = f"{label}: the same analysis at earlier starts"
        made.append(tables.table("placebo-starts", title, earlier.frame, unit=unit))
    every = fit.tests.to_frame()
    made += [
        tables.table("placebo-units", f"{label}: fit before and gap after, every unit", every, "value", unit),
        tables.table("leave-one-out", f"{label}: without each donor in turn", without, unit=unit),
    ]
    tried = [diagnostics.in_space(fit), diagnostics.in_time(fit, earlier), diagnostics.without_each(fit, without, unit)]
    return tried, drawn, tuple(made)


def _other_scale(main: _Found, head: Estimate, design: SynthDesign, seed: int) -> Diagnostic | NotComputed:
    """Whether the finding hangs on the outcome's scale: everything fitted once more on the other."""
    if head.conf_low is None and _smallest_p(main.fit) > 1 - head.conf_level:
        return ASKED.unanswered("so few donors can show no change on either scale")

    def again(y: Floats, unit: str) -> Estimate:
        return _fit(replace(main.fit.panel, y=y), design, seed).estimates(main.outcome.label, unit)[0]

    return other_scale(head, main.fit.panel.y, again)


def _flow(found: _Found) -> tuple[FlowStep, ...]:
    if not found.left_out:
        return ()
    panel = found.fit.panel
    return (
        FlowStep(
            label=f"{found.outcome.label}: donors with a whole series",
            n_rows=panel.y.size,
            n_units=len(panel.units),
            note=f"{len(found.left_out)} left out for missing cells: {listed(found.left_out)}",
        ),
    )


def _sample(panel: Panel) -> Sample:
    return Sample(
        n_units=len(panel.units),
        n_treated=len(panel.treated),
        n_comparison=len(panel.donors),
        n_periods=len(panel.times),
        first_period=str(panel.times[0]),
        last_period=str(panel.times[-1]),
    )


def _method(design: SynthDesign) -> str:
    capability = CAPABILITIES[design.estimator]
    return f"{capability.label.capitalize()} ({capability.reference})"


def detect(protocol: Protocol, table: Table, *, draws: int, seed: int) -> Detection:
    """How often the headline of a protocol would find an effect in data like these; every unit takes its turn."""
    del draws  # there are as many turns as units
    design = protocol.design
    assert isinstance(design, SynthDesign)
    _check(design, protocol)
    panel, _ = panel_of(table, design, protocol.primary.column)
    return _detected(_fit(panel, design, protocol.seed), protocol, seed)


def _detected(own: Fit, protocol: Protocol, seed: int) -> Detection:
    """The same of a fit that is made: what `power` and `evaluate` both say."""
    design = protocol.design
    assert isinstance(design, SynthDesign)
    return detection.detect(own, lambda panel: _fit(panel, design, protocol.seed), seed=seed)


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> NotComputed:
    """That no library can make the headline once more."""
    del table, shown
    assert isinstance(protocol.design, SynthDesign)
    label = CAPABILITIES[protocol.design.estimator].label
    return nobody_else(label, "the donors' weights are found by our own solver, with a certificate under diagnostics")


ROOM = Room(kind="synth", capabilities=CAPABILITIES, answer=answer, detect=detect, cross_check=cross_check)
