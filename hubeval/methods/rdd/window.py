"""The window of a randomisation design: as declared, or chosen by the balance of covariates, not by outcomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door
from hubeval.methods.rdd.door.protocols import given
from hubeval.methods.rdd.inference.windows import LEAST, LEVEL, Balance, balance, grown
from hubeval.wording import p_words

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.methods.rdd.door.sides import Cut
    from hubeval.protocol import RddDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A design with its window.

    Attributes
    ----------
    design : RddDesign
        With the window written in, where it was chosen.
    chosen : bool
        By covariates, and not declared.
    within : Balance or None
        How alike the sides of that window are; None where no covariate is declared.
    beyond : Balance or None
        The same of the next wider window, where a covariate tells the sides apart.
    """

    design: RddDesign
    chosen: bool = False
    within: Balance | None = None
    beyond: Balance | None = None


def settled(table: Table, design: RddDesign, *, seed: int) -> Settled:
    """The design as it is estimated. One without a window of its own gets the widest in which covariates are alike.

    Records need the score and every covariate to count here, and no outcome.

    Raises
    ------
    BadInput
        A covariate is the same for every record; even in the narrowest window one tells the sides apart; or the
        records allow no window.
    """
    if design.estimator != "randomisation" or not design.covariates:
        return Settled(design=design)
    cut = given(table, design, design.covariates[0]).cut
    _require_varied(cut, design)
    if design.window is not None:
        few = min(side.within(design.window, edge=True) for side in cut.sides) < 2  # refused where it is estimated
        return Settled(design=design, within=None if few else balance(cut, design.window, seed=seed))
    windows = grown(cut, seed=seed)
    kept = [one for one in windows if one.least >= LEVEL]
    if not kept:
        door, worst = Door(), windows[0]
        door.refuse("design.window", f"even in the narrowest, of {LEAST} records or more a side, "
                    f"{design.covariates[worst.worst]!r} tells the sides apart ({p_words(worst.least)})",
                    f"a window in which no covariate does (p {LEVEL} or more)",
                    "Take estimator = 'robust', which needs no such window, or check that it was measured before.")
        door.close()
    beyond = windows[-1] if windows[-1].least < LEVEL else None
    return Settled(design=replace(design, window=kept[-1].width), chosen=True, within=kept[-1], beyond=beyond)


def _require_varied(cut: Cut, design: RddDesign) -> None:
    """Refuse a covariate that is alike on both sides of any window because it is alike everywhere."""
    door = Door()
    values = np.concatenate([side.values[:, -cut.covariates:] for side in cut.sides])
    for name, spread in zip(design.covariates, np.ptp(values, axis=0), strict=True):
        if not spread:
            door.refuse("design.covariates", f"{name!r} is the same for every record, so it can tell no sides apart",
                        "covariates that vary", "Leave it out, or name another.")
    door.close()
