"""What no difference-in-differences can do with a declared caution: model it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.errors import Door
    from hubeval.protocol import Caution


def refuse_modelled(
    door: Door, cautions: Sequence[Caution], cure: str = "Period effects absorb what hit all alike."
) -> None:
    """Refuse every caution that asks for a model of it.

    Parameters
    ----------
    door : Door
    cautions : sequence of Caution
    cure : str
        What to do instead.
    """
    for caution in cautions:
        if caution.handling == "model it":
            door.refuse(f"cautions ({caution.label})", "handling is 'model it': difference-in-differences cannot",
                        "'shared with the comparison' or 'drop the periods'", cure)  # fmt: skip
