"""The estimators: a checked request in, a fit out."""
