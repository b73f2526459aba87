"""The site: built by one command without a warning, opened from disk, complete, and fetching nothing."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from hubeval.schema import NOT_WRITTEN
from hubeval.verbs import VERBS
from hubeval.verbs.schema import _class

BRING = "the site's tools are absent: pip install -c constraints.txt -e '.[docs]' brings them"
if importlib.util.find_spec("mkdocstrings") is None:
    pytest.skip(BRING, allow_module_level=True)


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """The folder of the built site; a warning (a dead link, a page nobody leads to) is an error.

    Not with ``--quiet``: MkDocs then drops its warnings before it counts them, and ``--strict`` refuses nothing.
    """
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)], cwd=root,
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(root), "NO_MKDOCS_2_WARNING": "1", "HUBEVAL_SITE_NOTEBOOKS": "shown", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class _Page(HTMLParser):
    """What a page links to, what it fetches, and the places in it that can be linked to."""

    def __init__(self):
        super().__init__()
        self.links, self.fetched, self.places = [], [], set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in {"script", "img", "link", "iframe", "source"}:
            self.fetched += [found[key] for key in ("src", "href") if found.get(key)]


@pytest.fixture(scope="module")
def pages(site):
    read = {}
    for path in sorted(site.rglob("*.html")):
        read[path] = _Page()
        read[path].feed(path.read_text(encoding="utf-8"))
    return read


def test_every_link_on_the_site_leads_somewhere(pages):
    dead = []
    for path, page in pages.items():
        if path.name == "404.html":  # shown by a server, from its root
            continue
        for link in [*page.links, *page.fetched]:
            where, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            there = (path.parent / unquote(where.split("?")[0])).resolve() if where else path
            gone = not there.exists() or (anchor and there in pages and unquote(anchor) not in pages[there].places)
            dead += [f"{path.name}: {link}"] if gone else []
    assert dead == []
    assert len(pages) > 40


def test_nothing_is_fetched_from_elsewhere(site, pages):
    fetched = [link for page in pages.values() for link in page.fetched if re.match(r"(https?:)?//", link)]
    assert fetched == []
    for path in site.rglob("bundle*.js"):
        assert "unpkg" not in path.read_text(encoding="utf-8")


def test_the_search_index_is_a_script_that_opens_from_disk(site):
    assert (site / "search" / "search_index.js").read_text(encoding="utf-8").startswith("var __index")


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_stands_in_the_reference_with_every_option(site, verb):
    text = (site / "reference" / "verbs.html").read_text(encoding="utf-8")
    part = re.search(rf'<h2 id="{verb.name}">.*?(?=<h2|</article)', text, re.DOTALL)
    assert part, verb.name
    for flags, _ in verb.arguments:
        assert all(f"<code>{flag}</code>" in part[0] for flag in flags), flags


@pytest.mark.parametrize("what", ["protocol", "profile", "theory", "value"])
def test_every_key_of_a_file_stands_in_the_reference(site, what):
    text = (site / "reference" / f"{what}.html").read_text(encoding="utf-8")
    for spec in fields(_class(what)):
        assert spec.name in NOT_WRITTEN or f"<code>{spec.name}</code>" in text, spec.name


def test_every_room_stands_in_the_reference_with_its_functions(site):
    text = (site / "reference" / "api" / "hubeval-methods-did.html").read_text(encoding="utf-8")
    from hubeval.methods import did

    assert all(f".{name}" in text for name in did.__all__)
    assert "Callaway" in text


@pytest.mark.parametrize("page", ["index", "did", "reference/verbs", "reference/protocol"])
def test_axe_finds_nothing_on_the_site(browser, axe, site, page):
    browser.open(site / f"{page}.html")
    browser.run(f"{axe}; 0")
    asked = "{runOnly: ['wcag2a', 'wcag2aa', 'best-practice']}"
    found = browser.run(f"axe.run(document, {asked}).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
    assert found == []


def test_search_finds_without_a_server(browser, site):
    browser.open(site / "index.html")
    asks = """new Promise((done) => {
      document.querySelector("[data-md-toggle=search]").click();
      const box = document.querySelector(".md-search__input");
      box.focus(); box.value = "placebo"; box.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
      const look = (left) => {
        const n = document.querySelectorAll(".md-search-result__item").length;
        if (n || !left) done(n); else setTimeout(look, 100, left - 1);
      };
      look(100);
    })"""
    assert browser.run(asks) > 3




def test_the_drawing_of_the_house_is_that_of_the_imports(site, root):
    import ast

    drawn = (site / "house.svg").read_text(encoding="utf-8")
    rooms = set(re.findall(r'text-anchor="middle"[^>]*>(\w+)</text>', drawn))
    there = {path.name.removesuffix(".py") for path in (root / "hubeval").iterdir() if not path.name.startswith("_")}
    assert {room for room in there if (root / "hubeval" / room / "__init__.py").exists()} <= rooms
    for room in ("report", "evaluation", "federation"):  # read once more, by another way
        home = root / "hubeval" / room
        found = set()
        for path in home.rglob("*.py") if home.is_dir() else [home.with_suffix(".py")]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
                if names == ["hubeval"]:
                    names = [f"hubeval.{one.name}" for one in node.names]
                found |= {name.split(".")[1] for name in names if name.startswith("hubeval.")}
        shown = set(re.findall(rf"<title>{room} imports (\w+)</title>", drawn))
        assert shown == (found & rooms) - {room}, room


@pytest.mark.parametrize("name", ["theory", "sicily", "readiness"])
def test_a_notebook_becomes_a_page_with_its_pictures_and_what_it_printed(root, monkeypatch, name):
    monkeypatch.syspath_prepend(root / "docs" / "generate")
    monkeypatch.setenv("HUBEVAL_SHARED", str(root / "nowhere"))
    import notebooks

    page, pictures = notebooks.rendered(root / "notebooks" / f"{name}.py")
    assert all(svg.lstrip().startswith("<?xml") and "<path" in svg for svg in pictures.values())
    assert pictures
    assert all(f"]({picture})" in page for picture in pictures)
    assert "```text\n" in page
    assert str(root) not in page
    bare, none = notebooks.rendered(root / "notebooks" / f"{name}.py", run=False)
    assert none == {}
    assert "```text" not in bare


def test_every_notebook_stands_on_the_site(site, root):
    for path in (root / "notebooks").glob("*.py"):
        assert (site / "notebooks" / f"{path.stem}.html").exists(), path.stem


def test_every_key_is_explained_and_no_word_is_left_over(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "docs" / "generate")
    import keys

    bare = [f"{page}: {line}" for page, text in keys.pages().items() for line in text.splitlines() if line.endswith("|  |")]
    assert bare == [], "say what each is: in the docstring, in the file to fill in, or in docs/generate/keys.toml"
    classes = {cls.__name__: cls for name in keys.WHAT for cls in keys._tables(_class(name), {}, "")}
    for name, words in keys.WORDS.items():
        if name != "any":
            assert set(words) <= {spec.name for spec in fields(classes[name])}, name
