"""The command line: the only place that prints or exits. Status 0 done, 1 answered "not ready", 2 bad input."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hubeval
from hubeval import files, unread
from hubeval.errors import BadInput, HubevalError, NotReady, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DONE, NOT_READY, BAD = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status. Never ends in a traceback for anything a user gave."""
    _speak_utf8()
    args = _parser().parse_args(argv)
    try:
        return _answered(args)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return BAD
    except BrokenPipeError:  # the reader of a pipe left early: nothing of ours went wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _answered(args: argparse.Namespace) -> int:
    """The verb's status, or that of the refusal it ended in."""
    try:
        status: int = args.run(args)
    except NotReady as answer:
        value: dict[str, Any] = {"answer": "not ready", "message": answer.message, "reasons": answer.reasons}
        return _refuse(args, NOT_READY, value, answer)
    except BadInput as error:
        return _refuse(args, BAD, {"answer": "bad input", "problems": files.plain(error.problems)}, error)
    except HubevalError as error:
        return _refuse(args, BAD, {"answer": "bad input", "problems": [{"argument": "", "found": str(error)}]}, error)
    return status


def _speak_utf8() -> None:
    """Let quotes and minus signs through on terminals that were not set up for them."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")


def _refuse(args: argparse.Namespace, status: int, value: dict[str, Any], error: Exception) -> int:
    if args.json:
        print(files.to_json(value), end="")
    else:
        print(str(error), file=sys.stderr)
    return status


def _show(args: argparse.Namespace, value: Any, text: Callable[[], str]) -> None:
    """JSON when asked for, words otherwise."""
    print(files.to_json(value), end="") if args.json else print(text())


@contextmanager
def _progress(args: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is going on, overwritten on a terminal, silent with --json."""
    live = sys.stderr.isatty() and not args.json

    def say(line: str) -> None:
        if live:
            print(f"\r\033[K{line} …", end="", file=sys.stderr, flush=True)

    yield say
    if live:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


# --- the verbs ---------------------------------------------------------------------------------------------------


def _new(args: argparse.Namespace) -> int:
    unread.in_new(args)
    name = f"protocol-{args.kind or 'did'}.toml" if args.what == "protocol" else f"{args.what}.toml"
    if args.start_from:
        from hubeval.theory import protocol_from, read_theory

        text = protocol_from(read_theory(args.start_from))
    else:
        text = (resources("hubeval") / "templates" / name).read_text(encoding="utf-8")
    print(files.to_json({"file": name, "text": text}) if args.json else text, end="")
    return DONE


def _assess(args: argparse.Namespace) -> int:
    unread.in_assess(args)
    from hubeval.profile import read_profile
    from hubeval.readiness import assess, diff, earlier, grid, sensitivity, sensitivity_text, why

    if args.power and not args.out:
        raise BadInput([Problem("--power", "has nowhere to go", "only with --out", "Add --out DIR.")])
    detectable = _detectable(args.power or ())
    profiles = _all(args.profiles, read_profile)
    if args.checked:
        _exactly(1, profiles, "--checked", "the profile of one area")
        profiles = [_checked(profiles[0], args.checked)]
    if args.sensitivity:
        variants = sensitivity(profiles)
        _show(args, variants, lambda: sensitivity_text(variants))
        return DONE
    if args.compare:
        _exactly(2, profiles, "--compare", "two codings of one area")
        return _compared(args, profiles)
    readinesses = [assess(profile) for profile in profiles]
    if args.since:
        changes = [diff(earlier(args.since, now.area), now) for now in readinesses]
        _show(args, [change.to_dict() for change in changes], lambda: "\n\n".join(map(str, changes)))
        return DONE
    detail = args.why or len(readinesses) == 1
    value = [readiness.to_dict() for readiness in readinesses] if args.json else None
    _show(args, value, lambda: "\n\n".join(map(why, readinesses)) if detail else grid(readinesses))
    if args.out:
        from hubeval.report import write_portfolio

        written = write_portfolio(readinesses, args.out, detectable=detectable)
        _aside(args, f"Written: {len(written)} files in {args.out} (open {Path(args.out) / 'index.html'})")
    return DONE


def _exactly(n: int, profiles: Sequence[Any], option: str, allowed: str) -> None:
    if len(profiles) != n:
        raise BadInput([Problem(option, f"given {len(profiles)} profile(s)", allowed, f"Name {n}.")])


def _compared(args: argparse.Namespace, profiles: list[Any]) -> int:
    from hubeval.readiness import assess, compare, merge, why

    comparison, merged = compare(*profiles), assess(merge(*profiles))
    value = {"comparison": comparison.to_dict(), "merged": merged.to_dict()}
    _show(args, value, lambda: f"{comparison}\n\nBoth together:\n{why(merged)}")
    return DONE


def _detectable(paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """Smallest detectable effects by area and design, from what `hubeval power --json` saved."""
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        value = files.read_json(path, "--power")
        if not isinstance(value, dict) or value.get("schema") != "hubeval-power/1":
            cure = "Save one with 'hubeval power PROTOCOL --json > FILE'."
            raise BadInput([Problem("--power", f"{path} is not a saved power calculation", "hubeval-power/1", cure)])
        size = value["smallest_detectable"]
        words = "none in the range tried" if size is None else f"{size:.3g} {value['unit']}"
        found.setdefault(value["area"], {})[value["design"]] = words
    return found


def _aside(args: argparse.Namespace, line: str) -> None:
    """A closing line that is not part of the answer."""
    if not args.json:
        print(f"\n{line}")


def _all(paths: Sequence[str], read: Callable[[Path], Any]) -> list[Any]:
    """Read every file, and report the problems of all of them together."""
    found, problems = [], []
    for path in paths:
        try:
            found.append(read(Path(path)))
        except BadInput as error:
            problems += [Problem(f"{path}: {p.argument}", p.found, p.allowed, p.cure) for p in error.problems]
    if problems:
        raise BadInput(problems)
    return found


def _form(args: argparse.Namespace) -> int:
    from hubeval.readiness.form import form_html

    path = files.write_text(args.file, form_html())
    _show(args, {"written": path}, lambda: f"Written: {path}. Open it in any browser; it needs no network.")
    return DONE


def _check(args: argparse.Namespace) -> int:
    from hubeval.data.checks import check
    from hubeval.protocol import read_protocol

    protocol = read_protocol(args.protocol)
    with _progress(args) as say:
        say("Reading and checking the data")
        found = check(protocol, _data(args, protocol))
    _show(args, found.to_dict(), lambda: str(found))
    return DONE


def _checked(profile: Any, protocol_file: str) -> Any:
    """A profile with what its protocol's data confirm or refute."""
    from hubeval.data.checks import check, merged
    from hubeval.protocol import read_protocol

    protocol = read_protocol(protocol_file)
    if not protocol.data.file:
        found = "the protocol names no data file"
        raise BadInput([Problem("--checked", found, "[data] file = '…'", "Name it there.")])
    return merged(profile, check(protocol, Path(protocol.folder) / protocol.data.file))


def _power(args: argparse.Namespace) -> int:
    from hubeval.detectable import Settings, power
    from hubeval.protocol import read_protocol

    protocol = read_protocol(args.protocol)
    chosen: dict[str, Any] = {} if args.draws is None else {"draws": args.draws}
    if args.quick:
        chosen["curve_draws"] = 0
    with _progress(args) as say:
        found = power(protocol, _data(args, protocol), settings=Settings(**chosen), seed=args.seed, progress=say)
    _show(args, found.to_dict(), lambda: str(found))
    return DONE


def _data(args: argparse.Namespace, protocol: Any) -> Path:
    if args.data:
        return Path(args.data)
    if not protocol.data.file:
        raise BadInput([Problem("--data", "none given", "a .csv, .xlsx or .parquet file", "Add --data FILE.")])
    return Path(str(protocol.folder)) / str(protocol.data.file)


def _evaluate(args: argparse.Namespace) -> int:
    from hubeval.evaluation import evaluate
    from hubeval.protocol import read_protocol

    protocol = read_protocol(args.protocol)
    with _progress(args) as say:
        evaluation = evaluate(protocol, args.data and Path(args.data), despite=args.despite, progress=say)
        value = evaluation.to_dict()
        written = []
        if args.out:
            from hubeval.report import write_outputs

            say("Drawing the report")
            written = write_outputs(value, args.out)
    report = next((path for path in written if path.name == "report.html"), None)
    where = f"\n\nWritten: {len(written)} files in {args.out} (open {report})" if report else ""
    from hubeval.report.text import summary

    _show(args, value, lambda: summary(value) + where)
    return DONE


def _plan(args: argparse.Namespace) -> int:
    from hubeval.theory import plan_from

    plans = _all(args.files, plan_from)
    value = [plan.to_dict() for plan in plans]
    _show(args, value[0] if len(plans) == 1 else value, lambda: "\n\n".join(map(str, plans)))
    if args.out:
        from hubeval.report.plan import write_learning, write_plan

        if len(plans) == 1:
            written = write_plan(plans[0], args.out)
        else:
            from hubeval.theory.across import learn_across

            written = list(write_learning(learn_across(plans), args.out))
            for plan, path in zip(plans, args.files, strict=True):
                written += write_plan(plan, Path(args.out) / Path(path).resolve().parent.name)
        _aside(args, f"Written: {len(written)} files in {args.out} (open {written[0]})")
    return DONE


# --- the parser --------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Argument errors end like every other bad input: one line that names the cure, status 2."""

    def error(self, message: str) -> Any:
        """Exit with status 2 and the line."""
        self.exit(BAD, f"{self.prog}: {message}. Try '{self.prog} --help'.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="hubeval", description=hubeval.__doc__)
    parser.add_argument("--version", action="version", version=f"hubeval {hubeval.__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    for name, run, say, arguments in _VERBS:
        verb = verbs.add_parser(name, help=say, description=say)
        for flags, options in arguments:
            verb.add_argument(*flags, **options)
        verb.add_argument("--json", action="store_true", help="print JSON instead of words")
        verb.set_defaults(run=run)
    return parser


_Argument = tuple[tuple[str, ...], dict[str, Any]]
_PROTOCOL: _Argument = (("protocol",), {"metavar": "PROTOCOL", "help": "a protocol.toml"})
_DATA: _Argument = (("--data",), {"metavar": "FILE", "help": "the data; by default the file the protocol names"})
_OUT: _Argument = (("--out",), {"metavar": "DIR", "help": "write the report and its files here"})

_VERBS: tuple[tuple[str, Callable[[argparse.Namespace], int], str, tuple[_Argument, ...]], ...] = (
    (
        "new",
        _new,
        "Print a profile, protocol or theory of change to fill in.",
        (
            (("what",), {"choices": ("profile", "protocol", "theory")}),
            (("--kind",), {"choices": ("did", "its", "synth", "matching"), "help": "the design; by default did"}),
            (
                ("--from",),
                {"dest": "start_from", "metavar": "THEORY", "help": "pre-fill a protocol from a theory.toml"},
            ),
        ),
    ),
    (
        "assess",
        _assess,
        "Say of each area whether a quasi-experiment can answer, and what stands in the way.",
        (
            (
                ("profiles",),
                {"metavar": "PROFILE", "nargs": "+", "help": "profile.toml files, or answers from the form"},
            ),
            (("--why",), {"action": "store_true", "help": "every criterion with its reason and quote"}),
            (("--checked",), {"metavar": "PROTOCOL", "help": "let the data of this protocol overrule what is claimed"}),
            (("--sensitivity",), {"action": "store_true", "help": "what other gate levels and rules would say"}),
            (("--since",), {"metavar": "FILE", "help": "what changed since an earlier profile or saved assessment"}),
            (
                ("--power",),
                {"metavar": "JSON", "action": "append", "help": "with --out: a saved 'hubeval power --json'"},
            ),
            (
                ("--compare",),
                {"action": "store_true", "help": "two codings of one area, compared and merged"},
            ),
            _OUT,
        ),
    ),
    (
        "form",
        _form,
        "Write the readiness form: one offline HTML page whose saved answers 'assess' reads.",
        ((("file",), {"metavar": "HTML", "help": "where to write it"}),),
    ),
    ("check", _check, "Say what the data themselves confirm or refute.", (_PROTOCOL, _DATA)),
    (
        "power",
        _power,
        "Say the smallest effect that this protocol could detect on these data, before anyone looks at the outcome.",
        (
            _PROTOCOL,
            _DATA,
            (("--draws",), {"type": int, "metavar": "N", "help": "simulated panels; by default 1,000"}),
            (("--seed",), {"type": int, "metavar": "N", "help": "by default the protocol's own"}),
            (("--quick",), {"action": "store_true", "help": "without the curves over units and periods"}),
        ),
    ),
    (
        "evaluate",
        _evaluate,
        "Run a registered protocol on its data, if the area is ready for it.",
        (
            _PROTOCOL,
            _DATA,
            _OUT,
            (
                ("--despite",),
                {"metavar": "REASON", "default": "", "help": "go on although not ready; printed everywhere"},
            ),
        ),
    ),
    (
        "plan",
        _plan,
        "Write a theory-based plan for an area that is not ready, with the foundations for later.",
        (
            (
                ("files",),
                {"metavar": "FILE", "nargs": "+", "help": "a profile.toml or theory.toml; several: what they share"},
            ),
            _OUT,
        ),
    ),
)
