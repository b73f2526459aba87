"""What is missing from a theory of change: gaps to fill, and claims that nothing could refute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hubeval.theory.change import Theory


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing missing: its kind, where, what was found, and what to do."""

    kind: str
    where: str
    found: str
    cure: str


def check_theory(theory: Theory) -> tuple[Gap, ...]:
    """Every gap in a theory of change, in the order in which they are best filled.

    Parameters
    ----------
    theory : Theory

    Returns
    -------
    tuple of Gap
        Of the kinds ``"orphan"``, ``"dead end"``, ``"cycle"``, ``"unfalsifiable"``, ``"no assumption"``,
        ``"no rival"``, ``"no evidence"``, ``"no indicator"``, ``"no source"``, ``"no baseline"``.
    """
    return (*_connections(theory), *_cycles(theory), *_arrows(theory), *_measures(theory))


def _connections(theory: Theory) -> Iterator[Gap]:
    caused, causing = {link.effect for link in theory.links}, {link.cause for link in theory.links}
    for node in theory.nodes:
        if node.layer in {"output", "outcome", "impact"} and node.id not in caused:
            yield Gap(
                kind="orphan",
                where=node.label,
                found=f"nothing leads to this {node.layer}",
                cure="Say what brings it about, or take it out.",
            )
        if node.layer in {"input", "activity", "output"} and node.id not in causing:
            yield Gap(
                kind="dead end",
                where=node.label,
                found=f"this {node.layer} leads to nothing",
                cure="Say what it is for, or take it out.",
            )


def _cycles(theory: Theory) -> Iterator[Gap]:
    for cycle in find_cycles(theory):
        yield Gap(
            kind="cycle",
            where=" -> ".join(cycle),
            found="the arrows run in a circle",
            cure="Say which way comes first in time, or note the loop as a feedback and date both arrows.",
        )


def _arrows(theory: Theory) -> Iterator[Gap]:
    for link in theory.links:
        where = f"{theory.node(link.cause).label} → {theory.node(link.effect).label}"
        if not link.refuted_by.strip():
            yield Gap(
                kind="unfalsifiable",
                where=where,
                found="nothing is said that would show it wrong",
                cure="Write what you would see if this arrow did not hold.",
            )
        if not link.assumptions:
            yield Gap(
                kind="no assumption",
                where=where,
                found="no assumption is stated",
                cure="Say what has to hold for this to work.",
            )
        if not link.rivals and theory.node(link.effect).layer in {"outcome", "impact"}:
            yield Gap(
                kind="no rival",
                where=where,
                found="no rival explanation is named",
                cure="Say what else could bring the same about.",
            )
        if not theory.found(link):
            yield Gap(
                kind="no evidence",
                where=where,
                found="there is no evidence for or against it",
                cure="Plan what to collect, or mark it as an assumption.",
            )


def _measures(theory: Theory) -> Iterator[Gap]:
    measured = {indicator.node for indicator in theory.indicators}
    for node in theory.nodes:
        if node.layer in {"outcome", "impact"} and node.id not in measured:
            yield Gap(
                kind="no indicator",
                where=node.label,
                found=f"this {node.layer} has no indicator",
                cure="Say how it would be seen, in a unit.",
            )
    for indicator in theory.indicators:
        if not indicator.source:
            yield Gap(
                kind="no source",
                where=indicator.label,
                found="no data source is named",
                cure="Name the record or the survey.",
            )
        if not indicator.baseline:
            yield Gap(
                kind="no baseline",
                where=indicator.label,
                found="there is no baseline",
                cure="Measure it before the next site opens.",
            )


def find_cycles(theory: Theory) -> list[list[str]]:
    """A circle for every knot of arrows that run in one, as node ids that end where they begin."""
    follows: dict[str, list[str]] = {node.id: [] for node in theory.nodes}
    for link in theory.links:
        follows[link.cause].append(link.effect)
    found: dict[frozenset[str], list[str]] = {}
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> None:
        if node in path:
            circle = path[path.index(node) :]
            found.setdefault(frozenset(circle), [*circle, node])
            return
        if node in done:
            return
        for other in follows[node]:
            walk(other, [*path, node])
        done.add(node)

    for node in follows:
        walk(node, [])
    return list(found.values())
