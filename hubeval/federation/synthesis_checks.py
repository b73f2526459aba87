"""What is asked of several councils' results: how they differ, whether one carries the mean, what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.random_effects import pool
from hubeval.errors import listed
from hubeval.methods.readings.leave_one_out import leave_one_out
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.unlike import unseen_differences
from hubeval.wording import counted, move, p_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.engine.random_effects import Pooled
    from hubeval.federation.studies import Study
    from hubeval.result import Diagnostic, Estimate, NotComputed

    Pool = Callable[[Sequence[Study]], Pooled]

DIFFER = Question(
    name="differences between councils",
    asked="Is it one effect, or does it differ from council to council?",
    threshold="p below .10 (Cochran's Q) is a caution; few councils hide much",
    bears_on="scope",
)
SPREAD = Question(
    name="another way of the spread",
    asked="Does the mean hang on how the spread between councils is estimated?",
    threshold="a move by more than a quarter of the interval's half, or another reading of no change, is a caution",
    bears_on="interval",
)
FAILED = Question(
    name="results that did not hold up",
    asked="What is left without results whose own checks failed or whose area was not ready?",
    threshold="any such result is a caution",
    bears_on="sign",
)
READ_OFF = Question(
    name="errors read off intervals",
    asked="Does every result's error say as much as its interval?",
    threshold="no error, or an interval wider than its error says by a quarter, is a caution",
    bears_on="interval",
)
UNLIKE = Question(
    name="few councils with unlike errors",
    asked="Are there enough councils for their errors?",
    threshold="at most 10 councils, the largest error 4 times the smallest or more, is a caution",
    bears_on="interval",
)
DESIGNS = Question(
    name="unlike designs",
    asked="Are the numbers made alike?",
    bears_on="scope",
)


def asked_of(
    studies: Sequence[Study], headline: Estimate | None, unit: str
) -> tuple[Diagnostic | NotComputed, ...]:
    """Every question to results that are pooled; with two, only whether they differ and what they rest on."""
    each = (_failed(studies, headline, unit), _read_off(studies), *_designs(studies))
    if headline is None:
        why = "with two results there is no mean that could change"
        return (_two(studies), *each, SPREAD.unanswered(why))
    whole = _pool(studies)
    without = [_pool([other for other in studies if other is not one]).estimate for one in studies]
    left = leave_one_out(without, headline, of="council", names=[one.area for one in studies])
    return (_differ(whole, len(studies)), left, *each, _unlike(studies), _other_way(studies, whole, unit))


def _pool(studies: Sequence[Study]) -> Pooled:
    effects, errors = (np.array([getattr(one, name) for one in studies]) for name in ("estimate", "error"))
    return pool(effects, errors, between="reml")


def _differ(pooled: Pooled, k: int) -> Diagnostic:
    ends = f"95% interval {pooled.share_low:.0%} to {pooled.share_high:.0%}"
    said = (
        f"{pooled.share:.0%} of the variation between the {k} councils is more than chance "
        f"(I squared; {ends}; Q {pooled.q:.1f}, {p_words(pooled.q_p)})"
    )
    if pooled.q_p < 0.1:
        return DIFFER.answered("caution", f"{said}: the mean is of effects that differ.", pooled.share)
    return DIFFER.answered("pass", f"{said}. {unseen_differences(k, 'councils')}", pooled.share)


def _two(studies: Sequence[Study]) -> Diagnostic:
    """Of two results nothing but whether they differ by more than chance."""
    found = _pool(studies)
    said = f"The two results differ by {'more' if found.q_p < 0.1 else 'no more'} than chance ({p_words(found.q_p)})"
    if found.q_p < 0.1:
        return DIFFER.answered("caution", f"{said}: find out why before either is used.", found.q_p)
    return DIFFER.answered("pass", f"{said}. That is no proof that they are alike.", found.q_p)


def _other_way(studies: Sequence[Study], whole: Pooled, unit: str) -> Diagnostic:
    effects, errors = (np.array([getattr(one, name) for one in studies]) for name in ("estimate", "error"))
    other = pool(effects, errors, between="paule-mandel")
    said = (f"With the spread by Paule and Mandel instead of REML the mean is {move(other.estimate, unit)} "
            f"({move(other.low, unit)} to {move(other.high, unit)})")  # fmt: skip
    far = abs(other.estimate - whole.estimate) > (whole.high - whole.low) / 8
    turned = (other.low <= 0 <= other.high) != (whole.low <= 0 <= whole.high)
    if far or turned:
        return SPREAD.answered("caution", f"{said}: it hangs on that choice.", other.estimate)
    return SPREAD.answered("pass", f"{said}: much the same.", other.estimate)


def _failed(studies: Sequence[Study], headline: Estimate | None, unit: str) -> Diagnostic:
    bad = [one for one in studies if one.failed or one.despite]
    kept = sum(one.withheld for one in studies)
    back = f" What {counted(kept, 'check')} found was not released." if kept else ""
    if not bad:
        said = f"No result has a check that is told to have failed, and every area was ready.{back}"
        return FAILED.answered("caution" if kept else "pass", said, 0.0)
    why = "; ".join(f"{one.area}: {listed([*one.failed, *(['not ready'] if one.despite else [])])}" for one in bad)
    said = f"{len(bad)} of {len(studies)} results did not hold up ({why})"
    rest = [one for one in studies if one not in bad]
    if headline is None or len(rest) < 3:
        few = "is" if len(rest) == 1 else "are"
        left = f"The {counted(len(rest), 'result')} left {few} too few for a mean." if rest else "None is left."
        return FAILED.answered("caution", f"{said}. {left}{back}", float(len(bad)))
    found = _pool(rest)
    ends = f"{move(found.low, unit)} to {move(found.high, unit)}"
    told = f"{said}. Without them the mean is {move(found.estimate, unit)} ({ends}).{back}"
    return FAILED.answered("caution", told, float(len(bad)))


def _read_off(studies: Sequence[Study]) -> Diagnostic:
    wide = [one.area for one in studies if one.widened]
    if not wide:
        said = "Every result has an error, and no interval is wider than it says by a quarter."
        return READ_OFF.answered("pass", said, 0.0)
    said = (f"{listed(wide, 20)}: the interval is wider by a quarter or more than the error says, or there is no "
            "error, so they are weighed by the interval's width as if it were a normal one.")  # fmt: skip
    return READ_OFF.answered("caution", said, float(len(wide)))


def _unlike(studies: Sequence[Study]) -> Diagnostic:
    """Whether the interval is known to hold too seldom (`tests/recovery/test_random_effects.py`)."""
    errors = [one.error for one in studies]
    ratio = max(errors) / min(errors)
    said = f"The largest error of {len(studies)} councils is {ratio:.1f} times the smallest"
    if len(studies) <= 10 and ratio >= 4:
        held = "in simulations of so few and so unlike, the 95% interval held the mean 90 to 98 times in 100"
        return UNLIKE.answered("caution", f"{said}: {held}.", ratio)
    told = f"{said}. Simulations found the interval too short only for fewer or more unlike ones."
    return UNLIKE.answered("pass", told, ratio)


def _designs(studies: Sequence[Study]) -> tuple[Diagnostic | NotComputed, ...]:
    by_kind: dict[str, list[str]] = {}
    for one in studies:
        by_kind.setdefault(one.design, []).append(one.area)
    if len(by_kind) == 1:
        return (DESIGNS.answered("information", f"All are of one design ({studies[0].design}).", 1.0),)
    said = "; ".join(f"{kind}: {listed(areas, 20)}" for kind, areas in by_kind.items())
    told = DESIGNS.answered(
        "information", f"{len(by_kind)} designs ({said}). Each compares with something else, so councils may differ "
        "because their designs do.", float(len(by_kind)))  # fmt: skip
    why = "councils did not draw their designs by lot, so a gap between designs is no effect of the design"
    return told, Question(name="difference between designs", asked="").unanswered(why)
