"""Says whether a service can be evaluated with a quasi-experiment, by which design, and what the number leaves open."""

__version__ = "0.1.0"
