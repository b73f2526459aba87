"""Contribution analysis: each arrow of the theory as a claim, with what speaks for it, against it, and besides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.result import ResultTable

if TYPE_CHECKING:
    from hubeval.theory.change import Finding, Link, Strength, Theory

CLAIM = ("This is about the hub's contribution: how far evidence supports it. It is not an effect size: it does not "
         "say how much of any change is due to the hub.")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One arrow with its evidence weighed by stated rules.

    Parameters
    ----------
    link : str
    says : str
        The claim in words.
    speaks_for, against : tuple of Finding
    rivals : tuple of str
    strength : {"none", "weak", "moderate", "strong"}
    because : str
        Why that strength.
    next_step : str
    """

    link: str
    says: str
    speaks_for: tuple[Finding, ...]
    against: tuple[Finding, ...]
    rivals: tuple[str, ...]
    strength: Strength
    because: str
    next_step: str


def claims(theory: Theory) -> tuple[Claim, ...]:
    """The claims table of a theory of change, one claim for each arrow.

    Strength follows rules that anyone can check, and are ours: *none* without evidence; *weak* from one
    source, or where all of it is asserted (grade 1), or where as much speaks against; *moderate* from two
    sources of which one is reported or better; *strong* from two kinds of evidence, one seen or independent
    (grade 3 or 4), nothing against, and every rival named. Illustrative evidence counts for nothing.

    References
    ----------
    Mayne (2001, 2012), contribution analysis.
    """
    return tuple(_claim(theory, link) for link in theory.links)


def story(theory: Theory) -> str:
    """The contribution story in plain sentences: what holds, what hangs in the air, what else might explain it."""
    table = claims(theory)
    held = [c for c in table if c.strength in {"moderate", "strong"}]
    weak = [c for c in table if c.strength == "weak"]
    bare = [c for c in table if c.strength == "none"]
    disputed = [c for c in table if c.against]
    parts = [f"{theory.area}'s theory is that {theory.claim[0].lower()}{theory.claim[1:].rstrip('.')}."]
    parts.append(
        f"Of its {len(table)} steps, {len(held)} rest on evidence from two sources or more, {len(weak)} on weak "
        f"evidence, and {len(bare)} on none yet."
    )
    if held:
        parts.append(f"What holds best: {'; '.join(c.says for c in held[:3])}.")
    if disputed:
        parts.append(f"Evidence speaks against {'; '.join(c.says for c in disputed[:3])}.")
    rivals = list(dict.fromkeys(rival for c in table for rival in c.rivals))
    if rivals:
        parts.append(f"Rival explanations still to be ruled out: {'; '.join(rivals[:5])}.")
    return " ".join([*parts, CLAIM])


def claims_table(theory: Theory) -> ResultTable:
    """The claims as a table of plain cells."""
    return ResultTable(
        name="claims",
        caption="Claims of the theory, with the evidence on each",
        columns=("claim", "evidence for", "evidence against", "rivals", "strength", "why", "next"),
        rows=tuple(
            (
                c.says,
                "; ".join(f.says for f in c.speaks_for),
                "; ".join(f.says for f in c.against),
                "; ".join(c.rivals),
                c.strength,
                c.because,
                c.next_step,
            )
            for c in claims(theory)
        ),
    )


def register(theory: Theory) -> ResultTable:
    """The evidence register: every piece of evidence with its source, date, kind and grade."""
    return ResultTable(
        name="evidence",
        caption="Evidence register (grade: 1 asserted, 2 reported, 3 seen, 4 independent)",
        columns=("on", "stance", "what it says", "kind", "grade", "source", "dated", "quote", "illustrative"),
        rows=tuple(
            (
                f.link,
                f.stance,
                f.says,
                f.kind,
                f.grade,
                f.source,
                f.dated,
                f.quote,
                "illustrative" if f.illustrative else "",
            )
            for f in theory.evidence
        ),
    )


def _claim(theory: Theory, link: Link) -> Claim:
    found = tuple(f for f in theory.found(link) if not f.illustrative)
    speaks_for = tuple(f for f in found if f.stance in {"for", "mixed"})
    against = tuple(f for f in found if f.stance in {"against", "mixed"})
    strength, because = _strength(speaks_for, against, link)
    return Claim(
        link=link.name,
        says=f"{theory.node(link.cause).label} leads to {theory.node(link.effect).label}",
        speaks_for=speaks_for,
        against=against,
        rivals=link.rivals,
        strength=strength,
        because=because,
        next_step=_next(strength, against, link),
    )


def _strength(speaks_for: tuple[Finding, ...], against: tuple[Finding, ...], link: Link) -> tuple[Strength, str]:
    """The rules of `claims`, with the one that decided."""
    sources = {f.source for f in speaks_for}
    best = max((f.grade for f in speaks_for), default=0)
    if not speaks_for:
        return "none", "no evidence for it" + (", and some against" if against else "")
    if len(against) >= len(speaks_for):
        return "weak", "as much speaks against it as for it"
    if len(sources) < 2:
        return "weak", "it rests on one source"
    if best < 2:
        return "weak", "all of it is asserted"
    if len({f.kind for f in speaks_for}) >= 2 and best >= 3 and not against and link.rivals:
        return "strong", "two kinds of evidence, one of them seen, nothing against it, rivals named"
    reasons = [
        word
        for word, missing in (
            ("one kind of evidence only", len({f.kind for f in speaks_for}) < 2),
            ("none of it seen at first hand", best < 3),
            ("some speaks against it", bool(against)),
            ("no rival is named", not link.rivals),
        )
        if missing
    ]
    return "moderate", f"two sources, but {', '.join(reasons)}"


def _next(strength: Strength, against: tuple[Finding, ...], link: Link) -> str:
    if against:
        return "Find out when it holds and when it does not: for whom, where."
    if not link.refuted_by:
        return "Write down what would refute it, then look for that."
    if strength in {"none", "weak"}:
        return f"Look for what would refute it: {link.refuted_by}"
    return "Test it against its rivals (process tracing)." if link.rivals else "Name its rivals."
