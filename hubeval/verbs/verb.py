"""What a verb of the command line is: its arguments as data, and a function from them to a `Reply`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

Progress = Callable[[str], None]
Argument = tuple[tuple[str, ...], dict[str, Any]]  # what `argparse` is told: the flags, then the options


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a verb answers. The command line prints one of the two.

    Parameters
    ----------
    value : callable
        Makes the answer as values; they are printed as JSON where the user asked for it.
    text : callable
        Makes the answer in words.
    status : int
        The exit status: 0, or 1 where the answer is "not ready".

    Examples
    --------
    >>> Reply(value=lambda: {"written": 1}, text=lambda: "Written: 1 file.").text()
    'Written: 1 file.'
    """

    value: Callable[[], Any]
    text: Callable[[], str]
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: its name, one sentence of help, its arguments, what runs it, and how its long stages begin.

    Examples
    --------
    >>> from hubeval.verbs import VERBS
    >>> [verb.name for verb in VERBS][:2]
    ['demo', 'new']
    """

    name: str
    says: str
    arguments: tuple[Argument, ...]
    run: Callable[[Namespace, Progress], Reply]
    steps: tuple[str, ...] = ()


PROTOCOL: Argument = (("protocol",), {"metavar": "PROTOCOL", "help": "a protocol.toml"})
DATA: Argument = (("--data",), {"metavar": "FILE", "help": "the data; by default the file the protocol names"})
OUT: Argument = (("--out",), {"metavar": "DIR", "help": "write the report and its files here"})
TEMPLATE: Argument = (
    ("--template",),
    {"metavar": "DOCX", "default": "", "help": "take the styles of the Word document from this Word file"},
)
OVERWRITE: Argument = (
    ("--overwrite",),
    {"action": "store_true", "help": "write also where there are files that hubeval did not write"},
)
