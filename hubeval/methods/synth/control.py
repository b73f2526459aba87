"""Synthetic control and its ridge-augmented form for one treated unit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_args

from hubeval.errors import Door
from hubeval.methods.synth.checks.leave_one_out import leave_one_out
from hubeval.methods.synth.checks.placebo_starts import placebo_starts
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.fits.control import ControlFit, Inference, control_of
from hubeval.methods.synth.inference.placebo_units import Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hubeval.methods.synth.door.panel import Predictor
    from hubeval.result import NotComputed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticControl(ControlFit):
    """A fitted synthetic control, and what may be tried against it. Attributes as in `ControlFit`."""

    def in_time(self) -> pd.DataFrame | NotComputed:
        """The analysis moved to every admissible earlier start; see `checks.placebo_starts.placebo_starts`."""
        return placebo_starts(self)

    def leave_one_out(self) -> pd.DataFrame:
        """The estimate without each donor that carries weight; see `checks.leave_one_out`."""
        return leave_one_out(self.panel, self.fits.weights[self.treated], augment=self.augment, penalty=self.penalty)


def control(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: Any,
    start: Any,
    predictors: Sequence[str | Predictor] | None = None,
    donors: Sequence[Any] | None = None,
    inference: Inference = "placebo",
    pool: Pool = "all",
    conf_level: float = 0.95,
) -> SyntheticControl:
    """Synthetic control: the weighted average of donors that best reproduces the treated unit before the start.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period.
    outcome, unit, time : str
        Its columns.
    treated : label
        The treated unit.
    start : label
        First treated period, written as in `time`.
    predictors : sequence of str or Predictor, optional
        Match on these, weighted so that the path before the start fits best (nested optimisation).
        None, the default, matches on the path itself: the weights are then the exact optimum.
    donors : sequence of labels, optional
        The donor pool; every other unit if left out.
    inference : {"placebo", "conformal"}
        Rank among placebo units, or cyclic shifts in time (matching on the path only).
    pool : {"all", "donors"}
        Whether placebo fits may use the treated unit. With "all" the rank is exact; with "donors" a large effect
        is found more often, and the size was measured to be within .01 of what it claims.
    conf_level : float
        Coverage the intervals are meant to have.

    Returns
    -------
    SyntheticControl

    Raises
    ------
    BadInput
        Every problem found, each with its cure.

    Examples
    --------
    >>> import pandas as pd
    >>> years = list(range(2010, 2018))
    >>> paths = {"hub": [5, 6, 5, 7, 6, 8, 4, 3], "a": [4, 5, 4, 6, 5, 7, 6, 7], "b": [6, 7, 7, 8, 7, 9, 8, 9],
    ...          "c": [9, 9, 8, 9, 9, 8, 9, 9]}
    >>> frame = pd.DataFrame([(u, t, v) for u, p in paths.items() for t, v in zip(years, p)],
    ...                      columns=["area", "year", "rate"])
    >>> fit = control(frame, outcome="rate", unit="area", time="year", treated="hub", start=2016)
    >>> round(fit.estimate, 2), fit.placebos().by_ratio.rank
    (-3.87, 1)

    References
    ----------
    Abadie, A., Diamond, A. and Hainmueller, J. (2010). Synthetic control methods for comparative case
    studies. JASA 105, 493-505. Firpo, S. and Possebom, V. (2018). Synthetic control method: inference,
    sensitivity analysis and confidence sets. Journal of Causal Inference 6(2).
    """
    _check_options(inference, conf_level, pool, predictors=bool(predictors))
    panel = read_panel(
        frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, predictors=predictors, donors=donors
    )
    return _asked(control_of(panel, inference=inference, conf_level=conf_level, pool=pool))


def augmented(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: Any,
    start: Any,
    donors: Sequence[Any] | None = None,
    penalty: float | None = None,
    pool: Pool = "all",
    conf_level: float = 0.95,
) -> SyntheticControl:
    """Ridge-augmented synthetic control: what simplex weights leave unmatched is taken out by ridge regression.

    Parameters
    ----------
    frame, outcome, unit, time, treated, start, donors, pool, conf_level
        As in `control`; the path itself is matched and inference is by placebo units.
    penalty : float, optional
        Of the ridge regression; chosen by leaving one period out at a time if None.

    Returns
    -------
    SyntheticControl
        Its weights may be negative: they extrapolate beyond the donors.

    Examples
    --------
    >>> from hubeval.synthetic.synth import donor_panel
    >>> made = donor_panel(n_donors=30)
    >>> fit = augmented(made.frame, outcome="referrals_per_10k", unit="authority", time="quarter",
    ...                 treated="Hubcaster", start="2019Q1")
    >>> abs(fit.estimate - made.truth.att) < 3, round(float(fit.weights.sum()), 9)
    (True, 1.0)

    References
    ----------
    Ben-Michael, E., Feller, A. and Rothstein, J. (2021). The augmented synthetic control method.
    JASA 116, 1789-1803.
    """
    _check_options("placebo", conf_level, pool, penalty=penalty)
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, donors=donors)
    return _asked(control_of(panel, conf_level=conf_level, augment=True, penalty=penalty, pool=pool))


def _asked(fit: ControlFit) -> SyntheticControl:
    """The same fit, with what may be tried against it."""
    return SyntheticControl(**{field.name: getattr(fit, field.name) for field in fields(fit)})


def _check_options(
    inference: str, conf_level: float, pool: str, *, predictors: bool = False, penalty: float | None = None
) -> None:
    door = Door()
    door.choice("inference", inference, get_args(Inference))
    door.choice("pool", pool, get_args(Pool))
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level!r}", "a number between 0 and 1", "Write 0.95.")
    if predictors and inference == "conformal":
        door.refuse(
            "inference",
            "'conformal' refits the path with each effect removed",
            "predictors=None",
            "Match on the path, or use inference='placebo'.",
        )
    if penalty is not None and not penalty > 0:
        door.refuse("penalty", f"found {penalty!r}", "a number above 0", "Leave it out to have it chosen.")
    door.close()
