"""The cut points that data checks use, each with where it comes from; "our judgement" where no source gives one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A cut point and its source."""

    value: float
    source: str

    def __str__(self) -> str:
        return f"{self.value:g} ({self.source})"


ITS_POINTS = Threshold(value=3, source="EPOC 2021: fewer on a side is not an interrupted time series")
ITS_SHORT = Threshold(value=12, source="Turner 2021: least squares below 12 points, REML above")
DID_PRE = Threshold(value=3, source="our judgement: with fewer, pre-trends cannot be examined")
SCM_PRE = Threshold(value=10, source="our judgement, after Abadie 2021")
SCM_DONORS = Threshold(value=19, source="arithmetic: the smallest placebo p is 1 / (donors + 1)")
FEW_TREATED = Threshold(
    value=12, source="own simulation: cluster-robust t rejects a true null in 9% with 5 of 25 treated, 5% with 12"
)
FEW_CLUSTERS = Threshold(value=20, source="Cameron & Miller 2015: few is anything below 20 to 50 clusters")
LEVEL = Threshold(value=0.05, source="the usual 5% level")
GAPS_SMALL = Threshold(value=0.05, source="our judgement")
GAPS_LARGE = Threshold(value=0.20, source="our judgement")
BALANCE_FINE = Threshold(value=0.05, source="What Works Clearinghouse: below it, fine")
BALANCE_POOR = Threshold(value=0.25, source="What Works Clearinghouse: beyond it, not equivalent")
SUPPORT_LOW = Threshold(value=0.50, source="our judgement")
SUPPORT_CAUTION = Threshold(value=0.90, source="our judgement")
LINKED = Threshold(value=0.80, source="our judgement")
EVENTS_PER_COVARIATE = Threshold(value=10, source="Peduzzi 1996, a weak rule: van Smeden 2016")
