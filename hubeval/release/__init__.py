"""What may leave: one gate between a result and everything that a user can see of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubeval.release.gate import release
    from hubeval.release.profiles import ReleaseProfile, default_profile, release_profile
    from hubeval.release.released import Decision, Released

__all__ = ["Decision", "ReleaseProfile", "Released", "default_profile", "release", "release_profile"]

# imported when first used: a plan or a grid of areas must not wait for numerical libraries
_HOMES = {
    "Decision": "hubeval.release.released",
    "ReleaseProfile": "hubeval.release.profiles",
    "Released": "hubeval.release.released",
    "default_profile": "hubeval.release.profiles",
    "release": "hubeval.release.gate",
    "release_profile": "hubeval.release.profiles",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hubeval.release' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
