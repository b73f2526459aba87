"""The pages of a roll-out and its folder: drawn from what was released, like every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.folders import write_folder
from hubeval.release.released import passed
from hubeval.report.page import environment
from hubeval.rollout import words
from hubeval.rollout.protocols import protocol_text

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.release.released import Released
    from hubeval.rollout import Rollout


def write_rollout(released: Released[Rollout], out: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Write the page, the note for members, the order, its protocol and ``rollout.json`` as one folder.

    An order that is refused has no protocol, no order to open by and no note: only the page that says why.
    """
    return write_folder(out, rollout_files(released), overwrite=overwrite)


def rollout_files(released: Released[Rollout]) -> dict[str, str]:
    """The files of a roll-out by their names in its folder, the page first."""
    found = passed(released)
    made = {"rollout.html": _page("rollout.html", found)}
    if found.chosen.protocol is not None:
        made["members.html"] = _page("rollout-members.html", found)
        made["order.csv"] = words.order_csv(found)
        first = found.case.waves.openings[min(found.chosen.waves)]
        made["protocol.toml"] = protocol_text(found.chosen.protocol, words.NAMES[found.chosen.kind], first)
    made["rollout.txt"] = "\n".join(words.lines(found)) + "\n"
    return made | {"rollout.json": files.to_json(found.to_dict())}


def _page(template: str, found: Rollout) -> str:
    given: dict[str, Any] = {
        "found": found, "case": found.case, "chosen": found.chosen, "names": words.NAMES, "cost": words.cost,
        "detectable": words.detectable, "evenness": words.evenness, "caution": words.caution(found),
        "recipe": words.recipe(found), "waves": words.by_wave(found.case, found.chosen), "says": words.in_short(found),
    }  # fmt: skip
    return environment().get_template(template).render(**given)
