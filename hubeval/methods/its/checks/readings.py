"""Findings about a whole evaluation put into readings: what could be seen, what the comparison did, other outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.its.checks.claims import claims
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.checks.detectable import Detectable
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.methods.its.inference.permutation import PermutationRank
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Estimate


def detectable_reading(found: Detectable, main: SeriesFit, outcome: Outcome) -> Diagnostic:
    """The smallest detectable change beside the smallest worthwhile one: the first thing to read."""
    average = max(found.average)
    before, after = int(main.model.before.sum()), int(main.model.after.sum())
    sizes = f"an average effect of {min(found.average):.2g} to {average:.2g}"
    if found.level != found.average:
        sizes = f"a level change of {min(found.level):.2g} to {max(found.level):.2g} and {sizes}"
    said = (
        f"With {before} periods before and {after} after, this design can detect {sizes} residual standard deviations"
    )
    if found.residual_sd is None:
        return _detectable(average, "information", f"{said}.")
    level = float(main.model.y[main.model.before].mean()) if main.model.log_link else 1.0
    size = average * found.residual_sd * level
    said += f", that is {size:.3g} {outcome.unit}"
    worth = outcome.smallest_worthwhile
    if worth is None:
        return _detectable(average, "information", f"{said}.")
    enough = size <= worth
    more = "which is fine enough" if enough else "so a change worth having can go unseen"
    return _detectable(average, "pass" if enough else "caution", f"{said}; {worth:g} is declared worthwhile, {more}.")


def _detectable(size: float, status: str, reading: str) -> Diagnostic:
    return Diagnostic(
        name="Smallest detectable change",
        question="How large must a change be to be seen at all in a series of this length?",
        statistic=size,
        threshold="80% power, autocorrelation .2 to .6",
        status=status,  # type: ignore[arg-type]
        reading=reading,
    )


def beside_comparison(alone: SeriesFit, main: SeriesFit) -> Diagnostic | None:
    """What the comparison series did to the answer."""
    if not main.model.controls:
        return None
    one, two = alone.average().absolute, main.average().absolute
    names = ", ".join(main.model.controls[:3]) + (" and others" if len(main.model.controls) > 3 else "")
    gone = claims(one) != 0 and claims(two) == 0
    turned = claims(one) * claims(two) < 0
    verdict = "The effect claimed from this series alone does not stand once the comparison is set beside it."
    if turned:
        verdict = "The comparison turns the answer round."
    elif not gone:
        verdict = "The comparison does not overturn the answer."
    return Diagnostic(
        name="With and without the comparison",
        question="Does the answer survive a series that had the same times but not the service?",
        statistic=one.estimate - two.estimate,
        threshold="the interval comes to include no change, or changes sign",
        status="caution" if gone or turned else "pass",
        reading=f"{verdict} Alone, the average effect would be {_said(one)}; set against {names} it is {_said(two)}.",
    )


def rank_reading(found: PermutationRank | NotComputed) -> Diagnostic | None:
    """The treated series among series that had nothing happen to them."""
    if isinstance(found, NotComputed):
        return None
    odd = found.p_value <= max(0.05, found.smallest_p)
    return Diagnostic(
        name="Permutation rank",
        question="Would a series to which nothing happened look as changed as the treated one?",
        statistic=found.p_value,
        threshold=f"smallest possible here: {found.smallest_p:.3g}",
        status="pass" if odd else "information",
        reading=f"The treated series ranks {found.rank} of {found.of} (p {found.p_value:.3g}; with {found.of} series "
        f"it cannot be below {found.smallest_p:.3g}).",
    )


def other_outcomes(outcome: Outcome, main: SeriesFit, other: SeriesFit) -> Diagnostic | None:
    """Outcomes that should not move, and outcomes that should move too."""
    effect = other.average().absolute
    moved = claims(effect)
    if outcome.role == "placebo":
        reading = f"{outcome.label}, which should not move, " + ("moved too" if moved else "did not clearly move")
        return Diagnostic(
            name=f"Placebo outcome: {outcome.label}",
            question="Does an outcome move that the service cannot have moved?",
            statistic=effect.estimate,
            threshold="the interval leaves out no change",
            status="caution" if moved else "pass",
            reading=f"{reading}: {_said(effect)} {outcome.unit}.",
        )
    if outcome.role == "downstream":
        agrees = moved == claims(main.average().absolute)
        word = "moves with" if agrees else "does not move with"
        return Diagnostic(
            name=f"Downstream outcome: {outcome.label}",
            question="Do outcomes further along move as they should if the effect is real?",
            statistic=effect.estimate,
            threshold="the same side of no change as the primary outcome",
            status="pass" if agrees else "caution",
            reading=f"{outcome.label} {word} the primary outcome: {_said(effect)} {outcome.unit}.",
        )
    return None


def declared(protocol: Protocol) -> tuple[Diagnostic, ...]:
    """Events declared in advance, and what was done about each."""
    done = {
        "shared with the comparison": "is left to the comparison to take out: it does so only if it struck both alike",
        "drop the periods": "has a term for each period it touched, so those periods say nothing about the effect",
        "model it": "has a term of its own: a change of level while it lasted",
    }
    return tuple(
        Diagnostic(
            name=f"Declared: {caution.label}",
            question="What was done about an event that could pass for an effect?",
            status="information",
            reading=f"{caution.label} ({caution.first} to {caution.last or 'the end'}) {done[caution.handling]}.",
        )
        for caution in protocol.cautions
    )


def _said(one: Estimate) -> str:
    interval = "" if one.conf_low is None else f" ({one.conf_low:.3g} to {one.conf_high:.3g})"
    return f"{one.estimate:.3g}{interval}"
