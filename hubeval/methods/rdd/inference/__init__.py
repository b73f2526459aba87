"""Errors and intervals: bias-corrected robust, honest, by randomisation."""
