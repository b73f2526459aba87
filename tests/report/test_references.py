"""Every work that is named stands in the one BibTeX file, and the file is whole."""

from __future__ import annotations

import re

import pytest

from hubeval.report.references import _CITED, _plain, _work, cited, works

# what looks like an author and a year, and is none
NO_AUTHORS = {
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Between", "England", "News", "Agency", "Word", "Growth",
    "Book", "Order", "In", "From", "Since", "By", "To", "Until", "ACIC", "DfE's", "Studies", "JAMA", "Q1", "Q2", "Q4", "Notes", "Journal",
}  # fmt: skip
FILES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md", "hubeval/**/*.py", "notebooks/*.py")


def mentions(root):
    for pattern in FILES:
        for path in sorted(root.glob(pattern)):
            text = " ".join(path.read_text(encoding="utf-8").split())
            for found in _CITED.finditer(text):
                if found["first"] not in NO_AUTHORS:
                    yield path.relative_to(root).as_posix(), found


def test_every_work_that_is_named_by_author_and_year_has_an_entry(root):
    found = list(mentions(root))
    assert len(found) > 150
    assert sorted({f"{path}: {one[0]}" for path, one in found if _work(one) is None}) == [], "give each an entry in docs/references.bib"


def test_the_file_is_whole_and_its_keys_say_author_and_year(root):
    text = (root / "docs" / "references.bib").read_text(encoding="utf-8")
    assert len(re.findall("^@", text, re.MULTILINE)) == len(works()) > 100
    for key, work in works().items():
        surname = _plain(work.authors[0].split(", ")[0])
        assert key.startswith(re.sub(r"\W", "", surname)[:5]), key
        assert work.year in key
        assert work.title
        assert work.where
        assert not work.doi or re.fullmatch(r"10\.\d{4,5}/\S+", work.doi), key
    dois = [work.doi for work in works().values() if work.doi]
    assert len(dois) == len(set(dois))


@pytest.mark.parametrize(("text", "keys"), [
    ("(Callaway & Sant'Anna 2021)", ["callaway2021"]),
    ("Ben-Michael, Feller, Hirshberg & Zubizarreta 2021", ["benmichael2021balancing"]),
    ("Ben-Michael, Feller and Rothstein 2021", ["benmichael2021"]),
    ("Imbens & Kolesar 2016", ["imbens2016"]),
    ("de Chaisemartin, Ciccia, D'Haultfoeuille & Knau 2024", ["dechaisemartin2024untreated"]),
    ("de Chaisemartin and D'Haultfoeuille 2024", ["dechaisemartin2024"]),
    ("Welch's 1947 degrees of freedom", ["welch1947"]),
    ("opened in March 2021", []),
    ("Callaway & Sant'Anna 1999", []),
])  # fmt: skip
def test_a_mention_leads_to_its_work_and_to_no_other(text, keys):
    assert [work.key for work in cited(text)] == keys
