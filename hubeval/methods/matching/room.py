"""The room's door: a protocol of kind ``matching`` and a bound table in, an answer out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.matching import diagnostics, probes
from hubeval.methods.matching.capabilities import CAPABILITIES
from hubeval.methods.matching.change import LIMIT, as_change, named
from hubeval.methods.matching.effects import ESTIMATORS, effect
from hubeval.methods.matching.figures import love_plot, overlap_plot
from hubeval.methods.matching.matched import Matched, match
from hubeval.methods.matching.missing import combined, drawn_into_cells, imputed
from hubeval.methods.matching.options import PAIRING, SCORES, Options
from hubeval.methods.matching.outcome import read_case
from hubeval.methods.room import Room
from hubeval.protocol import MatchingDesign
from hubeval.result import Answer, Diagnostic, FlowStep, NotComputed, ResultTable, Sample

if TYPE_CHECKING:
    from hubeval.data.table import Table
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
LIMITS = (UNSEEN, KEPT, TRUST)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Runs:
    """The samples that estimates are made on: one, or one an imputation; and what to say of how they came about."""

    samples: tuple[Matched, ...]
    notes: tuple[NotComputed, ...] = ()

    @property
    def first(self) -> Matched:
        """The sample that balance and figures are drawn from."""
        return self.samples[0]

    def estimate(self, outcome: Outcome, estimator: str, seed: int, measure: str = "difference") -> Estimate:
        """The effect on one outcome, combined over imputations where there are any."""
        label = (outcome.label, outcome.unit)
        made = [
            effect(m, outcome=outcome.column, estimator=estimator, measure=measure, seed=seed, label=label)[0]
            for m in self.samples
        ]
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
    _check(design)
    progress("matching")
    runs = _runs(protocol, design, table.frame)
    made = runs.first
    progress("asking whether the groups are alike")
    balance = made.balance()
    estimates = {}
    for outcome in protocol.outcomes:
        progress(f"estimating {outcome.label}")
        estimates[outcome.column] = runs.estimate(outcome, design.estimator, protocol.seed)
    main = estimates[protocol.primary.column]
    extra, skipped = _further(protocol, design, runs)
    progress("trying to break the result")
    tried, tables, why = _probes(protocol, made, main, extra)
    placebo = [estimates[o.column] for o in protocol.outcomes if o.role == "placebo"]
    asked = (
        diagnostics.balance(balance),
        diagnostics.overlap(made),
        diagnostics.effective_size(made),
        diagnostics.left_out(made),
        diagnostics.outcome_known(read_case(made, protocol.primary.column, None, None)),
        diagnostics.clusters(made),
        diagnostics.placebo_outcomes(placebo),
    )
    others = [estimates[o.column] for o in protocol.outcomes if o.column != protocol.primary.column]
    return Answer(
        estimates=(main, *others, *extra.values()),
        headline_terms=(main, *others),
        diagnostics=tuple(d for d in asked if d is not None),
        probes=tried,
        figures=tuple(f for f in (love_plot(balance), overlap_plot(made)) if f is not None),
        tables=(_balance_table(balance), _counts(made), *tables),
        not_computed=(*runs.notes, *made.study.notes, *made.not_computed, *skipped, *why),
        flow=_flow(made, protocol.primary.column),
        limits=(*LIMITS, *_limits(design, made), *((LIMIT,) if any(o.baseline for o in protocol.outcomes) else ())),
        method=_method(design, runs),
        sample=_sample(made),
    )


def _check(design: MatchingDesign) -> None:
    door = Door()
    door.choice("design.method", design.method, tuple(CAPABILITIES))
    door.choice("design.estimator", design.estimator, ESTIMATORS)
    door.choice("design.missing", design.missing, MISSING)
    standard = MatchingDesign(unit="", treated="", covariates=())
    if design.caliper is None and design.caliper_on != standard.caliper_on:
        door.refuse(
            "design.caliper_on", "there is no caliper", "caliper with caliper_on", "Give caliper, or leave it out."
        )
    door.close()


def _runs(protocol: Protocol, design: MatchingDesign, frame: pd.DataFrame) -> Runs:
    """Match once, or within each completed table; changes are taken after a missing baseline was filled."""
    changed, levels = as_change(protocol, design, frame)
    if design.missing != "multiple-imputation":
        return Runs(samples=(_matched(protocol, changed, levels),))
    cells = (*design.exact, *(changed.covariates if design.method == "exact" else ()))
    if drawn := drawn_into_cells(frame, cells):
        found = f"{listed(drawn)} must agree exactly and has gaps, and values drawn for them agree with nobody"
        cure = "Write missing='indicator' or 'complete-case', or do not match on it exactly."
        raise BadInput([Problem("design.missing", found, "gaps in other columns", cure)])
    also = [design.treated, *(o.column for o in protocol.outcomes)]
    completed = imputed(frame, changed.covariates, also, seed=protocol.seed % 2**31)
    samples = tuple(_matched(protocol, changed, as_change(protocol, design, copy)[1]) for copy in completed)
    first = f"balance, figures and probes are those of the first of {len(samples)} completed tables"
    notes = [NotComputed(what="balance of every imputation", reason=first)]
    labels = [n for n in changed.covariates if not pd.api.types.is_numeric_dtype(frame[n]) and frame[n].hasnans]
    if labels:
        reason = "labels are not drawn: a gap is a level of its own"
        notes.append(NotComputed(what=f"imputation of {listed(labels)}", reason=reason))
    return Runs(samples=samples, notes=tuple(notes))


def _matched(protocol: Protocol, design: MatchingDesign, frame: pd.DataFrame) -> Matched:
    """The design's options as `match` takes them; problems come back under the protocol's names."""
    scored = design.score in SCORES or design.score in frame.columns
    on_logit = design.caliper_on == "logit" and design.method in PAIRING and design.score in SCORES
    caliper = (
        None
        if design.caliper is None
        else design.caliper
        if design.caliper_on == "logit" and on_logit
        else ({design.caliper_on: design.caliper})
    )
    missing: Literal["complete-case", "indicator"] = "indicator" if design.missing == "indicator" else "complete-case"
    try:
        return match(
            frame,
            treated=design.treated,
            covariates=design.covariates,
            method=design.method,
            distance=design.score,
            estimand=_estimand(design),
            ratio=design.ratio,
            replace=design.replace,
            order=_order(design, scored=scored),
            caliper=caliper,
            exact=design.exact,
            seed=protocol.seed,
            weights=design.weights,
            cluster=design.cluster,
            unit=design.unit,
            options=Options(link="logit" if on_logit else "score", missing=missing),
        )
    except BadInput as found:
        raise BadInput([replace(p, argument=_renamed(p.argument)) for p in found.problems]) from None


def _renamed(argument: str) -> str:
    names = {"distance": "score", "caliper_scale": "caliper_on", "options.link": "caliper_on"}
    return f"design.{names.get(argument, argument)}"


def _estimand(design: MatchingDesign) -> str:
    return "ATO" if design.method == "overlap" and design.estimand == "ATT" else design.estimand


def _order(design: MatchingDesign, *, scored: bool) -> str:
    """Between covariates, records choose in the order of the data unless the protocol says otherwise."""
    return (
        "data"
        if not scored and design.method == "nearest" and design.order == "largest" and not design.replace
        else design.order
    )


def _further(protocol: Protocol, design: MatchingDesign, runs: Runs) -> tuple[dict[str, Estimate], list[NotComputed]]:
    """Beside the headline: the plain difference on the sample, and for a 0/1 outcome the ratio of risks."""
    made: dict[str, Estimate] = {}
    skipped: list[NotComputed] = []
    wanted = [("difference", "difference", "weighted difference")] if design.estimator != "difference" else []
    column = protocol.primary.column
    values = runs.first.study.frame[column]
    if design.estimator != "regression" and values.dropna().isin([0, 1]).all():
        wanted.append(("ratio", design.estimator, "ratio of risks"))
    for key, estimator, words in wanted:
        try:
            found = runs.estimate(
                protocol.primary, estimator, protocol.seed, "ratio" if key == "ratio" else "difference"
            )
        except BadInput as problem:
            skipped.append(NotComputed(what=words, reason=str(problem)))
            continue
        made[key] = replace(found, term=f"{found.term}, {words}")
    return made, skipped


def _probes(
    protocol: Protocol, made: Matched, main: Estimate, extra: dict[str, Estimate]
) -> tuple[tuple[Diagnostic, ...], list[ResultTable], list[NotComputed]]:
    column = protocol.primary.column
    benchmark, table = probes.omitted(made, column)
    tried = [probes.rosenbaum(made, column), probes.e_values(made, column, main, extra.get("ratio")), benchmark]
    if "difference" in extra:
        tried.append(probes.other_estimator(main, extra["difference"]))
    return (
        tuple(t for t in tried if isinstance(t, Diagnostic)),
        [table] if table else [],
        [t for t in tried if isinstance(t, NotComputed)],
    )


def _balance_table(balance: pd.DataFrame) -> ResultTable:
    columns = (
        "term",
        "mean_treated_before",
        "mean_comparison_before",
        "smd_before",
        "mean_treated_after",
        "mean_comparison_after",
        "smd_after",
        "variance_ratio_after",
        "ks_after",
    )
    rows = tuple(
        tuple(None if isinstance(v, float) and pd.isna(v) else v for v in row)
        for row in balance[list(columns)].itertuples(index=False, name=None)
    )
    return ResultTable(
        name="balance",
        caption="Balance before and after; differences over one standard deviation fixed before",
        columns=columns,
        rows=rows,
    )


def _counts(made: Matched) -> ResultTable:
    rows = tuple(made.sample.itertuples(index=False, name=None))
    return ResultTable(
        name="records", caption="Records by what became of them", columns=("sample", "comparison", "treated"), rows=rows
    )


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
    unseen = (
        "The interval allows for chance, not for what drives both use and outcome in ways the model misses: in "
        "made-up worlds of 1,000 records with strong bends, 95% intervals covered between 55% and 85%."
    )
    more = [unseen]
    if design.cluster is None:
        more.append(
            "Families of one hub share staff and place; no cluster was declared, so the error may be too small."
        )
    if len(made.study.flow) > 1:
        more.append(
            "Records with something missing were left out, which moves the number if they differ from the rest."
        )
    return tuple(more)


ROOM = Room(kind="matching", capabilities=CAPABILITIES, answer=answer)
