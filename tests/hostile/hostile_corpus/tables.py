"""Tables with something wrong, in every design and every format that hubeval reads."""

from __future__ import annotations

import copy
import io
import random
import zipfile

from hostile_corpus.base import (
    CANARY,
    KINDS,
    Call,
    csv,
    extracts,
    folder,
    outcome,
    protocol,
    sites,
    table,
    theory_folder,
    toml,
)
from hostile_corpus.texts import spread

CELLS = (
    "", " ", "c", "x", "nan", "NaN", "NA", "N/A", "#N/A", "#REF!", "None", "null", "NULL", "inf", "-inf", "Inf", "0", "-0", "1", "-1",
    "-99", "999", "1e308", "-1e308", "1e-320", "1e309", "1,234", "12%", "£5", "5.", ".5", "1_000", "0x10", "1e", "--1", "+1", "5 000",
    "Yes", "No", "TRUE", "false", "Y", f"Alice {CANARY}", f"O'Neil \"{CANARY}\"", "=1+1", "@SUM(A1)", "\x1b[31m", "\u202eabc", "$a_1$", "$",
    "a\x00b", "é", "中", "x" * 20_000, "a,b", "a;b", "a\nb", '"', "''", "\ufeff", "2008", "2008Q1", "2008-01", "2008-13", "0001", "9999",
    "1066", "-5", "2008/09", "2008-01-01", "01/02/2008", "2008-01-01T12:00:00Z", "soon", "never", "no hub", "2008.0", "2.008e3", "200801",
    "Total", "England", "١٢", "½", "1e5", "٫", "NaT", "9" * 400,
)  # fmt: skip


def table_calls(seed):
    r = random.Random(seed)
    calls = []
    for kind in KINDS:
        for n, rows in enumerate(cells(r, kind, 105)):
            calls.append(call(r, f"{kind} cell {n}", kind, rows, formats(r)))
        for name, rows in shapes(r, kind):
            for verb in ("check", "evaluate"):
                calls.append(
                    call(
                        r,
                        f"{kind} shape {name} {verb}",
                        kind,
                        rows,
                        formats(r),
                        (verb, "protocol.toml", *(("--out", "o") if verb == "evaluate" else ())),
                    )
                )
        calls += [call(r, f"{kind} bytes {name}", kind, None, content) for name, content in broken_files(kind)]
        calls += [
            named(r, kind, word, n)
            for n, word in enumerate(
                ("$a_1$", "$", "a\x1b[2Jb", "<script>", "../x", "é" * 200, "{{1}}", "y y", "=y", "\\frac", "%d", "_^")
            )
        ]
    return [*calls, *extract_calls(r)]


def call(r, name, kind, rows, how, argv=None):
    """A call whose protocol names the table, written in one of the formats (or as broken bytes)."""
    made = copy.deepcopy(protocol(kind))
    file, content = how(rows) if callable(how) else how
    made["data"]["file"] = file
    files = folder(kind, protocol_toml=toml(made))
    del files["d.csv"]
    files[file] = content
    return Call(name, argv or spread(r), files)


def named(r, kind, word, n):
    """A good table whose outcome column, label and area carry a name that somebody may act on."""
    rows, made = table(kind), copy.deepcopy(protocol(kind))
    rows[0][rows[0].index("y")] = word
    made["outcomes"] = [outcome(word, label=word, unit=word)]
    made["question"] = word
    if "area" in rows[0]:
        rows = [[word + cell if cell.startswith("A") else cell for cell in row] for row in rows]
        made["design"] |= {"treated": word + "A0"} if kind == "synth" else {}
    return Call(
        f"{kind} name {n}",
        ("evaluate", "protocol.toml", "--out", "o"),
        folder(kind, protocol_toml=toml(made), d_csv=csv(rows)),
    )


def cells(r, kind, count):
    """One hostile cell, a few of them, or a whole column."""
    for n in range(count):
        rows = table(kind)
        column, word = r.randrange(len(rows[0])), CELLS[n % len(CELLS)]
        for row in {0: [rows[r.randrange(1, len(rows))]], 1: r.sample(rows[1:], 5), 2: rows[1:]}[n % 3]:
            row[column] = word
        yield rows


def shapes(r, kind):
    """Tables of the wrong extent: too short, too wide, twice, constant, shuffled, without what the design needs."""
    base = table(kind)
    head, rows = base[0], base[1:]
    y = head.index("y")
    each = lambda change: [head, *(change(list(row), n) for n, row in enumerate(rows))]  # noqa: E731
    put = lambda row, at, value: [*row[:at], value, *row[at + 1 :]]  # noqa: E731
    yield "no header", rows
    yield "header only", [head]
    yield "one row", base[:2]
    yield "two rows", base[:3]
    yield "three rows", base[:4]
    yield "twice", base + rows
    yield "shuffled", [head, *r.sample(rows, len(rows))]
    yield "constant", each(lambda row, _: put(row, y, "5"))
    yield "zero", each(lambda row, _: put(row, y, "0"))
    yield "one missing", each(lambda row, n: put(row, y, "" if n == 3 else row[y]))
    yield "half missing", each(lambda row, n: put(row, y, "" if n % 2 else row[y]))
    yield "huge", each(lambda row, n: put(row, y, f"{(-1) ** n}e308"))
    yield "tiny", each(lambda row, n: put(row, y, f"{n}e-320"))
    yield "negative", each(lambda row, _: put(row, y, "-" + row[y]))
    yield "alternating", each(lambda row, n: put(row, y, str(n % 2)))
    yield "no first column", [row[1:] for row in base]
    yield "no last column", [row[:-1] for row in base]
    yield "columns turned", [row[::-1] for row in base]
    yield "a column twice", [[*row, row[-1]] for row in base]
    yield "4,000 columns", [[*row, *(f"z{i}" for i in range(4_000))] for row in base]
    yield "columns no names", [["" for _ in head], *rows]
    yield "footnotes", [*base, ["Source: census", *[""] * (len(head) - 1)]]
    yield "titles", [["Table 1", *[""] * (len(head) - 1)], *base]
    yield "blank rows", [head, *(x for row in rows for x in (row, [""] * len(head)))]
    yield "ragged", [head, *([*row, "1"] if n == 5 else row for n, row in enumerate(rows))]
    yield from {"its": series_shapes, "matching": record_shapes}.get(kind, panel_shapes)(base, put, each)


def series_shapes(base, put, each):
    """Too few months on a side, and months that are not there."""
    head, rows = base[0], base[1:]
    for before, after in ((1, 20), (3, 20), (5, 20), (20, 1), (20, 3), (20, 5), (3, 3), (36, 0), (0, 24), (2, 2)):
        yield f"{before} before {after} after", [head, *rows[36 - before : 36 + after]]
    yield "gaps", [head, *rows[:10], *rows[14:40], *rows[45:]]


def record_shapes(base, put, each):
    """Groups that cannot be compared, and covariates that say nothing or everything."""
    yield "nobody used", each(lambda row, _: put(row, 1, "0"))
    yield "everybody used", each(lambda row, _: put(row, 1, "1"))
    yield "one used", each(lambda row, n: put(row, 1, str(int(n == 0))))
    yield "one not used", each(lambda row, n: put(row, 1, str(int(n != 0))))
    yield "three groups", each(lambda row, n: put(row, 1, str(n % 3)))
    yield "separated", each(lambda row, n: put(put(row, 1, str(int(n > 45))), 2, str(n)))
    yield "same covariates", each(lambda row, _: put(put(row, 2, "1"), 3, "1"))
    yield "copied covariate", each(lambda row, _: put(row, 3, row[2]))
    yield "words for covariates", each(lambda row, n: put(row, 2, "abc"[n % 3]))


def panel_shapes(base, put, each):
    """Starts and periods outside one another, and too few of either."""
    head = base[0]
    start, year = head.index("opened"), head.index("year")
    for name, when in (
        ("early", "1990"),
        ("1799", "1799"),
        ("year 1", "0001"),
        ("first", "2000"),
        ("last", "2013"),
        ("after", "2050"),
        ("9999", "9999"),
        ("all", "2008"),
    ):
        yield (
            f"starts {name}",
            each(lambda row, n, when=when: put(row, start, when if n < 60 or when == "2008" else "")),
        )
    yield "no start", each(lambda row, _: put(row, start, ""))
    yield "one unit", [row for row in base if row[0] in {"area", "A0"}]
    yield "two units", [row for row in base if row[0] in {"area", "A0", "A5"}]
    yield "starts change", each(lambda row, n: put(row, start, str(2005 + n % 5)))
    yield "years 1700", each(lambda row, _: put(put(row, year, str(int(row[year]) - 300)), start, ""))
    yield "year 9990", each(lambda row, _: put(row, year, str(int(row[year]) + 7_986)))
    yield "one year far away", each(lambda row, n: put(row, year, "0005" if n == 0 else row[year]))
    yield "two periods", [row for row in base if row[year] in {"year", "2007", "2008"}]
    yield "three periods", [row for row in base if row[year] in {"year", "2007", "2008", "2009"}]
    yield "one period", [row for row in base if row[year] in {"year", "2008"}]
    yield "every unit its start", each(lambda row, n: put(row, start, str(2001 + n // 14)))


def formats(r):
    """How the rows are written: mostly CSV, each of its dialects, workbooks and Parquet."""
    return r.choice((*[plain_csv] * 6, semicolons, tabs, carriage, utf16, cp1252, workbook, workbook, parquet))


def plain_csv(rows):
    return "d.csv", csv(rows).encode("utf-8", "surrogatepass")


def semicolons(rows):
    return "d.csv", csv(rows, ";", "\r\n").encode("utf-8", "surrogatepass")


def tabs(rows):
    return "d.tsv", csv(rows, "\t").encode("utf-8", "surrogatepass")


def carriage(rows):
    return "d.csv", csv(rows, end="\r").encode("utf-8-sig", "surrogatepass")


def utf16(rows):
    return "d.csv", csv(rows).encode("utf-16", "surrogatepass")


def cp1252(rows):
    return "d.csv", csv(rows).encode("cp1252", "replace")


def workbook(rows):
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([number(openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)[:30_000]) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return "d.xlsx", out.getvalue()


def number(cell):
    try:
        return float(cell) if cell.strip() and "_" not in cell and abs(float(cell)) < 1e300 else cell
    except ValueError:
        return cell


def parquet(rows):
    import pandas as pd

    width = len(rows[0])
    named = [f"{name}.{n}" if name in rows[0][:n] else name for n, name in enumerate(rows[0])]
    frame = pd.DataFrame([(row + [""] * width)[:width] for row in rows[1:]], columns=named, dtype=object)
    out = io.BytesIO()
    frame.to_parquet(out)
    return "d.parquet", out.getvalue()


def broken_files(kind):
    """Bytes that are no table, under the name of one."""
    good, book = csv(table(kind)).encode(), workbook(table(kind))[1]
    yield "empty", ("d.csv", b"")
    yield "nul", ("d.csv", b"\0" * 5_000)
    yield "noise", ("d.csv", bytes((37 * n) % 256 for n in range(5_000)))
    yield "unclosed", ("d.csv", good.replace(b"\n", b'\n"', 3))
    yield "cut", ("d.csv", good[: len(good) // 2])
    yield "picture", ("d.csv", b"\x89PNG\r\n\x1a\n" + good)
    yield "html", ("d.csv", b"<html><body>" + good)
    yield "json", ("d.csv", b'{"a": [1, 2]}')
    yield "no extension", ("d", good)
    yield "xls", ("d.xls", b"\xd0\xcf\x11\xe0" + good)
    yield "ods", ("d.ods", book)
    yield "zip", ("d.zip", book)
    yield "xlsx of text", ("d.xlsx", good)
    yield "xlsx cut", ("d.xlsx", book[: len(book) // 2])
    yield "xlsx spoilt", ("d.xlsx", book[:400] + b"\0" * 40 + book[440:])
    yield "xlsx no sheet", ("d.xlsx", without(book, "xl/worksheets/sheet1.xml"))
    yield "parquet of text", ("d.parquet", good)
    yield "parquet cut", ("d.parquet", parquet(table(kind))[1][:-40])
    yield "dta of text", ("d.dta", good)
    yield "sav of text", ("d.sav", good)
    yield "long line", ("d.csv", good + b"x" * 3_000_000)
    yield "stray cell", ("d.xlsx", stray(kind))


def without(book, name):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
    return out.getvalue()


def stray(kind):
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(workbook(table(kind))[1]))
    book.active["XFD3"] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def extract_calls(r):
    """Interviews and sites beside a theory of change, spoilt in the same ways, and projects of coded text."""
    calls = []
    for n in range(150):
        of_sites = n % 2 == 0
        rows = sites() if of_sites else extracts()
        for _ in range(r.choice((1, 1, 8))):
            rows[r.randrange(len(rows))][r.randrange(len(rows[0]))] = r.choice(CELLS)
        rows = r.choice(
            (
                rows,
                rows,
                rows,
                rows[:1],
                rows[:2],
                rows[1:],
                rows * 2,
                [row[::-1] for row in rows],
                [row[1:] for row in rows],
            )
        )
        text = csv(rows)
        text = text.replace(",", ',"', 1) if n % 17 == 0 else text
        calls.append(
            Call(
                f"rows beside a theory {n}",
                ("plan", "theory.toml", "--out", "o"),
                theory_folder(**{"s_csv" if of_sites else "e_csv": text}),
            )
        )
    return [*calls, *project_calls()]


def project_calls():
    good = project(GOOD)
    spoilt = {
        "good": good, "cut": good[:100], "text": b"no zip", "empty": b"", "bad deflate": good.replace(good[45:60], b"\xff" * 15, 1),
        "no xml": project(None), "bad xml": project("<Project"), "entity": project("<!DOCTYPE a [<!ENTITY b 'c'>]><Project>&b;</Project>"),
        "no codes": project("<Project/>"), "deep": project("<a>" * 50_000 + "</a>" * 50_000), "far": project(GOOD.replace("'4'", "'400'")),
        "outside": project(GOOD.replace("internal://a.txt", "internal://../a.txt")), "absent": project(GOOD.replace("a.txt", "b.txt")),
        "relative": project(GOOD.replace("internal://", "relative://")), "nested codes": project(GOOD.replace("name='t'/>", "name='t'>" + "<Code guid='d' name='u'>" * 3_000 + "</Code>" * 3_001)),
    }  # fmt: skip
    text = theory_folder()["theory.toml"].decode().replace("e.csv", "e.qdpx")
    return [
        Call(
            f"project {name}",
            ("plan", "theory.toml", "--out", "o"),
            theory_folder(theory_toml=text) | {"e.qdpx": content},
        )
        for name, content in spoilt.items()
    ]


GOOD = (
    "<Project xmlns='urn:QDA-XML:project:1.0'><CodeBook><Codes><Code guid='c' name='t'/></Codes></CodeBook><Sources>"
    "<TextSource guid='s' name='n' plainTextPath='internal://a.txt'><PlainTextSelection startPosition='0' endPosition='4'>"
    "<Coding><CodeRef targetGUID='c'/></Coding></PlainTextSelection></TextSource></Sources></Project>"
)


def project(xml):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if xml is not None:
            made.writestr("project.qde", xml)
        made.writestr("sources/a.txt", "some words")
    return out.getvalue()
