"""Value for money that is never more certain than its cause.

`read_value` reads a value.toml, `value` answers it with the effects of an evaluation: a net value with its interval
where the design was open and no check failed (grades A and B), a break-even everywhere else (grade C).
"""

from __future__ import annotations

from hubeval.economics.answer import Answer, BreakEven, NetValue, value
from hubeval.economics.declared import ValueCase
from hubeval.economics.options import with_options
from hubeval.economics.reading import read_value

__all__ = ["Answer", "BreakEven", "NetValue", "ValueCase", "read_value", "value", "with_options"]
