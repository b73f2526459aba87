"""Figures and tables: each mark by the rule for what it stands for, and nothing that does not say what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.release.coarser import coarser
from hubeval.release.counts import rounded_counts
from hubeval.release.levels import closed_levels
from hubeval.release.rounding import digits_for, nearest, shown_mean, significant
from hubeval.release.rules import keep
from hubeval.release.specifications import FEW_APART, without_closed
from hubeval.result import EACH_COHORT

if TYPE_CHECKING:
    from hubeval.release.rules import Rules

_SERIES = ("label", "x", "y", "low", "high", "style", "holds", "n", "of")
_FIGURE = ("name", "title", "x_label", "y_label", "series", "marks", "ticks", "horizontal", "text")
_MODEL = 3  # significant digits of a share of variance
_TABLE = ("name", "caption", "columns", "rows", "holds", "n", "of")


def figure(value: dict[str, Any], rules: Rules) -> dict[str, Any] | None:
    """One figure as it may leave; None where nothing of it may."""
    name = value["name"]
    if rules.open:
        return value
    reason = rules.about(name, value["title"], value["text"])
    hidden = (name.startswith("honest") and not rules.honest_stands) or name.startswith(tuple(rules.closed))
    if reason is None and rules.persons and hidden:
        reason = "with it, an effect that is hidden could be worked out"
    if reason:
        rules.note(name, "withheld", f"outcome: {reason}")
        return None
    value = coarser(value, rules)
    drawn = _no_finer_widths(without_closed(value, rules), rules)
    made = keep(drawn, *_FIGURE)
    made["series"] = [shown for one in drawn["series"] if (shown := _series(one, name, rules)) is not None]
    made["series"] += _merged(value["series"], name, rules)
    if not any(y is not None for one in made["series"] for y in one["y"]):
        rules.note(name, "withheld", "nothing of the figure may be shown")
        return None
    return _said(made, value, rules)


def _no_finer_widths(value: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """A figure about a cut-off with how far from it each mark lies no finer than a bandwidth may be shown."""
    if not value["name"].startswith(("means-", "bandwidths-")) or not rules.widths:
        return value
    cut = next((mark["x"] for mark in value["marks"] if mark["x"] is not None), 0.0)
    lines = [
        {**one, "x": [cut + (1 if x >= cut else -1) * rules.width(abs(x - cut)) for x in one["x"]]}
        if one["style"] != "points" else one
        for one in value["series"]
    ]  # fmt: skip
    return {**value, "series": lines}


def _said(made: dict[str, Any], value: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Its words: the room's own where every mark stands, plain ones where some are withheld."""
    name = value["name"]
    before = sum(y is not None for one in value["series"] for y in one["y"])
    after = sum(y is not None for one in made["series"] for y in one["y"])
    if after < before or len(made["series"]) < len(value["series"]):
        made["title"] = f"{made['y_label']} by {made['x_label']}"
        made["text"] = (
            f"{made['y_label']} by {made['x_label']}. Of {before} points {before - min(after, before)} are withheld, "
            f"because too few stand behind them{FEW_APART if name == 'multiverse' else ''} ({rules.profile.label})."
        )
        rules.note(name, "withheld", f"{before - min(after, before)} of {before} points")
        rules.ask_units()
    else:
        rules.note(name, "shown", "every point meets the rule for what it stands for", _least(value["series"]))
    for key in ("title", "text", "x_label", "y_label"):
        made[key] = rules.words(made[key], name)
    made["marks"] = [{**mark, "label": rules.words(mark["label"], name)} for mark in made["marks"]]
    made["ticks"] = [(x, rules.words(label, name)) for x, label in made["ticks"]]
    return made


def _least(series: list[dict[str, Any]]) -> int | None:
    known = [n for one in series for n in one["n"] if n is not None]
    return min(known, default=None)


def _series(one: dict[str, Any], name: str, rules: Rules) -> dict[str, Any] | None:
    """One series: points that may not stand are None, as where nothing was computed."""
    made = {**keep(one, *_SERIES), "label": rules.words(one["label"], name)}
    if one["of"] in rules.hidden or (rules.hidden and one["of"] == EACH_COHORT):
        return None
    if one["holds"] == "unsaid":
        rules.note(name, "withheld", "a series that does not say what its points stand for")
        return None
    support = one["n"] or [None] * len(one["y"])
    if rules.terms and any(x in rules.terms for x in one["x"]):
        kept = [i for i, x in enumerate(one["x"]) if x not in rules.terms]
        one = {**one, **{key: [one[key][i] for i in kept] for key in ("x", "y", "n", "low", "high") if one[key]}}
        support = [support[i] for i in kept]
        made["x"] = one["x"]
    if one["holds"] == "share" and rules.persons:
        made["y"] = _shares(one["y"], support, rules)
        made["n"] = rules.at_least(support)
    elif one["holds"] == "count":
        made["y"] = made["n"] = rounded_counts([None if y is None else round(y) for y in one["y"]], rules)
    else:
        numbered = zip(one["x"], one["y"], support, strict=True)
        made["y"] = [y if _stands(y, n, one["holds"], (name, x), rules) else None for x, y, n in numbered]
        made["y"] = [_fine(y, n, one["holds"], name, rules) for y, n in zip(made["y"], support, strict=True)]
        made["n"] = rules.at_least(support) if one["n"] else []
    for end in ("low", "high"):
        made[end] = [None if y is None else e for y, e in zip(made["y"], one[end], strict=False)]
    made["x"] = [rules.words(x, name) if isinstance(x, str) else x for x in one["x"]]
    return made


def _shares(shares: list[float | None], support: list[int | None], rules: Rules) -> list[float | None]:
    """Shares of one group (the bars of a histogram), their counts rounded before the division.

    The bars make up the group. So those hidden must together stand for enough, or the next thinnest goes with them.
    """
    n = next((n for n in support if n), 0)
    counts: list[int | None] = [None if y is None else round(y * n) for y in shares]
    least = rules.profile.threshold
    counts = [None if c is not None and 0 < c < least else c for c in counts]
    while None in counts and 0 < n - sum(c or 0 for c in counts) < 2 * least:
        known = [c for c in counts if c]
        if not known:
            break
        counts[counts.index(min(known))] = None
    shown = [None if c is None else nearest(c, rules.profile.base) for c in counts]
    whole = max(nearest(n, rules.profile.base), 1)  # by the exact number, shares of rounded counts would tell it
    return [None if c is None else significant(min(c / whole, 1.0), digits_for(n)) for c in shown]


def _stands(y: float | None, n: int | None, holds: str, at: tuple[str, Any], rules: Rules) -> bool:
    """Whether a point may stand by the rule for what it stands for."""
    name, x = at
    if y is None or holds == "model":
        return True
    if holds == "value":
        return rules.values_stand(name)
    if rules.place:  # units that are places may stand alone, where what is behind them may
        return holds == "effect" or (n is not None and not rules.few(n)) or rules.values_stand(name)
    if holds == "effect":
        timed = name.startswith("event-study") and not isinstance(x, str)
        return rules.effect_stands(n, float(x) if timed else None)
    return not rules.few(n)


def _fine(y: float | None, n: int | None, holds: str, name: str, rules: Rules) -> float | None:
    """A point that stands, no finer than its support allows."""
    if y is None or n is None or rules.place:
        return y
    if name == "balance":
        return round(y, 2)  # finer, and the counts behind a two-valued term could be solved for
    return shown_mean(y, n, rules.profile) if holds == "mean" else y


def _merged(series: list[dict[str, Any]], name: str, rules: Rules) -> list[dict[str, Any]]:
    """Cohorts of which nothing may be shown alone, as one line where together they may."""
    parts = [one for one in series if one["of"] in rules.hidden and one["holds"] == "mean" and one["n"]]
    if len(parts) < 2:
        return []
    points, support = [], []
    for column in zip(*(zip(one["y"], one["n"], strict=True) for one in parts), strict=True):
        known = [(y, n) for y, n in column if y is not None and n]
        total = sum(n for _, n in known)
        mean = sum(y * n for y, n in known) / total if total else None
        points.append(None if mean is None else shown_mean(mean, total, rules.profile))
        support.append(total)
    if all(y is None for y in points):
        return []
    rules.note(name, "merged", f"{len(parts)} cohorts as one line", min(support))
    label = "treated, cohorts merged"
    made = {**keep(parts[0], *_SERIES), "label": label, "y": points, "low": [], "high": [], "of": label}
    return [{**made, "n": rules.at_least(support)}]


def table(value: dict[str, Any], rules: Rules) -> dict[str, Any] | None:
    """One table as it may leave; None where nothing of it may."""
    name = value["name"]
    if rules.open:
        return value
    reason = rules.about(name, value["caption"])
    holds = value["holds"]
    if reason or not holds or "unsaid" in holds:
        rules.note(name, "withheld", f"outcome: {reason}" if reason else "a table that does not say what its cells are")
        rules.ask_units()
        return None
    support = value["n"] or [None] * len(value["rows"])
    groups = value["of"] or [""] * len(value["rows"])
    made = {**keep(value, *_TABLE), "rows": [], "n": [], "of": []}
    gone_with = closed_levels(value, rules) if name == "subgroups" else frozenset()
    wide = value["columns"].index("bandwidth") if "bandwidth" in value["columns"] else None
    for i, (row, n, of) in enumerate(zip(value["rows"], support, groups, strict=True)):
        if of in rules.hidden or row[0] in rules.terms or i in gone_with or not _row_stands(holds, n, name, rules):
            continue
        cells = [_cell(cell, kind, n, name, rules) for cell, kind in zip(row, holds, strict=True)]
        if wide is not None and cells[wide] is not None and holds[wide] != "label":  # an option that is declared
            cells[wide] = rules.width(cells[wide])
        if gone_with:
            cells = [None if "Holm" in c else v for v, c in zip(cells, value["columns"], strict=True)]
        after = name == "balance" and not rules.after
        made["rows"].append(
            [None if after and c.endswith("_after") else v for v, c in zip(cells, value["columns"], strict=True)]
        )
        made["n"].append(n)
        made["of"].append(rules.words(of, name))
    gone = len(value["rows"]) - len(made["rows"])
    if gone:
        rules.note(name, "withheld", f"{gone} of {len(value['rows'])} rows")
        rules.ask_units()
    if not made["rows"]:
        return None
    least = min((n for n in support if n is not None), default=None)
    rules.note(name, "shown", "every row meets the rule for what it stands for", least)
    made["n"], made["of"] = (rules.at_least(made["n"]) if value["n"] else []), (made["of"] if value["of"] else [])
    made["caption"] = rules.words(value["caption"], name) + (f" ({gone} rows withheld)" if gone else "")
    return made


def _row_stands(holds: list[str], n: int | None, name: str, rules: Rules) -> bool:
    """Whether a row rests on enough; one of labels and a model's own numbers always does."""
    kinds = set(holds) - {"label", "model", "count"}
    if not kinds:
        return True
    if "value" in kinds:
        return rules.values_stand(name)
    return not rules.few(n) if not rules.place else True


def _cell(cell: Any, kind: str, n: int | None, name: str, rules: Rules) -> Any:
    """One cell of a row that stands."""
    if isinstance(cell, str):
        return rules.words(cell, name)
    if cell is None or rules.place or kind in {"label", "value"}:
        return cell
    if kind == "count":
        return rules.count(round(cell))
    if kind == "mean":
        return significant(float(cell), digits_for(n or 0))
    # finer, and the counts behind a two-valued covariate could be solved for
    if kind == "model" and name.startswith("balance"):
        return round(float(cell), 2)
    return significant(float(cell), _MODEL) if name.startswith("omitted-variable") else cell
