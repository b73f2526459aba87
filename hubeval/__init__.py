"""Can this service be evaluated with a quasi-experiment, by which design, and what does the number not show?"""

__version__ = "0.1.0"
