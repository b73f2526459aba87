"""The room's door: a protocol of kind ``rdd`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door, listed
from hubeval.methods.rdd import figures, tables
from hubeval.methods.rdd.capabilities import CAPABILITIES
from hubeval.methods.rdd.checks import attempts, diagnostics
from hubeval.methods.rdd.checks.slope import slope
from hubeval.methods.rdd.door.protocols import given as given_of
from hubeval.methods.rdd.inference.effect import effect_of, estimator_of
from hubeval.methods.rdd.inference.robust import Robust
from hubeval.methods.rdd.window import settled
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import nobody_else
from hubeval.methods.readings.detectable import from_interval, smallest_change
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.room import Room
from hubeval.protocol import RddDesign
from hubeval.result import Answer, Diagnostic, Estimate, FlowStep, NotComputed, Sample

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.methods.rdd.inference.effect import Effect
    from hubeval.methods.room import Progress
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Figure, ResultTable

TERM = "at the cut-off"
LIMITS = (
    "The number is about those at the cut-off: it says nothing of those far from it, who may gain more or less.",
    (
        "It assumes that nothing else changes at the cut-off and that nobody could choose which side to be on; no test "
        "can show that."
    ),
)
MOVED = "It is about those whom the cut-off moved to take part, not about those who would have done so anyway."
WINDOW = "It takes those in the window as if a lot had put them on their side; whatever the score itself does there is \
in the number."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was found for one outcome."""

    outcome: Outcome
    given: Given
    effect: Effect


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Estimate every outcome of a protocol with a cut-off, and try to break the primary one.

    Parameters
    ----------
    protocol : Protocol
        With an `RddDesign`.
    table : Table
        Records, each there once.
    progress : function of str

    Raises
    ------
    BadInput
        An option that this estimator does not read, or a table it cannot use.
    """
    assert isinstance(protocol.design, RddDesign)
    _check(protocol)
    ready = settled(table, protocol.design, seed=protocol.seed)
    design, found = ready.design, []
    for outcome in (protocol.primary, *(o for o in protocol.outcomes if o is not protocol.primary)):
        progress(f"estimating {outcome.label}")
        found.append(_find(table, design, outcome, protocol.seed))
    main = found[0]
    heads = tuple(_estimate(f, design) for f in found)
    progress("asking whether the design holds")
    tried = _tried(main, design, protocol.seed)
    asked = [*_asked(protocol, found, heads, tried), diagnostics.window(ready)]
    progress("trying to break the result")
    unit = main.outcome.unit
    probes = [diagnostics.bandwidths(tried["bandwidths"], main.effect, unit),
              diagnostics.donut(tried["donuts"], main.effect, unit), diagnostics.placebo(tried["placebo"], unit)]
    own = {f.outcome.label: (diagnostics.near(f.effect), slope(f.given, f.effect, f.outcome.unit)) for f in found}
    known = {label: [one for one in asked_of if one is not None] for label, asked_of in own.items()}
    each, together = by_outcome(known, main.outcome.label)
    every = (*asked, together, *probes)
    return Answer(
        estimates=(*heads, *_beside(main, heads[0])),
        headline_terms=heads,
        diagnostics=tuple(d for d in (*asked, together) if isinstance(d, Diagnostic)),
        probes=tuple(d for d in probes if isinstance(d, Diagnostic)),
        figures=_figures(found, design, tried["bandwidths"]),
        tables=(*_tables(main, tried), *((each,) if each else ())),
        not_computed=tuple(d for d in every if isinstance(d, NotComputed)),
        flow=tuple(step for f in found for step in _flow(f)),
        limits=_limits(design, main.effect),
        method=_method(main.effect),
        sample=Sample(n_units=main.given.cut.n, n_treated=main.effect.n[0], n_comparison=main.effect.n[1]),
    )


def _check(protocol: Protocol) -> None:
    """Handlings that need time or areas have none here."""
    door = Door()
    for caution in protocol.cautions:
        if caution.handling in {"drop the periods", "model it", "leave out these areas"}:
            door.refuse(f"cautions ({caution.label})", f"handling is {caution.handling!r}, and records about a cut-off "
                        "have no periods or areas", "'shared with the comparison' or 'mended in the data'",
                        "Leave those records out of the file, or say that it struck both sides alike.")
    door.close()


def _find(table: Table, design: RddDesign, outcome: Outcome, seed: int) -> _Found:
    given = given_of(table, design, outcome.column)
    return _Found(outcome=outcome, given=given, effect=effect_of(given, design, seed=seed))


def _estimate(found: _Found, design: RddDesign) -> Estimate:
    effect = found.effect
    whom = "those at the cut-off whom it moved to take part" if design.treated else "those at the cut-off"
    if effect.estimator == "randomisation":
        whom = "those in the window about the cut-off"
    return Estimate(
        term=TERM, estimand=f"average effect on {whom}", outcome=found.outcome.label, unit=found.outcome.unit,
        estimate=effect.estimate, std_error=effect.std_error, conf_low=effect.low, conf_high=effect.high,
        p_value=effect.p_value, inference=effect.inference, n_treated=effect.n[0], n_comparison=effect.n[1],
        n_clusters=found.given.n_clusters, n_observations=sum(effect.n))


def _beside(main: _Found, head: Estimate) -> tuple[Estimate, ...]:
    """The same number with its bias left in, and the jump in treatment of a fuzzy design."""
    made = main.effect.made
    if not isinstance(made, Robust):
        return ()
    plain = replace(
        head, term=f"{TERM}, bias left in", estimate=main.given.sign * made.conventional,
        std_error=made.se_conventional, conf_low=None, conf_high=None, p_value=None,
        inference="local line as it is; no interval is given, since it would leave out the bias")
    if made.first_stage is None:
        return (plain,)
    sign = 1 if main.given.treated_above else -1
    stage = replace(
        head, term="first stage", estimand="jump in the share treated at the cut-off", outcome="treated", unit="share",
        estimate=sign * made.first_stage, std_error=made.first_stage_se, conf_low=None, conf_high=None, p_value=None,
        inference="local line as it is")
    return plain, stage


def _tried(main: _Found, design: RddDesign, seed: int) -> dict[str, tuple[attempts.Tried, ...]]:
    return {
        "bandwidths": attempts.other_bandwidths(main.given, design, main.effect, seed=seed),
        "donuts": attempts.donuts(main.given, design, main.effect, seed=seed),
        "placebo": attempts.placebo_cutoffs(main.given, design),
        "covariates": () if main.effect.estimator == "randomisation" else attempts.covariate_jumps(main.given, design),
    }


def _asked(
    protocol: Protocol, found: list[_Found], heads: tuple[Estimate, ...], tried: dict[str, tuple[attempts.Tried, ...]]
) -> list[Diagnostic | NotComputed | None]:
    design, main = protocol.design, found[0]
    assert isinstance(design, RddDesign)
    by_role = {role: [e for e, f in zip(heads, found, strict=True) if f.outcome.role == role]
               for role in ("placebo", "downstream")}
    return [
        smallest_change(_detected(main, heads[0]), main.outcome),
        diagnostics.near(main.effect),
        diagnostics.values(main.given, design.running),
        diagnostics.density(main.given),
        diagnostics.heaping(main.given),
        diagnostics.bound(main.effect, declared=design.bound is not None),
        diagnostics.first_stage(main.effect),
        diagnostics.covariate_jumps(tried["covariates"]),
        slope(main.given, main.effect, main.outcome.unit),
        placebo_outcomes(by_role["placebo"]),
        downstream(heads[0], by_role["downstream"], protocol.outcomes),
        *declared(protocol.cautions, (), ()),
    ]


def _figures(found: list[_Found], design: RddDesign, tried: tuple[attempts.Tried, ...]) -> tuple[Figure, ...]:
    drawn = [figures.means(f.given, design, f.effect, f.outcome) for f in found]
    other = figures.sensitivity(tried, found[0].outcome, found[0].outcome.column)
    return (drawn[0], figures.spread(found[0].given, design), *((other,) if other else ()), *drawn[1:])


def _tables(main: _Found, tried: dict[str, tuple[attempts.Tried, ...]]) -> tuple[ResultTable, ...]:
    label, unit = main.outcome.label, main.outcome.unit
    made = [("bandwidths", f"{label}: the same effect at other bandwidths", unit),
            ("donuts", f"{label}: without those nearest to the cut-off", unit),
            ("placebo", f"{label}: at cut-offs that are none", unit), ("covariates", "Jumps of covariates", "")]
    return tuple(tables.attempts(name, caption, tried[name], unit=own) for name, caption, own in made if tried[name])


def _flow(found: _Found) -> tuple[FlowStep, ...]:
    cut, used = found.given.cut, sum(found.effect.n)
    label = found.outcome.label
    return (
        FlowStep(label=f"{label}: with all that is needed", n_rows=cut.n, n_units=cut.n,
                 note=f"{found.given.missing} left out for want of the outcome, the score or another column"),
        FlowStep(label=f"{label}: close enough to the cut-off", n_rows=used, n_units=used,
                 note="the rest say nothing of the effect"),
    )


def _limits(design: RddDesign, effect: Effect) -> tuple[str, ...]:
    return (*LIMITS, *((MOVED,) if design.treated else ()), *((WINDOW,) if effect.estimator == "randomisation" else ()))


def _method(effect: Effect) -> str:
    capability = CAPABILITIES[effect.estimator]
    return f"Regression discontinuity: {capability.label} ({capability.reference})"


def detect(protocol: Protocol, table: Table, *, draws: int, seed: int) -> Detection:
    """How often the headline of a protocol would find an effect in data like these, by its own error and interval."""
    del draws, seed  # the headline is made once, with the protocol's own seed
    design = protocol.design
    assert isinstance(design, RddDesign)
    _check(protocol)
    design = settled(table, design, seed=protocol.seed).design
    found = _find(table, design, protocol.primary, protocol.seed)
    return _detected(found, _estimate(found, design))


def _detected(found: _Found, head: Estimate) -> Detection:
    """The same of a headline that is made: what `power` and `evaluate` both say."""
    untreated = found.given.cut.left if found.given.treated_above else found.given.cut.right
    near = untreated.values[: max(untreated.within(found.effect.h, edge=True), 1), 0]
    return from_interval(head, np.asarray(near))


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> NotComputed:
    """That no library at hand can make the headline once more."""
    del shown
    design = protocol.design
    assert isinstance(design, RddDesign)
    how = estimator_of(given_of(table, design, protocol.primary.column), design)
    return nobody_else(CAPABILITIES[how].label,
                       f"it is held to {listed(['rdrobust', 'RDHonest', 'rdlocrand'])} of R in the project's own tests")


ROOM = Room(kind="rdd", capabilities=CAPABILITIES, answer=answer, detect=detect, cross_check=cross_check)
