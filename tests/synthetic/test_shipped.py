"""What ships is what the seeds make, byte for byte."""

from __future__ import annotations

import pytest

from hubeval.synthetic.shipped import SHIPPED


@pytest.mark.parametrize("folder", SHIPPED)
def test_shipped_data_are_remade_from_their_seed(root, folder):
    for name, text in SHIPPED[folder]().items():
        assert (root / "synthetic_data" / folder / name).read_text(encoding="utf-8") == text, f"{folder}/{name}"


def test_every_shipped_folder_has_a_generator(root):
    assert {p.name for p in (root / "synthetic_data").iterdir() if p.is_dir() and p.name != "__pycache__"} == set(
        SHIPPED
    )
