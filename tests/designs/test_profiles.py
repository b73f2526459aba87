"""Every quote of the eleven profiles stands verbatim in the source it names."""

from __future__ import annotations

import pytest

from hubeval.profile import read_profile

AREAS = (
    "bristol", "cornwall", "essex", "essex-lga", "leeds", "lincolnshire", "salford", "sefton", "stockton-on-tees",
    "suffolk", "york",
)  # fmt: skip


@pytest.fixture(scope="module")
def sources(shared):
    """Texts of the shared sources; a document is told by its title, which stands in its own text."""
    return [path.read_text(encoding="utf-8") for path in sorted(shared("seeds").glob("*.txt"))]


def quoted(profile):
    verdict = [profile.reported_verdict] if profile.reported_verdict else []
    return [*profile.facts, *profile.outcomes, *verdict]


@pytest.mark.parametrize("area", AREAS)
def test_every_quote_is_verbatim_in_the_document_it_names(root, sources, area):
    profile = read_profile(root / "designs" / area / "profile.toml")
    for item in quoted(profile):
        title = item.source.split(", ", 1)[1]
        document = [text for text in sources if title in text]
        assert len(document) == 1, f"no single document is titled {title!r}"
        assert item.quote in document[0], f"{area}: not verbatim: {item.quote!r}"


@pytest.mark.parametrize("area", AREAS)
def test_every_fact_has_quote_source_date_and_grade(root, area):
    profile = read_profile(root / "designs" / area / "profile.toml")
    assert profile.facts
    for fact in profile.facts:
        assert fact.quote
        assert fact.source
        assert fact.dated
        assert fact.grade in {1, 2}
        assert fact.dated == ("2021-11-17" if fact.source.startswith("News report") else "2023")


@pytest.mark.parametrize("area", AREAS)
def test_every_area_has_a_readme_that_names_it(root, area):
    profile = read_profile(root / "designs" / area / "profile.toml")
    assert profile.area.split(" (")[0] in (root / "designs" / area / "README.md").read_text(encoding="utf-8")
