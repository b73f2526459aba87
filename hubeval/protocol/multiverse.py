"""The grid of defensible options that a protocol declares beside its own: read, and spread out into protocols."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Door, listed
from hubeval.protocol.designs import DESIGNS
from hubeval.protocol.rules import check_protocol
from hubeval.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubeval.protocol.declared import Protocol

MOST = 40  # specifications, the registered one among them: more cannot be read off one figure
FIXED = frozenset({  # another value of these would be another question, not another way to answer this one
    "kind", "unit", "time", "start", "treated", "exposure", "running", "cutoff", "side", "estimand", "measure",
    "impact", "over", "end", "sites", "more_starts",
})  # fmt: skip
OF_COLUMNS = ("covariates", "weights", "cluster", "exact", "antiexact", "adjust_for", "distance", "caliper")
REGISTERED = "registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One way through the grid.

    Parameters
    ----------
    label : str
        ``"registered"``, or ``"S1"`` and on.
    options : mapping of str to value
        Every key of the grid with its value here.
    protocol : Protocol
        The same question of the primary outcome alone, with those options.
    """

    label: str
    options: Mapping[str, Any]
    protocol: Protocol

    @property
    def reads(self) -> str:
        """What of the data it reads: two with the same may share one bound table."""
        design = self.protocol.design
        if design.kind in {"its", "synth"}:
            return self.label  # their clock is set while the data are bound
        return repr([getattr(design, key, None) for key in OF_COLUMNS])


def read_multiverse(reader: Reader, table: Any, design: Any) -> dict[str, tuple[Any, ...]]:
    """The options of ``[multiverse]`` as the design holds them, each value refused that the design would refuse.

    Parameters
    ----------
    reader : Reader
    table, design : mapping
        The tables as they stand in the file.
    """
    if table is None:
        return {}
    if not isinstance(table, dict):
        reader.door.refuse("multiverse", "not a table", "[multiverse] with lists of options", "Write key = [values].")
        return {}
    kind = design.get("kind") if isinstance(design, dict) else None
    if kind not in DESIGNS:
        return {}  # the design itself is refused
    known = [spec.name for spec in fields(DESIGNS[kind]) if spec.name not in FIXED]
    own = {key: value for key, value in design.items() if key != "kind"}
    made: dict[str, tuple[Any, ...]] = {}
    for key, values in table.items():
        where = f"multiverse.{key}{reader.at(key, 'multiverse')}"
        if key in FIXED:
            reader.door.refuse(where, "it says what is asked, not how", f"keys of the design: {listed(known)}",
                               "Leave it out, or register a second protocol.")
        elif not isinstance(values, list) or not values or (key not in known):
            found = "no key of this design" if key not in known else "no list of options"
            reader.door.refuse(where, found, f"lists, by keys of the design: {listed(known)}", "Write key = [values].")
        else:
            made[key] = tuple(_as_own(reader, where, own, (kind, key, value)) for value in values)
    return made


def _as_own(reader: Reader, where: str, own: Mapping[str, Any], option: tuple[str, str, Any]) -> Any:
    """One value as the design would hold it, refused as the design would refuse it."""
    kind, key, value = option
    alone = Reader(reader.text, Door())
    held = alone.one(DESIGNS[kind], {**own, key: value}, "design")
    for problem in alone.door.problems:
        if problem.argument.startswith(f"design.{key}"):
            reader.door.refuse(where, problem.found, problem.allowed, problem.cure)
    return value if held is None else getattr(held, key)


def check_multiverse(protocol: Protocol, door: Door) -> None:
    """Refuse a value that the protocol's own rules refuse, one given twice, and more ways than can be read."""
    if not protocol.multiverse or door.problems:
        return
    size = 1
    for key, values in protocol.multiverse.items():
        if any(value == other for i, value in enumerate(values) for other in values[:i]):
            door.refuse(f"multiverse.{key}", "one option stands there twice", "each once", "Take one out.")
        size *= len({*map(repr, values), repr(getattr(protocol.design, key))})
    if size > MOST:
        door.refuse("multiverse", f"{size} specifications", f"up to {MOST}", "Declare fewer options.")
        return
    every = {(one.label, problem): None for one, found in nowhere(protocol, by_rules) for problem in found.problems}
    for label, problem in every:  # each once, however many of its values meet it
        door.refuse(f"multiverse.{label}: {problem.argument}", problem.found, problem.allowed, problem.cure)


def by_rules(protocol: Protocol) -> None:
    """The rules of `check_protocol`, which are raised where they are broken."""
    door = Door()
    check_protocol(protocol, door)
    door.close()


def refusal(check: Callable[[Protocol], None], protocol: Protocol) -> BadInput | None:
    """What a check says of a protocol; None where it lets it through."""
    try:
        check(protocol)
    except BadInput as found:
        return found
    return None


def nowhere(protocol: Protocol, check: Callable[[Protocol], None]) -> list[tuple[Specification, BadInput]]:
    """The options, one at a time, that a check refuses in every way through the grid in which they stand.

    An option that another of the grid makes sense of is none of them.
    """
    through = [one for one in specifications(protocol) if refusal(check, one.protocol) is None]
    made = []
    for key, values in protocol.multiverse.items():
        for value in values:
            alone = Specification(label=key, options={key: value}, protocol=_with(protocol, {key: value}))
            found = refusal(check, alone.protocol)
            if found is not None and not any(one.options[key] == value for one in through):
                made.append((alone, found))
    return made


def specifications(protocol: Protocol) -> tuple[Specification, ...]:
    """Every way through the grid, the registered one first; its own options are in the grid whether named or not.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.protocol import DidDesign, Outcome, Protocol
    >>> asked = Protocol(area="A", question="?", registered=date(2026, 1, 1), design=DidDesign(time="t", start="s"),
    ...                  outcomes=(Outcome(column="y", label="Y", unit="visits"),),
    ...                  multiverse={"control": ("not-yet",), "anticipation": (0, 1)})
    >>> [(one.label, *one.options.values()) for one in specifications(asked)]
    [('registered', 'never', 0), ('S1', 'never', 1), ('S2', 'not-yet', 0), ('S3', 'not-yet', 1)]
    """
    own = {key: getattr(protocol.design, key) for key in protocol.multiverse}
    every = {key: (own[key], *(v for v in values if v != own[key])) for key, values in protocol.multiverse.items()}
    made = []
    for place, values in enumerate(product(*every.values())):
        options = dict(zip(every, values, strict=True))
        label = REGISTERED if place == 0 else f"S{place}"
        made.append(Specification(label=label, options=options, protocol=_with(protocol, options)))
    return tuple(made)


def _with(protocol: Protocol, options: Mapping[str, Any]) -> Protocol:
    return replace(protocol, design=replace(protocol.design, **options), outcomes=(protocol.primary,), subgroups=(),
                   multiverse={})  # fmt: skip
