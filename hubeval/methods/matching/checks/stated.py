"""What fresh data found of the sizes that power states, where it was not what is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubeval.engine.detection import ByError
    from hubeval.protocol import MatchingDesign

FEW = 4.0  # degrees of freedom
WEIGHTS = (
    "The error hangs on few large weights: in made-up records under strong confounding, sizes that such weights were "
    "said to find 80% of the time were found 74% to 78% of the time (docs/power.md)."
)
PAIRS = (
    "It is rather large: in made-up records under strong confounding, sizes that a plain difference of pairs was said "
    "to find 80% of the time were found 95% of the time, since its error is longer than its spread and what matching "
    "leaves unbalanced adds to the effect (docs/power.md)."
)
CLUSTERS = (
    "It is rather large: in made-up records with 3 of 20 whole clusters treated, sizes said to be found 80% of the "
    "time were found 87% of the time (docs/power.md)."
)


def stated(design: MatchingDesign, law: ByError | None) -> tuple[str, ...]:
    """What to say beside a size, of designs whose sizes fresh data did not find as often as stated, within 3 in 100.

    Parameters
    ----------
    design : MatchingDesign
    law : ByError or None
        The headline's; None where no size can be stated.

    Examples
    --------
    >>> from hubeval.engine.detection import ByError
    >>> from hubeval.protocol import MatchingDesign
    >>> named = {"unit": "id", "treated": "hub", "covariates": ("need",)}
    >>> law = ByError(error=1.0, critical=1.96)
    >>> stated(MatchingDesign(**named), law)
    ()
    >>> (said,) = stated(MatchingDesign(**named, method="inverse-probability", estimator="difference"), law)
    >>> "74% to 78%" in said
    True
    """
    if law is None:
        return ()
    plain = design.estimator == "difference"
    said = (
        (WEIGHTS, plain and design.method == "inverse-probability"),
        (PAIRS, plain and design.method in {"nearest", "optimal"}),
        (CLUSTERS, law.df < FEW),
    )
    return tuple(words for words, true in said if true)
