"""Rules as data: each shipped one has its source and day, and a user's own is checked like any file."""

from __future__ import annotations

import pytest

from hubeval.errors import BadInput
from hubeval.release.profiles import SHIPPED, default_profile, release_profile


@pytest.mark.parametrize("name", [*SHIPPED, "strictest"])
def test_each_profile_says_where_it_comes_from(name):
    profile = release_profile(name)
    assert len(profile.source) > 20
    assert profile.dated.year >= 2025
    assert profile.open == (name in {"published", "internal"})


def test_the_default_for_anyone_but_an_authority_is_no_weaker_than_any_body():
    default = default_profile("")
    for name in SHIPPED:
        profile = release_profile(name)
        assert default.threshold >= profile.threshold
        assert default.base >= profile.base
        assert default.degrees >= profile.degrees


def test_a_users_own_rules(tmp_path):
    path = tmp_path / "council.toml"
    path.write_text(
        'label = "Ours"\nsource = "Our board, minute 4"\ndated = 2026-01-01\nthreshold = 5\nbase = 3\n', "utf-8"
    )
    own = release_profile(path)
    assert (own.name, own.threshold, own.base, own.width) == ("council", 5, 3, 4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("threshold = 0", "threshold: found 0"),
        ("threshhold = 5", "Did you mean 'threshold'"),
        ("threshold = 5\nopen = true", "open: found true with a threshold"),
        ("threshold = 5\ndominant_k = 90", "dominant_k: found 90"),
    ],
)
def test_rules_that_cannot_be_used_are_one_line_each(tmp_path, line, said):
    path = tmp_path / "council.toml"
    path.write_text(f'label = "Ours"\nsource = "Our board"\ndated = 2026-01-01\n{line}\n', "utf-8")
    with pytest.raises(BadInput, match=said):
        release_profile(path)
