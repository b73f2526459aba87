"""How a result shows itself to whoever holds it: a line, a small table in a notebook, a figure. Never a row of data."""

from __future__ import annotations

from dataclasses import Field, fields, is_dataclass
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem, did_you_mean, listed
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

# words about the analysis; any other text in a result may name a person or a place
_WORDS = ("area", "design", "route", "status", "method", "estimand", "settings", "inference", "by", "outcome", "unit")
_LONGEST = 60  # characters of one of them
_MOST = 10  # entries in all


class Shown:
    """A base of result classes: a short ``repr``, what a notebook shows, and ``plot``.

    A class with figures of its own gives them as `figures` or by `_figures`; of any other the estimates of its
    ``to_frame`` are drawn with their intervals.
    """

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep the short ``repr`` where `dataclass` would write out every number."""
        super().__init_subclass__(**options)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Shown.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self._entries())
        return f"<{type(self).__name__}: {said}>" if said else f"<{type(self).__name__}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the same entries, one a row."""
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in self._entries())
        return f"<table><caption>{escape(type(self).__name__)}</caption>{rows}</table>"

    def plot(self, name: str = "") -> Any:
        """One of this result's figures, as a matplotlib figure.

        Parameters
        ----------
        name : str
            Which, by its name; by default the first.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        BadInput
            This result has no figure, or none of that name.
        """
        known = {figure["name"]: figure for figure in map(import_module("hubeval.files").plain, self._figures())}
        if not known:
            found, cure = f"{type(self).__name__} holds nothing that can be drawn", "Look at its numbers."
            raise BadInput([Problem("plot", found, "a result with figures or estimates", cure)])
        if name and name not in known:
            allowed = f"figures: {listed(known)}"
            raise BadInput([Problem("name", f"no figure {name!r}", allowed, did_you_mean(name, known))])
        return import_module("hubeval.report.drawing").on_canvas(known[name or next(iter(known))])

    def _figures(self) -> tuple[Any, ...]:
        """Figures as data: those it holds, or its estimates with their intervals."""
        held = getattr(self, "figures", ())
        if held:
            return tuple(held)
        table = getattr(self, "to_frame", None)
        return _of_estimates(table(), type(self).__name__) if callable(table) else ()

    def _entries(self) -> list[tuple[str, str]]:
        """Numbers of the result, words about the analysis, and how much it holds of everything else."""
        found: list[tuple[str, str]] = []
        for one in _fields(self):
            value = getattr(self, one.name)
            if one.name in _WORDS and isinstance(value, str) and value:
                found.append((one.name, value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"))
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                found.append((one.name.replace("_", " "), brief(float(value)) if value == value else "not known"))  # noqa: PLR0124 - NaN
            elif isinstance(value, (tuple, list)) and value:
                found.append((one.name.replace("_", " "), f"× {len(value)}"))
            elif getattr(value, "shape", ()):
                found.append((one.name.replace("_", " "), f"× {' × '.join(map(str, value.shape))}"))
        return found[:_MOST]


def _fields(value: Any) -> tuple[Field[Any], ...]:
    return fields(value) if is_dataclass(value) else ()


def _of_estimates(frame: Any, title: str) -> tuple[dict[str, Any], ...]:
    """The estimates of a table as one figure; none where it holds no estimates."""
    if "estimate" not in frame or not len(frame):
        return ()
    named = next((key for key in ("term", "event_time", "time", "group", "key") if key in frame), None)
    labels = [str(value) for value in (frame[named] if named else frame.index)]
    low, high = ([_number(v) for v in frame[key]] if key in frame else [] for key in ("conf_low", "conf_high"))
    at = range(len(frame))
    series = _intervals([_number(v) for v in frame["estimate"]], low, high, "effect")
    ticks = [[i, label] for i, label in zip(at, labels, strict=True)]
    shared = {"name": "estimates", "title": title, "text": f"{len(at)} estimates", "horizontal": False}
    marks = [{"label": "", "x": None, "y": 0.0}]
    axes = {"x_label": (named or "").replace("_", " "), "y_label": "estimate"}
    return ({**shared, **axes, "series": [series], "marks": marks, "ticks": ticks},)


def _intervals(y: list[float | None], low: list[Any], high: list[Any], holds: str) -> dict[str, Any]:
    """One series of points with intervals, in a row."""
    shape = {"label": "", "style": "intervals", "holds": holds, "n": []}
    return {**shape, "x": list(range(len(y))), "y": y, "low": low, "high": high}


def levels(name: str, title: str, rows: Sequence[tuple[str, int, int]]) -> dict[str, Any]:
    """A figure of what is known of each criterion: the range of levels, 1 to 4, that it may be at."""
    low, high = [row[1] for row in rows], [row[2] for row in rows]
    series = _intervals([(a + b) / 2 for a, b in zip(low, high, strict=True)], low, high, "label")
    ticks = [[i, row[0]] for i, row in enumerate(rows)]
    shared = {"name": name, "title": title, "text": title, "horizontal": True, "x_label": "level", "y_label": ""}
    return {**shared, "series": [series], "marks": [], "ticks": ticks}


def _number(value: Any) -> float | None:
    return float(value) if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN is not itself
