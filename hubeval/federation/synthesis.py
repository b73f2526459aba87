"""Councils whose designs differ: their released numbers as one mean, how far they differ, and what none of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import hubeval
from hubeval import files
from hubeval.engine.random_effects import pool as random_effects
from hubeval.federation.forest import forest
from hubeval.federation.studies import WHOSE, read_studies
from hubeval.federation.synthesis_checks import FAILED, asked_of
from hubeval.result import Diagnostic, Estimate, NotComputed
from hubeval.shown import Shown
from hubeval.wording import between, counted, extent, minus, move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.engine.random_effects import Pooled
    from hubeval.federation.studies import Study
    from hubeval.result import Figure

SCHEMA = "hubeval-synthesis/1"
LEAST = 3  # below it nothing can be said of how councils differ, and so nothing of their mean
HOW = (
    "random effects over councils (REML), Hartung-Knapp t interval on {df} degrees of freedom, its error never smaller "
    "than the plain one; where a further council lies by the confidence distribution of the spread; interval of the "
    "spread by Q-profile"
)
LIMITS = (
    "It is a mean over councils like these. No one council is promised it.",
    "Every council's number brings the doubts of its own design; a mean of biased numbers is biased.",
    "Councils held against the same areas or through the same events share their luck; the interval does not know it.",
    "It knows only the results that were given. If those that found nothing were not sent, it is too far from nothing.",
)
APART = "{n} of the results came as a file without its folder: nothing shows whether they are as hubeval wrote them."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Synthesis(Shown):
    """Released results of several councils together.

    Attributes
    ----------
    outcome, unit : str
    whose : str
        The kind of effect that all of them estimate, in words.
    studies : tuple of Study
    headline : Estimate or None
        Their mean; None with fewer than three.
    pooled : Pooled or None
    diagnostics : tuple of Diagnostic
    not_computed : tuple of NotComputed
    figures : tuple of Figure
    limits : tuple of str
    """

    outcome: str
    unit: str
    whose: str
    studies: tuple[Study, ...]
    headline: Estimate | None
    pooled: Pooled | None
    diagnostics: tuple[Diagnostic, ...]
    not_computed: tuple[NotComputed, ...]
    figures: tuple[Figure, ...]
    limits: tuple[str, ...] = LIMITS

    @property
    def cautious(self) -> bool:
        """Whether there is no mean, or something that was asked asks care."""
        return self.pooled is None or any(one.status in {"caution", "fail"} for one in self.diagnostics)

    def says(self) -> tuple[str, ...]:
        """The finding in sentences."""
        k, pooled = len(self.studies), self.pooled
        if pooled is None:
            return (f"{counted(k, 'result')} on {self.outcome}: no mean is given. {self.not_computed[0].reason}.",)
        way = "lower" if pooled.estimate < 0 else "higher"
        mean = f"{extent(pooled.estimate, self.unit)} {way}"
        ends = between(pooled.low, pooled.high, self.unit)
        said = [f"{self.outcome}: over {k} councils like these, on average {mean} than expected (95% interval {ends})."]
        if pooled.low <= 0 <= pooled.high:
            said.append("The interval includes no change.")
        further = between(pooled.new_low, pooled.new_high, self.unit)
        said.append(f"At a further such council the effect would lie from {further}, 95 times in 100.")
        if pooled.new_low < 0 < pooled.new_high and not pooled.low <= 0 <= pooled.high:
            said.append("So at some councils it may be nothing, or the other way.")
        said += [f"Read this with caution. {one.reading}" for one in self.diagnostics if one.name == FAILED.name
                 and one.status != "pass"]
        return tuple(said)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        rows = {key: files.plain(getattr(self, key)) for key in (
            "outcome", "unit", "whose", "studies", "headline", "diagnostics", "not_computed", "figures", "limits")}
        pooled = {} if self.pooled is None else {
            key: getattr(self.pooled, key) for key in self.pooled.__slots__ if key not in {"weights", "shared"}
        } | {"weights": [float(w) for w in self.pooled.weights]}  # fmt: skip
        return {"schema": SCHEMA, "hubeval": hubeval.__version__, "says": list(self.says()),
                "cautious": self.cautious, **rows, "pooled": pooled}  # fmt: skip

    def lines(self) -> tuple[str, ...]:
        """Everything a reader needs, in lines."""
        out = [*self.says(), f"What is pooled: {self.whose}.", ""]
        for one in self.studies:
            ends = "no interval" if one.low is None or one.high is None else (
                f"{move(one.low, self.unit)} to {move(one.high, self.unit)}")  # fmt: skip
            out.append(f"  {one.area} ({one.design}, {one.period}): {move(one.estimate, self.unit)} ({ends})")
        out += ["", *(f"[{d.status}] {d.name}: {d.reading}" for d in self.diagnostics)]
        out += [f"Not computed: {n.what}: {n.reason}." for n in self.not_computed]
        out += ["", "What it does not show:", *(f"- {line}" for line in self.limits)]
        return tuple(minus(line) for line in out)


def synthesise(results: Sequence[dict[str, Any]], *, apart: int = 0) -> Synthesis:
    """Pool released results of several councils that answer one question by whatever design.

    Random effects: the variance between councils by restricted maximum likelihood, Hartung and Knapp's interval. Each
    result is weighed by the larger of its standard error and what its interval implies.

    Parameters
    ----------
    results : sequence of dict
        Each a whole released ``result.json``, of another council.
    apart : int
        How many of their files stand apart from the folder that hubeval wrote, so that nothing shows them as written.

    Returns
    -------
    Synthesis
        With two results there is no mean, only whether they differ.

    Raises
    ------
    BadInput
        They do not answer one question, or a council stands twice; see `hubeval.federation.studies.read_studies`.

    References
    ----------
    Hartung, J. & Knapp, G. (2001), Statistics in Medicine 20:3875. Viechtbauer, W. (2005), Journal of Educational and
    Behavioral Statistics 30:261.
    """
    studies = read_studies(results)
    head = results[0]["headline_terms"][0]
    effects, errors = (np.array([getattr(one, name) for one in studies]) for name in ("estimate", "error"))
    pooled = random_effects(effects, errors, between="reml") if len(studies) >= LEAST else None
    outcome, unit = head["outcome"], head["unit"]
    headline = None if pooled is None else _headline(pooled, studies, outcome, unit)
    asked = asked_of(studies, headline, unit)
    return Synthesis(
        outcome=outcome, unit=unit, whose=WHOSE.get(studies[0].whose, studies[0].whose), studies=studies,
        headline=headline, pooled=pooled, diagnostics=tuple(one for one in asked if isinstance(one, Diagnostic)),
        not_computed=(*_no_mean(pooled), *(one for one in asked if isinstance(one, NotComputed))),
        figures=(forest(studies, pooled, outcome, unit),), limits=LIMITS + ((APART.format(n=apart),) if apart else ()),
    )  # fmt: skip


def _headline(pooled: Pooled, studies: Sequence[Study], outcome: str, unit: str) -> Estimate:
    k, treated = len(studies), [one.n_treated for one in studies]
    return Estimate(
        term="mean over councils", outcome=outcome, unit=unit,
        estimand=f"mean over councils like these of {WHOSE.get(studies[0].whose, studies[0].whose)}",
        estimate=pooled.estimate, std_error=pooled.std_error, conf_low=pooled.low, conf_high=pooled.high,
        p_value=pooled.p_value, inference=HOW.format(df=k - 1), n_clusters=k,
        n_treated=None if any(n is None for n in treated) else sum(n for n in treated if n is not None),
    )  # fmt: skip


def _no_mean(pooled: Pooled | None) -> tuple[NotComputed, ...]:
    if pooled is not None:
        return ()
    reason = (
        "Two results cannot say how far councils differ, so neither their mean nor its interval would mean anything: "
        "report both side by side"
    )
    return (NotComputed(what="mean over councils", reason=reason),)
