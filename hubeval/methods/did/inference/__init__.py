"""From an estimate to errors, intervals, tests and bands."""
