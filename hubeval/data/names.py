"""Names that may not be said: ids in the records, and levels that few of them have; and messages without them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubeval.data.totals import is_total
from hubeval.errors import BadInput, Problem
from hubeval.protocol import RECORDS, DidDesign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from hubeval.protocol import Protocol

RARE = 10  # records that a level must have before a message may name it: the strictest threshold shipped
UNSAID = "(not said)"
_SHORT = 4
_SHORT_NUMBER = re.compile(rf"[\d.,−-]{{1,{_SHORT}}}")
_LIST = re.compile(r" \((?:\(not said\)(?:, | and )?)+(?:(?:and )?\d+ more)?\)")
_TOKEN = re.compile(r"[^\s,;:()\[\]'\"“”‘’=]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """The names and ids that may not be said, as they stand in the records.

    Numbers of up to four digits and single letters are left out of `names`: they would be found in every sentence
    (`a` is a word).

    Examples
    --------
    >>> people = CaseList.of(["ZZCHILD-ADA", "Mary Ann Evans", "17"])
    >>> people.found("Leaving out zzchild-ada moves it most.")
    True
    >>> people.found("17 of 20 periods; Mary Anne.")
    False
    >>> people.without("Rows of ZZCHILD-ADA and of Mary Ann Evans.")
    'Rows of (not said) and of (not said).'
    >>> people.without("2 units start late (ZZCHILD-ADA, Mary Ann Evans and 10 more).")
    '2 units start late (names not said).'
    """

    names: frozenset[str] = field(default=frozenset())
    phrases: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, names: Iterable[object]) -> CaseList:
        """A case list of these names."""
        told = {str(name).strip().casefold() for name in names}
        told = {name for name in told if len(name) > _SHORT or (len(name) > 1 and not _SHORT_NUMBER.fullmatch(name))}
        single = frozenset(name for name in told if name.isalnum() or _TOKEN.fullmatch(name))
        return cls(names=single, phrases=tuple(sorted(told - single)))

    def found(self, text: str) -> bool:
        """Whether the text says one of them."""
        return self.without(text) != text

    def without(self, text: str) -> str:
        """The text with each of them left unsaid."""
        said = text.casefold()
        for phrase in self.phrases:
            if phrase in said:
                text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", UNSAID, text, flags=re.IGNORECASE)
        text = _TOKEN.sub(self._unsaid, text) if self.names else text
        return _LIST.sub(" (names not said)", text)

    def _unsaid(self, match: re.Match[str]) -> str:
        """One word, or what stands for it; a full stop at its end is the sentence's."""
        word = match[0]
        bare = word.rstrip(".!?")
        if word.casefold() in self.names:
            return UNSAID
        return UNSAID + word[len(bare) :] if bare.casefold() in self.names else word


NOBODY = CaseList()


def secret_names(protocol: Protocol, frame: pd.DataFrame) -> CaseList:
    """The ids and rare levels in records of persons, or of nobody says what; nobody where the units are places.

    Parameters
    ----------
    protocol : Protocol
    frame : DataFrame
        As read: the protocol's columns, text as text.
    """
    design = protocol.design
    if protocol.data.units in {"site", "authority"} or not isinstance(design, (DidDesign, *RECORDS)):
        return NOBODY
    names: list[object] = frame[design.unit].unique().tolist() if design.unit in frame else []
    for column in getattr(design, "covariates", ()):
        if column in frame and not _numeric(frame[column]):
            counts = frame[column].value_counts()
            names += counts[counts < RARE].index.tolist() if counts.size < len(frame) / 2 else []
    return CaseList.of(name for name in names if not is_total(str(name)))


def _numeric(column: pd.Series) -> bool:
    """Whether every value is a number: what is counted is no level."""
    text = column.dropna().astype(str).str.strip()
    return bool(text[text != ""].str.fullmatch(r"[-+−]?[\d.,]+(?:e[-+]?\d+)?").all())


@contextmanager
def quiet(secret: Callable[[], CaseList]) -> Iterator[None]:
    """Let no refusal out of the block say a name: problems are raised again without them.

    `secret` is asked for the names only where there is a refusal.

    Examples
    --------
    >>> with quiet(lambda: CaseList.of(["ZZCHILD-ADA"])):
    ...     raise BadInput([Problem("data", "two rows of ZZCHILD-ADA")])
    Traceback (most recent call last):
    ...
    hubeval.errors.BadInput: data: two rows of (not said).
    """
    try:
        yield
    except BadInput as refused:
        cases = secret()
        told = [
            Problem(cases.without(p.argument), cases.without(p.found), cases.without(p.allowed), cases.without(p.cure))
            for p in refused.problems
        ]
        raise BadInput(told) from None
