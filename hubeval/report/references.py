"""The works that pages, docstrings and methods texts name: read from the one BibTeX file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_PLACES = (_PACKAGE / "shipped" / "references.bib", _PACKAGE.parent / "docs" / "references.bib")  # a wheel, a checkout
_NAME = r"(?:van |de )?[A-ZØÉ][\w’'\-]+"
_CITED = re.compile(
    rf"(?P<first>{_NAME})(?P<others>(?:, {_NAME})*(?:,? (?:and|&) {_NAME})?(?: et al\.?)?)(?:['’]s)?,? "
    r"\(?(?P<year>(?:19|20)\d\d)\)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work.

    Parameters
    ----------
    key : str
        As in the BibTeX file: the first author and the year.
    authors : tuple of str
        "Surname, Given", in order.
    title, where, year, doi : str
        `doi` is blank where none is known.
    """

    key: str
    authors: tuple[str, ...]
    title: str
    where: str
    year: str
    doi: str = ""

    @property
    def short(self) -> str:
        """As a sentence cites it.

        Examples
        --------
        >>> works()["callaway2021"].short
        "Callaway & Sant'Anna 2021"
        """
        names = [author.split(", ")[0] for author in self.authors]
        if len(names) > 3:
            return f"{names[0]} et al. {self.year}"
        return f"{', '.join(names[:-1])}{' & ' if len(names) > 1 else ''}{names[-1]} {self.year}"

    def __str__(self) -> str:
        doi = f" https://doi.org/{self.doi}" if self.doi else ""
        return f"{'; '.join(self.authors)} ({self.year}). {self.title}. {self.where}.{doi}"


@cache
def works() -> dict[str, Work]:
    """Every work by its key.

    Examples
    --------
    >>> works()["roth2022"].doi
    '10.1257/aeri.20210236'
    """
    path = next(place for place in _PLACES if place.exists())
    made = {}
    for key, body in re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        held = dict(re.findall(r"^  (\w+) = \{(.*)\},$", body, re.MULTILINE))
        made[key] = Work(
            key=key, authors=tuple(held["author"].split(" and ")), title=held["title"], where=held["howpublished"],
            year=held["year"], doi=held.get("doi", ""),
        )
    return made


def cited(text: str) -> tuple[Work, ...]:
    """The works that a text names by author and year, in the order of their first mention.

    Examples
    --------
    >>> [work.key for work in cited("group-time effects (Callaway & Sant'Anna 2021), seen in March 2021")]
    ['callaway2021']
    """
    found = (_work(match) for match in _CITED.finditer(" ".join(text.split())))
    return tuple(dict.fromkeys(work for work in found if work is not None))


def _work(found: re.Match[str]) -> Work | None:
    """The work of one mention; of two by one author in one year, the one whose other authors are those named."""
    first, others = _plain(found["first"]), _plain(found["others"])
    same = [work for work in works().values() if work.year == found["year"]]
    fits = [work for work in same if _plain(work.authors[0]).startswith(f"{first},")]
    named = [work for work in fits if all(_plain(author.split(", ")[0]) in others for author in work.authors[1:3])]
    beside = len(re.findall(r",|\band\b|&", re.sub(r",\s*(?:and|&)", " and", others)))
    exact = [work for work in named if len(work.authors) == beside + 1]
    return next(iter(exact or named or fits), None)


def _plain(name: str) -> str:
    """A name as it compares: no accents, no possessive, small letters."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"['’]s$", "", bare).replace("’", "'").replace("ø", "o").lower()
