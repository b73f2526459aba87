"""The dated plan for a later quasi-experiment, and its protocol, pre-filled from the theory of change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hubeval.errors import Door
from hubeval.readiness.roadmap import add_months
from hubeval.theory.later import GROUPS, Foundation, Group, Later

if TYPE_CHECKING:
    from hubeval.readiness import Readiness
    from hubeval.theory.change import Indicator, Theory

@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a criterion that is not met asks for. Lead times are our judgement.

    `mature` is what it asks of an area whose hubs are established: it can no longer measure before, but
    may retrieve what was recorded then.
    """

    criterion: str
    group: Group
    months: int
    action: str
    who: str
    why: str
    mature: str = ""


STEPS = (
    _Step(criterion="IM3", group="stability", months=6, who="programme lead",
          action="Keep a dated change log of the model, and agree what will not change while outcomes are followed",
          why="A model that changes under way cannot be told apart from what it brings about."),
    _Step(criterion="IM2", group="record", months=1, who="programme lead",
          action="Keep a site register: each site, what it offers, from which day",
          why="Exposure has to be known by site and date.",
          mature="Rebuild the site register from contracts and minutes: each site, what it offered, from which day"),
    _Step(criterion="CA3", group="record", months=1, who="programme lead",
          action="Write down the opening day of each site as it opens, and the day set for those still to open",
          why="Without a dated start there is no before and after.",
          mature="Find the opening day of each site in contracts, leases or minutes"),
    _Step(criterion="DS1", group="record", months=3, who="data lead",
          action="Carry one identifier (NHS number or UPN) to the first contact at every site",
          why="Contacts that cannot be joined to children cannot be evaluated."),
    _Step(criterion="CA2", group="record", months=3, who="front door and data leads",
          action="Record each family's route in: who referred them, on what date, by what rule",
          why="Families who seek help differ from those who do not; the route in is what tells them apart."),
    _Step(criterion="DS5", group="baseline", months=3, who="data lead",
          action="Record need at first contact, before help begins, and last year's value of the outcome",
          why="Only what was measured before can be adjusted for.",
          mature="Find what was recorded on need before first contact, such as last year's value of the outcome"),
    _Step(criterion="TO2", group="baseline", months=3, who="outcomes lead",
          action="Give each outcome an indicator, a source and a time point, and fix one as primary",
          why="A primary outcome chosen after the results is no evidence."),
    _Step(criterion="DS2", group="baseline", months=3, who="analyst",
          action="Take the baseline now, and set out the outcome for past years on today's definition",
          why="A developing area can still measure before; a mature one has lost the chance.",
          mature="Retrieve the outcome for the years before the start on one definition, and mark where it breaks"),
    _Step(criterion="CA1", group="comparison", months=6, who="evaluation lead",
          action="Name the sites or areas that will wait, or stay without, and measure them the same way",
          why="Without a comparison, what would have happened anyway cannot be told.",
          mature="Look outside: name areas that had no hub then, and check that they record the outcome the same way"),
    _Step(criterion="CA5", group="comparison", months=6, who="evaluation lead",
          action="Count the units on each side, and open sites in an order fixed beforehand",
          why="Fewer than six on a side leaves little that inference can rest on."),
    _Step(criterion="GE1", group="agreement", months=6, who="information governance",
          action="Complete the data protection impact assessment and sign the data-sharing agreements",
          why="It takes the longest, and nothing starts before it."),
    _Step(criterion="DS3", group="agreement", months=6, who="information governance",
          action="Agree the linkage of contacts to outcome data held elsewhere, and try it on one site",
          why="The match rate decides who can be followed."),
    _Step(criterion="GE2", group="agreement", months=3, who="evaluation lead",
          action="Seek an ethics opinion on the later study",
          why="Families should know at first contact what their data may be used for."),
)  # fmt: skip


def foundations_for(readiness: Readiness, *, today: date) -> tuple[Foundation, ...]:
    """The steps that a readiness leaves to take, dated from today.

    A criterion that is met asks for nothing. One that is unknown is listed as something to ask first:
    it may be there already.

    Parameters
    ----------
    readiness : Readiness
    today : date

    Returns
    -------
    tuple of Foundation
        In order of group; steps to record start on the first of next month.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness import assess
    >>> day = date(2026, 11, 22)
    >>> steps = foundations_for(assess(Profile(area="Anywhere"), today=day), today=day)
    >>> steps[1].action, str(steps[1].starts), str(steps[1].due)
    ('Keep a site register: each site, what it offers, from which day', '2026-12-01', '2026-12-22')
    """
    first = add_months(today.replace(day=1), 1)
    established = readiness.finding("IM1").low >= 3
    found = []
    for step in STEPS:
        finding = readiness.finding(step.criterion)
        short = [gate for gate in finding.gates if gate.status != "met"]
        if not short:
            continue
        found.append(
            Foundation(
                group=step.group,
                action=(established and step.mature) or step.action,
                criterion=step.criterion,
                who=step.who,
                why=step.why,
                starts=first if step.group in {"record", "baseline"} else today,
                due=add_months(today, step.months),
                known=any(gate.status == "not met" for gate in short),
            )
        )
    return tuple(sorted(found, key=lambda step: list(GROUPS).index(step.group)))


def protocol_from(theory: Theory, *, today: date | None = None) -> str:
    """The text of a difference-in-differences protocol, pre-filled from a theory of change.

    Outcome names, units, directions and sources are the theory's own, so that what is recorded from now on
    is what the protocol will read. What the theory cannot know is marked ``TO DO``.

    Parameters
    ----------
    theory : Theory
        With a ``[later]`` table, and at least one indicator of an outcome or impact.
    today : date, optional
        The registration date written in; to be changed to the day it is registered.

    Raises
    ------
    BadInput
        No ``[later]`` table, or no indicator of an outcome.
    """
    outcomes = [i for i in theory.indicators if theory.node(i.node).layer in {"outcome", "impact"}]
    door = Door()
    if theory.later is None:
        door.refuse(
            "later",
            "the theory has no [later] table",
            "question, unit, time, start",
            "Say which design the foundations lead to.",
        )
    if not outcomes:
        door.refuse(
            "indicators",
            "none measures an outcome or impact",
            "at least one",
            "Give an outcome an indicator with its column.",
        )
    door.close()
    assert theory.later is not None
    day = today or date.today()  # noqa: DTZ011 - a calendar day
    primary = next((i for i in outcomes if i.role == "primary"), outcomes[0])
    blocks = [
        _head(theory, day),
        _design(theory.later),
        *(_outcome(i, primary) for i in sorted(outcomes, key=lambda i: i is not primary)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _head(theory: Theory, day: date) -> list[str]:
    assert theory.later is not None
    return [
        f"# Pre-filled from the theory of change of {theory.area} (dated {theory.dated}). Not registered.",
        "# TO DO before registering: confirm every line, set the date, name the data file, agree the primary outcome.",
        f"area = {_quoted(theory.area)}",
        f"question = {_quoted(theory.later.question)}",
        f"registered = {day.isoformat()}",
        f"profile = {_quoted(theory.profile)}",
        "",
        "[data]",
        'file = "panel.csv"  # TO DO',
        "missing_marks = []",
    ]


def _design(later: Later) -> list[str]:
    lines = [
        "[design]", 'kind = "did"', f"unit = {_quoted(later.unit)}", f"time = {_quoted(later.time)}",
        f"start = {_quoted(later.start)}", 'control = "not-yet"',
    ]  # fmt: skip
    if later.covariates:
        lines.append(f"covariates = [{', '.join(map(_quoted, later.covariates))}]")
    if later.cluster:
        lines.append(f"cluster = {_quoted(later.cluster)}")
    return lines


def _outcome(indicator: Indicator, primary: Indicator) -> list[str]:
    role = "primary" if indicator is primary else "secondary" if indicator.role == "primary" else indicator.role
    lines = [
        "[[outcomes]]",
        f"column = {_quoted(indicator.column)}",
        f"label = {_quoted(indicator.label)}",
        f"unit = {_quoted(indicator.unit)}",
        f"direction = {_quoted(indicator.direction)}",
        f"role = {_quoted(role)}",
    ]
    if indicator.smallest_worthwhile is None:
        lines.append("# smallest_worthwhile = TO DO: the smallest change worth having, in the unit above")
    else:
        lines.append(f"smallest_worthwhile = {indicator.smallest_worthwhile:g}")
    if indicator.measure:
        lines.append(f"measure = {_quoted(indicator.measure)}")
    return [*lines, f"source = {_quoted(indicator.source)}"]


def _quoted(text: str) -> str:
    """A TOML basic string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in plain) + '"'
