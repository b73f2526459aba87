"""What a headline says is withheld is withheld, and what is shown among the checks is not called withheld."""

from __future__ import annotations

from hubeval.release import release

WITHHELD = "(A check that looks at single units is withheld.)"


def test_a_check_whose_counts_were_rounded_still_stands_in_the_headline(worked):
    evaluation = worked("families-style/protocol.toml")
    content = release(evaluation)[0].content
    names = {check["name"] for key in ("diagnostics", "probes") for check in content[key]}
    raised = [d for d in (*evaluation.diagnostics, *evaluation.probes) if d.status in {"caution", "fail"}]
    assert raised
    assert (WITHHELD in content["headline"]["text"]) == any(d.name not in names for d in raised)
