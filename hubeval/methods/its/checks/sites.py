"""How sites differ, whether they move together, whether one carries the number, and whether it was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.random_effects import pool
from hubeval.methods.its.checks.diagnostics import diagnose
from hubeval.methods.its.checks.placebo_starts import placebo_dates
from hubeval.methods.its.door.limits import LEAST_INTERVAL
from hubeval.methods.readings import leave_one_out as reading
from hubeval.methods.readings.by_outcome import QUIET
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.unlike import unseen_differences
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import amount, counted, move, p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.engine.random_effects import Pooled
    from hubeval.methods.its.estimators.sites import Site
    from hubeval.result import Estimate

DIFFER = Question(
    name="differences between sites",
    asked="Is it one effect, or does it differ from site to site?",
    threshold="p below .05 (Cochran's Q) is a caution; few sites hide much",
    bears_on="scope",
)
TOGETHER = Question(
    name="sites that move together",
    asked="Do the sites' series share movements that no term explains?",
    threshold="a mean correlation above two of its errors; the interval is widened by any above zero",
    bears_on="interval",
)
BEFORE = Question(
    name="placebo starts",
    asked="Does the same analysis find a change before the sites had begun?",
    threshold="p below .05 is a caution",
    bears_on="sign",
)
EACH = Question(
    name="checks of each site",
    asked="Do the sites' own series meet the checks of one series?",
    threshold="more cautions than chance alone raises 95% of the time",
    bears_on="interval",
)


def differ(pooled: Pooled, unit: str, k: int) -> Diagnostic:
    """Whether sites differ by more than chance, and where a further one would lie."""
    where = f"{move(pooled.new_low, unit)} to {move(pooled.new_high, unit)}"
    said = (f"{pooled.share:.0%} of the variation between the {k} sites is more than chance (Q {pooled.q:.1f}, "
            f"{p_words(pooled.q_p)}). The effect at a further such site would lie from {where}, 95 times in 100")
    if pooled.q_p < 0.05:
        both = pooled.new_low < 0 < pooled.new_high
        return DIFFER.answered("caution", f"{said}{': it may well go the other way.' if both else '.'}", pooled.share)
    return DIFFER.answered("pass", f"{said}. {unseen_differences(k, 'sites')}", pooled.share)


def move_together(found: tuple[float, float, int], pooled: Pooled, alone: Pooled) -> Diagnostic | NotComputed:
    """Whether what is left of the series is correlated between sites, and what that did to the interval."""
    correlation, error, pairs = found
    if not pairs:
        return TOGETHER.unanswered("no two sites share six periods")
    wider = pooled.std_error / alone.std_error
    more = f" and is {wider:.2f} times as wide for it" if wider > 1.01 else "; here it is hardly wider for it"
    said = f"In the same periods the sites' residuals are correlated by {correlation:.2f} on average ({pairs} pairs)"
    if correlation > 2 * error:
        return TOGETHER.answered("caution", f"{said}: they share events that are not declared, and one of those at the "
                                 f"starts would pass for the effect. The interval allows for that{more}.",
                                 correlation)
    return TOGETHER.answered("pass", f"{said}: no more than chance.", correlation)


def without_each(sites: Sequence[Site], whole: Estimate) -> Diagnostic | NotComputed:
    """The pooled effect without each site; of three, what is left are two, whose mean it is."""
    effects, errors = arrays(sites)
    values = []
    for j in range(len(sites)):
        kept = np.arange(len(sites)) != j
        values.append(pool(effects[kept], errors[kept]).estimate)
    return reading.leave_one_out(values, whole, of="site", names=[site.name for site in sites])


def arrays(sites: Sequence[Site]) -> tuple[np.ndarray, np.ndarray]:
    """Effects and their errors, both (k,)."""
    return np.array([site.estimate for site in sites]), np.array([site.std_error for site in sites])


def before_start(sites: Sequence[Site], unit: str) -> Diagnostic | NotComputed:
    """The pooled change at the last admissible date before each site's start, from earlier data alone."""
    effects, errors = [], []
    for site in sites:
        dates = placebo_dates(site.fit)
        if isinstance(dates, NotComputed) or site.fit.model.log_link:
            continue
        last = dates[-1].estimate
        if last.std_error:
            effects.append(last.estimate)
            errors.append(last.std_error)
    if len(effects) < 3:
        why = "counts of several sites" if any(site.fit.model.log_link for site in sites) else "fewer than three sites"
        return BEFORE.unanswered(f"{why}: no false start is tried" if "counts" in why else
                                 f"{why} have twelve usable periods before their start")
    found = pool(np.array(effects), np.array(errors))
    said = (f"With a false start {LEAST_INTERVAL} periods before each site's own, and only data from before that, the "
            f"pooled change in {counted(len(effects), 'site')} is {amount(found.estimate, unit)} "
            f"({move(found.low, unit)} to {move(found.high, unit)})")
    if found.p_value < 0.05:
        return BEFORE.answered("caution", f"{said}: a change was under way before the service.", found.p_value)
    return BEFORE.answered("pass", f"{said}: none that stands out.", found.p_value)


def each_site(sites: Sequence[Site]) -> Diagnostic:
    """How many sites' own checks raise something, beside how many would by chance."""
    from scipy import stats  # noqa: PLC0415

    asked = {site.name: diagnose(site.fit) for site in sites}
    raised = {name: [d.name for d in found if d.status in {"caution", "fail"}] for name, found in asked.items()}
    n, seen = sum(map(len, asked.values())), sum(map(len, raised.values()))
    many = bool(stats.binom.sf(seen - 1, n, QUIET) < 0.05) if seen else False
    which = "; ".join(f"{name}: {', '.join(found)}" for name, found in raised.items() if found)
    said = f"{seen} of {n} checks of the sites' own series raise something{f' ({which})' if which else ''}"
    if many:
        return EACH.answered("caution", f"{said}: more than chance.", float(seen))
    return EACH.answered("pass", f"{said}: no more than chance.", float(seen))
