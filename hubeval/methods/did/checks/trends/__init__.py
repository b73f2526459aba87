"""Parallel trends beyond a test: its power, honest bounds, and two-way's comparisons."""
