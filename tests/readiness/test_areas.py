"""The eleven profiles (ten areas, Essex twice) give the published fact tables' verdicts, counts and single quotes; nothing rests on the verdict itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from hubeval.profile import GRADES, read_profile
from hubeval.readiness import assess, grid

TODAY = date(2026, 11, 22)
QED, THEORY, UNSURE = (
    ("quasi-experimental", "provisional"), ("theory-based", "foundations"), ("not enough evidence", "undecided"),
)  # fmt: skip
ORDER = ("PSM", "DiD", "ITS", "CITS", "SCM", "RDD")
MATURE = "Leeds also has a mature model"
DEVELOPING = "Suffolk’s Family Hubs are still developing"
SALFORD = "Its family hub model has been in operation since 2018"
LGA = "Essex has delivered family hubs since 2017"

# area folder: verdict; unknowns for each design in ORDER; what is known to fail; quotes it hangs on; from hard facts only
TABLE = {
    "essex": (QED, (11, 11, 11, 12, 12, 10), {}, [], QED),
    "leeds": (QED, (13, 12, 11, 12, 13, 11), {}, [MATURE], UNSURE),
    "bristol": (THEORY, (13, 12, 11, 12, 13, 11), {}, [], THEORY),
    "sefton": (THEORY, (13, 12, 11, 12, 13, 10), {"RDD": ("CA2",)}, [], THEORY),
    "suffolk": (THEORY, (13, 12, 11, 12, 13, 11), {}, [DEVELOPING], UNSURE),
    "stockton-on-tees": (UNSURE, (13, 12, 11, 12, 13, 10), {"RDD": ("CA2",)}, [], UNSURE),
    "salford": (QED, (13, 11, 10, 12, 12, 11), {"ITS": ("ST3",)}, [SALFORD], QED),
    "cornwall": (UNSURE, (12, 12, 10, 12, 13, 11), {"ITS": ("ST3",)}, [], UNSURE),
    "lincolnshire": (THEORY, (13, 11, 10, 11, 12, 11), {}, [], THEORY),
    "york": (THEORY, (13, 12, 11, 12, 13, 11), {}, [], THEORY),
    # "as above" in the table; told from one source alone, so it hangs on that source's one date
    "essex-lga": (QED, (11, 11, 11, 12, 12, 10), {}, [LGA], QED),
}  # fmt: skip


@pytest.fixture(scope="module")
def profiles(root):
    return {folder: read_profile(root / "designs" / folder / "profile.toml") for folder in TABLE}


@pytest.mark.parametrize("folder", TABLE)
def test_verdict_unknowns_and_failures_are_those_of_the_table(profiles, folder):
    verdict, unknowns, failing, _, _ = TABLE[folder]
    readiness = assess(profiles[folder], today=TODAY)
    assert (readiness.route, readiness.status) == verdict
    assert tuple(len(readiness.design(name).wanting) for name in ORDER) == unknowns
    assert {name: readiness.design(name).closed_by for name in ORDER if readiness.design(name).closed_by} == failing
    assert not [design for design in readiness.designs if design.status == "open"]


@pytest.mark.parametrize("folder", TABLE)
def test_the_single_quotes_on_which_the_route_hangs(profiles, folder):
    readiness = assess(profiles[folder], today=TODAY)
    assert [pivot.quote for pivot in readiness.pivotal] == TABLE[folder][3]
    for pivot in readiness.pivotal:
        without = assess(profiles[folder].without(pivot.quote), today=TODAY)
        assert (without.route, without.status) == (pivot.route, pivot.status) == UNSURE


@pytest.mark.parametrize("folder", TABLE)
def test_route_from_hard_facts_only(profiles, folder):
    profile = profiles[folder]
    hard = replace(profile, facts=tuple(fact for fact in profile.facts if fact.grade >= GRADES["fact"]))
    assert (assess(hard, today=TODAY).route, assess(hard, today=TODAY).status) == TABLE[folder][4]


def test_a_published_verdict_changes_nothing(profiles):
    for profile in profiles.values():
        verdict = profile.reported_verdict
        turned = verdict and replace(verdict, route="not enough evidence", quote="Something else")
        told, untold, other = (
            assess(replace(profile, reported_verdict=v), today=TODAY).to_dict() for v in (verdict, None, turned)
        )
        for made in (told, untold, other):
            del made["reported_verdict_not_used"]
        assert told == untold == other


def test_the_five_published_verdicts_are_reproduced(profiles):
    published = {folder: p.reported_verdict.route for folder, p in profiles.items() if p.reported_verdict}
    assert len(published) == 5
    assert {folder: assess(profiles[folder], today=TODAY).route for folder in published} == published


def test_essex_survives_on_the_news_report_alone(profiles):
    essex = profiles["essex"]
    alone = replace(essex, facts=tuple(fact for fact in essex.facts if fact.source.startswith("News report")))
    assert len(alone.facts) < len(essex.facts)
    assert (assess(alone, today=TODAY).route, assess(alone, today=TODAY).status) == QED


def test_the_grid_names_every_area_in_the_order_given_and_ranks_nothing(profiles):
    readinesses = [assess(profile, today=TODAY) for profile in profiles.values()]
    lines = grid(readinesses).splitlines()
    assert [line.split("  ")[0] for line in lines[2:13]] == [item.area for item in readinesses]
    assert "score" not in grid(readinesses).lower()


def test_assessing_eleven_areas_imports_no_numerical_library(root):
    script = (
        "import sys\nfrom hubeval.profile import read_profile\nfrom hubeval.readiness import assess, grid\n"
        "grid([assess(read_profile(path)) for path in sys.argv[1:]])\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'statsmodels', 'jinja2', 'matplotlib'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    files = [str(root / "designs" / folder / "profile.toml") for folder in TABLE]
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
