"""Says whether a service can be evaluated with a quasi-experiment, by which design, and what the number leaves open."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hubeval.checking import check
    from hubeval.detectable import power
    from hubeval.evaluation import Evaluation, evaluate
    from hubeval.profile import read_profile
    from hubeval.protocol import read_protocol
    from hubeval.readiness.assess import assess

__version__ = "0.1.0"
__all__ = ["Evaluation", "assess", "check", "evaluate", "power", "read_profile", "read_protocol"]

# name -> the module it lives in; imported when first used, so that `import hubeval` stays instant
_HOMES = {
    "Evaluation": "hubeval.evaluation",
    "assess": "hubeval.readiness",
    "check": "hubeval.checking",
    "evaluate": "hubeval.evaluation",
    "power": "hubeval.detectable",
    "read_profile": "hubeval.profile",
    "read_protocol": "hubeval.protocol",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hubeval' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
