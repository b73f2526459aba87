"""The verbs that came later, and files of other programs: copied, tidied, pseudonymised, checked, recorded, and spoilt."""

from __future__ import annotations

import io
import random
import tempfile
from functools import cache
from pathlib import Path

from hostile_corpus.base import CANARY, Call, csv, folder, protocol, table, theory_folder, toml
from hostile_corpus.options import OUTS, WORDS
from hostile_corpus.tables import CELLS, number, workbook

SHAPES = ("wide", "ees", "contacts", "users")
FIRST = {
    "import": ("w.csv",), "schema": ("protocol",), "pseudonymise": ("d.csv",), "release": ("check", "o"), "demo": (),
    "new": ("protocol",), "check": ("protocol.toml",),
}  # fmt: skip
OPTIONS = {
    "import": ("--shape", "--out", "--sheet", "--unit", "--value", "--where", "--date", "--by"),
    "pseudonymise": ("--columns", "--key", "--new-key", "--out"),
    "demo": ("--out",),
    "new": ("--out", "--kind", "--from"),
    "check": ("--record", "--data"),
    "schema": ("--x",),
    "release": ("--x",),
}
ODD = ("#N/A", "=1+1", "£5", "5 000", "[c]", "−3", "\ufeff", "Total", "Q1 2008", "\x1b[31m", f"Alice {CANARY}", "", "1e400", "TRUE", "0x1")


def newer_calls(seed):
    r = random.Random(seed)
    return [*option_words(), *sheets(r), *statistical(r), *kept(r)]


MORE = {"pseudonymise": ("--columns", "area", "--new-key", "k", "--out", "p.csv")}


def desk():
    return folder("did") | theory_folder() | {"w.csv": wide(), "f.html": b"x"}


def wide(change=None):
    rows = [["Table 1"], [], ["Council", "2014/15", "2015/16", "2016/17"]]
    rows += [[f"A{n}", f"{10 + n}.{CANARY}", f"{11 + n}", str(12 + n)] for n in range(8)]
    rows += [["England", "100", "101", "102"], ["Source: returns"]]
    return csv(change(rows) if change else rows).encode("utf-8", "surrogatepass")


def option_words():
    calls = []
    for verb, options in OPTIONS.items():
        for option in options:
            for n, word in enumerate(WORDS):
                words = (f"{option}={word}",) if n % 2 else (option, word)
                calls.append(Call(f"{verb} {option} {n}", (verb, *FIRST[verb], *MORE.get(verb, ()), *words), desk()))
        for n, word in enumerate((*WORDS, *OUTS)):
            first = (*FIRST[verb][:-1], word)
            calls.append(Call(f"{verb} first {n}", (verb, *first, *MORE.get(verb, ())), desk()))
    for n, word in enumerate(OUTS):
        calls += [
            Call(f"demo to {n}", ("demo", "hub-series", "--out", word), desk()),
            Call(f"import to {n}", ("import", "w.csv", "--out", word), desk()),
            Call(f"new to {n}", ("new", "theory", "--out", word, *(("--overwrite",) if n % 2 else ())), desk()),
        ]
    return calls


def sheets(r):
    """Sheets to tidy with odd cells, rows and shapes, as text in any encoding and as workbooks."""
    calls = []
    for n in range(120):

        def spoil(rows):
            for _ in range(r.choice((1, 2, 6))):
                row = r.choice(rows)
                if row:
                    row[r.randrange(len(row))] = r.choice((*ODD, *CELLS[:40]))
            return r.choice((rows, rows, rows[2:], rows[:3], rows[::-1], [[*row, *row] for row in rows], rows + rows))

        shape = r.choice(SHAPES)
        words = {"wide": (), "ees": ("--value", "y"), "contacts": ("--unit", "Council", "--date", "2014/15"), "users": ("--unit", "Council")}[shape]
        text = wide(spoil)
        name, content = r.choice((
            ("w.csv", text), ("w.csv", text.decode("utf-8", "replace").encode("utf-16")), ("w.csv", text[: r.randrange(1, len(text))]),
            (("w.xlsx", workbook([line.split(",") for line in text.decode("utf-8", "replace").splitlines()])[1])),
        ))  # fmt: skip
        calls.append(Call(f"tidy {n}", ("import", name, "--shape", shape, *words, *(("--out", "t.csv") if n % 3 else ())), {**desk(), name: content}))
    return calls


@cache
def saved(kind, form):
    """A good table of a design as another program saves it."""
    import pandas as pd
    import pyreadstat

    rows = table(kind)
    frame = pd.DataFrame([[number(cell) for cell in row] for row in rows[1:]], columns=rows[0])
    for name in frame:
        if frame[name].map(type).eq(str).any():
            frame[name] = frame[name].astype(str) if name in {"area", "id", "month"} else pd.to_numeric(frame[name], errors="coerce")
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / f"d.{form}"
        if form == "dta":
            frame.to_stata(path, write_index=False)
        elif form == "sav":
            pyreadstat.write_sav(frame, str(path))
        else:
            out = io.BytesIO()
            frame.to_excel(out, index=False)
            return out.getvalue()
        return path.read_bytes()


def statistical(r):
    """Stata, SPSS and Excel files with bytes turned, cut, doubled or put in."""
    calls = []
    for n in range(120):
        kind, form = r.choice(("did", "its", "synth", "matching")), ("dta", "sav", "xlsx")[n % 3]
        content = bytearray(saved(kind, form))
        for _ in range(r.choice((0, 1, 3, 30))):
            at = r.randrange(len(content))
            how = r.choice(("turn", "cut", "put", "nul"))
            if how == "turn":
                content[at] ^= 1 << r.randrange(8)
            elif how == "put":
                content[at:at] = bytes(r.randrange(256) for _ in range(5))
            else:
                content[at : at + r.choice((1, 8, 400))] = b"" if how == "cut" else b"\0"
        made = protocol(kind)
        made["data"]["file"] = f"d.{form}"
        files = folder(kind, protocol_toml=toml(made)) | {f"d.{form}": bytes(content)}
        verb = r.choice((("check", "protocol.toml"), ("evaluate", "protocol.toml"), ("check", "protocol.toml", "--record", "profile.toml")))
        calls.append(Call(f"{form} spoilt {n}", verb, files))
    return calls


def kept(r):
    """Folders to be checked before they leave: empty, of others, edited, of one file that is none."""
    calls = []
    for n in range(40):
        listing = r.choice(("{}", "[]", '{"files": {"a": 1}}', '{"schema": "hubeval-folder/1", "files": {"result.json": "0"}}', "\0", '{"files": null}'))
        name = r.choice(("hubeval.json", "result.json", "audit.json", "report.html"))
        calls.append(Call(f"leave {n}", ("release", "check", r.choice((".", "..", "d.csv", "o", "/", "\x1b")), *(("--json",) if n % 2 else ())),
                          {**desk(), name: listing.encode()}))  # fmt: skip
    return calls
