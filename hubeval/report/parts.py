"""Which part each headline term plays: what the headline rests on, and what stands beside it."""

from __future__ import annotations

from typing import Any

PARTS = {
    "secondary": "secondary outcome",
    "downstream": "downstream outcome: should move too if the effect is real",
    "placebo": "placebo outcome: should not move",
}


def parts(result: dict[str, Any]) -> list[str]:
    """The part of each headline term in words; empty for the primary outcome, which the headline rests on.

    Parameters
    ----------
    result : dict
        The canonical result.

    Returns
    -------
    list of str
        One for each of its ``headline_terms``, in their order.

    Examples
    --------
    >>> outcomes = [{"label": "referrals", "role": "primary"}, {"label": "broken bones", "role": "placebo"}]
    >>> terms = [{"outcome": "referrals"}, {"outcome": "broken bones"}]
    >>> parts({"protocol": {"outcomes": outcomes}, "headline_terms": terms})
    ['', 'placebo outcome: should not move']
    """
    roles = {outcome["label"]: outcome["role"] for outcome in result["protocol"]["outcomes"]}
    return [PARTS.get(roles.get(term["outcome"], ""), "") for term in result["headline_terms"]]
