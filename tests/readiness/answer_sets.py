"""Random answer sets for the two engines, seeded, with every kind of verdict well represented."""

from __future__ import annotations

import random

from hubeval.profile import CRITERIA, Fact
from hubeval.readiness import load_rubric
from hubeval.readiness.evidence import weigh
from hubeval.readiness.roadmap import open_questions
from hubeval.readiness.verdict import decide, told

KINDS = ("label", "fact", "document", "data")


def answer_sets(number, seed=20261122):
    """Lists of (facts, access): blank, sparse, full, mostly good and contradictory ones."""
    rng = random.Random(seed)
    return [(_facts(rng), rng.choice([None, None, True, False])) for _ in range(number)]


def _facts(rng):
    known, good, several = rng.choice([0.0, 0.2, 0.6, 1.0, 1.0]), rng.random(), rng.choice([0.0, 0.3])
    facts = []
    for criterion in CRITERIA:
        if rng.random() >= known:
            continue
        for _ in range(1 + (rng.random() < several) + (rng.random() < several)):
            low = rng.choice([3, 4, 4]) if rng.random() < good else rng.randint(1, 4)
            high = low if rng.random() < 0.5 else rng.randint(low, 4)
            facts.append({"criterion": criterion, "low": low, "high": high, "kind": rng.choice(KINDS)})
    rng.shuffle(facts)
    return facts


def python_answer(facts, access):
    """What the Python engine says, laid out as the page's engine lays it out."""
    rubric = load_rubric()
    made = [Fact(**fact, quote="q", source="s", dated="2026") for fact in facts]
    evidence = weigh(made)
    levels = {name: (item.low, item.high) for name, item in evidence.items()}
    verdict = decide(rubric, levels, access=access)
    return {
        "route": verdict.route,
        "status": verdict.status,
        "reading": verdict.reading,
        "told": list(told(rubric, verdict)),
        "failing": list(verdict.failing),
        "unknown": list(verdict.unknown),
        "designs": [[d.design, d.status, list(d.closed_by), list(d.wanting), d.offered] for d in verdict.designs],
        "evidence": {
            name: [item.low, item.high, bool(item.conflict), len(item.overruled)] for name, item in evidence.items()
        },
        "questions": [[q.criterion, q.blocks_route, list(q.blocks)] for q in open_questions(rubric, levels, verdict)],
    }


JS_ANSWER = """((rules, sets) => sets.map(([facts, access]) => {
  const a = hubevalEngine.assess(rules, facts, access), v = a.verdict;
  return {
    route: v.route, status: v.status, reading: v.reading, told: hubevalEngine.told(rules, v), failing: v.failing, unknown: v.unknown,
    designs: v.designs.map((d) => [d.design, d.status, d.closed_by, d.wanting, d.offered]),
    evidence: Object.fromEntries(Object.entries(a.evidence).map(
      ([id, e]) => [id, [e.span[0], e.span[1], e.conflict.length > 0, e.overruled.length]])),
    questions: a.questions.map((q) => [q.criterion, q.blocks_route, q.blocks]),
  };
}))"""
