"""No exact count of persons is left in the words of a result, whatever noun stands beside it; nor one person's score."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

NOT_RESULTS = {"protocol", "release", "readiness", "registration"}
COUNTS = {"n_units", "n_treated", "n_comparison", "n_observations", "n_rows", "n_clusters"}
HOW = [
    ("rdd", 'estimator = "robust"\n'), ("rdd", 'estimator = "honest"\n'), ("matching", 'method = "coarsened"\n'),
]  # fmt: skip
MORE = [("matching", f'method = "{name}"\n') for name in ("optimal", "subclass", "full", "entropy")]
FRAMES = {"rdd": lambda: worlds.scores(n=397), "matching": lambda: worlds.families(n=397)}


def texts(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in NOT_RESULTS:
                yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def counts(value):
    """Every exact count of persons in a result."""
    if isinstance(value, dict):
        found = {item for key, item in value.items() if key in COUNTS and isinstance(item, int)}
        return found.union(*map(counts, value.values()))
    return set().union(*map(counts, value)) if isinstance(value, (list, tuple)) else set()


def left_in_words(tmp_path, kind, design):
    made = evaluate(read_protocol(worlds.written(tmp_path, kind, FRAMES[kind](), units="person", design=design)), despite="t")
    exact = made.to_dict()
    secret = {n for n in counts(exact) if n > 30 and n % 5}
    assert secret
    content = release(made)[0].content
    said = {int(n.replace(",", "")) for text in texts(content) for n in re.findall(r"(?<![\w.,−-])\d[\d,]*\d(?![\w%]|\.\d)", text)}
    return secret & said, exact, content, made


@pytest.mark.parametrize(("kind", "design"), HOW)
def test_no_exact_count_is_left_in_words(tmp_path, kind, design):
    left, exact, content, made = left_in_words(tmp_path, kind, design)
    assert left == set()
    assert "could not)" not in json.dumps(content) or not re.search(r"\b\d*[1-46-9] (?:records )?could not", json.dumps(content))
    assert content["headline"]["text"] in repr(made)  # a notebook keeps what it shows
    if content["headline"]["text"] != exact["headline"]["text"]:
        assert exact["headline"]["text"] not in repr(made) + made._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "design"), MORE)
def test_no_exact_count_is_left_in_the_words_of_other_methods(tmp_path, kind, design):
    assert left_in_words(tmp_path, kind, design)[0] == set()


def test_a_bandwidth_that_ends_at_one_persons_score_is_not_told(tmp_path):
    """The search ends where a certain number of records is reached: at the last of them."""
    frame = worlds.scores()
    frame["score"] = (frame.score + np.random.default_rng(2).uniform(0, 0.009, len(frame))).round(6)
    protocol = read_protocol(worlds.written(tmp_path, "rdd", frame, units="person", design='estimator = "honest"\n'))
    made = evaluate(protocol, despite="t")
    score = frame.score.to_numpy()
    cuts = [50.0, *(np.median(score[side]) for side in (score < 50, score >= 50))]
    ends = np.unique(np.abs(np.subtract.outer(cuts, score)))

    def told(result):
        rows = [(row, t["columns"].index("bandwidth")) for t in result["tables"] if "bandwidth" in t["columns"] for row in t["rows"]]
        xs = [abs(x - c) for f in result["figures"] for s in f["series"] for x in s["x"] if isinstance(x, float) for c in (0, 50)]
        found = np.array([row[at] for row, at in rows] + xs)
        return [w for w in found if w > 1 and np.abs(ends - w).min() < 1e-6]

    assert told(made.to_dict())
    assert not told(release(made)[0].content)


def test_a_bandwidth_of_the_dose_is_said_to_two_digits_for_persons_and_as_it_is_for_authorities(root, tmp_path):
    said = {}
    for units in ("authority", "person"):
        text = (root / "designs" / "dose-style" / "protocol.toml").read_text("utf-8").replace('"authority"', f'"{units}"')
        text = text.replace("../../synthetic_data", (root / "synthetic_data").as_posix())
        (tmp_path / "protocol.toml").write_text(text, "utf-8")
        (tmp_path / "illustrative-profile.toml").write_bytes((root / "designs/dose-style/illustrative-profile.toml").read_bytes())
        content = release(evaluate(read_protocol(tmp_path / "protocol.toml"), despite="t"))[0].content
        said[units] = {n for text in texts(content) for n in re.findall(r"\bbandwidth (\d[\d.]*\d)", text)}
    digits = {units: max(len(n.replace(".", "").lstrip("0")) for n in found) for units, found in said.items()}
    assert digits == {"authority": 3, "person": 2}
