"""A theory of change is read at one door, its gaps are found, and every drawing says the same."""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.errors import BadInput
from hubeval.protocol import read_protocol
from hubeval.theory import drawing, protocol_from, read_theory
from hubeval.theory.change import LAYERS
from hubeval.theory.checks import check_theory
from hubeval.theory.contribution import claims, register, story
from hubeval.theory.read import parse_theory

AREAS = ("bristol", "sefton", "suffolk")


def theory(**more):
    base = {
        "area": "X", "claim": "Doing it helps.", "dated": date(2026, 1, 1),
        "nodes": [{"id": "do", "layer": "activity", "label": "Do it"}, {"id": "good", "layer": "outcome", "label": "Good"}],
        "links": [{"cause": "do", "effect": "good", "assumptions": ["a"], "rivals": ["r"], "refuted_by": "not so"}],
        "indicators": [{"node": "good", "column": "g", "label": "G", "unit": "%", "source": "s", "baseline": "3, 2025"}],
        "evidence": [{"link": "do -> good", "stance": "for", "says": "yes", "kind": "study", "source": "z"}],
    }
    return parse_theory({**base, **more})


def kinds(given):
    return {gap.kind for gap in check_theory(given)}


def test_a_whole_theory_has_no_gap():
    assert check_theory(theory()) == ()


def link(**more):
    return {"cause": "do", "effect": "good", "assumptions": ["a"], "rivals": ["r"], "refuted_by": "n", **more}


@pytest.mark.parametrize(("change", "kind"), [
    ({"links": [], "evidence": []}, "orphan"), ({"links": [], "evidence": []}, "dead end"),
    ({"links": [link(assumptions=[])]}, "no assumption"), ({"links": [link(rivals=[])]}, "no rival"),
    ({"links": [link(refuted_by=" ")]}, "unfalsifiable"), ({"evidence": []}, "no evidence"),
    ({"indicators": []}, "no indicator"),
    ({"indicators": [{"node": "good", "column": "g", "label": "G", "unit": "%", "baseline": "3"}]}, "no source"),
    ({"indicators": [{"node": "good", "column": "g", "label": "G", "unit": "%", "source": "s"}]}, "no baseline"),
    ({"links": [link(), link(cause="good", effect="do")]}, "cycle"),
])
def test_each_gap_is_found(change, kind):
    assert kind in kinds(theory(**change))


def test_a_circle_is_reported_once_with_its_path():
    nodes = [{"id": i, "layer": "outcome", "label": i} for i in "abc"]
    links = [{"cause": a, "effect": b} for a, b in ("ab", "bc", "ca")]
    found = [gap for gap in check_theory(theory(nodes=nodes, links=links, indicators=[], evidence=[])) if gap.kind == "cycle"]
    assert len(found) == 1
    assert found[0].where.count("->") == 3


@pytest.mark.parametrize(("change", "line"), [
    ({"links": [link(effect="goood")]}, r"no node 'goood' .*Did you mean 'good'"),
    ({"links": [link(), link()]}, "is given twice"), ({"links": [link(effect="do")]}, "leads to itself"),
    ({"nodes": [{"id": "do", "layer": "activity", "label": "a"}] * 2}, "id 'do' is used twice"),
    ({"nodes": [{"id": "do", "layer": "actvity", "label": "a"}]}, "Did you mean 'activity'"),
    ({"nodes": [{"id": "do", "layer": "activity", "label": "a", "quote": "q"}]}, "a quote without its source"),
    ({"indicators": [{"node": "gd", "column": "g", "label": "G", "unit": "%"}]}, "no node 'gd'"),
    ({"evidence": [{"link": "do -> bad", "stance": "for", "says": "y", "kind": "study", "source": "z"}]}, "no link 'do -> bad'"),
    ({"evidence": [{"link": "do -> good", "stance": "for", "says": "y", "kind": "hearsay", "source": "z"}]}, "kind 'hearsay'"),
    ({"evidence": [{"link": "do -> good", "stance": "for", "says": "y", "kind": "study"}]}, "has no source"),
    ({"nodes": []}, "nodes: none given"), ({"typo": 1}, "typo: is not a key hubeval reads"),
    ({"foundations": [{"group": "record", "action": "a", "starts": date(2026, 2, 1), "due": date(2026, 1, 1)}]}, "is before its start"),
])
def test_bad_theories_are_one_clear_line(change, line):
    with pytest.raises(BadInput, match=line):
        theory(**change)


def test_an_unknown_key_in_a_file_comes_with_its_line(tmp_path):
    path = tmp_path / "theory.toml"
    path.write_text('area = "X"\nclaim = "c"\ndated = 2026-01-01\n[[nodes]]\nid = "a"\nlayer = "input"\nlable = "A"\n')
    with pytest.raises(BadInput, match=r"nodes.lable \(line 7\).*Did you mean 'label'"):
        read_theory(path)


def test_another_kind_of_file_is_one_line(root):
    with pytest.raises(BadInput, match="is not a theory of change") as caught:
        read_theory(root / "designs" / "bristol" / "profile.toml")
    assert len(caught.value.problems) == 1


NASTY = 'A "label" <script>alert(1)</script> & [more]'


def test_the_drawing_is_well_formed_escaped_and_described():
    nodes = [{"id": "do", "layer": "activity", "label": NASTY}, {"id": "good", "layer": "outcome", "label": "Good"}]
    drawn = drawing.svg(theory(nodes=nodes))
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    ids = {el.get("id") for el in root.iter()}
    assert set(root.get("aria-labelledby").split()) <= ids
    assert not [el for el in root.iter() if el.tag.endswith("script")]
    assert "Good" in root.find("{http://www.w3.org/2000/svg}desc").text
    assert "<script" not in drawing.mermaid(theory(nodes=nodes))


def test_every_export_holds_every_node_and_arrow(root):
    for area in AREAS:
        given = read_theory(root / "designs" / area / "theory.toml")
        dot, mermaid, table = drawing.dot(given), drawing.mermaid(given), drawing.text_table(given)
        assert len(re.findall(r"-->|-\.->", mermaid)) == len(given.links) == len(table.rows)
        assert dot.count(" -> ") == len(given.links)
        assert all(f'"{node.id}"' in dot for node in given.nodes)
        drawn = ET.fromstring(drawing.svg(given))
        boxes = [el for el in drawn.iter() if el.tag.endswith("rect")]
        assert len(boxes) == len(given.nodes)


def test_boxes_do_not_overlap_and_lie_inside_the_frame(root):
    for area in AREAS:
        drawn = ET.fromstring(drawing.svg(read_theory(root / "designs" / area / "theory.toml")))
        _, _, width, height = map(float, drawn.get("viewBox").split())
        boxes = [tuple(float(el.get(k)) for k in ("x", "y", "width", "height"))
                 for el in drawn.iter() if el.tag.endswith("rect")]
        for i, (x, y, w, h) in enumerate(boxes):
            assert x >= 0
            assert x + w <= width
            assert y + h <= height
            for a, b, c, d in boxes[:i]:
                assert x + w <= a or a + c <= x or y + h <= b or b + d <= y


@st.composite
def theories(draw):
    """A theory with boxes in any layers and arrows anywhere, circles included."""
    layers = draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=14))
    nodes = [{"id": f"n{i}", "layer": layer, "label": draw(st.text(min_size=1, max_size=60))}
             for i, layer in enumerate(layers)]
    ends = st.integers(0, len(nodes) - 1)
    pairs = draw(st.sets(st.tuples(ends, ends).filter(lambda p: p[0] != p[1]), max_size=20))
    links = [{"cause": f"n{a}", "effect": f"n{b}"} for a, b in sorted(pairs)]
    return theory(nodes=nodes, links=links, indicators=[], evidence=[])


@given(theories())
@settings(deadline=None, max_examples=60)
def test_any_theory_is_drawn_whole_without_overlap(shape):
    drawn = ET.fromstring(drawing.svg(shape))
    boxes = [tuple(float(el.get(k)) for k in ("x", "y", "width", "height"))
             for el in drawn.iter() if el.tag.endswith("rect")]
    assert len(boxes) == len(shape.nodes)
    for i, (x, y, w, h) in enumerate(boxes):
        assert all(x + w <= a or a + c <= x or y + h <= b or b + d <= y for a, b, c, d in boxes[:i])
    curves = [el for el in drawn.iter() if el.tag.endswith("path") and el.get("marker-end")]
    assert len(curves) == len(shape.links)
    assert drawing.mermaid(shape).count("\n") >= len(shape.nodes)


def test_a_theory_with_a_circle_can_still_be_drawn():
    given = theory(links=[link(), link(cause="good", effect="do")])
    assert ET.fromstring(drawing.svg(given)) is not None


FOR = {"link": "do -> good", "stance": "for", "says": "y"}


@pytest.mark.parametrize(("evidence", "strength"), [
    ([], "none"),
    ([{**FOR, "kind": "study", "source": "a"}], "weak"),
    ([{**FOR, "kind": "opinion", "source": "a"}, {**FOR, "kind": "opinion", "source": "b"}], "weak"),
    ([{**FOR, "kind": "interview", "source": "a"}, {**FOR, "kind": "survey", "source": "b"}], "moderate"),
    ([{**FOR, "kind": "interview", "source": "a"}, {**FOR, "kind": "study", "source": "b"}], "strong"),
    ([{**FOR, "kind": "interview", "source": "a"}, {**FOR, "kind": "study", "source": "b"},
      {**FOR, "stance": "against", "kind": "survey", "source": "c"}], "moderate"),
    ([{**FOR, "kind": "study", "source": "a"}, {**FOR, "stance": "against", "kind": "study", "source": "b"}], "weak"),
    ([{**FOR, "kind": "interview", "source": "a", "illustrative": True},
      {**FOR, "kind": "study", "source": "b", "illustrative": True}], "none"),
])
def test_strength_follows_the_stated_rules(evidence, strength):
    claim = claims(theory(evidence=evidence))[0]
    assert claim.strength == strength
    assert claim.because


def test_the_story_names_what_hangs_in_the_air_and_claims_no_effect():
    told = story(theory(evidence=[]))
    assert "1 on none yet" in told
    assert "not an effect size" in told


@pytest.mark.parametrize("area", AREAS)
def test_worked_quotes_stand_in_their_sources(root, shared, area):
    sources = [path.read_text(encoding="utf-8") for path in sorted(shared("seeds").glob("*.txt"))]
    given = read_theory(root / "designs" / area / "theory.toml")
    quotes = [part.quote for part in (*given.nodes, *given.evidence) if part.quote]
    assert len(quotes) >= 6
    for quote in quotes:
        assert any(quote in text for text in sources), quote


@pytest.mark.parametrize("area", AREAS)
def test_worked_content_without_a_quote_is_marked_illustrative(root, area):
    given = read_theory(root / "designs" / area / "theory.toml")
    assert all(node.quote or node.illustrative for node in given.nodes)
    assert all(part.illustrative for part in (*given.links, *given.indicators, *given.mechanisms, *given.harvest,
                                              *given.learning, *given.foundations))
    assert all(finding.quote for finding in given.evidence)
    assert given.note


def test_the_evidence_register_shows_grade_and_source():
    row = register(theory()).rows[0]
    assert row[:6] == ("do -> good", "for", "yes", "study", 4, "z")


@pytest.mark.parametrize("area", AREAS)
def test_the_prefilled_protocol_is_read_back_with_the_theory_s_own_names(root, tmp_path, area):
    given = read_theory(root / "designs" / area / "theory.toml")
    path = tmp_path / "protocol.toml"
    path.write_text(protocol_from(given, today=date(2026, 11, 22)), encoding="utf-8")
    protocol = read_protocol(path)
    measured = {i.column: i for i in given.indicators if given.node(i.node).layer in {"outcome", "impact"}}
    assert {o.column for o in protocol.outcomes} == set(measured)
    assert all((o.unit, o.source) == (measured[o.column].unit, measured[o.column].source) for o in protocol.outcomes)
    assert protocol.design.unit == given.later.unit
    assert protocol.primary.column == next(i.column for i in given.indicators if i.role == "primary")


def test_quotes_and_backslashes_survive_the_prefilled_protocol():
    indicator = {"node": "good", "column": "g", "label": 'The "good"\\one', "unit": "%", "source": "s", "smallest_worthwhile": 2.5}
    made = protocol_from(theory(indicators=[indicator], later={"question": 'Did "it" work?', "unit": "u", "time": "t", "start": "s"}))
    raw = tomllib.loads(made)
    assert raw["question"] == 'Did "it" work?'
    assert raw["outcomes"][0]["label"] == 'The "good"\\one'
    assert raw["outcomes"][0]["smallest_worthwhile"] == 2.5


def test_a_protocol_cannot_be_prefilled_without_a_later_design_and_an_outcome():
    with pytest.raises(BadInput) as caught:
        protocol_from(theory(indicators=[]))
    assert [p.argument for p in caught.value.problems] == ["later", "indicators"]
