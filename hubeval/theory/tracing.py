"""Process tracing with the reasoning in the open: what evidence would show, ranges, and no false precision.

A piece of evidence is judged by two questions. *If our account is right, how likely are we to find
this?* (sensitivity). *If it is wrong, how likely are we to find it all the same?* (type I error).
Both are answered with a range, since nobody knows them to a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal

from hubeval.errors import Door
from hubeval.result import ResultTable
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Cell

Kind = Literal["hoop", "smoking gun", "doubly decisive", "straw in the wind"]
Span = tuple[float, float]
# Our own cut for a test that counts: the odds move at least fivefold. Stated on every table.
STRONG = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing looked for.

    Parameters
    ----------
    label : str
    sensitivity, type_one : tuple of two floats
        Range of the chance to find it if the account is right, and if it is wrong. Between 0 and 1.
    found : bool
        Whether it was found, or looked for where it should be and not found.
    group : str
        Evidence that hangs together (one meeting seen by three people) shares a group name and cannot
        count as separate proof.
    source : str
        Where it comes from, with its date.

    Examples
    --------
    >>> minutes = Evidence(label="board minutes", sensitivity=(0.5, 0.8), type_one=(0.02, 0.05))
    >>> minutes.kind()
    'smoking gun'
    """

    label: str
    sensitivity: Span
    type_one: Span
    found: bool = True
    group: str = ""
    source: str = ""

    def ratio(self, *, found: bool) -> Span:
        """Range of the likelihood ratio for finding it, or for not finding it."""
        (a, b), (c, d) = self.sensitivity, self.type_one
        return (a / d, b / c) if found else ((1 - b) / (1 - c), (1 - a) / (1 - d))

    def kind(self, strong: float = STRONG) -> Kind | str:
        """The type of test, or the two it lies between when the range does not settle it."""
        sure = _kind(self.ratio(found=True)[0] >= strong, self.ratio(found=False)[1] <= 1 / strong)
        best = _kind(self.ratio(found=True)[1] >= strong, self.ratio(found=False)[0] <= 1 / strong)
        return sure if sure == best else f"{sure}, perhaps {best}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Evidence that counts once: one item, or all items of a dependence group, with its range of ratios."""

    label: str
    items: tuple[Evidence, ...]
    ratio: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Updating:
    """What the evidence does to belief in the account, as intervals.

    Parameters
    ----------
    posterior : tuple of two floats
        The widest interval that the prior and the ranges allow.
    prior_needed : tuple of two floats
        The prior with which a reader would reach `convinced`, if the evidence is as strong, and as weak,
        as its ranges allow.
    without : tuple of (str, tuple of two floats)
        The posterior with each package left out: what the answer hangs on.
    """

    account: str
    prior: Span
    posterior: Span
    ratio: Span
    convinced: float
    prior_needed: Span
    packages: tuple[Package, ...]
    without: tuple[tuple[str, Span], ...]
    reading: str
    limits: tuple[str, ...] = (
        "The likelihoods are judgements: show them to someone who doubts the account first.",
        "This weighs how far the hub contributed in this case. It is not an effect size.",
    )

    def to_table(self) -> ResultTable:
        """The evidence table: each item with its ranges, the kind of test it is, and what it did."""
        rows: list[tuple[Cell, ...]] = [
            (
                item.label,
                item.kind(),
                "found" if item.found else "not found",
                _span(item.sensitivity),
                _span(item.type_one),
                _span(item.ratio(found=item.found)),
                item.group,
                item.source,
            )
            for package in self.packages
            for item in package.items
        ]
        return ResultTable(
            name="tracing",
            caption=f"Evidence on: {self.account} (a test counts as strong from odds of {STRONG:g})",
            columns=("evidence", "test", "result", "if right", "if wrong", "likelihood ratio", "group", "source"),
            rows=tuple(rows),
        )


def update(
    evidence: Sequence[Evidence],
    *,
    account: str,
    prior: Span = (0.5, 0.5),
    convinced: float = 0.95,
) -> Updating:
    """Weigh evidence on one account against its not being so.

    Parameters
    ----------
    evidence : sequence of Evidence
    account : str
        The account in one sentence that could be wrong.
    prior : tuple of two floats
        Range of belief beforehand.
    convinced : float
        Belief at which a reader would act.

    Returns
    -------
    Updating
        A group counts as anything from one item told several times to independent items, so evidence
        that hangs together widens the interval.

    Raises
    ------
    BadInput
        A bare number for a range, a likelihood above 1 or of exactly 0 or 1, crossed ranges.

    References
    ----------
    Bennett (2015) in Process Tracing, CUP; Befani (2020), Evaluation 26(4), on ranges and packages.

    Examples
    --------
    >>> seen = Evidence(label="a", sensitivity=(0.95, 0.95), type_one=(0.6, 0.6))
    >>> found = update([seen], account="the hub brought the agencies together")
    >>> [round(p, 3) for p in found.posterior]
    [0.613, 0.613]
    """
    _check(evidence, account, prior, convinced)
    packages = _packages(evidence)
    ratio = _product([package.ratio for package in packages])
    posterior = _posterior(prior, ratio)
    needed = tuple(sorted(_prior_for(convinced, r) for r in ratio))
    without = tuple(
        (package.label, _posterior(prior, _product([p.ratio for p in packages if p is not package])))
        for package in packages
    )
    return Updating(
        account=account,
        prior=prior,
        posterior=posterior,
        ratio=ratio,
        convinced=convinced,
        prior_needed=(needed[0], needed[1]),
        packages=packages,
        without=without,
        reading=_reading(prior, posterior, convinced, (needed[0], needed[1]), len(packages)),
    )


def urn_p_value(support: int, total: int, *, odds: float = 1.0, weights: Sequence[int] = ()) -> float:
    """Chance of seeing this much support if the rival account were true: an urn, and no prior.

    The urn holds one more rival observation than it holds supporting ones, the smallest lead with which the
    rival would be the truer account; `total` are drawn.

    Parameters
    ----------
    support, total : int
        Observations that support the account, of all observations made.
    odds : float
        How much easier a supporting observation is to come by than a rival one; above 1 is harder on
        the account.
    weights : sequence of int, optional
        How many observations each supporting one is worth, one for each; all 1 if not given. The rival's
        lead in the urn grows with them.

    References
    ----------
    Lopez and Bowers, as in their R package DrBristol; Fisher's noncentral hypergeometric distribution.

    Examples
    --------
    >>> round(urn_p_value(7, 10), 5)
    0.01865
    """
    from scipy.stats import nchypergeom_fisher  # noqa: PLC0415 - kept off the way of 'hubeval plan'

    door = Door()
    if not 0 < support <= total:
        door.refuse("support", f"found {support} of {total}", "at least 1, no more than 'total'", "Count again.")
    elif total > 2 * support:
        door.refuse(
            "total",
            f"{total - support} rival observations against {support}",
            "no more rivals than support",
            "The rival is ahead: there is nothing to test.",
        )
    if odds <= 0:
        door.refuse("odds", f"found {odds:g}", "above 0", "1 is even.")
    if weights and (len(weights) != support or any(w != int(w) or w < 1 for w in weights)):
        door.refuse("weights", f"found {len(weights)}", f"{support} whole numbers from 1", "One for each support.")
    door.close()
    rivals = (int(sum(weights)) if weights else support) + 1
    return float(nchypergeom_fisher(support + rivals, support, total, odds).sf(support - 1))


def urn_odds(support: int, total: int, *, p_value: float = 0.05) -> float | None:
    """The odds at which the urn's p-value would rise to `p_value`: how biased the search would have to be.

    None where the p-value is above it already at even odds.

    Examples
    --------
    >>> round(urn_odds(7, 10), 3)
    1.589
    """
    from scipy.optimize import brentq  # noqa: PLC0415

    if urn_p_value(support, total) >= p_value:
        return None
    return float(brentq(lambda odds: urn_p_value(support, total, odds=odds) - p_value, 1.0, 1e6, xtol=1e-10))


def _kind(smokes: bool, hoops: bool) -> Kind:  # noqa: FBT001 - the two questions of the test
    if smokes and hoops:
        return "doubly decisive"
    if smokes:
        return "smoking gun"
    return "hoop" if hoops else "straw in the wind"


def _packages(evidence: Sequence[Evidence]) -> tuple[Package, ...]:
    groups: dict[str, list[Evidence]] = {}
    for index, item in enumerate(evidence):
        groups.setdefault(item.group or f"\0{index}", []).append(item)
    packages = []
    for name, items in groups.items():
        spans = [item.ratio(found=item.found) for item in items]
        joint = _product(spans)
        packages.append(
            Package(
                label=items[0].label if name.startswith("\0") else name,
                items=tuple(items),
                ratio=(min(joint[0], *(s[0] for s in spans)), max(joint[1], *(s[1] for s in spans))),
            )
        )
    return tuple(packages)


def _span(span: Span) -> str:
    return f"{brief(span[0])} to {brief(span[1])}"


def _product(spans: Sequence[Span]) -> Span:
    low = high = 1.0
    for a, b in spans:
        low, high = low * a, high * b
    return low, high


def _posterior(prior: Span, ratio: Span) -> Span:
    low, high = (p * r / (p * r + 1 - p) if r < inf else 1.0 for p, r in zip(prior, ratio, strict=True))
    return low, high


def _prior_for(target: float, ratio: float) -> float:
    return target / (target + (1 - target) * ratio)


def _reading(prior: Span, posterior: Span, convinced: float, needed: Span, packages: int) -> str:
    where = (
        "The whole interval is above it."
        if posterior[0] >= convinced
        else "The evidence may convince or may not: the ranges decide."
        if posterior[1] >= convinced
        else "Even at its strongest the evidence does not convince."
    )
    plural = "s lead" if packages != 1 else " leads"
    before = chance(prior[0]) if prior[0] == prior[1] else f"{chance(prior[0])} to {chance(prior[1])}"
    return (
        f"From a prior of {before}, {packages} separate package{plural} to {chance(posterior[0])} to "
        f"{chance(posterior[1])}. To reach {chance(convinced)} a reader would need a prior of {chance(needed[0])} if "
        f"the evidence is as strong as its ranges allow, {chance(needed[1])} if as weak. {where}"
    )


def chance(p: float) -> str:
    """A chance to two decimals, never rounded to certainty.

    Examples
    --------
    >>> chance(0.613), chance(0.9996), chance(0.001)
    ('0.61', 'above 0.99', 'below 0.01')
    """
    if p > 0.995:
        return "above 0.99"
    return "below 0.01" if p < 0.005 else f"{p:.2f}"


def _check(evidence: Sequence[Evidence], account: str, prior: Span, convinced: float) -> None:
    door = Door()
    if not evidence:
        door.refuse("evidence", "none given", "one item or more", "Say what was looked for, found or not.")
    if not account.strip():
        door.refuse(
            "account",
            "is empty",
            "one sentence that could be wrong",
            "Write who did what, and what followed.",
        )
    for item in evidence:
        for name, span in (("sensitivity", item.sensitivity), ("type_one", item.type_one)):
            _check_span(f"evidence {item.label!r}: {name}", span, door)
    _check_span("prior", prior, door)
    if not 0 < convinced < 1:
        door.refuse("convinced", f"found {convinced:g}", "between 0 and 1", "0.95 is the default.")
    door.close()


def _check_span(argument: str, span: object, door: Door) -> None:
    if not isinstance(span, (tuple, list)) or len(span) != 2:
        door.refuse(
            argument,
            f"found {span!r}",
            "a range of two numbers",
            "Write the lowest and the highest you would defend: (0.6, 0.8).",
        )
    elif not all(isinstance(v, (int, float)) and 0 <= v <= 1 for v in span):
        door.refuse(argument, f"found {span[0]} to {span[1]}", "chances from 0 to 1", "Correct it.")
    elif 0 in span or 1 in span:
        door.refuse(
            argument,
            f"found {span[0]} to {span[1]}",
            "above 0 and below 1",
            "Exactly 0 or 1 leaves no room for doubt; write 0.01 or 0.99.",
        )
    elif span[0] > span[1]:
        door.refuse(argument, f"{span[0]} to {span[1]} is crossed", "lowest first", "Swap them.")
