"""The treated unit's place among units to which nothing happened, in words that fit the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.readings.question import Question
from hubeval.wording import p_words

if TYPE_CHECKING:
    from hubeval.result import Diagnostic, Status

LEVEL = 0.05
OFTEN = 0.20


def rank_among(
    rank: int, n: int, *, what: str, of: str = "units", name: str = "placebo units", claimed: bool = True
) -> Diagnostic:
    """Where the treated unit's change stands among those of units to which nothing was done.

    Parameters
    ----------
    rank, n : int
        Place from the most extreme, and how many are ranked, the treated one among them.
    what : str
        What is ranked, opening the sentence: "The post/pre ratio".
    of : str
        What the others are.
    claimed : bool
        Whether the estimate claims a change: where it does not, a place among the others is no failure.

    Notes
    -----
    First of so few that even the first place is no evidence at the 5% level is neither passed nor failed.

    Examples
    --------
    >>> [rank_among(r, n, what="The ratio").status for r, n in ((1, 25), (1, 10), (1, 3), (3, 20), (9, 20))]
    ['pass', 'information', 'information', 'caution', 'fail']
    >>> rank_among(9, 20, what="The ratio", claimed=False).status
    'information'
    >>> rank_among(1, 4, what="The ratio").reading.split(": ")[1]
    'no other unit shows as large a change, but with 3 others that is weak evidence.'
    """
    asked = Question(
        name=name,
        asked="Is the change larger than in places where nothing was done?",
        threshold=f"caution above {LEVEL:.2f}, fail above {OFTEN:.2f}; first of too few is neither",
        bears_on="sign",
    )
    p, least = rank / n, 1 / n
    one = of if of == "series" else of.removesuffix("s")
    possible = "the smallest possible" if rank == 1 else f"the smallest possible is {least:.3f}"
    joined = ", " if rank == 1 else "; "
    said = f"{what} ranks {rank} of {n} ({p_words(p)}{joined}{possible})"
    found: Status = "pass" if p <= LEVEL else "caution" if p <= OFTEN else "fail"
    status: Status = "information" if found != "pass" and (rank == 1 or not claimed) else found
    if rank == 1 and found != "pass":
        said += f": no other {one} shows as large a change, but with {n - 1} others that is weak evidence."
    elif rank == 1:
        said += f": no other {one} shows as large a change."
    elif found == "pass":
        said += f": {rank - 1} of {n - 1} other {of} show as large a change."
    elif found == "caution":
        said += f": {rank - 1} of {n - 1} other {of}, to which nothing was done, show as large a change."
    else:
        said += f": {of} to which nothing was done show such changes often ({rank - 1} of {n - 1})."
    return asked.answered(status, said, p)
