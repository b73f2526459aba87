"""Unit costs from the user's own files: read by id from a plain CSV, which is made from a database's workbook.

No unit cost is shipped. The Greater Manchester unit cost database and the Unit Costs of Health and Social Care (PSSRU)
were not at hand when this was written: columns are known by their headings, everything taken is said, and a heading
that could be two things is asked about. What a row says of year, source, confidence grade and page stays with it.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.economics.declared import UnitCost
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.folders import slugs
from hubeval.wording import counted

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("id", "amount", "per", "year", "source")
COLUMNS = (*NEEDED, "grade", "page", "low", "high", "label", "made_up")
_HEADINGS = {
    "id": r"^(id|ref|reference|code|row|no\.?)$",
    "label": r"\b(detail|description|outcome|item|name|title|service)\b",
    "per": r"^(unit|per|units?( of (measure|analysis))?)$",
    "amount": r"\b(cost|value|amount|£)",
    "year": r"\b(year|price base)\b",
    "source": r"\bsource\b",
    "grade": r"\b(confidence|grade|robustness|rag|quality)\b",
    "page": r"\bpage\b",
    "low": r"^(low|lower|minimum|min)\b",
    "high": r"^(high|higher|upper|maximum|max)\b",
}
_YEAR = re.compile(r"\b(20\d\d)\s*[/–-]\s*(?:20)?(\d\d)\b|\b(20\d\d)\b")
_POUNDS = re.compile(r"£?\s*(\d[\d,]*(?:\.\d+)?)")


def read_unit_costs(path: str | Path) -> dict[str, UnitCost]:
    """Unit costs by id from a CSV with columns id, amount, per, year, source (and grade, page, low, high, …).

    Raises
    ------
    BadInput
        A column is missing or not known, an id stands twice, or an amount is no number; each with its line.
    """
    rows = list(csv.DictReader(StringIO(files.read_text(path, "unit_cost.from"))))
    door, found = Door(), dict[str, UnitCost]()
    name = Path(path).name
    columns = [column for column in (rows[0] if rows else {}) if column is not None]
    door.unknown(columns, COLUMNS, lambda key: f"{name}: column {key!r}")
    for column in NEEDED:
        if column not in columns:
            door.refuse(f"{name}: column {column!r}", "is missing", listed(COLUMNS, 12), "Add it.")
    door.close()
    for at, row in enumerate(rows, 2):
        said = {key: (value or "").strip() for key, value in row.items() if isinstance(value, (str, type(None)))}
        numbers = {key: _number(said.get(key, "")) for key in ("amount", "low", "high")}
        if any(value is None and said.get(key) for key, value in numbers.items()) or numbers["amount"] is None:
            door.refuse(f"{name}: line {at}", "an amount is no number of pounds", "1234.50", "Correct it.")
        elif not said["id"] or said["id"] in found:
            door.refuse(f"{name}: line {at}", "the id is empty or stands twice", "an id of its own", "Rename it.")
        else:
            found[said["id"]] = UnitCost(
                amount=numbers["amount"], low=numbers["low"], high=numbers["high"], per=said["per"],
                year=said["year"], source=said["source"], grade=said.get("grade", ""), page=said.get("page", ""),
                made_up=said.get("made_up", "").casefold() in {"true", "yes", "1"},
            )  # fmt: skip
    door.close()
    return found


def tidy_unit_costs(data: str | Path, *, sheet: str = "", amount: str = "") -> tuple[pd.DataFrame, list[str]]:
    """A unit cost database's sheet as a CSV that `read_unit_costs` reads, and what was understood, a line each.

    Parameters
    ----------
    data : str or Path
        A .csv or .xlsx file with one row a unit cost.
    sheet : str
        Of a workbook.
    amount : str
        The column of amounts, where several hold costs (fiscal, economic, social; as published and as updated).

    Raises
    ------
    BadInput
        A column that is needed cannot be told, or no row holds an amount.
    """
    import pandas as pd  # noqa: PLC0415 - a value case is read without it

    from hubeval.data.sheet import read_sheet  # noqa: PLC0415

    read = read_sheet(data, sheet=sheet)
    columns = [str(name) for name in read.frame.columns]
    told = _told(columns, amount)
    frame, name = read.frame, Path(data).name
    text = {key: frame[column].map(str).str.strip() for key, column in told.items()}
    pounds = text["amount"].map(_number)
    kept = pounds.notna()
    if not kept.any():
        found = f"no amount of pounds in {told['amount']!r}"
        raise BadInput([Problem("data", found, "£1,234", "Name it with --value.")])
    empty = pd.Series("", index=frame.index)
    label = text.get("label", text["per"])
    year = text["year"] if "year" in text else pd.Series(told["amount"], index=frame.index)
    ids = text.get("id", pd.Series(slugs(list(label), "cost"), index=frame.index))
    made = pd.DataFrame({
        "id": ids, "amount": text["amount"].map(_plain), "per": text["per"].str.replace(r"^[Pp]er\s+", "", regex=True),
        "year": year.map(_year), "source": text.get("source", empty).where(lambda s: s != "", name),
        **{key: text.get(key, empty) for key in ("grade", "page")},
        **{key: text.get(key, empty).map(_plain) for key in ("low", "high")}, "label": label,
    })[kept]  # fmt: skip
    said = [*read.understood, *(f"{key}: from {column!r}" for key, column in told.items())]
    said += [f"{counted(int((~kept).sum()), 'row')} without an amount left out"] if not kept.all() else []
    said += [f"source: {name}, where a row gives none"] if (text.get("source", empty)[kept] == "").any() else []
    said += ["id: made from the label"] if "id" not in told else []
    said += [f"year: {counted(int((made['year'] == '').sum()), 'row')} without one, which cannot be priced with"
             ] if (made["year"] == "").any() else []  # fmt: skip
    return made, said


def _told(columns: list[str], amount: str) -> dict[str, str]:
    """Which column is what, by its heading; each column is one thing."""
    door, told, free = Door(), dict[str, str](), list(columns)
    if amount:
        door.choice("--value", amount, columns)
        told["amount"] = amount
        free = [name for name in columns if name != amount]
    for key in ("source", "page", "grade", "low", "high", "id", "per", "amount", "year", "label"):
        if key in told:
            continue
        near = [name for name in free if re.search(_HEADINGS[key], name.casefold())]
        if key == "amount" and len(near) > 1:
            door.refuse("data", f"several columns could be the amount: {listed(near)}", "one", "Name it with --value.")
        elif key == "year" and len(near) > 1:
            door.refuse("data", f"several columns could be the year: {listed(near)}", "one", "Delete the others.")
        elif near:
            told[key] = near[0]
            free.remove(near[0])
        elif key in {"amount", "per"} or (key == "year" and not _year(told.get("amount", ""))):
            door.refuse("data", f"no heading says which column is the {key}", listed(columns), f"Name one {key!r}.")
    door.close()
    return told


def _number(text: str) -> float | None:
    found = _POUNDS.fullmatch(text.strip())
    return float(found.group(1).replace(",", "")) if found else None


def _plain(text: str) -> str:
    value = _number(text)
    return "" if value is None else f"{value!r}".removesuffix(".0")


def _year(text: str) -> str:
    """The year of prices as hubeval writes years; empty where none is said.

    Examples
    --------
    >>> _year("2011/12"), _year("Updated cost 2023-2024 (£)"), _year("2019"), _year("n/a")
    ('2011-12', '2023-24', '2019', '')
    """
    found = _YEAR.search(text)
    if found is None:
        return ""
    return found.group(3) or f"{found.group(1)}-{found.group(2)}"
