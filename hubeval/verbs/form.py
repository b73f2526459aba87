"""`hubeval form`: the readiness form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.folders import write_file
from hubeval.verbs.verb import OVERWRITE, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace


def _form(args: Namespace, _say: Progress) -> Reply:
    from hubeval.readiness.form import form_html

    path = write_file(args.file, form_html(), overwrite=args.overwrite)
    return Reply(
        value=lambda: {"written": path},
        text=lambda: f"Written: {path}. Open it in any browser; it needs no network.",
    )


FORM = Verb(
    name="form",
    says="Write the readiness form: one offline HTML page whose saved answers 'assess' reads.",
    arguments=((("file",), {"metavar": "HTML", "help": "where to write it"}), OVERWRITE),
    run=_form,
)
