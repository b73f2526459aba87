"""Synthetic family-level records with a known effect: contacts, early-help assessments, a prior outcome, hub clusters.

No family in them is real. Coming to a hub is made to depend on need, so that a raw comparison is wrong by design; what
drives it is recorded, except for as much of it as `hidden` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

DOMAINS = ("housing", "finances", "mental_health", "parenting", "child_development", "safety", "support")


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTruth:
    """What is true in a set of made-up families.

    Attributes
    ----------
    att_need : float
        Mean true effect on the need score, over the families who came to a hub.
    att_referral : float
        The same for the chance of a referral in the year after.
    raw_need : float
        What a plain comparison of means shows instead.
    seed : int
    """

    att_need: float
    att_referral: float
    raw_need: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticFamilies:
    """Made-up families with their truth."""

    frame: pd.DataFrame
    truth: FamilyTruth


def families(
    *,
    n: int = 2400,
    hubs: int = 48,
    effect: float = -2.0,
    hidden: float = 0.0,
    missing: float = 0.0,
    seed: int = 20261122,
) -> SyntheticFamilies:
    """Families with early-help records, some of whom came to a hub.

    Parameters
    ----------
    n : int
        Number of families.
    hubs : int
        Number of hub catchments; families of one catchment share an unobserved level.
    effect : float
        Effect of coming to a hub on the need score, for a family of mean need; it is larger where need is higher.
    hidden : float
        Weight of an unrecorded driver of both coming and need; 0 for none.
    missing : float
        Share of families whose prior contacts are not recorded, more so in catchments with little need.
    seed : int

    Returns
    -------
    SyntheticFamilies
        One row a family: ``family``, ``catchment``, ``hub`` (0/1); before: ``youngest_age``, ``children``,
        ``lone_parent``, ``deprivation`` (1-10), ``prior_contacts``, ``prior_need``, seven domains ``assess_*`` scored
        0-10; after: ``need_score``, ``referred`` (0/1), ``library_visits`` (nothing to do with hubs).

    Examples
    --------
    >>> made = families(n=600, hubs=12, seed=1)
    >>> made.frame.shape, made.truth.att_need < 0 < made.truth.raw_need
    ((600, 19), True)
    """
    import pandas as pd  # noqa: PLC0415 - kept out of the fast path

    rng = np.random.default_rng(seed)
    catchment = rng.integers(0, hubs, n)
    level = rng.normal(0, 0.6, hubs)[catchment]
    deprivation = np.clip(np.round(5.5 + 2.2 * rng.normal(size=n) + level), 1, 10)
    lone = rng.random(n) < 0.15 + 0.03 * deprivation
    unseen = rng.normal(size=n)
    need = 0.35 * (deprivation - 5.5) + 0.8 * lone + hidden * unseen + rng.normal(size=n)
    assess = {f"assess_{d}": np.clip(np.round(4 + 1.1 * need + 1.4 * rng.normal(size=n)), 0, 10) for d in DOMAINS}
    contacts = rng.poisson(np.exp(0.2 + 0.35 * need))
    prior = 20 + 4 * need + 2 * rng.normal(size=n)
    age, children = rng.integers(0, 12, n), 1 + rng.poisson(0.8, n)
    seen = (np.mean(list(assess.values()), axis=0) - 4) / 1.1  # what the front door acts on is what it wrote down
    drive = -1.5 + 0.55 * seen + 0.25 * np.abs(seen) + 0.12 * contacts - 0.06 * age + hidden * unseen
    hub = rng.random(n) < 1 / (1 + np.exp(-drive))
    own = effect * (1 + 0.25 * need)
    after = 4 + 0.8 * prior + 1.2 * np.maximum(need, 0) ** 1.5 + 0.5 * contacts + 1.5 * level + hidden * unseen
    need_score = after + own * hub + 3 * rng.normal(size=n)
    logit = -2.2 + 0.12 * (after - 20)
    chance = [1 / (1 + np.exp(-(logit + shift))) for shift in (0.0, 0.25 * effect)]
    referred = rng.random(n) < np.where(hub, chance[1], chance[0])
    gap = rng.random(n) < missing * (1 + 0.5 * np.tanh(-need))
    recorded = np.where(gap, np.nan, contacts) if missing else contacts
    # fmt: off
    before = {"youngest_age": age, "children": children, "lone_parent": lone.astype(int),
              "deprivation": deprivation.astype(int), "prior_contacts": recorded,
              "prior_need": np.round(prior, 1), **{name: values.astype(int) for name, values in assess.items()}}
    # fmt: on
    visits = rng.poisson(np.exp(0.8 + 0.05 * children - 0.04 * deprivation))
    after_columns = {"need_score": np.round(need_score, 1), "referred": referred.astype(int), "library_visits": visits}
    frame = pd.DataFrame({**_who(catchment, hub), **before, **after_columns})
    truth = FamilyTruth(
        att_need=float(own[hub].mean()),
        att_referral=float((chance[1] - chance[0])[hub].mean()),
        raw_need=float(need_score[hub].mean() - need_score[~hub].mean()),
        seed=seed,
    )
    return SyntheticFamilies(frame=frame, truth=truth)


def _who(catchment: NDArray[np.int64], hub: NDArray[np.bool_]) -> dict[str, object]:
    """Ids, catchments and whether the family came."""
    return {
        "family": [f"F{i:05d}" for i in range(hub.size)],
        "catchment": [f"C{c:02d}" for c in catchment],
        "hub": hub.astype(int),
    }
