"""Inference: placebo units, cyclic shifts in time, replicates."""
