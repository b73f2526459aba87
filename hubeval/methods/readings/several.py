"""Several outcomes of one study: which moved, where each has had its chance to move by chance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.methods.readings.question import Question
from hubeval.result import Diagnostic, NotComputed, ResultTable
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.engine.step_down import JointNull
    from hubeval.protocol import Outcome, Protocol
    from hubeval.result import Answer, Estimate, Holds

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

HOLDS: tuple[Holds, ...] = ("label", "label", "label", "model", "model", "model")
WOLF = "adjusted p (Romano-Wolf)"
ABOUT_WOLF = "Romano-Wolf: as Holm, but counting how the outcomes move together, by {}"
NO_JOINT = NotComputed(
    what="Romano and Wolf's step-down",
    reason="this design does not draw its outcomes again together; Holm holds however they hang together",
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


def together(protocol: Protocol, answer: Answer) -> Answer:
    """The answer with its outcomes read together, where a family of them is declared.

    Parameters
    ----------
    protocol : Protocol
    answer : Answer
        `Answer.joint` says how its outcomes vary together, where the room knows.
    """
    null = None if isinstance(answer.joint, NotComputed) else answer.joint
    table, said = several(protocol.outcomes, (*answer.headline_terms, *answer.estimates), null)
    if table is None:
        return answer
    gaps = answer.not_computed
    if null is None:
        gaps = (*gaps, answer.joint or NO_JOINT)
    return replace(answer, tables=(*answer.tables, table), diagnostics=(*answer.diagnostics, *said), not_computed=gaps)


def several(
    outcomes: Sequence[Outcome], estimates: Sequence[Estimate], joint: JointNull | None = None
) -> tuple[ResultTable | None, tuple[Diagnostic, ...]]:
    """A table of the outcomes of each family with adjusted p-values, and one reading a family.

    Parameters
    ----------
    outcomes : sequence of Outcome
        As the protocol declares them.
    estimates : sequence of Estimate
        The first of each outcome is its headline.
    joint : JointNull, optional
        How their p-values vary together where nothing moved: the table then has Romano and Wolf's too.

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
        wolf = _romano_wolf(members, known, joint)
        columns = (holm, found, wolf) if wolf else (holm, found)
        rows += [(o.label, o.role, title, p, *(None if p is None else each for each in counted_in))
                 for o, p, *counted_in in zip(members, known, *columns, strict=True)]  # fmt: skip
        readings.append(_reading(title, members, known, holm, wolf))
    if not rows:
        return None, ()
    more = () if joint is None else (WOLF,)
    table = ResultTable(
        name="several-outcomes",
        caption=CAPTION if joint is None else f"{CAPTION}. {ABOUT_WOLF.format(joint.how)}",
        columns=("outcome", "part", "family", "p", "adjusted p (Holm)", "adjusted p (Benjamini-Hochberg)", *more),
        rows=tuple(rows),
        holds=(*HOLDS, "model") if more else HOLDS,
    )
    return table, tuple(readings)


def _romano_wolf(
    members: Sequence[Outcome], known: Sequence[float | None], joint: JointNull | None
) -> tuple[float, ...] | None:
    """Romano and Wolf's adjusted p-values of one family; None where nobody knows how it varies together."""
    if joint is None:
        return None
    from hubeval.engine.step_down import step_down  # noqa: PLC0415 - numpy: kept out of the fast path

    return step_down(known, joint.p_values[:, [joint.labels.index(one.label) for one in members]])


def _reading(
    title: str, members: Sequence[Outcome], known: Sequence[float | None], holm: Sequence[float],
    wolf: Sequence[float] | None = None,
) -> Diagnostic:
    """What stays clear when all of a family are counted."""
    alone = [o.label for o, p in zip(members, known, strict=True) if p is not None and p <= LEVEL]
    clear = [o.label for o, p in zip(members, holm, strict=True) if p <= LEVEL]
    lost = [label for label in alone if label not in clear]
    joined = [o.label for o, p in zip(members, wolf or (), strict=False) if p <= LEVEL and o.label not in clear]
    said = f"{counted(len(members), 'outcome')} read together ({title}), by Holm at the 5% level: "
    said += f"clear are {', '.join(clear)}." if clear else "none is clear."
    if lost:
        said += f" By itself {', '.join(lost)} would be clear too; among so many that is not beyond chance."
    if joined:
        said += f" By Romano and Wolf, who count how they move together, {', '.join(joined)} would be clear."
    untested = sum(p is None for p in known)
    if untested:
        said += f" {counted(untested, 'outcome')} could not be tested and counted as not moved."
    if len(clear) < len(members):
        said += " What is not clear may still have moved."
    least = min(holm) if untested < len(members) else None
    return ASKED.answered("caution" if lost else "information", said, least)
