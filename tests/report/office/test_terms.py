"""Terms of reference in Word say what the text says, section by section."""

from __future__ import annotations

from io import BytesIO

import docx

from hubeval.profile import Profile, read_profile
from hubeval.readiness import assess
from hubeval.readiness.terms import terms_of_reference, terms_sections
from hubeval.release.audit import check_folder
from hubeval.release.pages import release_portfolio
from hubeval.report.numbers import minus
from hubeval.report.office.terms import terms_docx
from hubeval.report.portfolio import write_portfolio
from tests.conftest import ROOT


def test_the_document_holds_every_line_of_the_text():
    for profile in (Profile(area="Anywhere"), read_profile(ROOT / "designs/leeds/profile.toml")):
        readiness = assess(profile)
        document = docx.Document(BytesIO(terms_docx(readiness)))
        said = [p.text for p in document.paragraphs]
        text = terms_of_reference(readiness)
        for heading, lines in terms_sections(readiness):
            assert heading in said
            assert f"\n{heading}\n" in text
            assert all(minus(line) in said and line in text for line in lines)
        assert any("Budget" in p.text for p in document.paragraphs if p.style.name == "Heading 1")
        assert terms_docx(readiness) == terms_docx(readiness)


def test_a_portfolio_holds_them_and_may_leave(tmp_path):
    found = [assess(read_profile(ROOT / "designs" / area / "profile.toml")) for area in ("sefton", "essex")]
    write_portfolio(release_portfolio(found), tmp_path / "out")
    assert len(list((tmp_path / "out" / "areas").glob("*-terms.docx"))) == 2
    assert check_folder(tmp_path / "out").clear
