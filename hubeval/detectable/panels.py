"""Simulated power of a difference-in-differences protocol on its own panel, with its own estimator and inference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.detectable import assignments
from hubeval.detectable.assignments import ENUMERATE_UP_TO, Cells, Panel, Rejections, smallest
from hubeval.detectable.values import CurvePoint
from hubeval.errors import Door
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.group_time import fit_group_time
from hubeval.methods.did.inference.family import FAMILY
from hubeval.methods.did.inference.permutation.assignments import enumerated, multinomial
from hubeval.methods.did.inference.rule import choose
from hubeval.protocol import DidDesign
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.methods.did.door.panel import Panel as Read
    from hubeval.methods.did.estimators.group_time import GroupTime
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

UNIT_FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
SIMULATED = ("permutation", "cluster", "cr2", "cr3", "welch")
WORDS = {
    "permutation": "permutation of the starts over the units",
    "cluster": "cluster-robust errors by unit",
    "cr2": "cluster-robust (CR2) errors by unit, Bell-McCaffrey degrees of freedom",
    "cr3": "cluster-robust (CR3) errors by unit, Bell-McCaffrey degrees of freedom",
    "welch": "influence functions, each cohort corrected for its size (Welch)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A panel without effect, the protocol's estimator as weights, and its inference; ready to be reassigned.

    Attributes
    ----------
    loads : (G, T) float
        Weights on cohort means: they do not change when every cohort grows by the same factor.
    cells : Cells or None
        For errors from influence functions: the effects that the average is made of.
    sign : int
        The direction of effects looked for.
    """

    panel: Panel
    loads: Floats
    cells: Cells | None
    estimator: str
    inference: str
    sign: int
    level: float
    seed: int

    @property
    def weights(self) -> Floats:
        """Weights on units, (G, T)."""
        return self.loads / self.panel.sizes[:, None]

    @property
    def assignments(self) -> float:
        """In how many ways the starts can be given out."""
        return multinomial(len(self.panel.cohort), self.panel.sizes[np.isfinite(self.panel.starts)].tolist())

    @property
    def floor(self) -> float:
        """The smallest p-value that permuting can give."""
        return 1 / self.assignments

    def rejections(self, draws: int, *, resample: Floats | None = None) -> Rejections:
        """The effects found under each of so many true assignments.

        Parameters
        ----------
        draws : int
        resample : (M, T) float, optional
            Outcomes of the units to draw from with replacement, for panels of another size.
        """
        rng = np.random.default_rng(self.seed)
        exact = self.assignments <= ENUMERATE_UP_TO and resample is None
        truths = self._every() if exact else assignments.drawn(self.panel, draws, rng)
        rows, panel = None, self.panel
        if resample is not None:
            rows = rng.integers(0, len(resample), (draws, len(panel.cohort)))
            panel = replace(panel, y=resample)
        if self.inference == "permutation":
            reference = truths if exact else assignments.drawn(self.panel, max(draws, 199), rng)
            return assignments.permutation_test(panel, self.weights, truths=truths, reference=reference, exact=exact,
                                                level=self.level, rows=rows)
        if self.estimator == "two-way":
            score = (assignments.clustered_score(self.panel, self.weights) if self.inference == "cluster"
                     else assignments.bias_reduced_score(self.panel, self.inference))
            return assignments.t_test(panel, self.weights, score, truths=truths, level=self.level, rows=rows)
        assert self.cells is not None
        return assignments.cohort_test(panel, self.weights, truths=truths, level=self.level, rows=rows,
                                       corrected=self.inference != "cluster")

    def smallest(self, found: Rejections, target: float) -> float | None:
        """The smallest effect, as a size, that is found with power `target`."""
        if self.inference == "permutation" and self.floor > self.level:
            return None
        scale = max(float(np.std(found.own)), 1e-12)
        return smallest(lambda effect: found.power(self.sign * effect), target, scale)

    def resized(self, factor: float) -> Study:
        """The same study with every cohort grown or shrunk; the outcomes come by resampling."""
        sizes = np.maximum(1, np.round(self.panel.sizes * factor)).astype(int)
        cohort = np.repeat(np.arange(len(sizes)), sizes)
        shape = np.zeros((len(cohort), self.panel.y.shape[1]))
        return replace(self, panel=Panel(y=shape, cohort=cohort, starts=self.panel.starts))

    def _every(self) -> Codes:
        """Every assignment, (A, N)."""
        n, sizes = len(self.panel.cohort), self.panel.sizes
        treated = np.flatnonzero(np.isfinite(self.panel.starts))
        rest = [g for g in range(len(sizes)) if g not in treated]
        kinds = np.repeat(treated, sizes[treated])
        out = []
        for chosen in enumerated(n, sizes[treated].tolist()):
            codes = np.full(n, rest[0] if rest else treated[-1], dtype=np.intp)
            codes[list(chosen)] = kinds
            out.append(codes)
        return np.array(out)


def study_of(
    protocol: Protocol, table: Table, level: float, seed: int
) -> tuple[Study | None, tuple[str, ...], tuple[NotComputed, ...]]:
    """The study a protocol's panel allows, with notes on what was left out, or the reason that there is none."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    notes: list[str] = []
    missing: list[NotComputed] = []
    if not design.unit:
        reason = "these are repeated cross-sections; this version gives starts out anew over units that are followed"
        return None, (), (NotComputed(what="simulated power", reason=reason),)
    if design.cluster and design.cluster != design.unit:
        reason = "starts would have to be reassigned over clusters; this version reassigns them over units"
        return None, (), (NotComputed(what="simulated power", reason=reason),)
    if design.covariates or design.weights:
        left = " and ".join(["covariates"] * bool(design.covariates) + ["weights"] * bool(design.weights))
        notes.append(f"The {left} are left out: the adjusted estimator may find more or less than this.")
    frame = table.frame.dropna(subset=[protocol.primary.column])
    whole = frame.groupby(design.unit)[design.time].transform("count") == frame[design.time].nunique()
    dropped = int(table.frame[design.unit].nunique() - frame.loc[whole, design.unit].nunique())
    if dropped:
        notes.append(f"{dropped} unit(s) without a value in every period are left out of the simulation.")
    frame = frame[whole]
    if frame.empty or not (frame[design.start].notna().any()):
        reason = "no treated unit has a value in every period"
        return None, tuple(notes), (NotComputed(what="simulated power", reason=reason),)
    plain = replace(design, covariates=(), weights=None, cluster=None)
    read = read_panel(frame, outcome=protocol.primary.column, unit=design.unit, time=design.time, start=design.start,
                      anticipation=design.anticipation)
    estimator = _estimator(design, read)
    door = Door()
    door.choice("design.estimator", estimator, ("auto", "two-way", "group-time", *FAMILY))
    door.close()
    inference = _inference(design, read, estimator)
    if inference not in SIMULATED or (inference != "permutation" and estimator not in {"two-way", "group-time"}):
        reason = "only permutation and cluster-robust tests are simulated; permutation is shown"
        missing.append(NotComputed(what=f"simulated power of {inference!r} inference", reason=reason))
        inference = "permutation"
    study = _study(read, plain, estimator, inference, protocol, level, seed)
    if study is None:
        reason = f"{estimator!r} does not weigh units of one start alike"
        return None, tuple(notes), (*missing, NotComputed(what="simulated power", reason=reason))
    return study, tuple(notes), tuple(missing)


def by_units(study: Study, target: float, draws: int, say: Callable[[str], None]) -> tuple[CurvePoint, ...]:
    """Smallest detectable effects with fewer and more units, drawn with replacement, the cohorts in proportion."""
    out = []
    for factor in UNIT_FACTORS:
        say(f"Power with {factor:g} times the units")
        other = study.resized(factor)
        found = other.rejections(draws, resample=study.panel.y)
        out.append(_point(other, other.smallest(found, target)))
    return tuple(out)


def by_periods(
    study: Study, protocol: Protocol, table: Table, target: float, draws: int, say: Callable[[str], None]
) -> tuple[CurvePoint, ...]:
    """Smallest detectable effects when follow-up ends sooner, from soon after the last start to the end."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    last = int(study.panel.starts[np.isfinite(study.panel.starts)].max())
    t = study.panel.y.shape[1]
    ends = sorted({int(end) for end in np.linspace(last + 1, t, 5)})
    out = []
    for end in ends[:-1]:
        say(f"Power with {end} periods")
        kept = sorted(table.frame[design.time].unique())[:end]
        shorter = replace(table, frame=table.frame[table.frame[design.time].isin(kept)])
        other, _, _ = study_of(protocol, shorter, study.level, study.seed)
        if other is not None:
            out.append(_point(other, other.smallest(other.rejections(draws), target)))
    whole = study.smallest(study.rejections(draws), target)
    return (*out, _point(study, whole))


def _point(study: Study, size: float | None) -> CurvePoint:
    treated = int(study.panel.sizes[np.isfinite(study.panel.starts)].sum())
    return CurvePoint(n_units=len(study.panel.cohort), n_treated=treated, n_periods=study.panel.y.shape[1],
                      smallest_detectable=size)


def _estimator(design: DidDesign, read: Read) -> str:
    """What the room runs for this design."""
    if design.estimator != "auto":
        return design.estimator
    return "group-time" if len(read.cohorts) > 1 or design.anticipation else "two-way"


def _inference(design: DidDesign, read: Read, estimator: str) -> str:
    method = choose(read, anticipation=design.anticipation)[0] if design.inference == "auto" else design.inference
    return "cr2" if method == "welch" and estimator == "two-way" else method


def _study(
    read: Read, design: DidDesign, estimator: str, inference: str, protocol: Protocol, level: float, seed: int
) -> Study | None:
    cohorts = [float(c) for c in read.cohorts] + ([np.inf] if not read.ever.all() else [])
    position = np.where(read.ever, read.first.astype(float), np.inf)
    panel = Panel(y=read.matrix(read.y), cohort=np.searchsorted(np.array(cohorts), position),
                  starts=np.array(cohorts))
    cells = None
    if estimator == "two-way":
        weights = assignments.two_way_weights(panel)
    elif estimator == "group-time":
        weights, cells = _group_time(read, design, panel)
    else:
        fit = FAMILY[estimator]
        try:
            weights = assignments.probed_weights(
                panel, lambda y: float(fit(replace(read, y=y.ravel()), design)[0].estimate[0])
            )
        except ValueError:
            return None
    effect = float((weights[panel.cohort] * panel.y).sum())
    clean = replace(panel, y=panel.y - effect * panel.exposure[panel.cohort])
    sign = -1 if protocol.primary.direction == "lower is better" else 1
    return Study(panel=clean, loads=weights * panel.sizes[:, None], cells=cells, estimator=estimator,
                 inference=inference, sign=sign, level=level, seed=seed)


def _group_time(read: Read, design: DidDesign, panel: Panel) -> tuple[Floats, Cells]:
    """Weights of the group-time average, and of the effects that it averages by cohort share."""

    def fit(y: Floats) -> GroupTime:
        return fit_group_time(replace(read, y=y.ravel()), estimator=design.adjustment, control=design.control,
                              base=design.base, anticipation=design.anticipation, gaps=design.gaps)

    first = fit(panel.y)
    loads = assignments.probed(panel, lambda y: fit(y).estimate)[first.after]
    place = np.searchsorted(read.clock, first.group[first.after])
    mine = np.searchsorted(panel.starts, place)
    share = panel.sizes[mine] / panel.sizes[mine].sum()
    treated = np.unique(mine)
    cells = Cells(loads=np.stack([loads[mine == c].sum(axis=0) for c in treated]),
                  count=np.array([float((mine == c).sum()) for c in treated]), cohort=treated)
    return np.einsum("k,kgt->gt", share, loads) / panel.sizes[:, None], cells
