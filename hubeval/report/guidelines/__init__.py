"""Reporting guidelines as data: what a result gives of each item, and what its authors must still write."""
