"""Several outcomes of one study: which moved, where each has had its chance to move by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.question import Question
from hubeval.result import Diagnostic, ResultTable
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.protocol import Outcome
    from hubeval.result import Estimate

LEVEL = 0.05
NAME = "several outcomes"
ASKED = Question(
    name=NAME,
    asked="Which outcomes moved, where all of a family are counted?",
    threshold=f"clear alone and not by Holm at {LEVEL:.0%} is a caution",
    bears_on="scope",
)
CAPTION = (
    "Outcomes declared as one family, each p-value adjusted for the others. Holm: in at most 5% of studies in which "
    "nothing moved is any one below 0.05. Benjamini-Hochberg: of those below 0.05, 5% are expected to be false, where "
    "the tests are independent or move together"
)


def families(outcomes: Sequence[Outcome]) -> dict[str, tuple[Outcome, ...]]:
    """Which outcomes are read together, by the name of their family.

    What the protocol names; where it names none and there is a secondary outcome, all that may move: every outcome
    but the placebo ones. A single outcome is no family.

    Parameters
    ----------
    outcomes : sequence of Outcome

    Examples
    --------
    >>> from hubeval.protocol import Outcome
    >>> made = [Outcome(column=c, label=c, unit="visits", role=r) for c, r in (("a", "primary"), ("b", "secondary"))]
    >>> {name: [one.label for one in members] for name, members in families(made).items()}
    {'': ['a', 'b']}
    >>> families(made[:1])
    {}
    """
    named = sorted({one.family for one in outcomes if one.family})
    if named:
        return {name: tuple(one for one in outcomes if one.family == name) for name in named}
    if not any(one.role == "secondary" for one in outcomes):
        return {}
    return {"": tuple(one for one in outcomes if one.role != "placebo")}


def adjusted(p_values: Sequence[float | None]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Family-wise and false-discovery adjusted p-values, in the order given.

    Parameters
    ----------
    p_values : (m,) sequence of float or None
        None where an outcome could not be tested: it stays in the count, as one that did not move.

    Returns
    -------
    holm, benjamini_hochberg : (m,) tuple of float

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6, 65-70.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57, 289-300.

    Examples
    --------
    >>> holm, found = adjusted((0.01, 0.04, None))
    >>> [round(p, 3) for p in holm], [round(p, 3) for p in found]
    ([0.03, 0.08, 1.0], [0.03, 0.06, 1.0])
    """
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415 - slow to import, and seldom needed

    known = [1.0 if p is None else p for p in p_values]
    holm, found = (multipletests(known, alpha=LEVEL, method=how)[1] for how in ("holm", "fdr_bh"))
    return tuple(map(float, holm)), tuple(map(float, found))


def several(
    outcomes: Sequence[Outcome], estimates: Sequence[Estimate]
) -> tuple[ResultTable | None, tuple[Diagnostic, ...]]:
    """A table of the outcomes of each family with adjusted p-values, and one reading a family.

    Parameters
    ----------
    outcomes : sequence of Outcome
        As the protocol declares them.
    estimates : sequence of Estimate
        The first of each outcome is its headline.

    Returns
    -------
    ResultTable or None, tuple of Diagnostic
        None and nothing where no family is declared.

    Examples
    --------
    >>> from hubeval.protocol import Outcome
    >>> from hubeval.result import Estimate
    >>> made = [Outcome(column=c, label=c, unit="visits", role=r) for c, r in (("a", "primary"), ("b", "secondary"))]
    >>> found = [Estimate(term="ATT", estimand="", outcome=c, unit="visits", estimate=1.0, p_value=p, inference="")
    ...          for c, p in (("a", 0.01), ("b", 0.3))]
    >>> table, said = several(made, found)
    >>> table.rows[0], said[0].status
    (('a', 'primary', 'all outcomes that may move', 0.01, 0.02, 0.02), 'information')
    """
    heads: dict[str, Estimate] = {}
    for one in estimates:
        heads.setdefault(one.outcome, one)
    rows, readings = [], []
    for name, members in families(outcomes).items():
        known = [heads[o.label].p_value if o.label in heads else None for o in members]
        holm, found = adjusted(known)
        title = name or "all outcomes that may move"
        rows += [(o.label, o.role, title, p, h if p is not None else None, q if p is not None else None)
                 for o, p, h, q in zip(members, known, holm, found, strict=True)]  # fmt: skip
        readings.append(_reading(title, members, known, holm))
    if not rows:
        return None, ()
    table = ResultTable(
        name="several-outcomes",
        caption=CAPTION,
        columns=("outcome", "part", "family", "p", "adjusted p (Holm)", "adjusted p (Benjamini-Hochberg)"),
        rows=tuple(rows),
        holds=("label", "label", "label", "model", "model", "model"),
    )
    return table, tuple(readings)


def _reading(
    title: str, members: Sequence[Outcome], known: Sequence[float | None], holm: Sequence[float]
) -> Diagnostic:
    """What stays clear when all of a family are counted."""
    alone = [o.label for o, p in zip(members, known, strict=True) if p is not None and p <= LEVEL]
    clear = [o.label for o, p in zip(members, holm, strict=True) if p <= LEVEL]
    lost = [label for label in alone if label not in clear]
    said = f"{counted(len(members), 'outcome')} read together ({title}), by Holm at the 5% level: "
    said += f"clear are {', '.join(clear)}." if clear else "none is clear."
    if lost:
        said += f" By itself {', '.join(lost)} would be clear too; among so many that is not beyond chance."
    untested = sum(p is None for p in known)
    if untested:
        said += f" {counted(untested, 'outcome')} could not be tested and counted as not moved."
    if len(clear) < len(members):
        said += " What is not clear may still have moved."
    least = min(holm) if untested < len(members) else None
    return ASKED.answered("caution" if lost else "information", said, least)
