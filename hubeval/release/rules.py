"""What the gate knows while it decides: the profile, who stands behind the result, and what is hidden already."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.data.names import CaseList
from hubeval.release.dominance import dominated
from hubeval.release.linked import linked
from hubeval.release.released import Decision
from hubeval.release.rounding import nearest, shown_count, significant
from hubeval.release.suppress import suppress
from hubeval.release.words import HASHES, counts_said, found_in, numbers_said, widths_said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hubeval.data.behind import Behind
    from hubeval.release.profiles import ReleaseProfile

KEPT_BACK = "withheld before release"
_VALUES = 10  # different values are said to the ten below: where none repeats they are the count of persons
_WIDTH = 2  # significant digits of a bandwidth
_CLUSTER = 5  # persons to a cluster, from which on it is a group of them and not a family


@dataclass(slots=True)
class Rules:
    """The rules at work on one result.

    Attributes
    ----------
    profile : ReleaseProfile
    behind : Behind
    cases : CaseList
        Names that may not be said.
    hidden : frozenset of str
        Cohorts of which nothing may be shown.
    refused : mapping of str to str
        Outcomes of which nothing may be shown, with the reason.
    asks : list of str
        What the gate would have to be told to let more through.
    events : frozenset of float
        Periods since the start of which no effect may be shown.
    average : bool
        Whether the average over all of them may be.
    terms : frozenset of str
        Terms of the balance of which nothing may be shown: rare levels, and those that would give them away.
    after : bool
        Whether means after matching may stand beside those before: not where they differ by a few persons.
    labels : tuple of str
        The outcomes' labels and columns, to tell what words are about.
    closed : frozenset of str
        Checks and kinds of figures of which nothing may be shown, because they hold what is closed elsewhere.
    sides : tuple of int or None
        How many the headline rests on: treated and comparison.
    widths : bool
        Whether bandwidths were worked out from the records: one may then end at a single person's score.
    shown : dict of int to int or None
        Counts of units that were decided together.
    log : list of Decision
    """

    profile: ReleaseProfile
    behind: Behind
    cases: CaseList
    hidden: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    events: frozenset[float] = frozenset()
    average: bool = True
    terms: frozenset[str] = frozenset()
    after: bool = True
    labels: tuple[str, ...] = ()
    closed: frozenset[str] = frozenset()
    sides: tuple[int | None, ...] = ()
    widths: bool = False
    shown: dict[int, int | None] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)
    log: list[Decision] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Nothing is suppressed."""
        return self.profile.open

    @property
    def place(self) -> bool:
        """The units are places, not persons."""
        return self.behind.places or self.behind.kind in {"site", "authority"}

    @property
    def persons(self) -> bool:
        """The units are, or may be, persons or families, and are followed one by one."""
        return not self.place

    @property
    def unsaid(self) -> bool:
        """Nobody said what the units are, and the design does not either."""
        return not self.behind.kind and not self.behind.places

    def note(self, output: str, action: str, rule: str, support: int | None = None) -> None:
        """Put one decision into the log; a support under the threshold is not repeated there."""
        said = support if support is not None and support >= self.profile.threshold else None
        self.log.append(Decision(output=output, action=action, rule=rule, support=self.people(said)))

    def ask(self, question: str) -> None:
        """Note once what one would have to be told."""
        if question not in self.asks:
            self.asks.append(question)

    def ask_units(self) -> None:
        """Where something was withheld because nobody said what the units are."""
        if self.behind.declared:
            return
        if not self.behind.places:
            self.ask(
                "The protocol does not say what the units are, so what rests on few of them is withheld as if they "
                "were people. Say it: under [data], units = 'person', 'family', 'site' or 'authority'."
            )
        else:
            self.ask(
                "The protocol does not say whether the series are of authorities whose data are published, so small "
                "counts and the values behind them are withheld. Say it: under [data], units = 'authority' or 'site'."
            )

    def few(self, n: int | None) -> bool:
        """Whether so few stand behind something that it may not be shown; what is unknown counts as few."""
        return n is None or n < self.profile.threshold

    def count(self, n: int | None) -> int | None:
        """A count of units as it may be shown."""
        if n is None or self.shown_as_is:
            return n
        return self.shown[n] if n in self.shown else shown_count(n, self.profile)

    def people(self, n: int | None) -> int | None:
        """A count of persons as it may be shown, where the units that are followed are areas too."""
        if n is None or not self.behind.areas or self.open or self.unsaid:
            return self.count(n)
        return self.shown[n] if n in self.shown else shown_count(n, self.profile)

    def at_least(self, support: Sequence[int | None]) -> list[int | None]:
        """How many stand behind each of several marks, as it may be shown: of persons, the fewest for all of them.

        Marks of one group that rest on 20 and on 19 would otherwise tell of one person. Where that count itself is
        withheld, because another that differs by a few is or was shown, the threshold is said: it is reached.
        """
        if self.open or self.place or self.unsaid:
            return list(support)
        known = [n for n in support if n is not None and not self.few(n)]
        least = (self.people(min(known)) or self.profile.threshold) if known else None
        return [least] * len(support)

    def values_stand(self, *texts: str) -> bool:
        """Whether the values of single places may stand: only where every count behind them is large enough."""
        if not self.place:
            return False
        said = " ".join(texts).casefold()
        mine = [o for label, o in self.behind.outcomes.items() if label.casefold() in said]
        outcomes = mine or list(self.behind.outcomes.values())
        if all(o.fewest is not None and o.fewest >= self.profile.threshold for o in outcomes):
            return True
        if any(o.fewest is None for o in outcomes):
            self.ask(
                "The counts behind the values of single places are not given, so those values are withheld. Give them: "
                "under [[outcomes]], behind = 'the column with the count'."
            )
        self.ask_units()
        return False

    def hidden_at(self, event: float) -> int:
        """Units of hidden cohorts behind an effect so long after the start."""
        seen = [w for w in self.hidden if 0 <= self.behind.starts[w] + event < self.behind.n_periods]
        return sum(self.behind.waves[w] for w in seen)

    def event_hidden(self, event: float) -> bool:
        """Whether an effect so long after the start would give a hidden cohort away, the shown ones taken off."""
        return 0 < self.hidden_at(event) < self.profile.threshold

    def effect_stands(self, n: int | None, event: float | None = None) -> bool:
        """Whether an effect that rests on `n` units, so long after the start, may stand.

        Where nobody said what the units are, an effect on all of the treated stands whatever their number: it may be
        of places. One on some of them does not.
        """
        if not self.persons:
            return True
        if event is not None and event in self.events:
            return False
        if self.unsaid and n is not None and n >= min(self.profile.threshold, sum(self.behind.waves.values())):
            return not (event is not None and len(self.behind.waves) > 1 and self.event_hidden(event))
        return not self.few(n) and not (event is not None and self.event_hidden(event))

    @property
    def honest_stands(self) -> bool:
        """Whether what is drawn on the plain mean of the effects after the start may stand."""
        return not any(event >= 0 for event in self.events)

    def words(self, text: str, output: str) -> str:
        """A text without names, personal details or small counts; kept back whole where it names somebody."""
        if self.open:
            return text
        kinds = found_in(text, self.cases)
        if kinds:
            self.note(output, "withheld", f"words: {', '.join(kinds)}")
            return f"({KEPT_BACK}: the words hold {', '.join(kinds)})"
        text = HASHES.sub("", text)
        said = self.counted(text)
        if said != text:
            self.note(output, "reworded", "counts of persons in words are said as they may be shown")
        return said

    def counted(self, text: str) -> str:
        """A text in which counts of persons are said as they may be shown."""
        if self.open or not self.persons or self.behind.areas or self.unsaid:
            return text
        text = numbers_said(numbers_said(text, "clusters", self.clusters), "cell(s)", self._cells)
        text = widths_said(numbers_said(text, "values or more", lambda n: n - n % _VALUES), self.width)
        return counts_said(text, self.count, self.profile.threshold, self.behind.sizes)

    def width(self, value: float) -> float:
        """A bandwidth as it may be shown: from the records, no finer than two digits."""
        return significant(value, _WIDTH) if self.widths and self.persons and not self.unsaid else value

    def _cells(self, n: int) -> int | None:
        """Cells without a number: those of a few persons, in every period, are not counted."""
        return None if 0 < n < self.profile.threshold * max(self.behind.n_periods, 1) else nearest(n, self.profile.base)

    def clusters(self, n: int | None) -> int | None:
        """A count of clusters: one of persons unless they are clearly fewer than those, as hubs are."""
        return n if n is not None and _CLUSTER * n <= self.behind.n_units else self.count(n)

    def rows(self, n: int | None) -> int | None:
        """A count of rows: where each person has one in every period, as coarse as the count of persons is.

        Rows divided by periods would otherwise give the exact number of persons.
        """
        shown = self.people(n)
        if not shown or self.shown_as_is or self.behind.n_periods < 2:
            return shown
        if self.profile.base > 1:
            return nearest(n or 0, self.profile.base * self.behind.n_periods)
        gap = abs((n or 0) - self.behind.n_units * self.behind.n_periods)  # rows of a few persons, in every period
        return None if 0 < gap < self.profile.threshold * self.behind.n_periods else shown

    @property
    def shown_as_is(self) -> bool:
        """Counts of units are shown as they are: of places, or nobody said what the units are."""
        return self.open or self.place or self.behind.areas or self.unsaid

    def about(self, *texts: str) -> str | None:
        """Why nothing may be shown of the outcome that some words are about; None where it may."""
        if not self.refused:
            return None
        said = " ".join(texts).casefold()
        for label, reason in self.refused.items():
            if label.casefold() in said:
                return reason
        named = any(label.casefold() in said for label in self.labels)
        return None if named else next(iter(self.refused.values()))


def rules_for(behind: Behind, profile: ReleaseProfile, labels: tuple[str, ...], columns: tuple[str, ...]) -> Rules:
    """The rules for one result: which cohorts and outcomes are closed before any mark is looked at."""
    secret = behind.names - behind.public if not behind.places and behind.kind not in {"site", "authority"} else ()
    rules = Rules(profile=profile, behind=behind, cases=CaseList.of(secret), labels=(*labels, *columns))
    if profile.open:
        return rules
    if rules.persons:
        rules.hidden = _hidden_waves(behind, profile)
        rules.refused = _dominated(rules, dict(zip(labels, columns, strict=True)))
        for wave in sorted(rules.hidden):
            rules.note(f"cohort {wave}", "withheld", "cohort: too few, or what is left when the others are taken away")
    return rules


def _hidden_waves(behind: Behind, profile: ReleaseProfile) -> frozenset[str]:
    """Cohorts that are too small, and those without which the small ones could be worked out from the total."""
    if len(behind.waves) < 2:
        return frozenset(wave for wave, n in behind.waves.items() if n < profile.threshold)
    counts = {**behind.waves, "\0all": sum(behind.waves.values())}
    cells = linked(counts, [("\0all", list(behind.waves))])
    fixed = np.array([key == "\0all" for key in cells.keys])  # the average over all of them is shown
    if all(n < profile.threshold for n in behind.waves.values()):
        return frozenset(behind.waves)
    found = suppress(cells, replace(profile, base=1), fixed=fixed)  # averages are not rounded
    hidden = {key for key, gone in zip(cells.keys, found.hidden, strict=True) if gone}
    for wave in sorted(behind.waves, key=lambda name: behind.waves[name]):
        if hidden and sum(behind.waves[name] for name in hidden) < profile.threshold:
            hidden.add(wave)
    return frozenset(hidden)


def _dominated(rules: Rules, columns: Mapping[str, str]) -> dict[str, str]:
    """Outcomes that one or two units make up."""
    reason = "one or two units make up nearly all of it, so the number would give theirs away"
    found = {}
    for label, outcome in rules.behind.outcomes.items():
        sides = [side for side in outcome.sides if not rules.unsaid or len(side) >= rules.profile.threshold]
        if any(dominated(side, rules.profile) for side in sides):
            found[label] = reason
            rules.note(label, "withheld", "dominance: the (n, k) or the p% rule")
    return {**found, **{columns[label]: reason for label in found}}


def close_events(rules: Rules, estimates: list[dict[str, Any]]) -> None:
    """Which effects by time since the start are closed, before any mark is looked at.

    Notes
    -----
    The average effect is a weighted sum of them, with weights that anyone can count. So one that rests on few would be
    worked out from it and the others: with it go two more in which hidden cohorts stand; where there is none, the
    average goes. The plain mean of them, on which honest bounds are drawn, is a second sum and goes too.
    """
    if not rules.persons:
        return
    support: dict[float, int] = {}
    for one in estimates:
        if one["term"].startswith("event time "):
            event, n = float(one["term"].rsplit(" ", 1)[1]), one["support"] or 0
            support[event] = min(n, support.get(event, n))
    closed = {event for event, n in support.items() if not rules.effect_stands(n, event)}
    if any(event >= 0 for event in closed):
        others = [e for e in support if e >= 0 and e not in closed and rules.hidden_at(e)]
        closed |= set(sorted(others, key=lambda e: (support[e], -e))[:2])
        rules.average = bool(others) or not rules.hidden
    rules.events = frozenset(closed)


def close_terms(rules: Rules, tables: list[dict[str, Any]]) -> None:
    """Which terms of a balance table are closed, before any mark is looked at.

    Notes
    -----
    The levels of one covariate make up everybody. So a rare level is hidden together with the next, until those hidden
    together reach the threshold.
    """
    balance = next((table for table in tables if table["name"] == "balance"), None)
    if rules.open or rules.place or balance is None:
        return
    known = dict(zip([row[0] for row in balance["rows"]], zip(balance["n"], balance["of"], strict=True), strict=True))
    hidden = {term for term, (n, _) in known.items() if rules.few(n)}
    for of in {of for _, of in known.values() if of}:
        levels = sorted(((n or 0, term) for term, (n, whose) in known.items() if whose == of))
        mine = [term for n, term in levels if rules.few(n)]
        for n, term in levels:
            if mine and term not in mine and sum(known[t][0] or 0 for t in mine) < rules.profile.threshold:
                mine.append(term)
            del n
        hidden |= set(mine)
    rules.terms = frozenset(hidden)
    if hidden:
        rules.note("balance", "withheld", f"{len(hidden)} terms: rare levels, or levels that give them away")
        words = [word for term in hidden if "=" in term for word in (term, term.split("=", 1)[1])]
        rules.cases = CaseList.of([*rules.cases.names, *rules.cases.phrases, *words])
    records = next((table for table in tables if table["name"] == "records"), None)
    if records is not None:
        before, used = ({row[0]: row[1:] for row in records["rows"]}.get(key) for key in ("all", "matched"))
        gaps = [abs(b - u) for b, u in zip(before or (), used or (), strict=False)]
        rules.after = not any(0 < gap < rules.profile.threshold for gap in gaps)
        if not rules.after:
            rules.note(
                "balance", "withheld", "means after matching: they leave out too few persons beside those before"
            )


def keep(value: dict[str, Any], *names: str) -> dict[str, Any]:
    """Only the parts of a result that the gate knows."""
    return {name: value[name] for name in names if name in value}
