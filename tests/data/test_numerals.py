"""Whole columns at once read as cell by cell: the same cells, the same numbers to the last bit, the same refusals."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

from hubeval.data import delimited, numerals
from hubeval.errors import BadInput

WRITTEN = ("1", "-2.50", "+3", ".5", "5.", "1e5", "1E-3", "1e400", "0.1", "inf", "nan", "-inf", "NaN", "1_000", "0x1A", "1,5", "",
           " 7", "1 2", "−3", "007", "-0", "1e-320", "123456789012345", "0.30000000000000004", "1e22", "1.5e-9", "TRUE", "٣")


@pytest.fixture
def _arrow():
    pytest.importorskip("pyarrow")


@pytest.mark.usefixtures("_arrow")
@pytest.mark.parametrize("cell", WRITTEN)
def test_a_number_has_the_same_bits_as_pandas_gives_it(cell):
    text = pd.Series(["2.25", None, cell], dtype="str", index=[4, 5, 9])
    asked = pd.to_numeric(text, errors="coerce").astype(float)
    got = numerals.as_numbers(text)
    assert got.to_numpy().tobytes() == asked.to_numpy().tobytes()
    assert got.index.equals(asked.index)


@pytest.mark.usefixtures("_arrow")
def test_the_quick_way_is_taken_where_every_cell_is_a_short_number():
    rng = np.random.default_rng(3)
    text = pd.Series([f"{value:.{int(digits)}f}" for value, digits in zip(rng.normal(0, 1e4, 2000), rng.integers(0, 6, 2000),
                                                                          strict=True)], dtype="str")
    quick = numerals._by_arrow(text)
    assert quick is not None
    assert quick.to_numpy().tobytes() == pd.to_numeric(text).astype(float).to_numpy().tobytes()


@pytest.mark.usefixtures("_arrow")
def test_a_file_is_read_alike_with_and_without_pyarrow(tmp_path, monkeypatch):
    draw, quick, taken = random.Random(3), delimited._by_arrow, []
    letters = [*"ab1 .,;\t|-0\n\n'\\é#N", "\u00a0", "\u2003", "\u0085", "\x1c", "\x0b"]

    def read():
        try:
            frame, separator, notes = delimited.read_delimited(path)
        except BadInput as refused:
            return str(refused)
        return list(frame.columns), frame.astype(object).to_numpy().tolist(), separator, notes, set(map(str, frame.dtypes))

    def noted(*given):
        taken.append(quick(*given))
        return taken[-1]

    def absent(*_given):
        raise ImportError

    path = tmp_path / "table.csv"
    for _ in range(1000):
        separator, width = draw.choice(",;\t|"), draw.choice((1, 2, 3))
        cells = ["".join(draw.choices(letters, k=draw.randint(0, 3))).replace(separator, "") for _ in range(5 * width)]
        cells = [cell if draw.random() < 0.05 else cell.replace("\n", "") for cell in cells]
        rows = [separator.join(cells[i : i + width]) for i in range(0, len(cells), width)]
        path.write_text("\n".join(rows) + draw.choice(("", "\n", "\n\n")), encoding="utf-8")
        monkeypatch.setattr(delimited, "_by_arrow", noted)
        with_it = read()
        monkeypatch.setattr(delimited, "_by_arrow", absent)
        assert with_it == read()
    assert len(taken) > 200
