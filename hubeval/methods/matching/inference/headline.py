"""The room's own sample and estimate, each made by one call: what `evaluate` shows and what power asks about."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Literal

from hubeval.errors import BadInput
from hubeval.methods.matching.designs.matched import Matched, match
from hubeval.methods.matching.door.options import PAIRING, SCORES, SPACES, Options
from hubeval.methods.matching.effects.effect import effect_and_means

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hubeval.engine.means import Means
    from hubeval.protocol import MatchingDesign
    from hubeval.result import Estimate

# what an argument is called in a protocol, where not design.<the same>: of `match`, and of `effect`
NAMES = {
    "options.fewest/most": "design.fewest, design.most",
    "options.discard/trim": "design.discard, design.trim",
}
ESTIMATING = {"outcome": "outcomes", "covariates": "design.adjust_for"}


def settled(design: MatchingDesign, frame: pd.DataFrame, *, seed: int = 20261122) -> Matched:
    """The sample a design makes of a frame; no outcome is read, so one sample serves every outcome.

    Parameters
    ----------
    design : MatchingDesign
    frame : DataFrame
        One row a record.
    seed : int

    Raises
    ------
    BadInput
        Problems come back under the protocol's names.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.protocol import MatchingDesign
    >>> families = pd.DataFrame({"id": range(8), "hub": [1, 1, 1, 0, 0, 0, 1, 0],
    ...                          "need": [3.0, 5.0, 2.0, 2.9, 5.2, 4.0, 7.0, 7.5]})
    >>> settled(MatchingDesign(unit="id", treated="hub", covariates=("need",)), families)
    Matched(method='nearest', estimand='ATT', used=8 of 8 records)
    """
    missing: Literal["complete-case", "indicator"] = "indicator" if design.missing == "indicator" else "complete-case"
    same = {f.name: getattr(design, f.name) for f in fields(Options) if f.name not in {"link", "missing"}}
    try:
        return match(
            frame,
            treated=design.treated,
            covariates=design.covariates,
            method=design.method,
            distance=design.distance,
            estimand=design.estimand,
            ratio=design.ratio,
            replace=design.replace,
            order=design.order or _order(design),
            caliper=design.caliper,
            caliper_scale=design.caliper_scale,
            exact=design.exact,
            seed=seed,
            weights=design.weights,
            cluster=design.cluster,
            unit=design.unit,
            options=Options(link=design.link or _link(design), missing=missing, **same),
        )
    except BadInput as found:
        raise in_protocol(found) from None


def headline(
    sample: Matched,
    design: MatchingDesign,
    outcome: str | pd.Series,
    *,
    seed: int = 20261122,
    label: tuple[str, str] | None = None,
    instead: Mapping[str, str] | None = None,
) -> Estimate:
    """The estimate with its error and interval, as `evaluate` gives it for one outcome.

    Parameters
    ----------
    sample : Matched
        From `settled`, by the same design.
    design : MatchingDesign
    outcome : str or Series
        A column of the sample's frame, or values on its index: one draw of an outcome, say.
    seed : int
    label : (str, str), optional
        The outcome's label and unit.
    instead : mapping of argument to str, optional
        `effect`'s arguments where they are not the design's own: another estimator beside the headline.

    Raises
    ------
    BadInput

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from hubeval.protocol import MatchingDesign
    >>> rng = np.random.default_rng(1)
    >>> families = pd.DataFrame({"id": range(200), "hub": np.arange(200) < 60, "need": rng.normal(size=200)})
    >>> design = MatchingDesign(unit="id", treated="hub", covariates=("need",), estimator="difference")
    >>> sample = settled(design, families)
    >>> drawn = pd.Series(3.0 * families.hub + rng.normal(size=200), name="contacts")
    >>> made = headline(sample, design, drawn)
    >>> made.conf_low < 3 < made.conf_high
    True
    """
    return in_full(sample, design, outcome, seed=seed, label=label, instead=instead)[0]


def in_full(
    sample: Matched,
    design: MatchingDesign,
    outcome: str | pd.Series,
    *,
    seed: int = 20261122,
    label: tuple[str, str] | None = None,
    instead: Mapping[str, str] | None = None,
) -> tuple[Estimate, Means]:
    """`headline`, with the means that it was made of."""
    other = {} if instead is None else dict(instead)
    covariates = None if "estimator" in other else design.adjust_for
    how: dict[str, Any] = {"estimator": design.estimator, "vcov": design.vcov, **other}
    try:
        return effect_and_means(sample, outcome=outcome, seed=seed, label=label, covariates=covariates, **how)
    except BadInput as found:
        raise in_protocol(found, ESTIMATING) from None


def in_protocol(found: BadInput, names: Mapping[str, str] = NAMES) -> BadInput:
    """The same problems under the names that the protocol has for them."""
    return BadInput(
        replace(p, argument=names.get(p.argument, f"design.{p.argument.removeprefix('options.')}"))
        for p in found.problems
    )


def _link(design: MatchingDesign) -> Literal["score", "logit"]:
    """Pairs are made on the log-odds of a fitted score unless the protocol says otherwise."""
    pairs = design.method in PAIRING or (design.method == "cardinality" and design.paired)
    return "logit" if pairs and design.distance in SCORES else "score"


def _order(design: MatchingDesign) -> str:
    """Between covariates, records choose in an order drawn by lot unless the protocol says otherwise."""
    return "random" if design.method == "nearest" and design.distance in SPACES and not design.replace else "largest"
