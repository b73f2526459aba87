"""Permuted starts: which assignments, the estimate under each, and what they say."""
