"""Files of Stata and SPSS into cells: value labels where every code has one, codes where not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from hubeval.data.cells import as_cells
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from pathlib import Path


def read_stata(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns of a .dta file, and what was noticed while reading."""
    try:
        with pd.read_stata(path, iterator=True, convert_categoricals=False) as reader:
            frame = reader.read()  # type: ignore[attr-defined]
            sets = reader.value_labels()
            labels = {str(c): sets[s] for c, s in zip(frame.columns, reader._lbllist, strict=False) if s in sets}  # type: ignore[attr-defined]  # noqa: SLF001 - which column has which labels is nowhere else
    except Exception:  # noqa: BLE001 - the reader raises many kinds; the user needs one line
        raise BadInput([Problem("data", f"{path.name} is not a readable Stata file", "", "Save it again.")]) from None
    return _labelled(frame, labels)


def read_spss(path: Path) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, int]]:
    """The columns of a .sav or .zsav file, what was noticed, and how many cells of a column the file declares missing.

    Declared missing values are blank.
    """
    try:
        import pyreadstat  # noqa: PLC0415
    except ImportError:
        raise MissingExtra("Reading an SPSS file", "pyreadstat", "spss") from None
    try:
        frame, about = pyreadstat.read_sav(str(path), apply_value_formats=False, user_missing=False)
        declared = list(pyreadstat.read_sav(str(path), metadataonly=True, user_missing=True)[1].missing_ranges)
        whole = pyreadstat.read_sav(str(path), usecols=declared, user_missing=True)[0] if declared else frame[[]]
        absent = {name: int((whole[name].notna() & frame[name].isna()).sum()) for name in declared}
    except Exception:  # noqa: BLE001 - the reader raises many kinds; the user needs one line
        raise BadInput([Problem("data", f"{path.name} is not a readable SPSS file", "", "Save it again.")]) from None
    return *_labelled(frame, about.variable_value_labels), {name: n for name, n in absent.items() if n}


_NO_VALUE = re.compile(
    r"missing|refus|don.?t know|do not know|not known|unknown|(?:not|in|un) ?appli|no answer|not answered|not asked|"
    r"suppressed|not stated|not available|skipped|proxy|n/?a\b|not recorded", re.IGNORECASE,
)  # fmt: skip


def _labelled(frame: pd.DataFrame, labels: dict[str, dict[Any, str]]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Columns whose every value has a label become those labels; of the others, the codes stay.

    Among codes that stay, one whose label says that there is no value becomes that label, so that whoever reads the
    column as numbers refuses it and names the mark to declare.
    """
    made, shown, coded = {}, [], []
    for i, name in enumerate(map(str, frame.columns)):
        column, known = frame.iloc[:, i], labels.get(name, {})
        if known and set(column.dropna().unique()) <= set(known):
            column = column.map(known)
            shown.append(name)
        elif known:
            coded.append(name)
            absent = {code: text for code, text in known.items() if _NO_VALUE.match(str(text).strip())}
            if absent and column.isin(list(absent)).any():
                column = column.astype(object).where(~column.isin(list(absent)), column.map(absent))
        made[i] = as_cells(column)
    out = pd.DataFrame(made)
    out.columns = pd.Index([str(name) for name in frame.columns])
    notes = [f"{len(shown)} column(s) with value labels were read as their labels"] if shown else []
    notes += [f"{len(coded)} column(s) label only some of their values; their codes were read"] if coded else []
    return out, tuple(notes)
