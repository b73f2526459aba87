"""Two-way fixed effects on tables too large for memory: grouped sums leave the data engine, rows do not.

On a balanced panel the treatment less its unit and period effects is one path a cohort. So the
coefficients need the cohorts' sums by period, and clustered errors one more pass that adds up
each unit's products with its cohort's path. Both are written in SQL for the embedded DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from hubeval.data.embedded import opened, quoted, require_numbers
from hubeval.errors import Door
from hubeval.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Large(Shown):
    """A two-way regression from grouped sums.

    Attributes
    ----------
    terms : tuple of str
    event_times : tuple of float
        Empty for the static effect.
    estimate : (k,) float
    covariance : (k, k) float
        Clustered by unit (CR1).
    df : float
    n_units, n_treated, n_observations : int
    """

    terms: tuple[str, ...]
    event_times: tuple[float, ...]
    estimate: Floats
    covariance: Floats
    df: float
    n_units: int
    n_treated: int
    n_observations: int

    def to_frame(self, conf_level: float = 0.95) -> pd.DataFrame:
        """One row a coefficient, in broom's columns."""
        error = np.sqrt(np.diag(self.covariance))
        reach = stats.t.ppf((1 + conf_level) / 2, self.df) * error
        return pd.DataFrame({
            "term": self.terms, "estimate": self.estimate, "std_error": error, "conf_low": self.estimate - reach,
            "conf_high": self.estimate + reach, "p_value": 2 * stats.t.sf(np.abs(self.estimate / error), self.df)})


def two_way_large(
    source: Any, *, outcome: str, unit: str, time: str, start: str, event: bool = False,
    memory: str = "400MB",
) -> Large:
    """Two-way fixed effects (or its event study) on a balanced panel of any size.

    Parameters
    ----------
    source : path to Parquet or CSV or to a folder of such files, DataFrame or Arrow table
    outcome, unit, time, start : str
        Columns of numbers (`unit` may be text); `start` NULL, NaN or inf for never treated, and 0 where the
        periods begin later.
    event : bool
        Effects by time since the start, period -1 as reference, instead of one.
    memory : str
        What DuckDB may use before it goes to disk.

    Raises
    ------
    MissingExtra
        duckdb is not installed (extra ``large``).
    BadInput
        Columns that are not there or hold text; a panel with gaps or repeated rows; a file that cannot be read, or
        changed while it was read.

    Examples
    --------
    >>> frame = pd.DataFrame({"la": [1, 1, 2, 2, 3, 3], "year": [1, 2] * 3, "opened": [2.0] * 2 + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 4.5, 2.0, 3.5]})
    >>> fit = two_way_large(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> fit.to_frame()["estimate"].round(9).tolist()
    [-3.0]
    """
    with opened(source, memory=memory) as engine:
        _bind(engine, {"outcome": outcome, "unit": unit, "time": time, "start": start})
        cells = engine.execute(
            'SELECT "s", "t", count(*) AS n, sum("y") AS total FROM panel GROUP BY ALL ORDER BY ALL').fetchnumpy()
        sizes = _check(engine, cells)
        terms, times, rows = _paths(cells, event=event)
        return _solve(engine, cells, sizes, (terms, times, rows))


def _bind(engine: Any, columns: dict[str, str]) -> None:
    """A view with the columns y, u, t, s."""
    require_numbers(engine, columns, text=("unit",))
    y, u, t, s = (quoted(columns[key]) for key in ("outcome", "unit", "time", "start"))
    engine.execute(  # names are quoted
        f"CREATE VIEW panel AS SELECT {y}::DOUBLE AS y, {u} AS u, {t}::DOUBLE AS t, "  # noqa: S608
        f"CASE WHEN {s} IS NULL OR isnan({s}::DOUBLE) "
        f"OR ({s}::DOUBLE = 0 AND (SELECT min({t}::DOUBLE) FROM given) > 0) "
        f"THEN 'inf'::DOUBLE ELSE {s}::DOUBLE END AS s FROM given")


def _check(engine: Any, cells: dict[str, Any]) -> Floats:
    """Units by cohort; refuses a panel that is not balanced."""
    door = Door()
    starts, times = np.unique(cells["s"]), np.unique(cells["t"])
    blank = engine.execute(
        "SELECT count(*) FROM panel WHERE u IS NULL OR NOT coalesce(isfinite(y) AND isfinite(t), false)"
    ).fetchall()[0][0]
    if blank:
        door.refuse("source", f"{blank} rows hold a blank or no finite number", "no blanks",
                    "Leave those units out first.")
        door.close()
    even = len(cells["n"]) == len(starts) * len(times)
    even = even and bool((cells["n"].reshape(len(starts), -1) == cells["n"].reshape(len(starts), -1)[:, :1]).all())
    n_units, uneven = engine.execute(
        "SELECT count(*), count(*) FILTER (c <> ? OR low <> high) FROM "
        "(SELECT u, count(*) AS c, min(s) AS low, max(s) AS high FROM panel GROUP BY u)", [len(times)]).fetchall()[0]
    if not even or uneven or n_units * len(times) != int(cells["n"].sum()):
        door.refuse("source", "the panel is not balanced, or a start changes within a unit",
                    "every unit once in every period, one start each", "Use two_way on what fits into memory.")
    if (starts <= times[0]).any():
        door.refuse("start", "some units are treated from the first period on", "a period before the start",
                    "Leave them out.")
    if not np.isfinite(starts).any() or starts[0] > times[-1]:
        door.refuse("start", "no unit starts within the periods", "a start up to the last period", "Check the column.")
    if np.isfinite(starts).all():
        door.refuse("start", "no unit is never treated", "some units without a start", "Use group_time.")
    door.close()
    return np.asarray(cells["n"].reshape(len(starts), -1)[:, 0], dtype=np.float64)


def _paths(cells: dict[str, Any], *, event: bool) -> tuple[tuple[str, ...], tuple[float, ...], Floats]:
    """Names, event times, and the regressors by cohort and period, (C, T, k)."""
    starts, times = np.unique(cells["s"]), np.unique(cells["t"])
    since = times[None, :] - starts[:, None]
    if not event:
        return ("ATT",), (), (since >= 0).astype(np.float64)[:, :, None]
    seen = np.unique(since[np.isfinite(since)])
    seen = seen[seen != -1]
    return tuple(f"event time {e:g}" for e in seen), tuple(seen.tolist()), (since[:, :, None] == seen).astype(float)


def _solve(
    engine: Any, cells: dict[str, Any], sizes: Floats, made: tuple[tuple[str, ...], tuple[float, ...], Floats]
) -> Large:
    terms, event_times, d = made
    starts, times = np.unique(cells["s"]), np.unique(cells["t"])
    n, t, k = sizes.sum(), len(times), d.shape[2]
    mean = cells["total"].reshape(len(starts), t) / sizes[:, None]
    path = d - d.mean(axis=1, keepdims=True)
    path -= np.einsum("c,ctk->tk", sizes / n, path)
    gram = np.einsum("c,cti,ctj->ij", sizes, path, path)
    inverse = np.linalg.inv(gram)
    b = inverse @ np.einsum("c,ctk,ct->k", sizes, path, mean)
    # a unit's score is its products less the effect's share, which is alike in a cohort
    shift = np.einsum("cti,ctj,j->ci", path, path, b)
    total, squares = _products(engine, starts, times, path, sizes / n @ mean)
    meat = (squares - np.einsum("ci,cj->ij", shift, total) - np.einsum("ci,cj->ij", total, shift)
            + np.einsum("c,ci,cj->ij", sizes, shift, shift))
    rows = n * t
    factor = n / (n - 1) * (rows - 1) / (rows - k - t)
    treated = int(sizes[np.isfinite(starts) & (starts <= times[-1])].sum())
    return Large(terms=terms, event_times=event_times, estimate=b, covariance=factor * inverse @ meat @ inverse,
                 df=float(n - 1), n_units=int(n), n_treated=treated, n_observations=int(rows))


def _products(
    engine: Any, starts: Floats, times: Floats, path: Floats, centre: Floats
) -> tuple[Floats, Floats]:
    """By cohort the sum of units' products with its path, (C, k), and over all the sum of their squares, (k, k).

    Outcomes are centred by period before anything is squared.
    """
    k = path.shape[2]
    c = len(starts)
    weights = pd.DataFrame({"s": np.repeat(starts, len(times)), "t": np.tile(times, c), "m": np.tile(centre, c)})
    for j in range(k):
        weights[f"w{j}"] = path[:, :, j].ravel()
    engine.register("weights", weights)
    sums = ", ".join(f"sum((y - m) * w{j}) AS p{j}" for j in range(k))
    pairs = [(i, j) for i in range(k) for j in range(i, k)]
    firsts = ", ".join(f"sum(p{j})" for j in range(k))
    seconds = ", ".join(f"sum(p{i} * p{j})" for i, j in pairs)
    found = engine.execute(  # column names made here
        f"SELECT s, {firsts}, {seconds} FROM (SELECT panel.s AS s, u, {sums} FROM panel "  # noqa: S608
        "JOIN weights ON panel.s = weights.s AND panel.t = weights.t GROUP BY panel.s, u) GROUP BY s ORDER BY s"
    ).fetchall()
    table = np.array(found, dtype=np.float64)
    squares = np.zeros((k, k))
    for column, (i, j) in enumerate(pairs):
        squares[i, j] = squares[j, i] = table[:, 1 + k + column].sum()
    return table[:, 1 : 1 + k], squares
