"""Questions put to a synthetic control before its number is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.simplex import CERTIFIED
from hubeval.methods.readings.estimates import claims
from hubeval.methods.readings.leave_one_out import leave_one_out
from hubeval.methods.readings.placebo_starts import earlier_among
from hubeval.methods.readings.ranks import rank_among
from hubeval.methods.readings.variability import variability_of_treated
from hubeval.methods.synth.fits.control import ControlFit
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import move

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.methods.synth.checks.placebo_starts import Earlier
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.synthetic_did import SyntheticDid
    from hubeval.result import Status

ALLOWED = {
    "sdid": "The interval is widened where the treated unit was the less steady.",
    "placebo": "The test sets each unit's change against its own fit before the start, which allows for that.",
    "conformal": "The test compares periods of the treated unit itself, so it does not rest on that.",
}
LONG_ENOUGH = 10  # periods before the start; our judgement, with Abadie (2021) on why few are dangerous


def pre_fit(fit: ControlFit, unit: str = "") -> Diagnostic:
    """Whether the path before the start is matched as well as the placebo units' paths are."""
    share, own = fit.tests.fit_share, fit.pre_rmspe
    before = fit.panel.y[: fit.panel.t0, fit.treated]
    spread = float(before.std())
    # one unit in twenty is among the worst twentieth by chance; a fit no better than a flat line is none by chance
    status: Status = "fail" if own > spread else "caution" if share > 0.95 else "pass"
    reading = f"The gap before the start is {move(own, unit)} (root mean square); "
    reading += f"{share:.0%} of placebo fits are as good"
    reading += {
        "pass": ". A close fit before is no proof of a right path after.",
        "caution": ": the treated unit is among the worse fitted, so part of the gap after may be misfit.",
        "fail": ": no weighting of these donors follows the treated path, so the gap after says little.",
    }[status]
    return Diagnostic(
        name="Fit before the start",
        bears_on="sign",
        question="Is the treated path matched as well as other units' paths?",
        statistic=share,
        threshold="share of placebo fits as good: caution above 0.95; fail where a flat line would be as close",
        status=status,
        reading=reading,
    )


def overfit(fit: ControlFit, unit: str = "") -> Diagnostic:
    """Whether there are more donors than periods to fit, and whether they have reproduced the path exactly."""
    n, t0 = len(fit.panel.donors), fit.panel.t0
    status: Status = "fail" if fit.perfect else "caution" if n > t0 else "pass"
    ends = fit.perfect_range()
    spread = " to ".join(move(end, unit) for end in ends or ())
    among = f" Other perfect fits put the effect anywhere from {spread}." if ends else ""
    reading = {
        "fail": f"Overfit: {n} donors reproduce the {t0} periods before the start exactly, as they would those of any "
        f"unit inside their range; the fit is no evidence and the post/pre ratio is not computed.{among}",
        "caution": f"{n} donors for {t0} periods before the start: enough to fit noise as well as signal.",
        "pass": f"{n} donors for {t0} periods before the start.",
    }[status]
    return Diagnostic(
        name="Donors against periods",
        question="Could any path have been fitted?",
        statistic=n / t0,
        threshold="caution above 1, fail where the fit is perfect",
        status=status,
        reading=reading,
    )


def history(panel: Panel) -> Diagnostic:
    """Whether the path before the start is long enough to judge a fit by."""
    status: Status = "caution" if panel.t0 < LONG_ENOUGH else "pass"
    reading = f"{panel.t0} periods before the start and {panel.n_post} from it on"
    reading += "; a short path can be matched by chance." if status == "caution" else "."
    return Diagnostic(
        name="Periods before the start",
        question="Is there enough history to judge the fit by?",
        statistic=float(panel.t0),
        threshold=f"caution below {LONG_ENOUGH}",
        status=status,
        reading=reading,
    )


def smallest_p(panel: Panel, conf_level: float = 0.95) -> Diagnostic:
    """The smallest p-value that this number of donors can give."""
    least = 1 / (len(panel.donors) + 1)
    status: Status = "caution" if least > 1 - conf_level else "pass"
    reading = f"With {len(panel.donors)} donors the placebo test can give no p-value below {least:.3f}"
    reading += f", so nothing can be shown at the {1 - conf_level:.0%} level." if status == "caution" else "."
    return Diagnostic(
        name="Smallest p-value",
        bears_on="interval",
        question="How strong could the evidence be at best?",
        statistic=least,
        threshold=f"caution above {1 - conf_level:.2f}",
        status=status,
        reading=reading,
    )


def concentration(fit: ControlFit | SyntheticDid) -> Diagnostic:
    """How many donors the synthetic path rests on."""
    weights = fit.weights
    effective = float(weights.abs().sum() ** 2 / (weights**2).sum())
    status: Status = "caution" if effective < 2 else "pass"
    most = f"{weights.iloc[0]:.2f} ({weights.index[0]})"
    reading = f"The synthetic path rests on about {effective:.1f} donors; the largest weight is {most}"
    reading += ": what happened there on its own is in the number." if status == "caution" else "."
    return Diagnostic(
        name="Concentration of weights",
        question="Does the comparison hang on one place?",
        statistic=effective,
        threshold="caution below 2 effective donors",
        status=status,
        reading=reading,
    )


def inside_range(panel: Panel) -> Diagnostic:
    """Whether the treated path lies within the donors' before the start."""
    before = panel.y[: panel.t0]
    donors, treated = before[:, list(panel.donors)], before[:, list(panel.treated)].mean(axis=1)
    outside = float(((treated < donors.min(axis=1)) | (treated > donors.max(axis=1))).mean())
    status: Status = "fail" if outside > 0.5 else "caution" if outside > 0 else "pass"
    reading = (
        f"In {outside:.0%} of the periods before the start the treated unit is outside the range of the donors"
        + ("." if status == "pass" else ": no weighting of them can reach it there; weights and gaps lean to the edge.")
    )
    return Diagnostic(
        name="Within the donors' range",
        question="Can a weighted average of donors reach the treated unit at all?",
        statistic=outside,
        threshold="caution above 0, fail above one half of the periods",
        status=status,
        reading=reading,
    )


def certificate(relative_gap: float) -> Diagnostic:
    """Whether the weights are the optimum, by their duality gap."""
    status: Status = "pass" if relative_gap <= CERTIFIED else "caution"
    return Diagnostic(
        name="Optimality of the weights",
        bears_on="interval",
        question="Are these the best weights there are?",
        statistic=relative_gap,
        threshold=f"relative duality gap at most {CERTIFIED:g}",
        status=status,
        reading=f"The fit is within a share of {max(relative_gap, 1e-16):.0e} of the best that any weights can reach.",
    )


def in_space(fit: ControlFit) -> Diagnostic | NotComputed:
    """Where the treated unit stands among placebo units."""
    place = fit.tests.by_ratio
    if place is None:
        return NotComputed(
            what="Rank among placebo units",
            reason="the fit before the start is perfect, so the ratio "
            f"means nothing; by the gap after the start alone the rank is {fit.tests.by_gap.rank} of "
            f"{fit.tests.by_gap.n}",
        )
    return rank_among(place.rank, place.n, what="The post/pre ratio", claimed=claims(fit.estimates()[0]) != 0)


def in_time(fit: ControlFit, earlier: Earlier | NotComputed) -> Diagnostic | NotComputed:
    """Whether earlier starts show more of a change than those of units to which nothing was done."""
    if isinstance(earlier, NotComputed):
        return earlier
    if earlier.rank is None:
        few = f"{fit.panel.t0} periods before the start leave no earlier start to try"
        why = few if not len(earlier.frame) else "the fits before the earlier starts are perfect, and no yardstick"
        return NotComputed(what="placebo starts", reason=why)
    larger = int((earlier.frame["estimate"].abs() >= abs(fit.estimate)).sum())
    return earlier_among(earlier.rank, earlier.n, larger=larger, of=len(earlier.frame))


def without_each(fit: ControlFit, without: pd.DataFrame, unit: str = "") -> Diagnostic | NotComputed:
    """How far the estimate moves when a donor is left out."""
    names = [str(name) for name in without["left_out"]]
    return leave_one_out(without["estimate"].tolist(), fit.estimates(unit=unit)[0], of="donor", names=names)


def sdid_placebo(fit: SyntheticDid) -> Diagnostic | NotComputed:
    """Where a synthetic difference-in-differences stands among its placebo estimates."""
    place = fit.placebo_rank()
    if place is None:
        return NotComputed(what="Rank among placebo estimates", reason=fit.reason or f"errors are by {fit.errors}")
    claimed = claims(fit.estimates()[0]) != 0
    return rank_among(*place, what="The estimate's size", of="placebo estimates", claimed=claimed)


def variability(fit: ControlFit | SyntheticDid) -> Diagnostic | NotComputed:
    """Whether the treated unit is as steady as its donors before the start, and what the inference does about it."""
    panel = fit.panel
    treated = np.isin(np.arange(len(panel.units)), panel.treated)
    kind = fit.inference if isinstance(fit, ControlFit) else "sdid"
    return variability_of_treated(panel.y[: panel.t0].T, treated, allowed=ALLOWED[kind])
