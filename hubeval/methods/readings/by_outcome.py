"""The checks of every outcome side by side: an effect on a second outcome rests on assumptions of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.question import Question
from hubeval.result import Diagnostic, NotComputed, ResultTable
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUIET = 0.05  # share of sound checks that raise something: what each is held to in tests/recovery/readings
OTHERS = Question(
    name="checks of the other outcomes",
    asked="Do the other outcomes meet the same checks as the primary one?",
    threshold="any failure, or more raised than chance alone raises 95% of the time, is a caution",
    bears_on="scope",
)


def by_outcome(
    asked: Mapping[str, Sequence[Diagnostic | NotComputed | None]], primary: str
) -> tuple[ResultTable | None, Diagnostic | None]:
    """A table of every outcome's checks, and one reading of those of the other outcomes taken together.

    Several outcomes with several checks each raise something by chance; so what the others raise is held against how
    many would be raised in sound data, where each is in 5% (a binomial count).

    Parameters
    ----------
    asked : mapping of label to checks
        The same checks of each outcome, the primary one's among them.
    primary : str
        Its label.

    Returns
    -------
    ResultTable or None, Diagnostic or None
        None where there is one outcome only.

    Examples
    --------
    >>> check = OTHERS.answered("caution", "It moved before.")
    >>> table, said = by_outcome({"referrals": [check], "plans": [check]}, "referrals")
    >>> table.rows[1][:3], said.status
    (('plans', 'checks of the other outcomes', 'caution'), 'caution')
    """
    if len(asked) < 2:
        return None, None
    rows = [(label, *_row(check)) for label, checks in asked.items() for check in checks if check is not None]
    table = ResultTable(
        name="checks-by-outcome",
        caption="The same checks of every outcome",
        columns=("outcome", "check", "status", "statistic", "reading"),
        rows=tuple(rows),
        holds=("label", "label", "label", "model", "label"),
    )
    if not rows:
        return None, None
    others = [c for label, checks in asked.items() if label != primary for c in checks if isinstance(c, Diagnostic)]
    return table, _together(others) if others else None


def _row(check: Diagnostic | NotComputed) -> tuple[str, str, float | None, str]:
    if isinstance(check, NotComputed):
        return check.what, "not computed", None, check.reason
    return check.name, check.status, check.statistic, check.reading


def _together(others: Sequence[Diagnostic]) -> Diagnostic:
    from scipy.stats import binom  # noqa: PLC0415 - slow to import

    raised = [check for check in others if check.status in {"caution", "fail"}]
    failed = sum(check.status == "fail" for check in raised)
    usual = int(binom.ppf(0.95, len(others), QUIET))
    said = (
        f"Of {counted(len(others), 'check')} on the other outcomes {len(raised)} raised something and {failed} of "
        f"those failed; in sound data up to {usual} would be raised 95% of the time."
    )
    if failed or len(raised) > usual:
        return OTHERS.answered("caution", f"{said} The table of checks by outcome says which.", float(len(raised)))
    return OTHERS.answered("pass", said, float(len(raised)))
