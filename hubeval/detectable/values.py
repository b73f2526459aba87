"""What a power calculation comes to: the smallest detectable effect and all that it should be read beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.methods.readings.level import share_of_level
from hubeval.profile import Fact
from hubeval.scale import OF_ODDS, PER_CENT
from hubeval.shown import Shown
from hubeval.wording import amount, brief, level_words

if TYPE_CHECKING:
    from hubeval.result import Figure, NotComputed, ResultTable

SCHEMA = "hubeval-power/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published effect of family hubs, as a ratio, with the measure it is on and where it stands.

    `outcome` is the outcome of the catalogue that is this measure, where there is one.
    """

    label: str
    measure: str
    ratio: float
    source: str
    outcome: str = ""

    def of(self, measure: str) -> bool:
        """Whether a protocol's measure is this one, by its own id or the catalogue's.

        Examples
        --------
        >>> [PUBLISHED[0].of(name) for name in ("eyfsp-gld", "school-readiness", "education", "")]
        [True, True, False, False]
        """
        return bool(measure) and measure in {self.measure, self.outcome}


PUBLISHED = (
    Published(
        label="Doncaster family hubs: good level of development",
        measure="eyfsp-gld",
        outcome="school-readiness",
        ratio=1.06,
        source="Family Hubs Innovation Fund evaluation (Sheffield Hallam University), as given by the National Centre "
        "for Family Hubs: 1.06 times as likely",
    ),
    Published(
        label="Doncaster family hubs: year 1 phonics",
        measure="phonics",
        ratio=1.02,
        source="Family Hubs Innovation Fund evaluation (Sheffield Hallam University), as given by the National Centre "
        "for Family Hubs: 1.02 times as likely",
    ),
)
"""The only published effect sizes of a family-hub quasi-experiment that we found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Power against one true effect; `std_error` is the Monte Carlo error where it was simulated."""

    effect: float
    power: float
    std_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """The smallest detectable effect with other numbers of units or periods; None where nothing is detectable."""

    n_units: int
    n_treated: int
    n_periods: int
    smallest_detectable: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Power(Shown):
    """What this design could find in these data, before anything is estimated. `str(power)` is what is printed.

    Attributes
    ----------
    area, design, outcome, unit, measure : str
    method, inference : str
        How power was worked out, and the inference it is the power of, in words.
    smallest_detectable : float or None
        In the outcome's unit, as a size; None where no effect reaches the target (`not_computed` says why).
    baseline : float or None
        Mean of the outcome among the treated before their start, to read effects against.
    baseline_low : float or None
        Lower end of its interval: no percentage is given where that is not above zero.
    word : str
        What the size is the size of: ``"fall"``, ``"rise"``, ``"change either way"``.
    smallest_worthwhile, power_at_worthwhile : float or None
        As declared in the protocol, and the power against an effect of that size.
    false_alarms : float or None
        Share of drawn data without an effect in which the inference found one; `level` if it holds its size.
    floor : float or None
        The smallest p-value that a permutation of the starts can give, 1/C(N, N1) and its like.
    level, target : float
        Two-sided level and the power aimed at.
    points : tuple of Point
        Power against a row of effects.
    units, periods : tuple of CurvePoint
        Smallest detectable effects with fewer or more units, and with shorter follow-up.
    """

    area: str
    design: str
    outcome: str
    unit: str
    measure: str = ""
    method: str
    inference: str
    smallest_detectable: float | None
    baseline: float | None = None
    baseline_low: float | None = None
    word: str = "effect"
    smallest_worthwhile: float | None = None
    power_at_worthwhile: float | None = None
    false_alarms: float | None = None
    floor: float | None = None
    level: float = 0.05
    target: float = 0.8
    n_units: int = 0
    n_treated: int = 0
    n_periods: int = 0
    points: tuple[Point, ...] = ()
    units: tuple[CurvePoint, ...] = ()
    periods: tuple[CurvePoint, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    notes: tuple[str, ...] = ()
    not_computed: tuple[NotComputed, ...] = ()
    draws: int = 0
    seed: int | None = None
    dated: str = ""
    source: str = ""

    @property
    def floor_binds(self) -> bool:
        """Whether no effect at all could be significant."""
        return self.floor is not None and self.floor > self.level

    @property
    def relative(self) -> float | None:
        """The smallest detectable effect as a share of the baseline; None where that is not clearly above zero."""
        return share_of_level(self.smallest_detectable, self.baseline, self.baseline_low, self.unit)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """ST1 for a readiness profile: the smallest detectable effect against the declared worthwhile one."""
        if self.smallest_worthwhile is None or (self.smallest_detectable is None and not self.floor_binds):
            return ()
        if self.smallest_detectable is None:
            low, high, said = 1, 1, "no effect could be significant"
        else:
            times = self.smallest_detectable / self.smallest_worthwhile
            low, high = (1, 1) if times > 2 else (2, 2) if times > 1 else (3, 3) if times > 0.5 else (3, 4)
            said = f"smallest detectable effect {self.smallest_detectable:.3g} {self.unit}"
        quote = f"{said}; declared smallest worthwhile {self.smallest_worthwhile:g}"
        note = "set against the declared worthwhile change; whether that is plausible is for the theory to say"
        fact = Fact(criterion="ST1", low=low, high=high, kind="data", quote=quote, source=self.source,
                    dated=self.dated, note=note, design=self.design)
        return (fact,)

    def lines(self) -> tuple[str, ...]:
        """The calculation in words."""
        out = [f"Power: {self.area}, {self.design}, {self.outcome}", "", f"  {self._headline()}"]
        out += [f"  {line}" for line in (*self._beside(), *self.notes)]
        if self.points:
            out += ["", f"  effect ({self.unit})   power"]
            out += [f"  {p.effect:>12.4g}   {p.power:6.1%}" for p in self.points]
        for title, curve in (("units", self.units), ("periods", self.periods)):
            if curve:
                out += ["", f"  With other numbers of {title}:"]
                out += [f"    {_shape(p)}: {_number(p.smallest_detectable)}" for p in curve]
        out += ["", *(f"  Not computed: {item.what}: {item.reason}." for item in self.not_computed)]
        return (*out, f"  {self.method} Inference: {self.inference}." + (f" Seed {self.seed}." if self.draws else ""))

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, the published effects included."""
        value = files.plain(self)
        extra = {
            "relative": self.relative,
            "floor_binds": self.floor_binds,
            "facts": files.plain(self.facts),
            "published": files.plain(PUBLISHED),
        }
        return {"schema": SCHEMA, **value, **extra}

    def _headline(self) -> str:
        if self.smallest_detectable is None and not self.points and not self.floor_binds:
            return "How small an effect could be found was not worked out; the reason stands below."
        if self.smallest_detectable is None:
            return f"No {self.word} of any size would be found {self.target:.0%} of the time."
        before = level_words(self.baseline or 0.0, self.unit)
        share = f" ({self.relative:.1%} of the level before, {before})" if self.relative else ""
        if self.unit in {PER_CENT, OF_ODDS}:
            share = f" (the level before is {brief(self.baseline)})" if self.baseline is not None else ""
        return (
            f"The smallest {self.word} found {self.target:.0%} of the time at the {self.level:.0%} level is "
            f"{amount(self.smallest_detectable, self.unit)}{share}."
        )

    def _beside(self) -> list[str]:
        lines = []
        if self.smallest_worthwhile is not None:
            known = self.power_at_worthwhile is not None
            found = f"; it would be found {self.power_at_worthwhile:.0%} of the time" if known else ""
            lines.append(f"Declared smallest worthwhile change: {amount(self.smallest_worthwhile, self.unit)}{found}.")
        for item in PUBLISHED:
            same = "" if item.of(self.measure) else "another measure; "
            size = f"; {same}the same share here is {self._as_here(item.ratio - 1)}" if self._as_here(1.0) else ""
            lines.append(f"Published: {item.label} × {item.ratio:g}{size} ({item.source}).")
        if self.floor is not None and (self.floor_binds or (self.floor > 0.001 and self.points)):
            end = "above the level, so no result could be significant" if self.floor_binds else "it does not bind"
            lines.append(f"Smallest p-value a permutation of the starts can give: {self.floor:.3g}; {end}.")
        if self.false_alarms is not None:
            lines.append(f"With no effect, this inference would find one in {self.false_alarms:.1%} of such data.")
        return lines

    def _as_here(self, share: float) -> str:
        """A share of the level before, as a change in these data's unit; empty where it cannot be said."""
        if self.unit == PER_CENT:
            return amount(100 * share, self.unit)
        clear = self.unit != OF_ODDS and share_of_level(1.0, self.baseline, self.baseline_low, self.unit) is not None
        return amount(share * (self.baseline or 0.0), self.unit) if clear else ""


def _shape(point: CurvePoint) -> str:
    return f"{point.n_treated} treated of {point.n_units} units, {point.n_periods} periods"


def _number(value: float | None) -> str:
    return "nothing detectable" if value is None else f"{value:.3g}"
