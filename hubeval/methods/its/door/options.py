"""What an interrupted time series analysis may be asked for, as small frozen values and one capability table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Family = Literal["gaussian", "poisson", "negative-binomial"]
Errors = Literal["ar", "ar1", "independent"]
Impact = Literal["level and slope", "level", "slope", "ramp"]
InferenceName = Literal[
    "integrated", "kenward-roger", "satterthwaite", "prais-winsten", "newey-west", "arima", "least-squares"
]

IMPACTS: tuple[str, ...] = ("level and slope", "level", "slope", "ramp")
FAMILIES: tuple[str, ...] = ("gaussian", "poisson", "negative-binomial")
ERRORS: tuple[str, ...] = ("ar", "ar1", "independent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One dated start and the shape its effect is allowed to take, chosen before the data are seen.

    Parameters
    ----------
    at : str or int
        First treated period, written as in the data.
    impact : {"level and slope", "level", "slope", "ramp"}
        ``ramp``: the effect grows in equal steps over `over` periods and then stays.
    over : int
        Periods a ramp takes; not read otherwise.
    until : str or int
        Last treated period, where the service was withdrawn: from then on the series is taken to be back on the path it
        would have had. Empty: the effect has no end.
    """

    at: str | int
    impact: Impact = "level and slope"
    over: int = 0
    until: str | int = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A known event given its own term, so that it cannot pass for the effect.

    Parameters
    ----------
    label : str
    first, last : str or int
        First and last period touched, as in the data; `last` empty means from `first` on.
    each : bool
        A term for every period touched: those periods then say nothing about the effect (they are
        dropped without breaking the time index). Their outcome may be missing.
    """

    label: str
    first: str | int
    last: str | int = ""
    each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seasonality:
    """Seasonal terms, chosen before the data are seen.

    Parameters
    ----------
    kind : {"calendar", "harmonic"}
        An indicator for each month or quarter but the first, or pairs of sine and cosine.
    harmonics : int
        Pairs of sine and cosine; not read for "calendar".
    changes : bool
        The season may itself change at the first start; the change counts as effect. It takes a whole year after it.
    """

    kind: Literal["calendar", "harmonic"]
    harmonics: int = 2
    changes: bool = False


CHANGING = ", changing at the start"
_STEADY: dict[str, Seasonality] = {
    "calendar": Seasonality(kind="calendar"),
    "1 harmonic": Seasonality(kind="harmonic", harmonics=1),
    "2 harmonics": Seasonality(kind="harmonic", harmonics=2),
    "3 harmonics": Seasonality(kind="harmonic", harmonics=3),
}
SEASONALITY: dict[str, Seasonality] = _STEADY | {
    f"{name}{CHANGING}": replace(season, changes=True) for name, season in _STEADY.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """One way to make errors and intervals: which error models it goes with, and how often its intervals cover.

    `coverage` quotes 95% intervals for a level change with a break in the middle and AR(1) errors,
    from the published recovery study (see docs/its.md); `covers` those of each term.
    """

    name: str
    label: str
    errors: tuple[str, ...]
    coverage: str
    reference: str

    def covers(self, term: str, *, counts: bool = False) -> str:
        """What was measured of the interval of one term.

        Parameters
        ----------
        term : str
            "level" for a level change (and for effects where a level alone may change), else "slope", "average" or
            "single" (the effect in one period).
        counts : bool
            Counts, whose study is another.
        """
        if self.name != "integrated":
            return self.coverage if term == "level" else f"of level changes: {self.coverage}"
        return MEASURED["counts" if counts else term]


MEASURED = {
    "level": "measured coverage .93 to .97 for level changes, 12 points up, autocorrelation 0 to .8",
    "slope": "measured coverage .93 to 1.00 for slope changes, 12 points up: wider than need be on short series",
    "average": "measured coverage .93 to 1.00 for average effects, 12 points up: wider than need be on short series",
    "single": "measured coverage .93 to 1.00 for effects in one period, 12 points up: wide on short series",
    "counts": "measured coverage .94 to 1.00 for counts of 0.5 to 200 a period, 24 points up",
}
INFERENCE: dict[str, Inference] = {
    made.name: made
    for made in (
        Inference(
            name="integrated",
            label="restricted likelihood integrated over the autocorrelation",
            errors=("ar", "ar1"),
            coverage=MEASURED["level"],
            reference="restricted likelihood: Patterson & Thompson 1971; integration on a fixed grid, see docs/its.md",
        ),
        Inference(
            name="kenward-roger",
            label="REML, AR(1), Kenward-Roger adjusted t",
            errors=("ar", "ar1"),
            coverage="measured coverage .95 to .97, with very wide intervals when autocorrelation is near 1",
            reference="Kenward & Roger 1997",
        ),
        Inference(
            name="satterthwaite",
            label="REML, AR(1), Satterthwaite t",
            errors=("ar", "ar1"),
            coverage="measured coverage .92 to .95 at 24 points",
            reference="Satterthwaite 1946; Turner et al. 2021",
        ),
        Inference(
            name="prais-winsten",
            label="Prais-Winsten, t",
            errors=("ar", "ar1"),
            coverage="measured coverage .91 to .80 at 24 points as autocorrelation goes from 0 to .8: too narrow",
            reference="Prais & Winsten 1954",
        ),
        Inference(
            name="newey-west",
            label="least squares, Newey-West lag 1, t",
            errors=("ar", "ar1", "independent"),
            coverage="measured coverage .90 to .69 at 24 points as autocorrelation goes from 0 to .8: too narrow",
            reference="Newey & West 1987",
        ),
        Inference(
            name="arima",
            label="maximum likelihood AR(1) regression, normal",
            errors=("ar", "ar1"),
            coverage="measured coverage .86 to .74 at 24 points as autocorrelation goes from 0 to .8: too narrow",
            reference="as R's arima(order = c(1, 0, 0), xreg)",
        ),
        Inference(
            name="least-squares",
            label="ordinary least squares, t",
            errors=("independent",),
            coverage="measured coverage .95 without autocorrelation, .84 at .4 and .66 at .8 (24 points)",
            reference="classical",
        ),
    )
}
