"""Which estimator takes what and can claim what: asked by the room, printed in the docs, held to the code by tests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from hubeval.methods.room import Capability

TREATED = "average effect on the treated, over treated unit-periods"


def _member(name: str, label: str, reference: str, *options: str) -> Capability:
    return Capability(estimator=name, label=label, estimand=TREATED, reference=reference,
                      options=frozenset({"anticipation", *options}), inference=("permutation", "cluster"))


FAMILY = {
    "sun-abraham": _member("sun-abraham", "interaction-weighted event study", "Sun & Abraham 2021"),
    "extended": _member("extended", "extended two-way fixed effects", "Wooldridge 2025", "control"),
    "imputation": _member("imputation", "imputation", "Borusyak, Jaravel & Spiess 2024"),
    "two-stage": _member("two-stage", "two-stage", "Gardner 2022"),
    "stacked": Capability(
        estimator="stacked", label="stacked experiments with corrective weights",
        estimand="average over cohorts of the effect on the treated, in a common window",
        reference="Wing, Freedman & Hollingsworth 2024", options=frozenset({"control", "window"}),
        inference=("permutation", "cluster")),
}
CAPABILITIES: dict[str, Capability] = {
    "group-time": Capability(
        estimator="group-time", label="group-time effects, doubly robust by default",
        options=frozenset({"control", "base", "anticipation", "adjustment", "gaps", "average", "mix",
                           "window"}),
        estimand="average effect on the treated over all unit-periods under treatment",
        inference=("permutation", "welch", "cluster"),
        reference="Callaway & Sant'Anna 2021"),
    "two-way": Capability(
        estimator="two-way", label="two-way fixed effects with event study", options=frozenset({"window"}),
        estimand="average effect on the treated, if effects are alike across cohorts and time",
        inference=("permutation", "welch", "cr2", "cr3", "wild", "cluster", "conley-taber", "ferman-pinto"),
        reference="Goodman-Bacon 2021 on its weights"),
    **FAMILY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """One estimator's line.

    Attributes
    ----------
    name : str
        The function: ``did.<name>``.
    covariates : {"vary", "fixed", "either", "no"}
        Covariates that vary over time within units, that are fixed, either, or none.
    weights, cluster, anticipation, control : bool
        Options it reads; `control` chooses between never and not-yet treated comparisons.
    cross_sections : bool
        Repeated cross-sections, with ``unit=None``.
    unbalanced : bool
        Units seen in some periods only.
    switches_off : bool
        Treatment that ends, or changes more than once.
    staggered : bool
        Right when units start at different times and effects differ.
    pretrends : bool
        Gives effects before the start against one reference period, for honest bounds.
    paper : str
    """

    name: str
    covariates: Literal["vary", "fixed", "either", "no"]
    weights: bool = True
    cluster: bool = True
    anticipation: bool = False
    control: bool = False
    cross_sections: bool = False
    unbalanced: bool = True
    switches_off: bool = False
    staggered: bool = True
    pretrends: bool = False
    paper: str


TABLE: tuple[Takes, ...] = (
    Takes(name="two_way", covariates="vary", staggered=False, paper="Goodman-Bacon 2021 on its weights"),
    Takes(name="event_study", covariates="vary", staggered=False, pretrends=True,
          paper="Sun & Abraham 2021 on its limits"),
    Takes(name="group_time", covariates="either", anticipation=True, control=True, cross_sections=True, pretrends=True,
          paper="Callaway & Sant'Anna 2021"),
    Takes(name="sun_abraham", covariates="vary", anticipation=True, pretrends=True, paper="Sun & Abraham 2021"),
    Takes(name="extended", covariates="fixed", anticipation=True, control=True, cross_sections=True, pretrends=True,
          paper="Wooldridge 2025, 2023"),
    Takes(name="imputation", covariates="vary", anticipation=True, paper="Borusyak, Jaravel & Spiess 2024"),
    Takes(name="two_stage", covariates="vary", anticipation=True, paper="Gardner 2022"),
    Takes(name="stacked", covariates="vary", control=True, pretrends=True, paper="Wing, Freedman & Hollingsworth 2024"),
    Takes(name="switching", covariates="no", switches_off=True, pretrends=True,
          paper="de Chaisemartin & D'Haultfoeuille 2024"),
    Takes(name="triple", covariates="vary", anticipation=True, paper="Olden & Moen 2022"),
    Takes(name="dose", covariates="no", anticipation=True, control=True,
          paper="Callaway, Goodman-Bacon & Sant'Anna 2024"),
)


def capabilities() -> pd.DataFrame:
    """The table of what each estimator takes, one row an estimator.

    Examples
    --------
    >>> capabilities().query("switches_off")["name"].tolist()
    ['switching']
    """
    return pd.DataFrame([asdict(line) for line in TABLE])
