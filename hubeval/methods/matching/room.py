"""The room's door: a protocol of kind ``matching`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.matching.capabilities import CAPABILITIES
from hubeval.methods.matching.checks import diagnostics, probes
from hubeval.methods.matching.checks.cross_check import DOUBLY_ROBUST
from hubeval.methods.matching.checks.cross_check import cross_check as crossed
from hubeval.methods.matching.checks.held import LEARNED
from hubeval.methods.matching.checks.stated import stated
from hubeval.methods.matching.checks.support import term_support
from hubeval.methods.matching.checks.ties import ties
from hubeval.methods.matching.door.missing import combined, drawn_into_cells, imputed
from hubeval.methods.matching.door.options import WEIGHTING
from hubeval.methods.matching.effects.change import LIMIT, as_change, named
from hubeval.methods.matching.effects.effect import ESTIMATORS
from hubeval.methods.matching.effects.outcome import read_case
from hubeval.methods.matching.figures import love_plot, overlap_plot
from hubeval.methods.matching.inference.headline import headline, in_full, settled
from hubeval.methods.matching.inference.joint import joint
from hubeval.methods.matching.tables import balance_table, counts
from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.cross_check import nobody_else
from hubeval.methods.readings.detectable import from_interval, law_of, smallest_change
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.methods.readings.several import families
from hubeval.methods.room import Room
from hubeval.protocol import MatchingDesign
from hubeval.result import Answer, Diagnostic, FlowStep, NotComputed, ResultTable, Sample
from hubeval.scale import level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.engine.means import Means
    from hubeval.engine.step_down import JointNull
    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.room import Progress
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Estimate

MISSING = ("complete-case", "indicator", "multiple-imputation")
UNSEEN = (
    "Matching makes groups alike on what was measured before; it cannot see what was not. Families who come to a hub "
    "may differ in ways that no record holds."
)
KEPT = "The number is about the records that were kept, in the places and the time studied."
TRUST = (
    "Coming to a hub is often a response to need: anything recorded after first contact must not be matched on, and "
    "was taken on trust here."
)
NO_LOT = "who came was not drawn by lot, so permuting it would test more than the effect"
LIMITS = (UNSEEN, KEPT, TRUST)
STRAIGHT = (
    "This estimator draws straight lines or none. Where use and outcome bent together in made-up worlds of 1,000 "
    "records, 95% intervals of such estimators held the truth less than half the time."
)
REWEIGHED = (
    "The doubly robust estimate takes from matching whom it is about, and weights every comparison record in the "
    "common support anew; the balance shown is that of the matched sample."
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Runs:
    """The samples that estimates are made on: one, or one an imputation; and what to say of how they came about."""

    samples: tuple[Matched, ...]
    notes: tuple[NotComputed, ...] = ()

    @property
    def first(self) -> Matched:
        """The sample that balance and figures are drawn from."""
        return self.samples[0]

    def in_full(self, outcome: Outcome, design: MatchingDesign, seed: int) -> tuple[Estimate, Means]:
        """The effect on one outcome as the design asks, and the first sample's means that it is made of."""
        label = (outcome.label, outcome.unit)
        made = [in_full(m, design, outcome.column, seed=seed, label=label) for m in self.samples]
        one = made[0][0] if len(made) == 1 else combined([estimate for estimate, _ in made])
        return named(one, outcome), made[0][1]

    def estimate(
        self, outcome: Outcome, design: MatchingDesign, seed: int, instead: Mapping[str, str] | None = None
    ) -> Estimate:
        """The effect on one outcome as the design asks, or as `instead` does, combined over imputations."""
        label = (outcome.label, outcome.unit)
        made = [headline(m, design, outcome.column, seed=seed, label=label, instead=instead) for m in self.samples]
        return named(made[0] if len(made) == 1 else combined(made), outcome)


def answer(protocol: Protocol, table: Table, progress: Progress) -> Answer:
    """Match as the protocol says, estimate every outcome, and try to break the primary one.

    Parameters
    ----------
    protocol : Protocol
        With a `MatchingDesign`.
    table : Table
    progress : function of str

    Raises
    ------
    BadInput
        An option that this design does not read, or a table it cannot use.
    """
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    _check(design, protocol)
    progress("matching")
    runs = _runs(protocol, design, table.frame)
    made = runs.first
    progress("asking whether the groups are alike")
    balance, behind = made.balance(), term_support(made)
    estimates, means = {}, {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        estimates[outcome.column], means[outcome.column] = runs.in_full(outcome, design, protocol.seed)
    main = estimates[protocol.primary.column]
    extra, skipped = _further(protocol, design, runs)
    progress("trying to break the result")
    tried, tables, why = _probes(protocol, made, main, extra)
    known = {o.label: [diagnostics.outcome_known(read_case(made, o.column, None, None))] for o in protocol.outcomes}
    each, together = by_outcome(known, protocol.primary.label)
    asked = (*_asked(protocol, runs, balance, estimates), *known[protocol.primary.label], together)
    others = [estimates[o.column] for o in protocol.outcomes if o.column != protocol.primary.column]
    return Answer(
        estimates=(main, *others, *extra.values()),
        headline_terms=(main, *others),
        diagnostics=tuple(d for d in asked if isinstance(d, Diagnostic)),
        probes=tried,
        figures=tuple(f for f in (love_plot(balance, behind), overlap_plot(made)) if f is not None),
        tables=(balance_table(balance, behind), counts(made), *tables, *((each,) if each else ())),
        not_computed=(*runs.notes, *made.study.notes, *made.not_computed, *skipped, *why,
                      *(d for d in asked if isinstance(d, NotComputed))),
        flow=_flow(made, protocol.primary.column),
        limits=(*LIMITS, *_limits(design, made), *((LIMIT,) if any(o.baseline for o in protocol.outcomes) else ())),
        method=_method(design, runs),
        sample=_sample(made),
        joint=_joint(protocol, runs, means),
        levels=_levels(protocol, runs, means, estimates),
    )


def _levels(
    protocol: Protocol, runs: Runs, means: Mapping[str, Means], estimates: Mapping[str, Estimate]
) -> dict[str, tuple[float, int]]:
    """Mean outcome without treatment of each effect, in its own unit; none of a change, nor of several tables."""
    if len(runs.samples) > 1:
        return {}
    sides = {column: (one.n_treated or 0, one.n_comparison or 0) for column, one in estimates.items()}
    return {
        one.label: (level(means[one.column].two, one.unit), min(sides[one.column]))
        for one in protocol.outcomes if not one.baseline
    }  # fmt: skip


def _joint(protocol: Protocol, runs: Runs, means: Mapping[str, Means]) -> JointNull | NotComputed | None:
    """How the outcomes of the declared families vary together; None where none is declared."""
    asked = {one.column: one.label for members in families(protocol.outcomes).values() for one in members}
    if not asked:
        return None
    return joint(runs.samples, list(asked.values()), [means[column] for column in asked], seed=protocol.seed)


def _asked(
    protocol: Protocol, runs: Runs, balance: pd.DataFrame, estimates: Mapping[str, Estimate]
) -> tuple[Diagnostic | NotComputed | None, ...]:
    """What is asked of the matched sample and of the numbers made on it."""
    design, made, main = protocol.design, runs.first, estimates[protocol.primary.column]
    assert isinstance(design, MatchingDesign)
    by_role = {r: [estimates[o.column] for o in protocol.outcomes if o.role == r] for r in ("placebo", "downstream")}
    return (
        smallest_change(_detected(runs, design, protocol.primary, main), protocol.primary),
        diagnostics.balance(balance, made),
        diagnostics.overlap(made),
        diagnostics.effective_size(made),
        diagnostics.left_out(made),
        diagnostics.learned(main, asked=design.estimator == "doubly-robust"),
        diagnostics.clusters(made),
        _tied(protocol, design, runs, main),
        placebo_outcomes(by_role["placebo"]),
        downstream(main, by_role["downstream"], protocol.outcomes),
        *declared(protocol.cautions, (), ()),
    )


def _check(design: MatchingDesign, protocol: Protocol) -> None:
    door = Door()
    door.choice("design.method", design.method, tuple(CAPABILITIES))
    door.choice("design.estimator", design.estimator, ESTIMATORS)
    door.choice("design.missing", design.missing, MISSING)
    for caution in protocol.cautions:
        if caution.handling in {"drop the periods", "model it", "leave out these areas"}:
            lacking = "areas" if caution.handling == "leave out these areas" else "periods"
            door.refuse(
                f"cautions ({caution.label})",
                f"handling is {caution.handling!r}, and records have no {lacking}",
                "'shared with the comparison' or 'mended in the data'",
                "Leave those records out of the file, or say that it struck both groups alike.",
            )
    door.close()


def _runs(protocol: Protocol, design: MatchingDesign, frame: pd.DataFrame) -> Runs:
    """Match once, or within each completed table; changes are taken after a missing baseline was filled."""
    changed, levels = as_change(protocol, design, frame)
    if design.missing != "multiple-imputation":
        return Runs(samples=(settled(changed, levels, seed=protocol.seed),))
    cells = (*design.exact, *(changed.covariates if design.method == "exact" else ()))
    if drawn := drawn_into_cells(frame, cells):
        found = f"{listed(drawn)} must agree exactly and has gaps, and values drawn for them agree with nobody"
        cure = "Write missing='indicator' or 'complete-case', or do not match on it exactly."
        raise BadInput([Problem("design.missing", found, "gaps in other columns", cure)])
    also = [design.treated, *(o.column for o in protocol.outcomes)]
    completed = imputed(frame, changed.covariates, also, seed=protocol.seed % 2**31)
    samples = tuple(settled(changed, as_change(protocol, design, copy)[1], seed=protocol.seed) for copy in completed)
    first = f"balance, figures and probes are those of the first of {len(samples)} completed tables"
    notes = [NotComputed(what="balance of every imputation", reason=first)]
    labels = [n for n in changed.covariates if not pd.api.types.is_numeric_dtype(frame[n]) and frame[n].hasnans]
    if labels:
        reason = "labels are not drawn: a gap is a level of its own"
        notes.append(NotComputed(what=f"imputation of {listed(labels)}", reason=reason))
    return Runs(samples=samples, notes=tuple(notes))


def _further(protocol: Protocol, design: MatchingDesign, runs: Runs) -> tuple[dict[str, Estimate], list[NotComputed]]:
    """Beside the headline: the plain difference on the sample, the measure asked for, the ratio of 0/1 risks."""
    made: dict[str, Estimate] = {}
    skipped: list[NotComputed] = []
    wanted: dict[str, dict[str, str]] = {}
    if design.estimator != "difference":
        wanted["weighted difference"] = {"estimator": "difference", "vcov": "auto"}
    binary = bool(runs.first.study.frame[protocol.primary.column].dropna().isin([0, 1]).all())
    if design.measure == "ratio" or (binary and design.estimator != "regression"):
        wanted["ratio of risks" if binary else "ratio of means"] = {"measure": "ratio"}
    if design.measure == "odds-ratio":
        wanted["odds ratio"] = {"measure": "odds-ratio"}
    for words, change in wanted.items():
        try:
            found = runs.estimate(protocol.primary, design, protocol.seed, change)
        except BadInput as problem:
            if change.get("measure") == design.measure:
                raise
            skipped.append(NotComputed(what=words, reason=str(problem)))
            continue
        made[words] = replace(found, term=f"{found.term}, {words}")
    return made, skipped


def _probes(
    protocol: Protocol, made: Matched, main: Estimate, extra: dict[str, Estimate]
) -> tuple[tuple[Diagnostic, ...], list[ResultTable], list[NotComputed]]:
    column = protocol.primary.column
    benchmark, table = probes.omitted(made, column, main.unit)
    risks = extra.get("ratio of risks")
    tried = [probes.rosenbaum(made, column), probes.e_values(made, column, main, risks), benchmark]
    if "weighted difference" in extra:
        tried.append(probes.other_estimator(main, extra["weighted difference"]))
    return (
        tuple(t for t in tried if isinstance(t, Diagnostic)),
        [table] if table else [],
        [t for t in tried if isinstance(t, NotComputed)],
    )


def _tied(protocol: Protocol, design: MatchingDesign, runs: Runs, main: Estimate) -> Diagnostic | None:
    """The range over ties, where the estimate rests on who was paired, not on all comparison records in support."""
    if design.estimator == "doubly-robust" or len(runs.samples) > 1 or design.method in {"genetic", "cardinality"}:
        return None
    column = protocol.primary.column
    return ties(runs.first, main, lambda other: headline(other, design, column, seed=protocol.seed))


def _flow(made: Matched, outcome: str) -> tuple[FlowStep, ...]:
    used = int((made.links.weights > 0).sum())
    inside = int(made.usable.sum())
    last = FlowStep(
        label="matched or weighted", n_rows=used, n_units=used, note=f"{made.study.n - used} records not used"
    )
    support = FlowStep(label="inside the common support", n_rows=inside, n_units=inside)
    lost = sum(read_case(made, outcome, None, None).missing)
    said = f"{lost} used records without it"
    known = FlowStep(label="with the primary outcome", n_rows=used - lost, n_units=used - lost, note=said)
    return (*made.study.flow[1:], *((support,) if inside < made.study.n else ()), last, *((known,) if lost else ()))


def _sample(made: Matched) -> Sample:
    used = made.links.weights > 0
    one = int((used & made.study.treated).sum())
    return Sample(n_units=int(used.sum()), n_treated=one, n_comparison=int(used.sum()) - one)


def _method(design: MatchingDesign, runs: Runs) -> str:
    capability = CAPABILITIES[design.method]
    how = f"{capability.label} ({capability.reference})"
    score = runs.first.score
    scored = f", score by {score.made_by}" if score is not None else ""
    times = f", {len(runs.samples)} imputations of missing covariates" if len(runs.samples) > 1 else ""
    return f"Matching: {how}{scored}; estimator: {design.estimator}{times}"


def _limits(design: MatchingDesign, made: Matched) -> tuple[str, ...]:
    more = [LEARNED if design.estimator == "doubly-robust" else STRAIGHT]
    if design.estimator == "doubly-robust" and design.method not in WEIGHTING:
        more.append(REWEIGHED)
    if design.cluster is None:
        more.append(
            "Families of one hub share staff and place; no cluster was declared, so the error may be too small."
        )
    if any(step.label == "complete cases" for step in made.study.flow):
        more.append(
            "Records with something missing were left out, which moves the number if they differ from the rest."
        )
    return tuple(more)


def detect(protocol: Protocol, table: Table, *, draws: int, seed: int) -> Detection:
    """How often the headline of a protocol would find an effect in data like these, by its own error and interval."""
    del draws, seed  # the headline is made once, with the protocol's own seed
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    _check(design, protocol)
    runs = _runs(protocol, design, table.frame)
    return _detected(runs, design, protocol.primary, runs.estimate(protocol.primary, design, protocol.seed))


def _detected(runs: Runs, design: MatchingDesign, outcome: Outcome, one: Estimate) -> Detection:
    """The same of a headline that is made: what `power` and `evaluate` both say."""
    study = runs.first.study
    y = study.frame[outcome.column].to_numpy(dtype=float)[study.rows][~study.treated]
    return replace(from_interval(one, y[np.isfinite(y)]), notes=stated(design, law_of(one)))


def cross_check(protocol: Protocol, table: Table, shown: Estimate) -> Diagnostic | NotComputed:
    """The headline once more, by statsmodels, on the same matched or weighted records."""
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    if design.estimator == "doubly-robust":
        return nobody_else("the doubly robust estimator", DOUBLY_ROBUST)
    if design.missing == "multiple-imputation":
        return nobody_else("one number over several completed tables", "they are combined by our own rule")
    return crossed(_runs(protocol, design, table.frame).first, protocol.primary.column, design, shown)


def accepts(protocol: Protocol) -> None:
    """Refuse a method, an estimator or a way with gaps that is not offered."""
    assert isinstance(protocol.design, MatchingDesign)
    _check(protocol.design, protocol)


def head(protocol: Protocol, table: Table) -> Estimate:
    """The primary outcome's effect alone, by the functions of `answer`."""
    design = protocol.design
    assert isinstance(design, MatchingDesign)
    _check(design, protocol)
    return _runs(protocol, design, table.frame).in_full(protocol.primary, design, protocol.seed)[0]


def permuted(protocol: Protocol, table: Table) -> NotComputed:
    """Nothing: who came was not drawn by lot."""
    del protocol, table
    return NotComputed(what="permutation", reason=NO_LOT)


ROOM = Room(
    kind="matching", capabilities=CAPABILITIES, answer=answer, detect=detect, cross_check=cross_check, accepts=accepts,
    head=head, permuted=permuted,
)  # fmt: skip
