"""What a type cannot say about a protocol: rules between keys, and dates."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from hubeval.errors import listed
from hubeval.protocol.declared import ENGINES
from hubeval.protocol.did import BESIDE_START, BY_AMOUNT, FIRST_EXPOSED, DidDesign
from hubeval.protocol.its import ItsDesign
from hubeval.protocol.matching import MatchingDesign
from hubeval.protocol.rdd import RddDesign
from hubeval.scale import of_share, scale_of

if TYPE_CHECKING:
    from hubeval.errors import Door
    from hubeval.protocol.declared import Protocol


def require_starter(design: object, door: Door) -> None:
    """Refuse repeated cross-sections that do not say what starts."""
    if isinstance(design, DidDesign) and not design.starter:
        door.refuse(
            "design.unit",
            "there is none, and no design.cluster",
            "a unit column; or, for repeated cross-sections of people, cluster = the area that starts",
            "Name one of them.",
        )


def require_start(design: object, door: Door) -> None:
    """Refuse a panel that says neither since when its units are treated nor how much; or both."""
    if not isinstance(design, DidDesign):
        return
    if not design.by_amount:
        if design.start == FIRST_EXPOSED:
            door.refuse("design.start", "is missing", "", "Add it under [design].")
        _require_dose(design, door)
        return
    if not design.exposure:
        door.refuse("design.exposure", "is missing", "the column with the amount of exposure, 0 for none",
                    "Add it under [design]; where units start once, choose another estimator.")
    if design.start != FIRST_EXPOSED:
        door.refuse("design.start", f"estimator {design.estimator!r} does not read it", "an amount in design.exposure",
                    "Leave it out: the first period with any exposure is the start.")
    if not design.unit:
        door.refuse("design.unit", "is missing", "units followed over time", "Name the column.")


def _require_dose(design: DidDesign, door: Door) -> None:
    """Refuse an amount beside a start that is not read, and a dose-response without one."""
    if design.exposure and design.estimator not in BESIDE_START:
        door.refuse("design.exposure", f"estimator {design.estimator!r} does not read it",
                    f"estimator: {listed((*BY_AMOUNT, *BESIDE_START))}", "Leave it out, or choose one of those.")
    if design.estimator in BESIDE_START:
        if not design.exposure:
            door.refuse("design.exposure", "is missing", "the column with the dose each treated unit got",
                        "Add it under [design].")
        if not design.unit:
            door.refuse("design.unit", "is missing", "units followed over time", "Name the column.")


def _require_people(design: object, door: Door) -> None:
    """Refuse a fixed mix where there is nobody to mix: no people asked once each, or nothing known of them."""
    if not isinstance(design, DidDesign) or design.mix == "as found":
        return
    if design.unit:
        door.refuse("design.mix", f"{design.mix!r}, and design.unit follows the same units over time",
                    "repeated cross-sections: no design.unit", "Leave it out: who is followed stays who they are.")
    if not design.covariates:
        door.refuse("design.mix", f"{design.mix!r}, and no design.covariates", "the columns whose mix is held",
                    "Name what is known of the people asked, or leave mix out.")
    if design.adjustment != "dr":
        door.refuse("design.adjustment", f"mix = {design.mix!r} does not read it", "one of the two",
                    "Leave it out: weighting to the mix takes its place.")


def check_protocol(protocol: Protocol, door: Door) -> None:
    """What a type cannot say."""
    require_starter(protocol.design, door)
    require_start(protocol.design, door)
    _require_people(protocol.design, door)
    if type(protocol.registered) is date and protocol.registered > date.today():  # noqa: DTZ011 - a calendar day
        door.refuse("registered", f"{protocol.registered} is in the future", "a date up to today", "Correct the date.")
    if isinstance(protocol.seed, int) and protocol.seed < 0:
        door.refuse("seed", f"found {protocol.seed}", "a whole number from 0", "Leave the sign out.")
    columns = [outcome.column for outcome in protocol.outcomes if outcome]
    for column in sorted({c for c in columns if columns.count(c) > 1}):
        door.refuse("outcomes", f"column {column!r} is declared twice", "each column once", "Remove one.")
    for outcome in protocol.outcomes:
        if outcome and outcome.smallest_worthwhile is not None and outcome.smallest_worthwhile <= 0:
            door.refuse(
                f"outcomes ({outcome.column})",
                f"smallest_worthwhile is {outcome.smallest_worthwhile:g}",
                "a size above 0",
                "Write the size without its sign; 'direction' says which way is better.",
            )
    _check_source(protocol, door)
    _check_labels(protocol, door)
    _check_scales(protocol, door)
    _check_families(protocol, door)
    _check_subgroups(protocol, door)
    _check_areas(protocol, door)
    _check_amendments(protocol, door)
    _check_baselines(protocol, door)
    if isinstance(protocol.design, ItsDesign) and protocol.design.over and protocol.design.impact != "ramp":
        found = f"over = {protocol.design.over} does not apply to impact = {protocol.design.impact!r}"
        door.refuse("design.over", found, 'impact = "ramp"', "Leave it out, or declare the ramp.")
    _check_sites(protocol.design, door)
    _check_cutoff(protocol.design, door)
    if protocol.outcomes and all(o.role != "primary" for o in protocol.outcomes if o):
        door.refuse("outcomes", "none has role 'primary'", "exactly one primary outcome", "Mark the one decided on.")
    if sum(o.role == "primary" for o in protocol.outcomes if o) > 1:
        door.refuse(
            "outcomes",
            "more than one has role 'primary'",
            "exactly one primary outcome",
            "Keep one; give the others role 'secondary' or 'downstream'.",
        )


def _check_source(protocol: Protocol, door: Door) -> None:
    """A table elsewhere: an engine that is known, one place, and no password in what is registered and sent about."""
    source = protocol.data.source if protocol.data else ""
    if not source:
        return
    if not source.startswith(ENGINES):
        door.refuse("data.source", f"{source.partition(':')[0]!r} is no engine", f"it begins with {listed(ENGINES)}",
                    "Files that are read into memory are named by 'file'.")
    if protocol.data.file or protocol.data.sheet:
        door.refuse("data.source", "stands beside 'file' or 'sheet'", "one of them", "Leave the other out.")
    if re.search(r"//[^/@]*:[^/@]*@|passw(or)?d=|pwd=|sslpassword|token=", source, re.IGNORECASE):
        door.refuse("data.source", "it holds a password", "the host and the table alone",
                    "Put it into the environment (PGPASSWORD) or a file of the engine's own (.pgpass), or give a "
                    "connection that you hold. Change the password: the file may have been read.")


# which of the keys beside the cut-off each estimator reads
READ_BY = {
    "auto": ("treated", "covariates", "cluster", "kernel", "selector", "bandwidth", "bound"),
    "robust": ("treated", "covariates", "cluster", "kernel", "selector", "bandwidth"),
    "honest": ("cluster", "kernel", "bandwidth", "bound"),
    "randomisation": ("window", "covariates"),
}
_LEFT = {"kernel": "triangular", "selector": "mserd"}


def _check_cutoff(design: object, door: Door) -> None:
    """Keys that the estimator of a cut-off does not read, and sizes that are none."""
    if not isinstance(design, RddDesign) or design.estimator not in READ_BY:
        return
    for name in ("treated", "covariates", "cluster", "kernel", "selector", "bandwidth", "bound", "window"):
        if (getattr(design, name) or None) != _LEFT.get(name) and name not in READ_BY[design.estimator]:
            who = [other for other, names in READ_BY.items() if name in names]
            door.refuse(f"design.{name}", f"estimator {design.estimator!r} does not read it", f"read by: {listed(who)}",
                        "Leave it out, or choose that estimator.")
    for name in ("bandwidth", "bound", "window"):
        size = getattr(design, name)
        if isinstance(size, float) and not 0 < size < float("inf"):
            door.refuse(f"design.{name}", f"found {size:g}", "a size above 0", "Correct it.")
    if isinstance(design.cutoff, float) and not abs(design.cutoff) < float("inf"):
        door.refuse("design.cutoff", f"found {design.cutoff}", "a number", "Correct it.")
    if design.estimator == "randomisation" and design.window is None and not design.covariates:
        door.refuse("design.window", "is missing, and there are no covariates to choose it by",
                    "how far from the cut-off units are as if drawn by lot",
                    "Add it under [design], or name design.covariates: the window is then the widest in which they are "
                    "alike on both sides.")


LEAST_SITES = 3  # fewer cannot say how far sites differ


def _check_sites(design: object, door: Door) -> None:
    """Several sites: enough of them, with a column that names them, and nothing that belongs to one series."""
    if not isinstance(design, ItsDesign) or not design.sites:
        return
    if len(design.sites) < LEAST_SITES:
        found = f"{len(design.sites)} site(s)"
        cure = "Ask each on its own, with treated and start; two cannot say how far sites differ."
        door.refuse("design.sites", found, f"{LEAST_SITES} or more", cure)
    if not design.unit:
        door.refuse("design.sites", "there is no design.unit", "the column that names the sites", "Name it.")
    for name in ("treated", "control", "more_starts", "transition", "end"):
        if getattr(design, name):
            cure = "Leave it out, or ask each site on its own."
            door.refuse(f"design.{name}", "does not apply with design.sites", "a design of one series", cure)


def _check_labels(protocol: Protocol, door: Door) -> None:
    """Every outcome and caution has a label of its own: results are told apart by them."""
    for argument, items in (("outcomes", protocol.outcomes), ("cautions", protocol.cautions)):
        labels = [str(item.label).strip().casefold() for item in items if item]
        if "" in labels:
            door.refuse(f"{argument}.label", "is empty", "a few words", "Say in words what it is.")
        twice = sorted({label for label in labels if label and labels.count(label) > 1})
        if argument == "outcomes" and twice:
            door.refuse(f"{argument}.label", f"{twice[0]!r} names two outcomes", "each label once", "Change one.")


NO_GROUPS = {
    "its": ("a series is of a place as a whole, and has no groups within it",
            "Bring a series for each group: as outcomes of their own, or as a protocol each."),
    "synth": ("one unit is treated, and has no groups within it",
              "Bring each group's measure as an outcome of its own, for the donors too, or write a protocol each."),
    "did": ("an amount of exposure is read against all units at once, and a level of few leaves no line to fit",
            "Write a protocol for each group, or choose an estimator with starts."),
}  # fmt: skip


def _check_subgroups(protocol: Protocol, door: Door) -> None:
    """Subgroups are for designs on many treated units, each column and label once, two levels or more."""
    asked, design = [one for one in protocol.subgroups if one], protocol.design
    many = isinstance(design, (MatchingDesign, RddDesign)) or (isinstance(design, DidDesign) and not design.by_amount)
    if asked and design and not many:
        why, cure = NO_GROUPS[design.kind]
        door.refuse("subgroups", f"do not apply to this design of kind {design.kind!r}: {why}",
                    "matching, regression discontinuity, and difference-in-differences with starts", cure)
    for key in ("column", "label"):
        values = [str(getattr(one, key)).strip().casefold() for one in asked]
        if "" in values or len(set(values)) < len(values):
            door.refuse(f"subgroups.{key}", "is empty, or names two", "each once", "Name each subgroup apart.")
    for one in asked:
        if one.levels and len(set(one.levels)) < max(2, len(one.levels)):
            door.refuse(f"subgroups ({one.column}).levels", f"{len(set(one.levels))} level(s) apart",
                        "two or more, each once", "Name them, or leave them out for all.")


def _check_families(protocol: Protocol, door: Door) -> None:
    """Outcomes read together are two or more, and none of them is one that should not move."""
    named = [outcome for outcome in protocol.outcomes if outcome and outcome.family]
    for outcome in named:
        where = f"outcomes ({outcome.column}).family"
        if outcome.role == "placebo":
            door.refuse(where, "a placebo outcome", "outcomes that may move",
                        "Leave it out: placebo outcomes are read together by themselves.")
        elif sum(other.family == outcome.family for other in named) == 1:
            door.refuse(where, f"{outcome.family!r} is named by one outcome", "two outcomes or more",
                        "Name the same family on another outcome, or leave it out.")


def _check_amendments(protocol: Protocol, door: Door) -> None:
    """Amendments are changes to what was registered: not before it, and not yet to come."""
    for change in protocol.amendments:
        if not change or type(change.dated) is not date:
            continue
        if type(protocol.registered) is date and change.dated < protocol.registered:
            found = f"an amendment is dated {change.dated}, before the protocol was registered ({protocol.registered})"
            door.refuse("amendments.dated", found, "a date from then on", "Correct one of the dates.")
        if change.dated > date.today():  # noqa: DTZ011 - a calendar day
            found = f"an amendment is dated {change.dated}, in the future"
            door.refuse("amendments.dated", found, "a date up to today", "Correct the date.")


def _check_baselines(protocol: Protocol, door: Door) -> None:
    """Only records matched have one column for before; other designs have periods."""
    for outcome in protocol.outcomes:
        if outcome and outcome.baseline and protocol.design and protocol.design.kind != "matching":
            found = f"baseline does not apply to a design of kind {protocol.design.kind!r}"
            cure = "Leave it out: that design has its own periods before."
            door.refuse(f"outcomes ({outcome.column})", found, "design.kind = 'matching'", cure)


def _check_scales(protocol: Protocol, door: Door) -> None:
    """A logarithmic scale is for what has one, and is asked for once."""
    design, own = protocol.design, "scale = 'level', which is what is meant where it is left out"
    outcomes = [outcome for outcome in protocol.outcomes if outcome]
    for outcome in outcomes:
        where = f"outcomes ({outcome.column})"
        if scale_of(outcome.unit) != "level":
            door.refuse(f"{where}.unit", f"found {outcome.unit!r}", "the measure's own unit", "Say scale = 'log'.")
        if outcome.scale == "log-odds" and of_share(outcome.unit) is None:
            door.refuse(where, f"scale = 'log-odds', and its unit is {outcome.unit!r}", "a share or a percentage",
                        "Use scale = 'log', or say in the unit what it is a share of.")
        if outcome.scale == "level":
            continue
        if isinstance(design, ItsDesign) and design.family != "gaussian":
            door.refuse(where, f"scale = {outcome.scale!r} beside family = {design.family!r}", own,
                        "Leave it out: such counts are fitted on a logarithmic scale already.")
        if isinstance(design, MatchingDesign) and design.measure != "difference":
            door.refuse(where, f"scale = {outcome.scale!r} beside measure = {design.measure!r}",
                        "measure = 'difference'", "Keep one of the two: a difference of logarithms is a ratio.")
        worth = outcome.smallest_worthwhile
        if worth is not None and worth >= 100 and outcome.direction == "lower is better":
            door.refuse(where, f"smallest_worthwhile is {worth:g}, in per cent", "below 100",
                        "Nothing can fall by more than all of it.")
    scales = {outcome.scale for outcome in outcomes}
    if isinstance(design, ItsDesign) and design.control and not design.unit and len(scales) > 1:
        door.refuse("outcomes.scale", "two scales, and comparison series that are columns", "one scale for all",
                    "Put the series one below the other, with a unit column.")


def _check_areas(protocol: Protocol, door: Door) -> None:
    """Areas are named where areas are left out, and only there."""
    for caution in protocol.cautions:
        if not caution:
            continue
        leaves, where = caution.handling == "leave out these areas", f"cautions ({caution.label})"
        if caution.areas and not leaves:
            door.refuse(f"{where}: areas", f"areas are named, and handling is {caution.handling!r}",
                        "handling = 'leave out these areas'", "Leave them out of the caution, or choose that handling.")
        if leaves and not caution.areas and not caution.event:
            door.refuse(f"{where}: areas", "none named", "areas = ['…'], units of the data", "Name them.")
