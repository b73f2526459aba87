"""The reference of the command line, from the arguments as `argparse` is told them."""

from __future__ import annotations

from hubeval.verbs import VERBS

OPENING = """# Verbs

Made from the code: `hubeval VERB --help` says the same. Every verb also takes `--json`, which prints the answer as JSON instead of words.
Exit status: 0 done, 1 answered "not ready", 2 bad input (one line for each problem, with the cure).
"""


def pages():
    return {"reference/verbs.md": "\n".join([OPENING, *map(_verb, VERBS)]), "reference/index.md": INDEX}


def _verb(verb):
    rows = ["| argument | needed | allowed or default | what it is |", "|---|---|---|---|"]
    rows += [_row(flags, options) for flags, options in verb.arguments]
    usage = " ".join(["hubeval", verb.name, *(_usage(*one) for one in verb.arguments)])
    return f"\n## {verb.name}\n\n{verb.says}\n\n```text\n{usage}\n```\n\n" + ("\n".join(rows) if verb.arguments else "")


def _usage(flags, options):
    shown = options.get("metavar") or flags[0].lstrip("-").upper()
    shown = " ".join(shown) if isinstance(shown, tuple) else shown
    if flags[0].startswith("-"):
        bare = options.get("action") in {"store_true", "store_false"}
        whole = flags[0] if bare else f"{flags[0]} {shown}"
        return whole if options.get("required") else f"[{whole}]"
    if options.get("nargs") in {"*", "+"}:
        return f"{shown} …"
    return f"[{shown}]" if options.get("nargs") == "?" else shown


def _row(flags, options):
    positional = not flags[0].startswith("-")
    needed = options.get("required", positional and options.get("nargs") not in {"?", "*"})
    allowed = ", ".join(f"`{one}`" for one in options.get("choices") or ())
    default = options.get("default")
    if default not in (None, False, "", [], ()):
        allowed += f"{'; ' if allowed else ''}default `{default}`"
    says = str(options.get("help", "")).replace("%%", "%").replace("|", "\\|").replace("<", "&lt;")
    return f"| {', '.join(f'`{flag}`' for flag in flags)} | {'yes' if needed else 'no'} | {allowed} | {says} |"


INDEX = """# Reference

Everything here is made from the code when the site is built, so that it cannot fall behind it.

- [Verbs](verbs.md): every verb of the command line, with its options.
- Keys of the files you write: [protocol](protocol.md), [profile](profile.md), [theory](theory.md), [value case](value.md).
- [result.json](../result-schema.md): the canonical result, key by key.
- [Calendar](calendar.md) of shocks, changed measures, boundary changes and other programmes, each with its source.
- [Outcomes](outcomes.md) that hubs are asked about, and [criteria and gates](criteria.md) of the readiness model.
- [Functions](api/index.md): every public function and value, room by room.
"""
