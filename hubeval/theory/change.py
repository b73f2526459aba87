"""A theory of change as data: what is done, what should follow, why, and what would show that it does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - the reader needs it at run time
from typing import Any, Literal

from hubeval.protocol import Direction, Role  # noqa: TC001 - the reader needs it at run time
from hubeval.theory.declared import Calibration, Comparison, Series, Test  # noqa: TC001 - as above
from hubeval.theory.later import Foundation, Later  # noqa: TC001 - the reader needs it at run time
from hubeval.theory.registers import Learning, Mechanism, Statement  # noqa: TC001 - the reader needs it at run time

Layer = Literal["context", "input", "activity", "output", "outcome", "impact"]
LAYERS: tuple[Layer, ...] = ("context", "input", "activity", "output", "outcome", "impact")
Stance = Literal["for", "against", "mixed"]
Strength = Literal["none", "weak", "moderate", "strong"]
KINDS = {
    "opinion": 1, "interview": 2, "survey": 2, "monitoring": 2, "report": 2,
    "observation": 3, "document": 3, "data": 3, "study": 4,
}  # fmt: skip
"""How far a kind of evidence can be leaned on, in our judgement: 1 asserted, 2 reported, 3 seen, 4 independent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One box of the theory.

    Parameters
    ----------
    id : str
        A short name without spaces.
    layer : {"context", "input", "activity", "output", "outcome", "impact"}
    label : str
    quote, source : str
        The area's own words, where they stand.
    illustrative : bool
        True where no source says it: an example to be replaced.
    """

    id: str
    layer: Layer
    label: str
    quote: str = ""
    source: str = ""
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One arrow: why the one should lead to the other, what else might, and what would refute it.

    Parameters
    ----------
    cause, effect : str
        Ids of the two nodes.
    assumptions : tuple of str
        What has to hold for the arrow to work.
    rivals : tuple of str
        What else could have brought the same about.
    refuted_by : str
        What one would see if the arrow did not hold; a claim that nothing could refute is not one.
    illustrative : bool
    """

    cause: str
    effect: str
    assumptions: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    refuted_by: str = ""
    illustrative: bool = False

    @property
    def name(self) -> str:
        """How evidence refers to the arrow."""
        return f"{self.cause} -> {self.effect}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """How a node is measured. `column` is the name the later protocol will use, so that nothing is renamed.

    Parameters
    ----------
    node : str
    column, label, unit : str
    source, frequency : str
        Where it is recorded, and how often.
    baseline : str
        The value before, with its date; empty where there is none yet.
    direction, role, smallest_worthwhile, measure
        As for an outcome of a protocol.
    illustrative : bool
    """

    node: str
    column: str
    label: str
    unit: str
    source: str = ""
    frequency: str = ""
    baseline: str = ""
    direction: Direction = "neither"
    role: Role = "secondary"
    smallest_worthwhile: float | None = None
    measure: str = ""
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence on one arrow.

    Parameters
    ----------
    link : str
        ``"cause -> effect"``.
    stance : {"for", "against", "mixed"}
    says : str
    kind : str
        One of `KINDS`.
    source, dated, quote : str
    illustrative : bool
    """

    link: str
    stance: Stance
    says: str
    kind: str
    source: str = ""
    dated: str = ""
    quote: str = ""
    illustrative: bool = False

    @property
    def grade(self) -> int:
        """1 to 4, from the kind: a claim cannot grade itself."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """One area's theory of change with everything kept beside it. Read one with `hubeval.theory.read`.

    Parameters
    ----------
    area : str
    claim : str
        The whole theory in one sentence.
    dated : date
    profile : str
        The area's profile, relative to this file.
    nodes, links, indicators, evidence
    mechanisms, harvest, learning
        The realist register, harvested outcomes, the Action Learning log.
    series, tests, calibrations, comparison
        What is to be analysed: monitored series, tests of an account, a comparison of sites.
    foundations : tuple of Foundation
        The area's own dated steps to a later quasi-experiment.
    later : Later or None
        The design those steps lead to.
    extracts : str
        A file of coded extracts beside this one; the plan shows its framework matrix.
    release : str
        Whose rules of release extracts, tests and comparisons of persons must meet; by default the strictest.
    note : str
        What a reader must know first, such as which parts are illustrative.
    """

    area: str
    claim: str
    dated: date
    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    evidence: tuple[Finding, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    harvest: tuple[Statement, ...] = ()
    learning: tuple[Learning, ...] = ()
    series: tuple[Series, ...] = ()
    tests: tuple[Test, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    comparison: Comparison | None = None
    foundations: tuple[Foundation, ...] = ()
    later: Later | None = None
    profile: str = "profile.toml"
    extracts: str = ""
    release: str = ""
    note: str = ""
    folder: str = ""
    sha256: str = field(default="")

    def node(self, node_id: str) -> Node:
        """The node of that id."""
        return next(node for node in self.nodes if node.id == node_id)

    def layer(self, layer: Layer) -> tuple[Node, ...]:
        """The nodes of one layer, in the file's order."""
        return tuple(node for node in self.nodes if node.layer == layer)

    def found(self, link: Link) -> tuple[Finding, ...]:
        """The evidence on one arrow."""
        return tuple(finding for finding in self.evidence if finding.link == link.name)

    @property
    def illustrative(self) -> bool:
        """Whether any part of it is an example that no source says."""
        parts: tuple[tuple[Any, ...], ...] = (
            self.nodes, self.links, self.indicators, self.evidence, self.mechanisms, self.harvest, self.learning,
            self.foundations, self.series, self.tests, (self.comparison,) if self.comparison else (),
        )  # fmt: skip
        return any(part.illustrative for group in parts for part in group)
