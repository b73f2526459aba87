from __future__ import annotations

import pytest

from hubeval.rollout import read_rollout


@pytest.fixture
def write(tmp_path):
    """A sites.toml of n sites, with what a test changes."""

    def made(n=6, *, openings=("2026Q3", "2026Q4", "2027Q1"), capacity=2, top="", more="", ready=None, extra=""):
        sites = "".join(f'[[sites]]\nid = "s{i}"\nready = "{(ready or {}).get(i, "2026Q3")}"\n{extra}' for i in range(n))
        waves = f"[waves]\nopenings = {list(openings)}\ncapacity = {capacity}\n".replace("'", '"')
        path = tmp_path / "rollout.toml"
        path.write_text(f'area = "X"\nquestion = "Did it?"\nchosen = "lottery"\n{top}\n{waves}\n{more}\n{sites}', encoding="utf-8")
        return path

    return made


@pytest.fixture
def read(write):
    return lambda *args, **options: read_rollout(write(*args, **options))
