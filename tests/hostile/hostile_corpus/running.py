"""Runs calls one by one in this process, each in a folder of its own, and says of each what it must not do."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import shutil
import signal
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from hostile_corpus.base import CANARY
from hubeval.cli import main

LIMIT = 60  # seconds: longer is a hang


class TooLong(BaseException):
    """Passes through every handler of ours."""


@dataclass(frozen=True)
class Seen:
    """What one call did; `faults` are the rules it broke."""

    name: str
    status: object
    seconds: float
    faults: tuple[str, ...]
    said: str


def run(calls, limit=LIMIT, until=None):
    """What each call does; stops early once `until` seconds have passed in all."""
    began, home = time.monotonic(), Path.cwd()
    seen = []
    for call in calls:
        if until is not None and time.monotonic() - began > until:
            break
        where = tempfile.mkdtemp(prefix="hostile-")
        try:
            for name, content in call.files.items():
                (Path(where) / name).write_bytes(content)
            os.chdir(where)
            seen.append(one(call, limit))
        finally:
            os.chdir(home)
            shutil.rmtree(where, ignore_errors=True)
    return seen


def one(call, limit):
    out, err, faults = io.StringIO(), io.StringIO(), []

    def stop(*_):
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit)
    began = time.monotonic()
    status: object = None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            status = main(list(call.argv))
    except TooLong:
        faults.append("hang")
    except SystemExit as stopped:
        status = stopped.code
    except BaseException as error:  # noqa: BLE001
        faults.append(f"traceback: {type(error).__name__}: {error}"[:200])
        status = "traceback"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        gc.collect(0)
    faults += judged(call, status, out.getvalue(), err.getvalue())
    return Seen(call.name, status, time.monotonic() - began, tuple(faults), (err.getvalue() or out.getvalue())[:500])


def judged(call, status, out, err):
    """The rules that a finished call broke."""
    faults = []
    said = err + (out if status in {1, 2} else "")
    if status not in {0, 1, 2, None, "traceback"}:
        faults.append(f"status {status}")
    if "Traceback" in out + err:
        faults.append("traceback printed")
    if "hubeval itself failed" in out + err:
        faults.append("fault of ours")
    if CANARY in said and not any(CANARY in word for word in call.argv):
        faults.append("row values in a message")
    if f"KID{CANARY}" in out:
        faults.append("ids in an answer")
    if (
        status == 1
        and call.argv[0] != "release"  # it answers whether a folder is ready to leave
        and "not ready" not in said
        and '"answer": "not ready"' not in said
        and "is closed for it" not in said
    ):
        faults.append("status 1 without 'not ready'")
    if status == 2 and not said.strip():
        faults.append("status 2 without a word")
    if set(out + err) & {"\x1b", "\x9b", "\u202e", "\x07", "\x08"}:
        faults.append("acts on a terminal")
    if len(err) > 200_000:
        faults.append("endless message")
    if status == 0 and "--json" in call.argv:
        try:
            json.loads(out, parse_constant=lambda word: 1 / 0)
        except (ValueError, ZeroDivisionError):
            faults.append("no JSON")
    return faults
