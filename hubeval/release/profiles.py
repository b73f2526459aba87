"""What may leave, as rules: the profile of each body as dated data with its source, or the user's own file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date  # noqa: TC003 - the reader looks it up at run time
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.protocol import Protocol

SHIPPED = ("nhs", "dfe-early-years", "opensafely", "ons", "published", "internal")
STRICTEST = "strictest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseProfile:
    """The rules that an output must meet before it leaves.

    Parameters
    ----------
    name, label, source : str
    dated : date
        The day on which the source was read.
    threshold : int
        The smallest count of persons that may be shown; 1 shows every count.
    base : int
        Counts are rounded to the nearest multiple of it; 1 does not round.
    zero : bool
        Whether a true zero is shown.
    degrees : int
        Residual degrees of freedom below which an estimate may not stand.
    dominant_n, dominant_k : int, float
        A magnitude is refused where its `dominant_n` largest contributors make up more than the share `dominant_k`.
    p_ratio : float
        … or where what is left after the two largest is less than this share of the largest.
    seconds : float
        How long the search for secondary suppression may take before the gate refuses.
    open : bool
        Nothing is suppressed: open data of authorities, or the safe setting itself.
    judgement : str
        What the source leaves to judgement, and what is done here.

    Examples
    --------
    >>> nhs = release_profile("nhs")
    >>> nhs.threshold, nhs.base, nhs.width
    (8, 5, 7)
    """

    name: str
    label: str
    source: str
    dated: date
    threshold: int
    base: int = 1
    zero: bool = True
    degrees: int = 10
    dominant_n: int = 2
    dominant_k: float = 0.9
    p_ratio: float = 0.1
    seconds: float = 20.0
    open: bool = False
    judgement: str = ""

    @property
    def width(self) -> int:
        """How wide the interval must stay within which an attacker can place a count that is not shown."""
        return max(self.threshold - 1, 0)

    @property
    def few(self) -> str:
        """A count under the threshold, in words."""
        return f"fewer than {self.threshold}"


def release_profile(name: str | Path) -> ReleaseProfile:
    """The profile of that name, or the one in a TOML file of the user's own.

    Parameters
    ----------
    name : str or Path
        One of ``nhs``, ``dfe-early-years``, ``opensafely``, ``ons``, ``published``, ``internal``; ``strictest``, the
        strictest of the first four rule by rule; or the path of a TOML file with the same keys.

    Raises
    ------
    BadInput
        No such profile, or a file whose rules cannot be used.

    Examples
    --------
    >>> release_profile("strictest").threshold
    10
    >>> try:
    ...     release_profile("opensafly")
    ... except BadInput as error:
    ...     print(error.problems[0].cure)
    Did you mean 'opensafely'?
    """
    text = str(name)
    if text.endswith(".toml"):
        return _own(Path(text))
    if text == STRICTEST:
        return _strictest()
    if text not in SHIPPED:
        names = (*SHIPPED, STRICTEST)
        allowed = f"allowed: {listed(names)}, or a .toml file of your own"
        raise BadInput([Problem("release profile", f"found {text!r}", allowed, did_you_mean(text, names))])
    return _shipped()[text]


def default_profile(kind: str) -> ReleaseProfile:
    """The profile where the protocol names none: open data for authorities, the strictest rules for anyone else.

    Examples
    --------
    >>> default_profile("authority").name, default_profile("family").name
    ('published', 'strictest')
    """
    return release_profile("published" if kind == "authority" else STRICTEST)


def rulebook_of(protocol: Protocol, kind: str, profile: ReleaseProfile | str | Path | None = None) -> ReleaseProfile:
    """The rules that a protocol's outputs must meet: those asked for, else its own, else the default for its units.

    Raises
    ------
    BadInput
        An unknown profile, or a file of rules that cannot be used.
    """
    if isinstance(profile, ReleaseProfile):
        return profile
    declared = protocol.data.release
    name = profile or declared
    if not name:
        return default_profile(kind)
    if str(name).endswith(".toml") and name == declared:
        return release_profile(Path(protocol.folder) / declared)
    return release_profile(name)


def _shipped() -> Mapping[str, ReleaseProfile]:
    text = (resources("hubeval.release") / "profiles.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    reader = Reader(text, Door())
    found = {key: reader.one(ReleaseProfile, {"name": key, **table}, key) for key, table in tables.items()}
    reader.door.close()
    return found


def _strictest() -> ReleaseProfile:
    """Rule by rule the strictest of the bodies': what needs no choice among them."""
    bodies = [profile for profile in _shipped().values() if not profile.open]
    return ReleaseProfile(
        name=STRICTEST,
        label="The strictest rules of four bodies, rule by rule",
        source="; ".join(profile.label for profile in bodies),
        dated=max(profile.dated for profile in bodies),
        threshold=max(profile.threshold for profile in bodies),
        base=max(profile.base for profile in bodies),
        degrees=max(profile.degrees for profile in bodies),
        judgement="taken because the protocol names no profile",
    )


def _own(path: Path) -> ReleaseProfile:
    """A user's own rules: checked like any other file that is given."""
    raw = files.read_toml(path, "release profile")
    reader = Reader(files.read_text(path, "release profile"), Door())
    found: ReleaseProfile | None = reader.one(ReleaseProfile, {"name": path.stem, **raw}, "")
    if found is not None:
        _sound(found, reader.door)
    reader.door.close()
    assert found is not None
    return found


def _sound(profile: ReleaseProfile, door: Door) -> None:
    """Numbers that no rule can mean."""
    ranges = {
        "threshold": (1, 1000),
        "base": (1, 100),
        "degrees": (1, 1000),
        "dominant_n": (1, 10),
        "dominant_k": (0.5, 1.0),
        "p_ratio": (0.0, 1.0),
        "seconds": (0.001, 3600.0),
    }
    for key, (low, high) in ranges.items():
        value = getattr(profile, key)
        if not low <= value <= high:
            door.refuse(key, f"found {value:g}", f"from {low:g} to {high:g}", "Correct it.")
    if profile.open and profile.threshold > 1:
        door.refuse("open", "found true with a threshold above 1", "one of the two", "Leave one out.")
