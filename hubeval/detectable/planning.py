"""Tables for planning before there are data: what numbers of people, clusters, events, units and periods could find."""

from __future__ import annotations

from hubeval.detectable import formula
from hubeval.detectable.values import PUBLISHED
from hubeval.result import ResultTable

GLD = 0.672  # good level of development, England 2022/23 (Department for Education)
ASSUMED_ICC = 0.05
CLUSTER = 40


def planning_tables(*, base: float = GLD) -> tuple[ResultTable, ...]:
    """What could be found, by formula: six short tables.

    Parameters
    ----------
    base : float
        Proportion with the outcome now; a good level of development in England in 2022/23 by default.

    Examples
    --------
    >>> tables = planning_tables()
    >>> [table.name for table in tables][:3]
    ['plan-people', 'plan-clusters', 'plan-events']
    >>> tables[0].rows[0][1]
    2057
    """
    return (_people(base), _clusters(), _events(), _floors(), _cut_offs(), _series())


def _people(base: float) -> ResultTable:
    inflate = formula.design_effect(CLUSTER, ASSUMED_ICC)
    published = {item.ratio: item.label for item in PUBLISHED}
    rows = []
    for ratio in (1.06, 1.04, 1.02):
        n = formula.sample_size_for_ratio(base, ratio)
        rows.append((ratio, n, round(n * inflate), published.get(ratio, "")))
    caption = (
        f"People needed in each of two groups, {base:.1%} with the outcome now, 80% power at 5%; "
        f"clusters of {CLUSTER} with correlation {ASSUMED_ICC:g} (assumed) need {inflate:.2f} times as many"
    )
    columns = ("ratio", "people a group", "people a group, clustered", "published effect of this size")
    return ResultTable(name="plan-people", caption=caption, columns=columns, rows=tuple(rows))


def _clusters() -> ResultTable:
    rows = tuple((j, round(formula.clustered_mde(j, 50, ASSUMED_ICC), 2)) for j in (3, 5, 8, 12, 20, 40))
    caption = f"Smallest detectable difference with 50 people a cluster, correlation {ASSUMED_ICC:g} (assumed)"
    return ResultTable(name="plan-clusters", caption=caption, rows=rows,
                       columns=("clusters a group", "standard deviations"))


def _events() -> ResultTable:
    found = ((e, formula.rare_event_ratio(e)) for e in (20, 50, 100, 200, 400, 1000))
    rows = tuple((e, None if ratio is None else round(ratio, 2)) for e, ratio in found)
    return ResultTable(name="plan-events", caption="The fall in a rare event that two equal groups can find", rows=rows,
                       columns=("events expected in the comparison group", "rate ratio"))


def _floors() -> ResultTable:
    rows = tuple((n, k, formula.smallest_p(n, k)) for n, k in ((12, 1), (20, 1), (8, 2), (25, 1), (25, 3), (36, 12)))
    return ResultTable(name="plan-floors", caption="The smallest p-value that permuting the starts can give", rows=rows,
                       columns=("units", "treated", "smallest p"))


def _cut_offs() -> ResultTable:
    factor = formula.cutoff_factor
    rows = tuple((p, round(factor(p), 2), round(factor(p, score="uniform"), 2)) for p in (0.5, 0.3, 0.1))
    return ResultTable(name="plan-cut-off", caption="How many times a trial's sample a cut-off design needs", rows=rows,
                       columns=("share below the cut-off", "normal score", "uniform score"))


def _series() -> ResultTable:
    rows = tuple((n, n, round(formula.series_power(1.0, n, n), 2), round(formula.series_power(1.0, n, n, 0.4), 2),
                  round(formula.series_power(2.0, n, n), 2)) for n in (8, 12, 24, 48))
    caption = "Power of one series to find a level change, in standard deviations around the trend"
    columns = ("before", "after", "1 SD", "1 SD, autocorrelation 0.4", "2 SD")
    return ResultTable(name="plan-series", caption=caption, columns=columns, rows=rows)
