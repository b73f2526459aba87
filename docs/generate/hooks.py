"""What MkDocs calls: pages made from the code, links that leave the folder of pages, a site that fetches nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import api  # noqa: E402
import catalogue  # noqa: E402
import house  # noqa: E402
import keys  # noqa: E402
import refusals  # noqa: E402
import verbs  # noqa: E402
from mkdocs.structure.files import File  # noqa: E402

import hubeval  # noqa: E402
import notebooks  # noqa: E402
from hubeval.report.glossary import explained  # noqa: E402

PLACES = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}


def made() -> dict[str, str]:
    """Every page that is not written by hand, by its place: from the code, and from files beside the pages."""
    pages = {**verbs.pages(), **keys.pages(), **catalogue.pages(), **api.pages(), **refusals.pages(), **house.pages(), **notebooks.pages()}
    for name, place in PLACES.items():
        pages[place] = (ROOT / name).read_text(encoding="utf-8")
    for path in sorted((ROOT / "designs").glob("*/README.md")):
        pages[f"worked/{path.parent.name}.md"] = path.read_text(encoding="utf-8")
    return pages


def on_config(config):
    """Say the version in the title, and fetch no shim."""
    config.site_name = f"hubeval {hubeval.__version__}"
    # the offline plugin would fetch this one; ours stands in for it
    config.extra["polyfills"] = ["style/iframe-worker.js"]
    explanations = next(part["Explanations"] for part in config.nav if "Explanations" in part)
    led_to = set(re.findall(r"[\w/-]+\.md", str(config.nav)))
    explanations += [path.name for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in led_to]
    return config


def on_files(files, config):
    """Add the pages that are made."""
    for place, text in made().items():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Lead links that leave the pages to their copies on the site; a path that has none is shown as a path."""
    place = page.file.src_uri
    home = dict.fromkeys(PLACES.values(), "").get(place)
    if place.startswith("notebooks/"):
        home = "notebooks"
    if place.startswith("worked/"):
        home = f"designs/{Path(place).stem}"
    inside = home if home is not None else f"docs/{Path(place).parent.as_posix()}"
    depth = "../" * (len(Path(place).parts) - 1)

    def led(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, anchor = target.partition("#")
        there = _resolved(inside, path)
        on_site = _on_site(there)
        if on_site is None:
            return f"{words} (`{there}`)" if words.strip("`") != there else f"`{there}`"
        return f"[{words}]({depth}{on_site}{'#' + anchor if anchor else ''})"

    text = re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", led, markdown.replace("](docs/images/", "](images/"))
    return text if place == "glossary.md" else f"{text}\n\n{catalogue.abbreviations()}\n"


def _resolved(home: str, target: str) -> str:
    """A relative target as a path from the root of the repository."""
    parts: list[str] = []
    for part in [*home.split("/"), *target.split("/")]:
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _on_site(path: str) -> str | None:
    """Where a file of the repository stands on the site, if it does."""
    if path in PLACES:
        return PLACES[path]
    if path.startswith("notebooks/"):
        return f"{path.removesuffix('.py').removesuffix('.md')}.md" if not path.endswith(".svg") else path
    if path.startswith("docs/") and not path.startswith("docs/generate/"):
        return path.removeprefix("docs/")
    worked = re.fullmatch(r"designs/([^/]+)(/README\.md)?", path)
    if worked and (ROOT / "designs" / worked[1] / "README.md").exists():
        return f"worked/{worked[1]}.md"
    return None


def on_page_content(html, page, config, files):
    """Let the first use of each of the glossary's terms explain itself, as in a report."""
    return html if page.file.src_uri == "glossary.md" else explained(html)


def on_post_page(output, page, config):
    """Name the search, and each part of the contents, for who hears the page."""
    output = re.sub(r'aria-labelledby="__nav_([\d_]+)_label"', r'aria-label="Pages of part \1"', output)
    return output.replace('data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"')


def on_post_build(config):
    """Take the addresses of what the theme would fetch out of its script: nothing on the site needs them."""
    for path in (Path(config.site_dir) / "assets" / "javascripts").glob("bundle*.js"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"https://unpkg\.com/[^\"'`]*", "about:blank", text), encoding="utf-8")
