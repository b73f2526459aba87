"""Notebooks as pages: what they say, their code, what it printed, and their pictures. Run when the site is built."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENING = "*The notebook `notebooks/{name}.py` (a jupytext pair: open it in Jupyter, or run it as it is). Made by running it when the site was built.*\n"
ABSENT = "*Not run here: `pip install -e '.[docs]'` brings what it needs ({what}).*\n"


def pages():
    """Pages and pictures by their places; with HUBEVAL_SITE_NOTEBOOKS=shown nothing is run."""
    run = os.environ.get("HUBEVAL_SITE_NOTEBOOKS") != "shown"
    made, listed = {}, []
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        page, pictures = rendered(path, run=run)
        made[f"notebooks/{path.stem}.md"] = page
        made |= {f"notebooks/{name}": svg for name, svg in pictures.items()}
        title = re.search(r"^# (.+)$", page, re.MULTILINE)
        listed.append(f"- [{title[1] if title else path.stem}]({path.stem}.md)")
    made["notebooks/index.md"] = "# Notebooks\n\nEach asks one question, and ends with what its number does not show.\n\n" + "\n".join(listed) + "\n"
    return made


def rendered(path, *, run=True):
    """One notebook as Markdown, and its pictures by file name."""
    held = {"__name__": "__main__", "__file__": str(path)}
    parts, pictures = [], {}
    for kind, body in cells(path.read_text(encoding="utf-8")):
        if kind == "markdown":
            parts += [re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip(), ""]
            continue
        parts += [f"```python\n{body.strip()}\n```", ""]
        if not run:
            continue
        try:
            said, drawn = ran(body, held)
        except ModuleNotFoundError as error:
            run = False
            parts.append(ABSENT.format(what=error.name))
            continue
        if said.strip():
            parts += [f"```text\n{said.rstrip()}\n```", ""]
        for figure in drawn:
            name = f"{path.stem}-{len(pictures) + 1}.svg"
            pictures[name] = svg(figure)
            parts += [f"![{_words(figure)}]({name})", ""]
    first = next((n for n, part in enumerate(parts) if part.startswith("# ")), None)
    parts.insert(0 if first is None else first + 1, "\n" + OPENING.format(name=path.stem))
    return "\n".join(parts), pictures


def cells(text):
    """("markdown" or "code", text) for each cell of a file in the percent format; its header is left out."""
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        mark, _, body = part.partition("\n")
        if body.strip():
            yield ("markdown" if "[markdown]" in mark else "code"), body


def ran(body, held):
    """What a cell printed, and the figures it made: its last value, where that is one."""
    tree = ast.parse(body)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    drawn = []
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(tree, "notebook", "exec"), held)
            value = eval(compile(ast.Expression(last.value), "notebook", "eval"), held) if last else None
            if hasattr(value, "savefig"):
                drawn.append(value)
            elif value is not None:
                print(value)
    finally:
        os.chdir(before)
    return out.getvalue(), drawn


def svg(figure):
    """A figure as SVG, the same on every build."""
    import matplotlib as mpl  # noqa: PLC0415 - only where notebooks are run

    held = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "hubeval"}):
        figure.savefig(held, format="svg", metadata={"Date": None, "Creator": None})
    return held.getvalue()


def _words(figure):
    """What a picture is of: its title, and its axes."""
    axes = figure.axes[0]
    said = ", ".join(filter(None, (axes.get_title(loc="left") or axes.get_title(), axes.get_ylabel(), axes.get_xlabel())))
    return re.sub(r"[\[\]\n]", " ", said) or "A figure of the result"
