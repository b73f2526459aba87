"""Every refusal in the code, from the calls that make them; what changes from case to case is shown as …."""

from __future__ import annotations

import ast
from pathlib import Path

import hubeval

HOME = Path(hubeval.__file__).parent


def pages():
    lines = [
        "# Every refusal in the code", "",
        "Made from the code. `…` stands for what differs from case to case. [What hubeval refuses, and why](../refusals.md) gives the reasons.", "",
    ]
    for room, rows in rooms().items():
        lines += [f"## {room}", "", "| about | what was found | what is allowed | the cure |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(_cell(one) for one in row)} |" for row in sorted(rows)]
        lines.append("")
    return {"reference/refusals.md": "\n".join(lines)}


def rooms():
    """Refusals by room: (argument, found, allowed, cure), each once."""
    found = {}
    for path in sorted(HOME.rglob("*.py")):
        parts = path.relative_to(HOME).parts
        room = "/".join(parts[:2]) if parts[0] == "methods" and len(parts) > 2 else parts[0].removesuffix(".py")
        rows = refusals(path)
        if rows and room != "errors":
            found.setdefault(room, set()).update(rows)
    return found


def refusals(path):
    rows = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        local = {
            target.id: one.value for one in ast.walk(scope) if isinstance(one, ast.Assign)
            for target in one.targets if isinstance(target, ast.Name)
        }
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and _name(call.func) in {"Problem", "refuse"} and len(call.args) >= 2:
                row = [_text(arg, local) for arg in call.args[:4]]
                if row[1].strip("… ") and "*" not in row:
                    rows.add(tuple(row + [""] * (4 - len(row))))
    return rows


def _name(func):
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def _text(node, local, deep=0):
    """The words of a literal; … for what is worked out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, local, deep) + _text(node.right, local, deep)
    if isinstance(node, ast.Name) and node.id in local and deep < 3:
        return _text(local[node.id], local, deep + 1)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body, local, deep)} / {_text(node.orelse, local, deep)}"
    return "…"


def _cell(text):
    plain = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_")
    return plain.replace("[", "\\[").replace("]", "\\]")
