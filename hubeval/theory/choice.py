"""Which theory-based methods fit this area now, and why: from the findings of its readiness and its theory.

The conditions follow Stern et al. (2012), Befani and O'Donnell and the MRC framework (2021); how
they are joined into a choice is our judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hubeval.readiness.text import cite

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.readiness import Readiness
    from hubeval.theory.change import Theory

Fits = Literal["use now", "when this is in place", "not now"]
CONTRIBUTION_ONLY = "contribution, never an effect size"
QCA_SITES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One method: whether it fits now, the reasons, what it needs, and what it can claim.

    Parameters
    ----------
    method, answers : str
    fits : {"use now", "when this is in place", "not now"}
    because : tuple of str
        The facts and findings that decide it.
    needs : tuple of str
    claims : str
        The most that a finding from it can say.
    """

    method: str
    answers: str
    fits: Fits
    because: tuple[str, ...]
    needs: tuple[str, ...]
    claims: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What the choice turns on, each with the words that say why; None is not known."""

    pathway: tuple[bool | None, str]
    young: tuple[bool | None, str]
    system: tuple[bool | None, str]
    sites: int | None
    sharp: tuple[bool | None, str]
    access: tuple[bool | None, str]


def choose(readiness: Readiness, theory: Theory | None = None) -> tuple[Choice, ...]:
    """Methods for the area as it is, those to use now first.

    Parameters
    ----------
    readiness : Readiness
    theory : Theory, optional
        The area's theory of change, if it is written down.

    Returns
    -------
    tuple of Choice
        All six methods, each with its reasons.

    Examples
    --------
    >>> from hubeval.profile import Fact, Profile
    >>> from hubeval.readiness import assess
    >>> new = Fact(criterion="IM1", low=1, high=2, kind="label", quote="still developing", source="x", dated="2026")
    >>> choose(assess(Profile(area="X", facts=(new,))))[0].method
    'Developmental evaluation with Action Learning'
    """
    signs = _signs(readiness, theory)
    choices = [decide(signs) for decide in _METHODS]
    order = ("use now", "when this is in place", "not now")
    return tuple(sorted(choices, key=lambda choice: order.index(choice.fits)))


def _signs(readiness: Readiness, theory: Theory | None) -> _Signs:
    change = readiness.finding("TO3")
    young = next((f for f in (readiness.finding("IM1"), readiness.finding("IM3")) if f.status == "not met"), None)
    own = [link for link in theory.links if not link.illustrative] if theory else []
    tests = sum(bool(link.refuted_by) for link in own)
    access = readiness.profile.access
    return _Signs(
        pathway=_pathway(readiness, len(own)),
        young=(True, _words(readiness, young.criterion))
        if young
        else (
            None if readiness.finding("IM1").status == "unknown" else False,
            "Nothing on file says that the model is being set up, or is in recovery.",
        ),
        system=(True, _words(readiness, "TO3"))
        if change.high <= 1
        else (None if change.low <= 1 else False, "Nothing on file says that only the system will change for now."),
        sites=readiness.profile.sites,
        sharp=_sharp(theory, tests),
        access=(
            access,
            "People and documents can be reached."
            if access
            else "People and documents cannot be reached."
            if access is False
            else "Whether people and documents can be reached is not on file.",
        ),
    )


def _pathway(readiness: Readiness, arrows: int) -> tuple[bool | None, str]:
    """Whether a pathway is stated: in the area's own theory, or in its profile. Illustrative arrows do not count."""
    aim = readiness.finding("TO1")
    if arrows:
        return True, f"The theory of change has {arrows} arrows of the area's own."
    if aim.low >= 2:
        return True, _words(readiness, "TO1")
    return None if aim.high >= 2 else False, "No pathway from what is done to what should follow is on file."


def _sharp(theory: Theory | None, tests: int) -> tuple[bool | None, str]:
    """Whether there is an account sharp enough to test."""
    if tests:
        return True, f"{tests} arrows of the area's own theory say what would refute them."
    if theory is None:
        return None, "No theory of change is on file yet."
    if any(link.refuted_by for link in theory.links):
        return None, "What would refute each arrow is illustrative so far: the area has to confirm it first."
    return None, "No arrow of the theory says yet what would refute it."


def _words(readiness: Readiness, criterion: str) -> str:
    """The facts on a criterion as quotations with their sources."""
    return "; ".join(cite(fact) for fact in readiness.profile.facts if fact.criterion == criterion) + "."


def _fits(wanted: bool | None, *, access: bool | None) -> Fits:  # noqa: FBT001 - three values
    if access is False or wanted is False:
        return "not now"
    return "use now" if wanted else "when this is in place"


def _developmental(s: _Signs) -> Choice:
    return Choice(
        method="Developmental evaluation with Action Learning",
        answers="What is being learnt as the model is built, and what was decided because of it?",
        fits=_fits(s.young[0], access=s.access[0]),
        because=(s.young[1],),
        needs=(
            "a learning set that meets every four to six weeks",
            "a log of question, action, learning, decision",
            "someone who may change the model",
        ),
        claims="How the model came to be what it is, and which decisions rested on evidence; " + CONTRIBUTION_ONLY,
    )


def _contribution(s: _Signs) -> Choice:
    return Choice(
        method="Contribution analysis",
        answers="Is it reasonable to say that the hub helped, given what else was going on?",
        fits=_fits(s.pathway[0], access=s.access[0]),
        because=(s.pathway[1], s.access[1]),
        needs=(
            "a theory of change with assumptions and rivals on each arrow",
            "evidence for and against each arrow",
            "people from outside the hub among the sources",
        ),
        claims="A contribution story with its weak links named; " + CONTRIBUTION_ONLY,
    )


def _harvesting(s: _Signs) -> Choice:
    return Choice(
        method="Outcome harvesting",
        answers="What has changed in how people and services act, expected or not?",
        fits=_fits(s.system[0], access=s.access[0]),
        because=(s.system[1],),
        needs=(
            "statements of who changed what, when",
            "independent people who can confirm each",
            "room for outcomes that are negative or unexpected",
        ),
        claims="Which changes happened and how the hub helped to bring them about; " + CONTRIBUTION_ONLY,
    )


def _tracing(s: _Signs) -> Choice:
    return Choice(
        method="Process tracing",
        answers="In this one case, did the hub bring the change about, by this route and not by another?",
        fits=_fits(s.sharp[0], access=s.access[0]),
        because=(s.sharp[1], s.access[1]),
        needs=(
            "one sharp account and its rivals",
            "evidence looked for before it is seen: documents, dates, minutes",
            "likelihoods as ranges, agreed with someone who doubts the account",
        ),
        claims="How far belief in this account should move in this case; " + CONTRIBUTION_ONLY,
    )


def _realist(s: _Signs) -> Choice:
    several = None if s.sites is None else s.sites >= 3
    return Choice(
        method="Realist evaluation",
        answers="What works for whom, where, and by what response?",
        fits=_fits(several, access=s.access[0]),
        because=(
            "How many sites there are is not on file."
            if s.sites is None
            else f"{s.sites} hubs or sites that can differ.",
        ),
        needs=(
            "sites or groups that differ",
            "interviews about how people respond, not only what they got",
            "a register of context, mechanism and outcome",
        ),
        claims="Which mechanism works in which context; " + CONTRIBUTION_ONLY,
    )


def _qca(s: _Signs) -> Choice:
    enough = None if s.sites is None else s.sites >= QCA_SITES
    most = (s.sites or QCA_SITES).bit_length()
    return Choice(
        method="Qualitative comparative analysis",
        answers="Which combinations of conditions go with good outcomes across sites?",
        fits="when this is in place" if enough else _fits(enough, access=s.access[0]),
        because=(
            "How many comparable sites there are is not on file."
            if s.sites is None
            else f"{s.sites} sites: "
            + (
                "enough to compare once conditions and an outcome are measured at each."
                if enough
                else f"about {QCA_SITES} are needed."
            ),
        ),
        needs=(
            "about 10 comparable sites or more",
            f"no more than {most} conditions for that many",
            "an outcome and conditions measured at each site",
            "calibration argued from outside the data",
        ),
        claims="Which combinations go with the outcome in these sites; " + CONTRIBUTION_ONLY,
    )


_METHODS: tuple[Callable[[_Signs], Choice], ...] = (
    _developmental, _contribution, _harvesting, _tracing, _realist, _qca,
)  # fmt: skip
