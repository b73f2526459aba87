"""Several sites with starts of their own: a protocol that names them and a bound table in, an answer out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.engine.random_effects import Pooled, pool
from hubeval.errors import BadInput, Problem
from hubeval.methods.its.checks import sites as checks
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.protocols import site_requests
from hubeval.methods.its.estimators.series import SeriesFit, fit_series
from hubeval.methods.its.estimators.sites import Site, errors_together, moving_together, site_effects
from hubeval.methods.readings.cautions import declared
from hubeval.methods.readings.outcomes import downstream, placebo_outcomes
from hubeval.result import Answer, Diagnostic, Estimate, Figure, Mark, NotComputed, ResultTable, Sample, Series
from hubeval.scale import change, change_unit, on_scale
from hubeval.wording import move

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.methods.room import Progress
    from hubeval.protocol import ItsDesign, Outcome, Protocol

LIMITS = (
    "The number assumes that each site's trend before its start would have gone on; further from it, that is bolder.",
    "Sites are set against their own past alone: what reached many of them when they started is in the number.",
    "It is a mean over sites like these; how far they differ is said beside it, and no one site is promised it.",
)
NO_POWER = NotComputed(what="power", reason="the smallest change that several sites together would show is not worked "
                       "out; 'hubeval power' with one site as treated says what it alone could show")
HOW = ("random effects over sites (Paule-Mandel), Hartung-Knapp t interval on {df} degrees of freedom, no error "
       "smaller than the plain one, widened for "
       "what the sites share; each site by segmented regression")


def answer_sites(protocol: Protocol, design: ItsDesign, table: Table, progress: Progress) -> Answer:
    """Fit every site, pool their effects, and ask how far they differ.

    Raises
    ------
    BadInput
        A site's series cannot carry the design; each is named.
    """
    found = {}
    for outcome in protocol.outcomes:
        progress(f"fitting {len(design.sites)} sites for {outcome.label}")
        found[outcome.column] = _Found(protocol, design, outcome, table)
    main = found[protocol.primary.column]
    heads = {column: one.headline for column, one in found.items()}
    progress("asking how far the sites differ")
    others = {role: [heads[o.column] for o in protocol.outcomes if o.role == role]
              for role in ("placebo", "downstream")}
    asked = [checks.differ(main.pooled, main.unit, len(main.sites)),
             checks.move_together(main.together, main.pooled, main.alone), checks.each_site(main.sites),
             placebo_outcomes(others["placebo"]), downstream(main.headline, others["downstream"], protocol.outcomes),
             *declared(protocol.cautions, table.periods, [_start(site, table) for site in main.sites])]
    tried = [checks.without_each(main.sites, main.headline), checks.before_start(main.sites, main.unit)]
    ordered = (main, *(one for one in found.values() if one is not main))
    return Answer(
        estimates=tuple(e for one in ordered for e in one.estimates),
        headline_terms=tuple(one.headline for one in ordered),
        diagnostics=tuple(d for d in asked if isinstance(d, Diagnostic)),
        probes=tuple(d for d in tried if isinstance(d, Diagnostic)),
        figures=tuple(one.figure() for one in ordered), tables=tuple(one.table() for one in ordered),
        not_computed=(*(d for d in (*asked, *tried) if isinstance(d, NotComputed)), NO_POWER), limits=LIMITS,
        method=f"Interrupted time series of {len(main.sites)} sites, pooled; {HOW.format(df=len(main.sites) - 1)}",
        sample=Sample(n_units=len(main.sites), n_treated=len(main.sites), n_comparison=0, n_periods=len(table.periods),
                      first_period=table.periods[0], last_period=table.periods[-1]))


class _Found:
    """What the sites show of one outcome."""

    def __init__(self, protocol: Protocol, design: ItsDesign, outcome: Outcome, table: Table) -> None:
        self.outcome = outcome
        self.unit = outcome.unit if design.family == "gaussian" else on_scale(outcome.unit, "log")
        self.sites = site_effects(_fits(protocol, design, outcome, table))
        effects, errors = checks.arrays(self.sites)
        self.together = moving_together(self.sites)
        self.alone: Pooled = pool(effects, errors)
        shared = errors_together(self.sites, max(self.together[0], 0.0))
        self.pooled: Pooled = pool(effects, errors, shared)

    @property
    def span(self) -> str:
        """How long each site was followed, in words."""
        return f"the first {len(self.sites[0].window)} {self.sites[0].fit.model.axis.unit}s after each start"

    @property
    def headline(self) -> Estimate:
        """The mean over sites."""
        p = self.pooled
        return self._row("average effect over sites", "mean over sites like these", HOW.format(df=len(self.sites) - 1),
                         (p.estimate, p.std_error, p.low, p.high, p.p_value))

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The mean, the effect had all sites one, and each site's."""
        p = self.pooled
        common = self._row("one effect for all sites", "effect had all sites the same one",
                           "fixed effect, inverse variances, normal interval: right only where sites do not differ",
                           (p.common, p.common_error, p.common_low, p.common_high, None))
        each = (self._row(f"effect at {one.name}", f"effect at {one.name}", one.fit.inference,
                          (one.estimate, one.std_error, one.low, one.high, None), alone=True) for one in self.sites)
        return (self.headline, common, *each)

    def _row(
        self, term: str, what: str, how: str, values: tuple[float | None, ...], *, alone: bool = False
    ) -> Estimate:
        point, error, low, high, p = values
        assert point is not None
        n = 1 if alone else len(self.sites)
        return Estimate(term=term, estimand=f"{what}, over {self.span}, against its own trend before it",
                        outcome=self.outcome.label, unit=self.unit, estimate=point, std_error=error, conf_low=low,
                        conf_high=high, p_value=p, inference=how, n_treated=n, n_comparison=0,
                        n_observations=sum(int((~s.fit.model.silent).sum()) for s in self.sites) if n > 1 else None)

    def figure(self) -> Figure:
        """Every site's effect with its interval, and their mean."""
        rows = [*((site.name, site.estimate, site.low, site.high) for site in self.sites),
                ("all sites", self.pooled.estimate, self.pooled.low, self.pooled.high),
                ("a further site", self.pooled.estimate, self.pooled.new_low, self.pooled.new_high)]
        shown = [(name, change(one, self.unit), change(low, self.unit), change(high, self.unit))
                 for name, one, low, high in rows]
        unit, label = change_unit(self.unit), self.outcome.label
        listing = "; ".join(f"{name} {move(one, unit)} ({move(low, unit)} to {move(high, unit)})"
                            for name, one, low, high in shown)
        parts = (("sites", shown[:-2]), ("mean over sites", shown[-2:-1]),
                 ("where a further site would lie", shown[-1:]))
        return Figure(
            name=f"sites-{self.outcome.column}", x_label="site", y_label=unit,
            title=f"{label}: mean change {move(shown[-2][1], unit)} over {self.span}",
            series=tuple(Series(label=part, x=tuple(r[0] for r in them), y=tuple(r[1] for r in them),
                                low=tuple(r[2] for r in them), high=tuple(r[3] for r in them), style="intervals",
                                holds="effect") for part, them in parts),
            marks=(Mark(label="no change", y=0.0),), text=f"{label}, effect over {self.span}: {listing}.")

    def table(self) -> ResultTable:
        """Each site with its start, effect and weight."""
        rows = tuple((s.name, s.fit.model.axis.labels[s.fit.model.start],
                      change(s.estimate, self.unit), change(s.low, self.unit), change(s.high, self.unit), float(w))
                     for s, w in zip(self.sites, self.pooled.weights, strict=True))
        return ResultTable(
            name=f"sites-{self.outcome.column}",
            caption=f"{self.outcome.label}: each site ({change_unit(self.unit)}), over {self.span}.",
            columns=("site", "start", "effect", "conf_low", "conf_high", "weight"), rows=rows,
            holds=("label", "label", "effect", "effect", "effect", "effect"))


def _fits(protocol: Protocol, design: ItsDesign, outcome: Outcome, table: Table) -> dict[str, SeriesFit]:
    fits: dict[str, SeriesFit] = {}
    problems: list[Problem] = []
    for name, (frame, ask) in site_requests(protocol, design, outcome, table).items():
        try:
            fits[name] = fit_series(bind(frame, ask)).named(outcome.label, outcome.unit)
        except BadInput as refused:
            problems += [Problem(f"{name}: {p.argument}", p.found, p.allowed, p.cure) for p in refused.problems]
            continue
        if not fits[name].intervals:
            few = fits[name].not_computed[-1].reason
            problems.append(Problem(f"design.sites ({name})", few, "6 usable periods each side",
                                    "Leave the site out, or wait for more data."))
    if problems:
        raise BadInput(problems)
    return fits


def _start(site: Site, table: Table) -> int:
    return table.periods.index(site.fit.model.axis.labels[site.fit.model.start])
