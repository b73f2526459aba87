"""Synthetic difference-in-differences with a column of starts: cohort by cohort, then their average."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from hubeval.errors import Door, did_you_mean, listed
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.estimators.double_difference import refit, unsteadiness
from hubeval.methods.synth.fits.synthetic_did import SyntheticDid, synthetic_did_of
from hubeval.methods.synth.inference.replicates import Replicates, interval, placebo_law
from hubeval.result import Estimate, NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Errors = Literal["placebo", "bootstrap"]
_NEVER = {"", "0", "0.0", "inf", "never", "nan", "nat", "none", "<na>"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StaggeredDid(Shown):
    """Synthetic difference-in-differences of each cohort against units never treated, and their average.

    Attributes
    ----------
    cohorts : tuple of SyntheticDid
        In order of their start; each with an error of its own where it has one.
    draws : (b,) float
        Replicates of the average.
    errors : {"placebo", "bootstrap"}
    std_error : float or None
    df : float
        Degrees of freedom of the t law that the interval follows.
    reason : str
        Why there is no error, where there is none.
    conf_level : float
    """

    cohorts: tuple[SyntheticDid, ...]
    draws: Floats
    errors: Errors
    std_error: float | None
    df: float = float("inf")
    reason: str = ""
    conf_level: float = 0.95

    @property
    def estimate(self) -> float:
        """Mean of the cohorts' effects, weighted by their treated units times periods."""
        return float(np.average([c.estimate for c in self.cohorts], weights=_cells(self.cohorts)))

    def estimates(self, label: str = "", unit: str = "") -> tuple[Estimate, ...]:
        """The average effect on the treated, then that of each cohort."""
        first = self.cohorts[0]
        low, high, p = interval(self.estimate, self.std_error, self.df, self.conf_level)
        how = {"placebo": "spread of {} placebo estimates", "bootstrap": "bootstrap of units, {} replicates"}[
            self.errors
        ]
        law = f"; t interval, {self.df:g} degrees of freedom"
        words = f"{how.format(len(self.draws))}{law}" if self.std_error else f"none: {self.reason}"
        overall = Estimate(
            term="ATT",
            estimand="average effect over treated units and periods, by synthetic difference-in-differences",
            outcome=label or first.panel.outcome,
            unit=unit,
            estimate=self.estimate,
            std_error=self.std_error,
            conf_low=low,
            conf_high=high,
            conf_level=self.conf_level,
            p_value=p,
            inference=words,
            n_treated=sum(len(c.panel.treated) for c in self.cohorts),
            n_comparison=len(first.panel.donors),
        )
        each = [c.estimates(label, unit)[0] for c in self.cohorts]
        named = (
            replace(e, term=f"ATT of {c.panel.times[c.panel.t0]}") for e, c in zip(each, self.cohorts, strict=True)
        )
        return (overall, *named)

    def not_computed(self) -> tuple[NotComputed, ...]:
        """What could not be computed, with its reason."""
        return (NotComputed(what="Standard error and interval", reason=self.reason),) if self.reason else ()

    def to_frame(self) -> pd.DataFrame:
        """The estimates, one row each, in broom's columns."""
        return pd.DataFrame([asdict(e) for e in self.estimates()])


def synthetic(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    start: str,
    errors: Errors = "placebo",
    replications: int = 200,
    seed: int = 20261122,
    conf_level: float = 0.95,
) -> StaggeredDid:
    """Synthetic difference-in-differences with a column of starts; staggered starts are taken cohort by cohort.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period.
    outcome, unit, time, start : str
        Its columns; `start` holds each unit's first treated period, blank for never treated.
    errors : {"placebo", "bootstrap"}
        Placebo gives the starts to units never treated; bootstrap redraws units.
    replications, seed : int
        For draws.
    conf_level : float

    Raises
    ------
    BadInput
        Every problem found, each with its cure.

    Examples
    --------
    >>> from hubeval.synthetic.synth import donor_panel
    >>> made = donor_panel(n_donors=15)
    >>> frame = made.frame.assign(opened=made.frame["authority"].map({"Hubcaster": "2019Q1"}))
    >>> fit = synthetic(frame, outcome="dental_per_10k", unit="authority", time="quarter", start="opened")
    >>> fit.to_frame()["term"].tolist()
    ['ATT', 'ATT of 2019Q1']

    References
    ----------
    Arkhangelsky and others (2021), AER 111, appendix; Clarke, Pailanir, Athey and Imbens (2024), On synthetic
    difference-in-differences and related estimation methods in Stata, Stata Journal 24.
    """
    door = Door()
    door.choice("errors", errors, get_args(Errors))
    for argument, name in (("unit", unit), ("start", start)):
        if name not in frame.columns:
            columns = list(map(str, frame.columns))
            door.refuse(argument, f"no column {name!r}", f"columns: {listed(columns)}", did_you_mean(name, columns))
    door.close()
    groups, never = _groups(frame, unit, start, door)
    door.close()
    fits = []
    for label, units in groups.items():
        part = frame[frame[unit].isin([*units, *never])]
        panel = read_panel(part, outcome=outcome, unit=unit, time=time, treated=units, start=label)
        fits.append(synthetic_did_of(panel, errors=errors, replications=replications, seed=seed, conf_level=conf_level))
    cohorts = tuple(sorted(fits, key=lambda f: f.panel.t0))
    made = _spread(cohorts, errors, replications, np.random.default_rng(seed))
    return StaggeredDid(
        cohorts=cohorts,
        draws=made.draws,
        errors=errors,
        std_error=made.error,
        df=made.df,
        reason=made.reason,
        conf_level=conf_level,
    )


def _groups(frame: pd.DataFrame, unit: str, start: str, door: Door) -> tuple[dict[Any, list[Any]], list[Any]]:
    """Units by start, and those never treated."""
    pairs = frame[[unit, start]].drop_duplicates()
    pairs = pairs[pairs[unit].notna()]
    mixed = sorted(map(str, pairs.loc[pairs[unit].duplicated(), unit].unique()))
    if mixed:
        door.refuse("start", f"{len(mixed)} unit(s) have more than one start ({listed(mixed, 3)})",
                    "one start a unit, the same in each of its rows", "Correct the column.")  # fmt: skip
    untreated = pairs[start].map(lambda v: str(v).strip().lower() in _NEVER)
    groups = {label: list(part[unit]) for label, part in pairs[~untreated].groupby(start, observed=True)}
    never = list(pairs.loc[untreated, unit])
    if not groups:
        door.refuse("start", "no unit has a start", "at least one treated unit", "Fill in the first treated period.")
    if len(never) < 2:
        door.refuse("start", f"{len(never)} unit(s) never treated", "2 or more", "Add units that never started.")
    return groups, never


def _cells(cohorts: Sequence[SyntheticDid]) -> list[int]:
    return [len(c.panel.treated) * c.panel.n_post for c in cohorts]


def _spread(
    cohorts: tuple[SyntheticDid, ...], errors: Errors, replications: int, rng: np.random.Generator
) -> Replicates:
    """Replicates of the average, and the law of its error."""
    only = cohorts[0]
    if len(cohorts) == 1:
        return Replicates(draws=only.draws, error=only.std_error, df=only.df, wider=only.wider, reason=only.reason)
    sizes = [len(c.panel.treated) for c in cohorts]
    n_never = len(only.panel.donors)
    if errors == "placebo" and n_never <= sum(sizes) + 1:
        why = f"{n_never} units never treated are too few to stand in for {sum(sizes)} treated"
        return Replicates(draws=np.empty(0), reason=why)
    draw = _placebo if errors == "placebo" else _resampled
    made: list[tuple[float, float]] = []
    while len(made) < replications:
        value = draw(cohorts, sizes, n_never, rng)
        if value is not None:
            made.append(value)
    draws, spreads = np.array(made).T
    if errors == "placebo":
        own = _together(cohorts, [_own(cohort) for cohort in cohorts])
        return placebo_law(draws, spreads, own, n_donors=n_never, t0=min(c.panel.t0 for c in cohorts))
    return Replicates(draws=draws, error=float(draws.std()), df=min(sum(sizes), n_never) - 1)


def _own(cohort: SyntheticDid) -> float:
    panel = cohort.panel
    return unsteadiness(panel, np.array(panel.donors), np.array(panel.treated), cohort.fitted.omega)


def _together(cohorts: Sequence[SyntheticDid], spreads: Sequence[float]) -> float:
    """How unsteady the average of several cohorts is, each as unsteady as given."""
    share = np.array(_cells(cohorts), dtype=float)
    return float(np.sqrt(np.sum((share / share.sum() * np.array(spreads)) ** 2)))


def _placebo(
    cohorts: tuple[SyntheticDid, ...], sizes: Sequence[int], n_never: int, rng: np.random.Generator
) -> tuple[float, float]:
    """The average effect when units never treated are given the cohorts' starts, and how unsteady it is."""
    order = rng.permutation(n_never)
    ends = np.cumsum(sizes)
    rest, effects = order[ends[-1] :], []
    for cohort, end, size in zip(cohorts, ends, sizes, strict=True):
        donors = np.array(cohort.panel.donors)
        effects.append(refit(cohort.panel, donors[rest], donors[order[end - size : end]], cohort.fitted.zeta))
    values, spreads = zip(*effects, strict=True)
    return float(np.average(values, weights=_cells(cohorts))), _together(cohorts, spreads)


def _resampled(
    cohorts: tuple[SyntheticDid, ...], sizes: Sequence[int], n_never: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    """The average effect on units drawn with replacement; None where nobody treated, or nobody else, is drawn."""
    drawn = rng.integers(0, n_never + sum(sizes), n_never + sum(sizes))
    rest, below = drawn[drawn < n_never], n_never
    effects, cells = [], []
    for cohort, size in zip(cohorts, sizes, strict=True):
        mine = drawn[(drawn >= below) & (drawn < below + size)] - below
        below += size
        if len(mine) and len(rest):
            panel = cohort.panel
            units = np.array(panel.treated)[mine]
            effects.append(refit(panel, np.array(panel.donors)[rest], units, cohort.fitted.zeta)[0])
            cells.append(len(mine) * panel.n_post)
    return (float(np.average(effects, weights=cells)), 0.0) if effects else None
