"""`hubeval schema`: what an editor needs to complete and check a TOML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.verbs.verb import Argument, Progress, Reply, Verb

if TYPE_CHECKING:
    from argparse import Namespace

_ARGUMENTS: tuple[Argument, ...] = ((("what",), {"choices": ("protocol", "profile", "theory", "value", "rollout")}),)


def _schema(args: Namespace, _say: Progress) -> Reply:
    from hubeval import files
    from hubeval.schema import schema_of

    made = schema_of(_class(args.what), f"hubeval {args.what}")
    return Reply(value=lambda: made, text=lambda: files.to_json(made).rstrip())


def _class(what: str) -> type[Any]:
    """The value that reading makes of such a file."""
    if what == "profile":
        from hubeval.profile import Profile

        return Profile
    if what == "theory":
        from hubeval.theory.change import Theory

        return Theory
    if what == "value":
        from hubeval.economics import ValueCase

        return ValueCase
    if what == "rollout":
        from hubeval.rollout import RolloutCase

        return RolloutCase
    from hubeval.protocol import Protocol

    return Protocol


SCHEMA = Verb(
    name="schema", says="Print the JSON Schema of a TOML file, for editors.", arguments=_ARGUMENTS, run=_schema
)
