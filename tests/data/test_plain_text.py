"""What is read quickly where nothing is quoted is read as the careful way reads it."""

from __future__ import annotations

import csv
import random
from io import StringIO

import pytest

from hubeval.data.delimited import _is_plain, _misfits, _uneven


@pytest.mark.parametrize("seed", range(5))
def test_lines_of_another_width_are_the_same_lines(seed):
    draw = random.Random(seed)
    for _ in range(200):
        text = "a,b,c\n" + "".join(draw.choice([",", "1", " ", "\n", "x", "\x0b", "\u2028", "'"]) for _ in range(draw.randint(1, 40)))
        reader = csv.reader(StringIO(text), delimiter=",", skipinitialspace=True, strict=True)
        header = next(reader)
        assert _is_plain(text)
        assert (_uneven(text, len(header), ","), []) == _misfits(reader, len(header), ",")


@pytest.mark.parametrize("text", ['a,b\n"1",2\n', "a,b\n\0,2\n", f"a,b\n{'x' * 200_000},2\n"])
def test_what_needs_care_is_not_read_quickly(text):
    assert not _is_plain(text)
