"""What the permuted test of earlier trends would see: the very test made again, other ways in turn for the real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.inference.permutation.placebo import Placebo

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

TURNS, AMONG = 100, 500  # ways that take a turn as the real one, and the ways that each is set among
UNLIKE = 2.0  # things on a side over what they are worth, beyond which a few large ones carry it
SEED = 20261122


def power_of_permuted(drawn: Placebo, seen: Floats, moved: Floats) -> Callable[[float], float]:
    """Share of turns in which the test rejects (p below .05) a trend of the treated of so much a period.

    In a turn, another way is taken for the real one: its units get the trend, and every other way gets the part of it
    that falls to the units they have in common. So the draws that a trend is set against hold that trend too, as they
    would, and their covariance is as uncertain as so few clusters leave it. A trend that is in the data already, as
    fitted, is taken out first, and what it took of the noise put back.

    Parameters
    ----------
    drawn : Placebo
    seen : (m, q) float
        The tested contrasts of the earlier effects under each way.
    moved : (m, q) float
        What a trend of one a period of those really treated puts into them.

    Returns
    -------
    function of float
    """
    rng, m, real = np.random.default_rng(SEED), len(seen), moved[drawn.real]
    among = np.unique(np.append(rng.permutation(m)[:AMONG], drawn.real))
    place = int(np.searchsorted(among, drawn.real))
    turns = _turns(drawn, among, place, rng)
    common = _common(drawn, among, np.append(turns, place))
    load = common[:-1]
    noise = _without_trend(seen[among], moved[among], place, common[-1])
    if drawn.ratio is not None:
        load = load * _louder(common[-1], drawn.ratio[among], load)

    def power(slope: float) -> float:
        made = noise + slope * load[:, :, None] * real  # (turns, among, q)
        inverse = np.linalg.pinv(np.swapaxes(made, 1, 2) @ made / len(among), rcond=1e-10, hermitian=True)
        distance = ((made @ inverse) * made).sum(axis=2)
        own = distance[np.arange(len(turns)), turns]
        p = (distance >= own[:, None] * (1 - 1e-9)).mean(axis=1)
        return float((p < 0.05 - 1e-12).mean())

    return power


def _without_trend(seen: Floats, moved: Floats, real: int, common: Floats) -> Floats:
    """The contrasts with the fitted trend taken out, as spread out along it as before, (among, q).

    What is taken out of a way with so much in common with the real one is that share of its noise too.
    """
    along = moved[real] / np.linalg.norm(moved[real])
    slope = float(seen[real] @ along) / float(np.linalg.norm(moved[real]))
    rest = seen - slope * moved
    back = 1 / np.sqrt(max(1 - float(np.mean(common**2)), 0.1)) - 1
    return np.asarray(rest + back * np.outer(rest @ along, along))


def _turns(drawn: Placebo, among: Codes, place: int, rng: np.random.Generator) -> Codes:
    """Those that take a turn: on both sides about as few large things as on the real one's; at random where alike."""
    sides = np.log(_concentration(drawn, among))
    others = rng.permutation(np.delete(np.arange(len(among)), place))
    away = np.abs(sides[others] - sides[place]).sum(axis=1).round(6)
    return np.asarray(others[np.argsort(away, kind="stable")[:TURNS]])


def carried_by_few(drawn: Placebo) -> bool:
    """Whether either side's things are worth less than half as many of one size."""
    weight, _ = _started(drawn, np.array([drawn.real]))
    treated = weight.nnz
    number = np.array([treated, np.count_nonzero(drawn.mass) - treated])
    return bool((number * _concentration(drawn, np.array([drawn.real]))[0] > UNLIKE).any())


def _concentration(drawn: Placebo, among: Codes) -> Floats:
    """Sum of squared shares of what starts in each way, and of the rest, (among, 2)."""
    weight, _ = _started(drawn, among)
    one, square = (np.asarray(part.sum(axis=1)).ravel() for part in (weight, weight.power(2)))
    rest = np.maximum(drawn.mass.sum() - one, 1e-300)
    return np.column_stack([square / one**2, np.maximum((drawn.mass**2).sum() - square, 1e-300) / rest**2])


def _started(drawn: Placebo, among: Codes) -> tuple[csr_array, csr_array]:
    """What starts in each way, by its weight and as ones, (among, A)."""
    chosen, kind = np.hsplit(drawn.ways[among], 2)
    row, column = np.nonzero(kind < drawn.cohorts)
    thing = chosen[row, column]
    shape = (len(among), len(drawn.mass))
    return (csr_array((drawn.mass[thing], (row, thing)), shape=shape),
            csr_array((np.ones(len(thing)), (row, thing)), shape=shape))


def _common(drawn: Placebo, among: Codes, turns: Codes) -> Floats:
    """How much of a trend of those that start in each turn each way's comparison sees, (turns, among): 1 in its own."""
    weight, starts = _started(drawn, among)
    treated = np.asarray(weight.sum(axis=1)).ravel()
    both = np.asarray((weight @ starts[turns].T).todense())
    whole = treated[turns]
    rest = np.maximum(drawn.mass.sum() - treated, 1e-300)
    return np.asarray((both / treated[:, None] - (whole - both) / rest[:, None]).T)


def _louder(own: Floats, ratio: Floats, common: Floats) -> Floats:
    """What a draw is multiplied by for its noise, given how much it has in common with those treated (a line)."""
    away = own - 1
    tilt = float(away @ (ratio**-2 - 1)) / max(float(away @ away), 1e-300)
    return np.asarray(1 / np.sqrt(np.maximum(1 + tilt * (common - 1), 0.05)))
